"""The simulated devices, spoken to as a program speaks to them: by terminal, broker and control socket."""

import asyncio
import json
import os
import random
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from iotcore import Broker
from paho.mqtt.enums import CallbackAPIVersion
from pymodbus.client import ModbusSerialClient

from edge_agent.devices.lenient import PayloadError
from edge_agent.devices.site_sensor import number
from simulator.box import toml
from simulator.devices.control import ControlError, DeviceControl
from simulator.devices.milesight import region_report
from simulator.devices.modbus import CounterSlave, crc16
from simulator.devices.panel import PanelScreen
from simulator.devices.settings import SiteSettings
from simulator.devices.site import Site
from tests.support.processes import free_port

DEADLINE = 10.0


class Room:
    """A running `simulator devices` and a synchronous hand on its control socket."""

    def __init__(self, folder: Path, broker_port: int) -> None:
        self.folder = folder
        self.control = folder / "c.sock"
        self.broker_port = broker_port
        config = {
            "control": self.control,
            "broker": {"port": broker_port},
            "devices": [
                {"kind": "modbus_counter", "id": "door", "link": folder / "door", "slave": 7},
                {"kind": "serial_button", "id": "button", "link": folder / "button"},
                {"kind": "panel_sum8", "id": "panel", "link": folder / "panel", "panel": 5},
                {"kind": "escpos_printer", "id": "printer", "link": folder / "printer", "last": folder / "ticket.txt"},
                {"kind": "milesight_vs121", "id": "hall", "topic": "milesight/1", "report_seconds": 60},
            ],
        }
        path = folder / "devices.toml"
        path.write_text(toml.dumps(config), encoding="utf-8")
        self.process = subprocess.Popen([sys.executable, "-m", "simulator", "devices", "--config", str(path)])

    def order(self, **order: Any) -> dict[str, Any]:
        async def once() -> dict[str, Any]:
            control = DeviceControl(self.control)
            try:
                return await control.order(**order)
            finally:
                control.close()

        return asyncio.run(once())

    def wait_until_up(self) -> None:
        end = time.monotonic() + DEADLINE
        while True:
            try:
                self.order(do="state")
                return
            except ControlError:
                assert time.monotonic() < end, "the devices did not come up"
                time.sleep(0.05)

    def client(self) -> ModbusSerialClient:
        client = ModbusSerialClient(str(self.folder / "door"), baudrate=9600, timeout=0.3, retries=0)
        assert client.connect()
        return client


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    port = free_port()
    with Broker(port=port, listen="127.0.0.1"):
        room = Room(tmp_path_factory.mktemp("r"), port)
        try:
            room.wait_until_up()
            yield room
        finally:
            room.process.terminate()
            assert room.process.wait(DEADLINE) == 0


def read_from(path: Path, wanted: int) -> bytes:
    handle = os.open(path, os.O_RDWR | os.O_NOCTTY)
    try:
        got = b""
        end = time.monotonic() + DEADLINE
        while len(got) < wanted and time.monotonic() < end:
            if select.select([handle], [], [], 0.1)[0]:
                got += os.read(handle, 4096)
        return got
    finally:
        os.close(handle)


def test_a_modbus_client_reads_the_totals_in_and_out(room: Room) -> None:
    room.order(device="door", do="set", **{"in": 70_000, "out": 2})
    room.order(device="door", do="cross", **{"in": 3, "out": 1})
    client = room.client()
    try:
        answer = client.read_holding_registers(0, count=4, device_id=7)
    finally:
        client.close()
    high_in, low_in, high_out, low_out = answer.registers
    assert (high_in * 65536 + low_in, high_out * 65536 + low_out) == (70_003, 3)


def test_a_silent_counter_answers_nothing_and_recovers(room: Room) -> None:
    client = room.client()
    try:
        room.order(device="door", do="fault", fault="silence")
        with pytest.raises(Exception, match="No response"):
            client.read_holding_registers(0, count=4, device_id=7)
        room.order(device="door", do="fault", fault="none")
        assert not client.read_holding_registers(0, count=4, device_id=7).isError()
    finally:
        client.close()


def test_an_unplugged_counter_is_gone_until_it_is_plugged_in_again(room: Room) -> None:
    room.order(device="door", do="fault", fault="unplug")
    assert not (room.folder / "door").exists()
    room.order(device="door", do="fault", fault="none")
    client = room.client()
    try:
        assert not client.read_holding_registers(0, count=4, device_id=7).isError()
    finally:
        client.close()


def test_the_button_sends_its_line(room: Room) -> None:
    room.order(device="button", do="press", button="3")
    assert read_from(room.folder / "button", 7) == b"BTN 3\r\n"


def test_the_panel_shows_what_a_right_frame_says(room: Room) -> None:
    handle = os.open(room.folder / "panel", os.O_RDWR | os.O_NOCTTY)
    try:
        os.write(handle, bytes.fromhex("FF 05 03 E7 EF"))
    finally:
        os.close(handle)
    end = time.monotonic() + DEADLINE
    while (state := room.order(do="state")["devices"]["panel"])["showing"] != 999:
        assert time.monotonic() < end, state
        time.sleep(0.02)
    assert state["bad_bytes"] == 1


def test_the_printer_keeps_what_it_printed_and_answers_when_it_has_paper(room: Room) -> None:
    handle = os.open(room.folder / "printer", os.O_RDWR | os.O_NOCTTY)
    try:
        room.order(device="printer", do="paper", out=True)
        os.write(handle, "云栖湖岸\n17\n".encode("gbk") + bytes.fromhex("1D 56 00 1D 72 01 10 04 04"))
        assert select.select([handle], [], [], DEADLINE)[0] and os.read(handle, 9) == b"\x7e"
        room.order(device="printer", do="paper", out=False)
        assert select.select([handle], [], [], DEADLINE)[0] and os.read(handle, 9) == b"\x00"
    finally:
        os.close(handle)
    assert room.order(do="state")["devices"]["printer"]["last"] == "云栖湖岸\n17"
    assert (room.folder / "ticket.txt").read_text(encoding="utf-8") == "云栖湖岸\n17\n\n"


def test_the_area_counter_reports_a_new_occupancy_at_once(room: Room) -> None:
    heard: list[dict[str, Any]] = []
    client = mqtt.Client(CallbackAPIVersion.VERSION2)
    client.on_connect = lambda client, *_: client.subscribe("milesight/1", qos=1)
    client.on_message = lambda _c, _u, message: heard.append(json.loads(message.payload))
    subscribed: list[int] = []
    client.on_subscribe = lambda _c, _u, mid, *_: subscribed.append(mid)
    client.connect("127.0.0.1", room.broker_port)
    client.loop_start()
    try:
        end = time.monotonic() + DEADLINE
        while not subscribed and time.monotonic() < end:
            time.sleep(0.01)
        room.order(device="hall", do="occupy", regions=[4, 2])
        while not any(report["occupancy"] == [4, 2] for report in heard):
            assert time.monotonic() < end, heard
            time.sleep(0.01)
    finally:
        client.disconnect()
        client.loop_stop()


@pytest.mark.parametrize(
    "order",
    [
        {"device": "nothing", "do": "cross"},
        {"device": "door", "do": "dance"},
        {"device": "door", "do": "fault", "fault": "rain"},
        {"device": "hall", "do": "occupy", "regions": [1]},
    ],
)
def test_an_order_that_makes_no_sense_is_refused_with_a_reason(room: Room, order: dict[str, Any]) -> None:
    with pytest.raises(ControlError, match="OrderError"):
        room.order(**order)


async def test_a_simulated_shelf_and_room_are_read_by_the_agents_driver() -> None:
    sent: list[tuple[str, bytes]] = []
    settings = {"kind": "site_sensor", "id": "s", "report_seconds": 60}
    shelf, room = (
        Site(SiteSettings.model_validate({**settings, **more}), lambda *said: sent.append(said), random.Random(1))
        for more in ({"topic": "shelf", "copy_grams": 50.0}, {"topic": "room"})
    )
    shelf.order("set", {"value": 10})
    room.order("set", {"value": 31.0})
    assert number(sent[0][1], "") == pytest.approx(500, abs=20)
    assert number(sent[1][1], "temperature") == pytest.approx(31, abs=1)
    shelf.fault("noise")
    shelf.order("set", {"value": 10})
    with pytest.raises(PayloadError):
        number(sent[2][1], "")


def test_noise_before_a_request_does_not_hide_it() -> None:
    slave = CounterSlave(1)
    body = bytes.fromhex("01 03 0000 0004")
    for byte in b"\x00\xff\x01":
        assert slave.receive(bytes([byte])) == []
    assert slave.receive(body + crc16(body))[0][:3] == bytes.fromhex("010308")


@pytest.mark.parametrize(("request_hex", "code"), [("010600000001", 1), ("010300090001", 2), ("010300000000", 3)])
def test_a_request_that_cannot_be_served_gets_its_exception(request_hex: str, code: int) -> None:
    body = bytes.fromhex(request_hex)
    (answer,) = CounterSlave(1).receive(body + crc16(body))
    assert (answer[1] & 0x80, answer[2]) == (0x80, code)


def test_a_total_wraps_at_32_bits() -> None:
    slave = CounterSlave(1)
    slave.total_in = 2**32 - 1
    slave.cross(2, 0)
    assert slave.total_in == 1


def test_a_frame_for_another_panel_or_with_a_wrong_sum_shows_nothing() -> None:
    screen = PanelScreen(5)
    assert screen.receive(bytes.fromhex("06 00 01 07") + bytes.fromhex("05 00 01 07")) == []
    assert screen.showing is None


def test_the_report_has_the_shape_of_the_vendors_example() -> None:
    at = datetime(2022, 12, 20, 10, 15, 52, tzinfo=UTC)
    report = region_report("369362028335", [1, 0], 12, at, at, timedelta(hours=8))
    assert report["time_info"]["timezone"] == "UTC+8:00"
    assert report["time_info"]["start_time"] == "2022/12/20 18:15:52"
    assert (report["current_total"], report["max_counted"], report["numbering_regions"]) == (1, 12, [1, 2])
