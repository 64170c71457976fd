"""The program as a person starts it: --check, --version, mistakes with their place, a clean stop, its size."""

import json
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from iotcore import Broker

from tests.edge_agent.support import AgentProcess, FakeGateway
from tests.support.processes import ROOT, until

EXAMPLE = ROOT / "firmware_configs" / "edge" / "edge_agent.toml"


def run(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "edge_agent", *arguments],
        cwd=ROOT,
        env=environment or None,
        capture_output=True,
        text=True,
        timeout=30,
    )


def test_the_commented_example_is_good() -> None:
    answer = run("--config", str(EXAMPLE), "--check")
    assert (answer.returncode, answer.stderr) == (0, "")
    assert "good: door-main (modbus_counter), hall (milesight_vs121)," in answer.stdout


def test_without_a_file_it_says_which_one_it_wants() -> None:
    answer = run()
    assert answer.returncode == 2 and "--config FILE" in answer.stderr


def test_the_version_is_told() -> None:
    assert run("--version").stdout.strip() == "0.1.0"


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (("port = 1883", "port = 99999"), "broker.port"),
        (("slave = 1", "slave = 300"), ": devices.door-main.slave:"),
        (("panel_sum8", "panel_sum9"), ": devices.panel-1:"),
        (('id = "hall"', 'id = "door-main"'), "the id door-main is used more than once"),
        (("/dev/ttyUSB1", "/dev/ttyUSB0"), "/dev/ttyUSB0 is used by more than one device"),
        (('office = "yunqi"', 'offcie = "yunqi"'), "offcie"),
        (("[broker]", "[broker"), "not TOML"),
        (('password_file = ""', 'password_file = "/nowhere"'), "broker.password_file"),
    ],
)
def test_a_mistake_is_told_with_its_place(change: tuple[str, str], place: str, tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text(EXAMPLE.read_text().replace(*change, 1))
    answer = run("--config", str(bad), "--check")
    assert answer.returncode == 2 and place in answer.stderr and "Traceback" not in answer.stderr


def test_the_environment_overrides_the_file() -> None:
    answer = run("--config", str(EXAMPLE), "--check", ANCHANG_EDGE_AGENT__BROKER__PORT="none")
    assert answer.returncode == 2 and "broker.port" in answer.stderr


def test_an_unusable_outbox_is_told_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "outbox.db").write_text("no database" * 100)
    (tmp_path / "a.toml").write_text(f'office = "yunqi"\nnode = "lobby"\n[outbox]\npath = "{tmp_path}/outbox.db"\n')
    answer = run("--config", str(tmp_path / "a.toml"))
    assert answer.returncode == 2 and "outbox" in answer.stderr and "Traceback" not in answer.stderr


def test_it_stops_cleanly_on_sigterm_logs_json_and_stays_small(
    tmp_path: Path, broker: Broker, gateway: FakeGateway
) -> None:
    tables = "".join(
        f'[[devices]]\nid = "hall-{n}"\ndriver = "milesight_vs121"\ntopic = "milesight/{n}"\n' for n in range(10)
    )
    with AgentProcess(tmp_path, broker.port, tables) as agent:
        until(lambda: gateway.statuses and gateway.statuses[-1].online, seconds=10, what="the node to be online")
        resident = psutil.Process(agent.program.pid).memory_info().rss / 2**20
        print(f"agent: {resident:.0f} MiB")
        assert resident < 120
        assert agent.program.stop() == 0
    for line in agent.program.log.read_text().splitlines():
        assert {"at", "level", "logger", "message"} <= set(json.loads(line))


def test_a_second_agent_on_the_same_outbox_is_refused(tmp_path: Path, broker: Broker) -> None:
    with AgentProcess(tmp_path, broker.port, "") as agent:
        until(agent.database.exists, seconds=10, what="the outbox")
        second = run("--config", str(agent.config))
        assert second.returncode == 2 and "another agent" in second.stderr and "Traceback" not in second.stderr
        assert agent.program.stop() == 0


def test_it_loads_nothing_heavy() -> None:
    heavy = "import sys, edge_agent.__main__; print([m for m in ('numpy', 'cv2', 'onnxruntime') if m in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", heavy], cwd=ROOT, capture_output=True, text=True, timeout=30)
    assert answer.stdout.strip() == "[]"
