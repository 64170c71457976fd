"""A Modbus-RTU door counter on a real line: register maps, noise, a dead slave, a pulled plug, a wrong baud rate."""

import os
import select
import struct
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from iotcore import Broker

from edge_agent.devices.modbus_counter import ModbusCounter, ModbusCounterConfig
from tests.edge_agent.devices import cases, fixture
from tests.edge_agent.devices.bus import Bus
from tests.edge_agent.devices.hosts import RememberingHost
from tests.edge_agent.support import AgentProcess, FakeGateway, Wire, crc16
from tests.support.processes import until

CASE = {"total_in": {"address": 0}, "total_out": {"address": 2}}
REGISTERS = """[devices.registers]
total_in = { address = 0 }
total_out = { address = 2 }
"""


def door(port: Path, slave: int = 1) -> str:
    return (
        f'[[devices]]\nid = "door"\ndriver = "modbus_counter"\nurl = "{port}"\nslave = {slave}\n'
        f"poll_seconds = 0.1\ntimeout_seconds = 0.5\n{REGISTERS}"
    )


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[Bus]:
    with Bus(tmp_path) as line:
        yield line


@pytest.mark.parametrize("case", cases("modbus_counter"), ids=lambda case: case["name"])
def test_register_maps_are_read(case: dict[str, Any], bus: Bus) -> None:
    for address, word in case["registers"].items():
        bus.set(int(address), word)
    registers = {"total_in": case["total_in"], "total_out": case["total_out"]}
    config = ModbusCounterConfig.model_validate(
        {"id": "door", "driver": "modbus_counter", "url": str(bus.near), "registers": registers, "poll_seconds": 0.05}
    )
    host = RememberingHost()
    thread = threading.Thread(target=ModbusCounter(config).run, args=(host,), daemon=True)
    thread.start()
    until(lambda: host.totals, seconds=5, what="a reading")
    host.stopping.set()
    thread.join(5)
    assert host.totals[0][1:] == tuple(case["totals"])


def running(config: dict[str, Any]) -> RememberingHost:
    settings = {"id": "door", "driver": "modbus_counter", "poll_seconds": 0.05, "timeout_seconds": 0.2, **config}
    host = RememberingHost()
    device = ModbusCounter(ModbusCounterConfig.model_validate(settings))
    threading.Thread(target=device.run, args=(host,), daemon=True).start()
    return host


def test_several_lines_of_one_slave_are_counted_apart(bus: Bus) -> None:
    bus.totals(7, 5)
    bus.set(8, 3)
    bus.set(9, 4)
    near = {"line": 1, "total_in": {"address": 0}, "total_out": {"address": 2}}
    narrow = {"type": "uint16"}
    far = {"line": 4, "total_in": {"address": 8, **narrow}, "total_out": {"address": 9, **narrow}}
    host = running({"url": str(bus.near), "lines": [near, far]})
    until(lambda: len(host.totals) >= 2, seconds=5, what="both lines")
    host.stopping.set()
    assert host.totals[:2] == [(1, 7, 5), (4, 3, 4)]


@pytest.mark.parametrize(
    "lines",
    [
        {},
        {"lines": [{"line": 1, **CASE}, {"line": 1, **CASE}]},
        {"registers": CASE, "lines": [{"line": 1, **CASE}]},
    ],
    ids=["none", "one number twice", "told in both ways"],
)
def test_lines_that_cannot_be_told_apart_are_refused(lines: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="line"):
        ModbusCounterConfig.model_validate({"id": "door", "driver": "modbus_counter", "url": "/dev/null", **lines})


def answer(count_in: int, count_out: int) -> bytes:
    body = struct.pack(">BBBII", 1, 3, 8, count_in, count_out)
    return body + crc16(body)


def test_registers_that_reading_clears_are_increments_and_a_lost_answer_leaves_a_hole(tmp_path: Path) -> None:
    wire = Wire(tmp_path / "door")
    slave = ScriptedSlave(wire)
    slave.then(answer(900, 800), answer(3, 1), answer(0, 0), answer(9, 9)[:-1] + b"!", answer(2, 0), answer(0, 0))
    host = running({"url": str(wire.path), "registers": CASE, "counts": "since_last_read"})
    until(lambda: len(host.intervals) == 3, seconds=5, what="three readings")
    host.stopping.set()
    slave.stop()
    heard = [(i.count_in, i.count_out, i.start) for _, i in host.intervals]
    assert heard == [(900, 800, 0), (3, 1, 1), (2, 0, 3)] and host.discarded == 1
    assert len({i.epoch for _, i in host.intervals}) == 1 and host.intervals[0][1].unbounded


def test_crossings_are_counted_through_reset_and_restart_of_the_agent(
    tmp_path: Path, bus: Bus, broker: Broker, gateway: FakeGateway
) -> None:
    bus.totals(100, 90)
    with AgentProcess(tmp_path, broker.port, door(bus.near)) as agent:
        gateway.wait_state("door", "ok")
        bus.totals(103, 91)
        until(lambda: gateway.counted_in == 3, seconds=5, what="three people")
        agent.program.kill()
        bus.totals(105, 91)
        agent.program.start()
        until(lambda: gateway.counted_in == 5, seconds=10, what="the two who came meanwhile")
        bus.totals(0, 0)
        until(lambda: gateway.of_type("door.crossing.v1")[-1].data["flags"] == ["reset"], seconds=5, what="the reset")
        bus.totals(2, 0)
        until(lambda: gateway.counted_in == 7, seconds=5, what="two more")
        bus.totals(90_000, 0)
        until(lambda: gateway.of_type("door.crossing.v1")[-1].data["flags"] == ["jump"], seconds=5, what="the jump")
    assert gateway.counted_in == 7
    assert gateway.of_type("door.crossing.v1")[0].source == "/offices/yunqi/nodes/lobby/devices/door"


def test_a_dead_slave_shows_within_10_seconds_and_recovers(
    tmp_path: Path, bus: Bus, broker: Broker, gateway: FakeGateway
) -> None:
    with AgentProcess(tmp_path, broker.port, door(bus.near)):
        gateway.wait_state("door", "ok")
        bus.freeze()
        assert "no valid answer from slave 1" in gateway.wait_state("door", "degraded", seconds=10)
        bus.thaw()
        gateway.wait_state("door", "ok", seconds=10)
        until(lambda: len(gateway.of_type("device.state.v1")) == 3, seconds=5, what="three changes of state")
        states = [event.data["state"] for event in gateway.of_type("device.state.v1")]
        assert states == ["ok", "degraded", "ok"]


def test_a_pulled_plug_shows_within_10_seconds_and_recovers(
    tmp_path: Path, bus: Bus, broker: Broker, gateway: FakeGateway
) -> None:
    bus.totals(10, 0)
    with AgentProcess(tmp_path, broker.port, door(bus.near)):
        gateway.wait_state("door", "ok")
        bus.unplug()
        assert "is gone" in gateway.wait_state("door", "degraded", seconds=10)
        bus.plug()
        gateway.wait_state("door", "ok", seconds=10)
        bus.totals(12, 0)
        until(lambda: gateway.counted_in == 2, seconds=5, what="counting to go on")


def test_another_slave_than_configured_is_degraded(
    tmp_path: Path, bus: Bus, broker: Broker, gateway: FakeGateway
) -> None:
    with AgentProcess(tmp_path, broker.port, door(bus.near, slave=9)):
        assert "slave 9" in gateway.wait_state("door", "degraded", seconds=10)


class ScriptedSlave:
    """Answers every request on a bare terminal with whatever `answer` makes of the recorded answer."""

    def __init__(self, wire: Wire) -> None:
        self.exchange = {k: bytes.fromhex(v) for k, v in fixture("modbus_counter")["exchange"].items() if k != "totals"}
        self.answer = self.exchange["answer"]
        self._next: list[bytes] = []
        self.one_by_one = False
        self.requests: list[bytes] = []
        self._wire = wire
        self._stop = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        heard = b""
        while not self._stop.is_set():
            if not select.select([self._wire.master], [], [], 0.05)[0]:
                continue
            heard += self._wire.read()
            if len(heard) >= 8:
                self.requests.append(heard[-8:])
                heard = b""
                self.answer = self._next.pop(0) if self._next else self.answer
                self._send(self.answer)

    def _send(self, answer: bytes) -> None:
        if not self.one_by_one:
            os.write(self._wire.master, answer)
            return
        for byte in answer:
            os.write(self._wire.master, bytes((byte,)))
            time.sleep(0.002)

    def then(self, *answers: bytes) -> None:
        """Give these, then the last one for ever."""
        self._next = list(answers)

    def stop(self) -> None:
        self._stop.set()


def test_recorded_bytes_also_one_at_a_time_noise_and_a_wrong_baud_rate(
    tmp_path: Path, broker: Broker, gateway: FakeGateway
) -> None:
    wire = Wire(tmp_path / "door")
    slave = ScriptedSlave(wire)
    slave.one_by_one = True
    with AgentProcess(tmp_path, broker.port, door(wire.path)):
        gateway.wait_state("door", "ok")
        assert slave.requests[0] == slave.exchange["request"]
        slave.one_by_one = False
        good = slave.answer
        slave.answer = os.urandom(3) + good[:5] + b"\xff" + good[6:]
        assert gateway.wait_state("door", "degraded", seconds=10)
        slave.answer = bytes(byte ^ 0xAA for byte in good) * 3  # what another baud rate makes of it
        asked = len(slave.requests)
        until(lambda: len(slave.requests) > asked + 1, seconds=10, what="questions that were answered with it")
        slave.answer = good
        gateway.wait_state("door", "ok", seconds=10)
    slave.stop()
    assert gateway.counted_in == 0, "noise counted nobody"
