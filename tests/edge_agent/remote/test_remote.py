"""Devices by snapshot: only what changed is touched, what fails is taken back, a death decides nothing."""

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from iotcore import Broker

from contracts.node_config import NodeConfig, checksum
from edge_agent.agent import Agent
from edge_agent.config import AgentConfig
from edge_agent.remote import desk
from edge_agent.remote.kept import Kept, KeptFile
from tests.edge_agent.card import needs_mounts, small_disk
from tests.edge_agent.support import NODE, OFFICE, AgentProcess, FakeGateway, Wire, publish_json
from tests.edge_agent.test_disk import totals
from tests.support.processes import until

HALL = {"id": "hall", "driver": "milesight_vs121", "topic": "milesight/1"}
Start = Callable[..., Agent]


def button(wire: Wire, name: str = "button", **more: Any) -> dict[str, Any]:
    return {"id": name, "driver": "serial_button", "url": str(wire.path), **more}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "kept"


@pytest.fixture
def start(tmp_path: Path, broker: Broker, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """An agent that takes snapshots, with devices of its own file."""
    monkeypatch.setattr(desk, "SETTLE_SECONDS", 0.1)
    running: list[tuple[Agent, threading.Thread]] = []

    def begin(*devices: dict[str, Any], accept: bool = True) -> Agent:
        remote = {"accept": accept, "folder": folder, "files": [tmp_path], "trial_seconds": 1}
        config = AgentConfig.model_validate(
            {
                "office": OFFICE,
                "node": NODE,
                "outbox": {"path": tmp_path / "outbox.db"},
                "broker": {"port": broker.port},
                "devices": list(devices),
                "remote": remote,
            }
        )
        agent = Agent(config)
        thread = threading.Thread(target=agent.run)
        thread.start()
        running.append((agent, thread))
        return agent

    yield begin
    for agent, thread in running:
        agent.stop()
        thread.join(10)


@pytest.fixture
def wire(tmp_path: Path) -> Wire:
    return Wire(tmp_path / "button")


def test_a_device_is_added_without_touching_the_others(
    start: Start, gateway: FakeGateway, wire: Wire, broker: Broker
) -> None:
    start(button(wire))
    gateway.wait_state("button", "ok")
    changes = len(gateway.of_type("device.state.v1"))
    gateway.configure(1, [button(wire), HALL])
    gateway.wait_config(1, "applied")
    publish_json(broker.port, "milesight/1", [totals(5), totals(7)])
    gateway.wait_state("hall", "ok")
    until(lambda: gateway.counted_in == 2, seconds=5, what="two people")
    assert [e.source.rpartition("/")[2] for e in gateway.of_type("device.state.v1")[changes:]] == ["hall"]


def test_a_device_that_is_removed_is_heard_no_more(
    start: Start, gateway: FakeGateway, wire: Wire, broker: Broker
) -> None:
    start(button(wire), HALL)
    gateway.wait_state("button", "ok")
    gateway.configure(1, [button(wire)])
    gateway.wait_config(1, "applied")
    publish_json(broker.port, "milesight/1", [totals(5), totals(7)])
    wire.write(b"BTN 1\r\n")
    until(lambda: gateway.of_type("queue.button.v1"), seconds=5, what="the other device")
    assert gateway.counted_in == 0 and [d.device for d in gateway.statuses[-1].devices] == ["button"]


def test_a_device_that_is_switched_off_stays_in_the_list_and_does_not_run(
    start: Start, gateway: FakeGateway, wire: Wire
) -> None:
    start(button(wire), HALL)
    gateway.wait_state("button", "ok")
    config = gateway.statuses[-1].config
    assert config is not None and config.accepts and config.running == [button(wire), HALL]
    off = [button(wire, enabled=False), HALL]
    gateway.configure(1, off)
    gateway.wait_config(1, "applied")
    last = gateway.statuses[-1]
    assert [device.device for device in last.devices] == ["hall"]
    assert last.config is not None and last.config.running == off


def test_what_worked_and_does_not_come_back_is_taken_back(start: Start, gateway: FakeGateway, wire: Wire) -> None:
    start(button(wire))
    gateway.wait_state("button", "ok")
    gateway.configure(1, [button(wire) | {"url": str(wire.path.with_name("wrong"))}])
    reason = gateway.wait_config(1, "rolled_back")
    assert reason == f"button: port {wire.path.with_name('wrong')} is gone"
    gateway.wait_state("button", "ok")
    wire.write(b"BTN 1\r\n")
    until(lambda: gateway.of_type("queue.button.v1"), seconds=5, what="a press on the device as it was")
    gateway.configure(2, [button(wire, debounce_seconds=0.1)])
    gateway.wait_config(2, "applied")


@needs_mounts
def test_how_a_trial_ends_is_told_and_written_when_the_disk_takes_it_again(
    start: Start, gateway: FakeGateway, wire: Wire, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "SETTLE_SECONDS", 0.5)
    monkeypatch.setattr(desk, "_WRITE_AGAIN_SECONDS", 0.05)
    with small_disk(folder, "64k") as disk:
        agent = start(button(wire))
        gateway.wait_state("button", "ok")
        gateway.configure(1, [button(wire, debounce_seconds=0.1)])
        gateway.wait_config(1, "trying")
        disk.fill()
        gateway.wait_config(1, "applied")
        assert KeptFile(folder).read().good is None, "the fault did not happen"
        disk.empty()
        until(lambda: KeptFile(folder).read().good, seconds=5, what="the outcome to be written")
        gateway.configure(2, [button(wire, debounce_seconds=0.2)])
        gateway.wait_config(2, "trying")
        disk.fill()
        agent.stop()
        until(lambda: agent._outbox._closed, seconds=5, what="the agent to end in its order")


def test_a_device_that_reports_now_and_then_need_not_speak_within_the_trial(
    start: Start, gateway: FakeGateway, broker: Broker
) -> None:
    start(HALL)
    until(lambda: gateway.statuses, seconds=5, what="the node")
    publish_json(broker.port, "milesight/1", [totals(5)])
    gateway.wait_state("hall", "ok")
    gateway.configure(1, [HALL | {"max_burst": 20}])
    gateway.wait_config(1, "applied")


@pytest.mark.parametrize(
    ("devices", "more", "says"),
    [
        ([{"id": "hall", "driver": "milesight_vs121", "topic": "#"}], {}, "hall.topic: # is no topic of a device"),
        ([{"id": "b", "driver": "serial_button"}], {}, "b.url: it is needed and not there"),
        ([{"id": "hall", "driver": "nonsense"}], {}, "hall: there is no driver of that name"),
        ([HALL, HALL], {}, "more than once"),
        ([HALL], {"checksum": "0" * 64}, "damaged"),
        ([HALL], {"node": "garden"}, "another node"),
        ([{"id": "cam", "driver": "camera"}], {}, "cameras are changed in the node's own file"),
        (
            [{"id": "b", "driver": "serial_button", "url": "spy:///dev/ttyUSB0?file=/x"}],
            {},
            "b.url: addresses with spy:// are for the node's own file",
        ),
    ],
)
def test_what_is_wrong_is_refused_with_its_place_and_nothing_changes(
    devices: list[dict[str, Any]], more: dict[str, Any], says: str, start: Start, gateway: FakeGateway, wire: Wire
) -> None:
    start(button(wire))
    gateway.wait_state("button", "ok")
    gateway.configure(1, devices, **more)
    assert says in gateway.wait_config(1, "refused")
    assert [device.device for device in gateway.statuses[-1].devices] == ["button"]


def test_an_older_version_is_refused(start: Start, gateway: FakeGateway) -> None:
    start()
    gateway.configure(5, [HALL])
    gateway.wait_config(5, "applied")
    gateway.configure(4, [])
    assert "not newer than 5" in gateway.wait_config(4, "refused")
    assert [device.device for device in gateway.statuses[-1].devices] == ["hall"]


def test_a_node_that_does_not_accept_says_so(start: Start, gateway: FakeGateway, folder: Path) -> None:
    start(HALL, accept=False)
    gateway.configure(1, [])
    assert "accept = false" in gateway.wait_config(1, "refused")
    assert not folder.exists()


def kept(folder: Path, **more: Any) -> Kept:
    devices = [HALL]
    snapshot = NodeConfig(office=OFFICE, node=NODE, version=3, devices=devices, checksum=checksum(devices))
    found = Kept(**{"candidate": snapshot, **more})
    KeptFile(folder).write(found)
    return found


def test_the_last_good_devices_run_again_after_a_restart(start: Start, gateway: FakeGateway, folder: Path) -> None:
    good = kept(folder).candidate
    kept(folder, candidate=None, good=good)
    start()
    until(lambda: gateway.statuses and gateway.statuses[-1].devices, seconds=5, what="the devices")
    assert [device.device for device in gateway.statuses[-1].devices] == ["hall"]


def test_a_trial_goes_on_after_one_death_and_is_over_after_two(
    start: Start, gateway: FakeGateway, folder: Path, wire: Wire
) -> None:
    kept(folder, starts=1)
    start(button(wire))
    reason = gateway.wait_config(3, "rolled_back")
    assert "ended twice" in reason
    assert [device.device for device in gateway.statuses[-1].devices] == ["button"]


def test_a_trial_that_was_cut_off_once_is_finished(start: Start, gateway: FakeGateway, folder: Path) -> None:
    kept(folder)
    start()
    gateway.wait_config(3, "applied")
    assert KeptFile(folder).read().good is not None


@pytest.mark.parametrize("content", ["", "{", '{"good": 1}', json.dumps({"candidate": {"version": -1}})])
def test_a_kept_file_that_cannot_be_read_leaves_the_files_own_devices(
    content: str, start: Start, gateway: FakeGateway, folder: Path
) -> None:
    folder.mkdir()
    (folder / "snapshot.json").write_text(content)
    start(HALL)
    until(lambda: gateway.statuses and gateway.statuses[-1].devices, seconds=5, what="the devices")
    gateway.configure(1, [])
    gateway.wait_config(1, "applied")


def test_kill_9_in_a_trial_is_survived_by_the_real_program(
    tmp_path: Path, broker: Broker, gateway: FakeGateway, wire: Wire
) -> None:
    """Killed while the candidate is tried, twice: the file's own devices run, and the broker's copy changes nothing."""
    table = f'[[devices]]\nid = "button"\ndriver = "serial_button"\nurl = "{wire.path}"\n'
    remote = f'[remote]\naccept = true\nfolder = "{tmp_path}/kept"\nfiles = ["{tmp_path}"]\ntrial_seconds = 30\n'
    with AgentProcess(tmp_path, broker.port, remote + table) as agent:
        gateway.wait_state("button", "ok")
        gateway.configure(1, [{**button(wire), "url": str(tmp_path / "wrong")}])
        for _ in range(2):
            gateway.wait_config(1, "trying")
            agent.program.kill()
            gateway.statuses.clear()
            agent.program.start()
        gateway.wait_config(1, "rolled_back")
        gateway.wait_state("button", "ok")
        assert agent.program.stop() == 0
