"""A driver that blocks for ever in a call, while its thread lives: seen, told, and where it is safe begun anew."""

import os
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from contracts.events import ButtonPressed
from contracts.reasons import Reason
from edge_agent.clock import Clock
from edge_agent.devices.base import BaseDeviceConfig, Device, DeviceError, Host
from edge_agent.devices.running import MOST_GIVEN_UP, RunningDevices
from edge_agent.devices.supervisor import Surroundings
from edge_agent.outbox.writer import Outbox
from tests.edge_agent.outbox.conftest import PLACE
from tests.edge_agent.support import Wire
from tests.support.processes import until

PATIENCE = 0.1


class NetworkConfig(BaseDeviceConfig):
    port: int


class WireConfig(BaseDeviceConfig):
    url: str

    @property
    def own_port(self) -> str | None:
        return self.url


class Network:
    """Asks once a round, and waits for the answer without a limit: the fault that is tested."""

    def __init__(self, config: NetworkConfig) -> None:
        self._port = config.port
        self.left = threading.Event()

    def run(self, host: Host) -> None:
        with socket.create_connection(("127.0.0.1", self._port)) as line:
            while not host.stopping.is_set():
                said = line.recv(16)
                if not said:
                    self.left.set()
                    raise DeviceError("left")
                try:
                    host.report(ButtonPressed(button=said.decode())).result(5)
                except DeviceError:
                    self.left.set()
                    raise
                host.ok()


class Wired:
    """The same on a serial line."""

    def __init__(self, config: WireConfig) -> None:
        self._url = config.url

    def run(self, host: Host) -> None:
        line = os.open(self._url, os.O_RDWR | os.O_NOCTTY)
        while not host.stopping.is_set():
            os.read(line, 1)
            host.ok()


class Resting:
    def __init__(self, config: BaseDeviceConfig) -> None: ...

    def run(self, host: Host) -> None:
        host.ok()
        host.stopping.wait()


def build(config: BaseDeviceConfig) -> Device:
    match config:
        case NetworkConfig():
            return Network(config)
        case WireConfig():
            return Wired(config)
        case _:
            return Resting(config)


class Listener:
    """A device that accepts every connection and answers when it is told to."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self.lines: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                self.lines.append(self._server.accept()[0])
            except OSError:
                return

    def close(self) -> None:
        self._server.close()
        for line in self.lines:
            line.close()


@pytest.fixture
def listener() -> Iterator[Listener]:
    found = Listener()
    yield found
    found.close()


class Bench:
    """Devices at a real outbox, looked at as the agent does."""

    def __init__(self, folder: Path, config: BaseDeviceConfig) -> None:
        self.outbox = Outbox(folder / "outbox.db", PLACE, Clock(), max_events=1000, linger=0)
        self.outbox.start()
        none = lambda *_: lambda: None  # noqa: E731
        around = Surroundings(self.outbox, Clock(), none, lambda: None, none, PATIENCE)
        self.devices = RunningDevices([config], build, around)
        self.devices.start()

    def state(self) -> tuple[str, str]:
        self.devices.look()
        [status] = self.devices.statuses()
        return status.state, str(Reason(code=status.reason, facts=status.facts)) if status.reason else ""

    @property
    def hanging(self) -> bool:
        return self.devices.hanging

    def stop(self) -> None:
        self.devices.stop()
        self.outbox.close()

    def pressed(self) -> int:
        asked = self.outbox.submit(
            lambda tx: tx.connection.execute("SELECT count(*) FROM events WHERE type=?", (ButtonPressed.TYPE,))
        )
        return int(asked.result(5).fetchone()[0])


Begin = Callable[[BaseDeviceConfig], Bench]


@pytest.fixture
def begin(tmp_path: Path, listener: Listener) -> Iterator[Begin]:
    begun: list[Bench] = []

    def make(config: BaseDeviceConfig) -> Bench:
        begun.append(Bench(tmp_path, config))
        return begun[-1]

    yield make
    listener.close()
    for bench in begun:
        bench.stop()


def test_a_driver_that_waits_for_ever_is_replaced_and_is_not_listened_to_when_it_wakes(
    begin: Begin, listener: Listener
) -> None:
    bench = begin(NetworkConfig(id="door", port=listener.port))
    until(lambda: len(listener.lines) == 1, seconds=5, what="the driver's connection")
    before = bench.devices._running["door"].supervised
    until(lambda: bench.state()[1].startswith("begun anew"), seconds=5, what="the hang to be seen")
    assert (bench.hanging, before.alive) == (True, True), "its thread lives, and hangs"
    until(lambda: len(listener.lines) == 2, seconds=5, what="another driver")
    listener.lines[1].send(b"1")
    until(lambda: bench.state() == ("ok", ""), seconds=5, what="the other driver's device")
    assert (bench.pressed(), bench.hanging) == (1, False)
    listener.lines[0].send(b"2")
    until(lambda: not before.alive, seconds=5, what="the first driver to end")
    assert bench.pressed() == 1, "what the first one still heard is not accepted"


def test_no_more_than_a_few_are_left_behind(begin: Begin, listener: Listener) -> None:
    bench = begin(NetworkConfig(id="door", port=listener.port))
    until(lambda: bench.state()[1].startswith("hangs"), seconds=10, what="the last one to be left hanging")
    assert len(listener.lines) == MOST_GIVEN_UP + 1 and bench.hanging


def test_one_that_holds_a_port_is_told_and_goes_on_when_it_wakes(begin: Begin, tmp_path: Path) -> None:
    wire = Wire(tmp_path / "wire")
    bench = begin(WireConfig(id="reader", url=str(wire.path)))
    until(lambda: bench.state()[0] == "degraded", seconds=5, what="the hang to be seen")
    assert (bench.state()[1], bench.hanging) == ("hangs: its driver has not moved for 0.1 s", True)
    wire.write(b"x")
    until(lambda: bench.devices.statuses()[0].state == "ok", seconds=5, what="the driver to move")
    assert (bench.state(), bench.hanging) == (("ok", ""), False)
    wire.write(b"x")


def test_a_driver_that_rests_does_not_hang(begin: Begin) -> None:
    bench = begin(BaseDeviceConfig(id="idle"))
    until(lambda: bench.state() == ("ok", ""), seconds=5, what="the driver to rest")
    threading.Event().wait(PATIENCE * 2)
    assert bench.state() == ("ok", "") and not bench.hanging
