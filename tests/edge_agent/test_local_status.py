"""`python -m edge_agent status`: what a technician reads at the machine itself."""

import os
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest

from contracts.messages import DeviceStatus, NodeStatus
from contracts.values import utc_now
from edge_agent.local_status import ABSENT, STALE, TROUBLE, WELL, BrokerStatus, LocalStatus, StatusFile, show
from tests.edge_agent.support import AgentProcess
from tests.support.processes import ROOT, free_port, until

CONNECTED = BrokerStatus(address="10.0.0.5:8883", connected=True)


def node(*devices: DeviceStatus, **more: object) -> NodeStatus:
    return NodeStatus.model_validate(
        {"office": "yunqi", "node": "lobby", "online": True, "at": utc_now(), "version": "1", "devices": devices} | more
    )


def test_without_a_broker_the_machine_itself_tells_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    monkeypatch.setenv("ANCHANG_EDGE_AGENT__STATUS_FILE", str(tmp_path / "status.json"))
    table = '[[devices]]\nid = "button"\ndriver = "serial_button"\nurl = "/dev/nowhere"\n'
    with AgentProcess(tmp_path, port, table) as agent:
        until((tmp_path / "status.json").exists, seconds=10, what="the local status")

        def said() -> str:
            answer = subprocess.run(
                [sys.executable, "-m", "edge_agent", "status", "--config", str(agent.config)],
                cwd=ROOT,
                env=os.environ,
                capture_output=True,
                text=True,
            )
            return answer.stdout if answer.returncode == TROUBLE else ""

        text = until(lambda: (t := said()) and "degraded" in t and t, seconds=10, what="the device's trouble")
        assert f"127.0.0.1:{port}: broker_away: nothing listens at the broker's address" in text
        assert "button  degraded  serial_button: port /dev/nowhere is gone" in text
        agent.program.stop()
    assert not (tmp_path / "status.json").exists()


@pytest.mark.parametrize(
    ("device", "more", "code"),
    [("ok", {}, WELL), ("degraded", {}, TROUBLE), ("ok", {"alarms": ["disk_full"]}, TROUBLE)],
)
def test_the_exit_status_says_whether_all_is_well(
    device: str, more: dict[str, object], code: int, tmp_path: Path
) -> None:
    file = tmp_path / "status.json"
    door = DeviceStatus.model_validate({"device": "door", "driver": "d", "state": device, "discarded": 3})
    StatusFile(file).write(node(door, **more), CONNECTED)
    text, found = show(file)
    assert found == code and "3 discarded" in text


def test_an_agent_that_hangs_is_told_by_the_age_of_its_words(tmp_path: Path) -> None:
    file = tmp_path / "status.json"
    long_ago = time.monotonic() - STALE.total_seconds() - 1
    written = utc_now() + timedelta(days=3650)  # a clock set back since then changes nothing
    status = LocalStatus(written_at=written, monotonic=long_ago, pid=1, broker=CONNECTED, node=node())
    file.write_text(status.model_dump_json())
    text, code = show(file)
    assert code == ABSENT and text.startswith("STALE")


def test_an_agent_that_was_killed_is_told(tmp_path: Path) -> None:
    file = tmp_path / "status.json"
    ended = subprocess.Popen(["true"])
    ended.wait(5)
    status = LocalStatus(written_at=utc_now(), monotonic=time.monotonic(), pid=ended.pid, broker=CONNECTED, node=node())
    file.write_text(status.model_dump_json())
    text, code = show(file)
    assert code == ABSENT and text.startswith("ENDED")


@pytest.mark.parametrize("content", [None, "", "{", '{"pid": "x"}', "[]"])
def test_what_is_no_status_is_told_without_a_traceback(content: str | None, tmp_path: Path) -> None:
    file = tmp_path / "status.json"
    if content is not None:
        file.write_text(content)
    text, code = show(file)
    assert code == ABSENT and str(file) in text
