"""systemd hears that the agent lives while its parts move, and no longer when one of them hangs."""

import os
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edge_agent.agent import Agent
from edge_agent.config import AgentConfig
from edge_agent.devices.base import BaseDeviceConfig, Host
from edge_agent.devices.running import RunningDevices
from edge_agent.devices.supervisor import SupervisedDevice, Surroundings
from edge_agent.watchdog import Watchdog, period
from tests.support.processes import free_port, until

SECONDS = 0.3


class Systemd:
    """The far end of `NOTIFY_SOCKET`."""

    def __init__(self, path: Path) -> None:
        self._line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._line.bind(str(path))
        self._line.setblocking(False)
        self.heard: list[str] = []

    def listen(self) -> list[str]:
        while True:
            try:
                self.heard += self._line.recv(4096).decode().split("\n")
            except BlockingIOError:
                return self.heard

    def said(self, text: str) -> bool:
        return any(line.startswith(text) for line in self.listen())

    def close(self) -> None:
        self._line.close()


@pytest.fixture
def systemd(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Systemd]:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    monkeypatch.setenv("WATCHDOG_USEC", str(int(SECONDS * 1e6)))
    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()))
    listening = Systemd(tmp_path / "notify")
    yield listening
    listening.close()


def config(folder: Path, port: int) -> AgentConfig:
    return AgentConfig.model_validate(
        {
            "office": "yunqi",
            "node": "lobby",
            "outbox": {"path": folder / "outbox.db"},
            "broker": {"port": port},
            "status_file": folder / "status.json",
        }
    )


@pytest.fixture
def agent(tmp_path: Path, systemd: Systemd) -> Iterator[Agent]:
    """Without a broker: the office may be dark, the agent lives."""
    running = Agent(config(tmp_path, free_port()))
    thread = threading.Thread(target=running.run)
    thread.start()
    yield running
    running.stop()
    thread.join(10)


def quiet_for(systemd: Systemd, seconds: float) -> bool:
    systemd.listen()
    systemd.heard.clear()
    threading.Event().wait(seconds)
    return not systemd.said("WATCHDOG=1")


def test_ready_is_told_and_pings_follow_also_without_a_broker(agent: Agent, systemd: Systemd) -> None:
    until(lambda: systemd.said("READY=1"), seconds=5, what="READY")
    until(lambda: systemd.listen().count("WATCHDOG=1") >= 3, seconds=5, what="three pings")
    until(lambda: systemd.said("STATUS=0 of 0 devices well, 0 events waiting, broker_away"), seconds=5, what="words")


def test_the_pings_stop_while_the_writer_hangs_and_go_on_after(agent: Agent, systemd: Systemd) -> None:
    until(lambda: systemd.said("WATCHDOG=1"), seconds=5, what="a ping")
    release = threading.Event()
    hanging = agent._outbox.submit(lambda tx: release.wait(10))
    until(lambda: systemd.said("STATUS=no progress: the outbox's writer"), seconds=5, what="what hangs")
    assert quiet_for(systemd, SECONDS)
    release.set()
    hanging.result(5)
    until(lambda: systemd.said("WATCHDOG=1"), seconds=5, what="the pings to go on")


def test_the_pings_stop_when_the_sender_hangs(agent: Agent, systemd: Systemd) -> None:
    until(lambda: systemd.said("WATCHDOG=1"), seconds=5, what="a ping")
    with agent._sender._changed:  # nothing of it can move
        until(lambda: systemd.said("STATUS=no progress: the outbox's sender"), seconds=5, what="what hangs")
        assert quiet_for(systemd, SECONDS)


def test_the_pings_stop_when_the_agents_own_loop_hangs(
    agent: Agent, systemd: Systemd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge_agent.agent.STATUS_SECONDS", SECONDS / 2)
    until(lambda: systemd.said("WATCHDOG=1"), seconds=5, what="a ping")
    release = threading.Event()
    monkeypatch.setattr(agent, "_tell", lambda: release.wait(10))
    agent._status_due.set()
    until(lambda: systemd.said("STATUS=no progress: the agent's own loop"), seconds=5, what="what hangs")
    assert quiet_for(systemd, SECONDS)
    release.set()
    until(lambda: systemd.said("WATCHDOG=1"), seconds=5, what="the pings to go on")


def test_a_driver_that_hangs_is_an_alarm_and_no_reason_to_end_the_others(
    agent: Agent, systemd: Systemd, monkeypatch: pytest.MonkeyPatch
) -> None:
    until(lambda: systemd.said("WATCHDOG=1"), seconds=5, what="a ping")
    release = threading.Event()
    around = Surroundings(agent._outbox, agent._clock, _hear_nothing, lambda: None, _hear_nothing, patience=0.1)
    devices = RunningDevices([BaseDeviceConfig(id="door")], lambda _: Hangs(release), around)
    monkeypatch.setattr(agent, "_devices", devices)
    devices.start()

    def alarmed() -> bool:
        agent._status_due.set()
        return "device_hangs" in agent._reporter.status(online=True).alarms

    until(alarmed, seconds=5, what="the alarm")
    systemd.listen()
    systemd.heard.clear()
    until(lambda: systemd.said("WATCHDOG=1"), seconds=5, what="the pings that go on")
    release.set()
    until(lambda: not alarmed(), seconds=5, what="the alarm to end")


def test_where_systemd_does_not_watch_nobody_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "1000000")
    monkeypatch.setenv("WATCHDOG_PID", "1")
    assert period() == 0
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    Watchdog([]).start()


class Hangs:
    """A driver in a call that does not come back until it is released."""

    def __init__(self, release: threading.Event) -> None:
        self._release = release

    def run(self, host: Host) -> None:
        self._release.wait()
        host.ok()
        host.stopping.wait()


class Falls:
    """A driver that ends its own thread, as nothing but a mistake of ours would."""

    def run(self, host: Host) -> None:
        raise SystemExit


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_device_whose_thread_ended_is_no_progress(agent: Agent, systemd: Systemd) -> None:
    until(lambda: systemd.said("WATCHDOG=1"), seconds=5, what="a ping")
    around = Surroundings(agent._outbox, agent._clock, _hear_nothing, lambda: None, _hear_nothing)
    device = SupervisedDevice("falls", "falls", Falls(), around)
    assert not device.dead
    device.start()
    until(lambda: device.dead, seconds=5, what="the end of its thread")
    device.stop()
    assert not device.dead, "one that was stopped has not fallen"


def _hear_nothing(*_: object) -> Callable[[], None]:
    return lambda: None
