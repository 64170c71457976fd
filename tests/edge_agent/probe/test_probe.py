"""An installer's first look: what is plugged in, what it says, and the section that goes into the file."""

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from iotcore import Broker
from paho.mqtt.enums import CallbackAPIVersion

from edge_agent.__main__ import main
from edge_agent.broker import ConfigError
from edge_agent.config import load
from edge_agent.devices.base import Heard
from edge_agent.devices.factory import DRIVERS
from edge_agent.devices.serial_line import SerialLine
from edge_agent.probe import modbus
from edge_agent.probe.command import _messages
from edge_agent.probe.ports import cameras, stable_name, usb_printers
from edge_agent.probe.suggesting import Suggestion, add_to, from_broker, from_usb, guesses
from tests.edge_agent.devices import cases
from tests.edge_agent.devices.bus import Bus
from tests.edge_agent.support import Wire

MILESIGHT = json.dumps(cases("milesight_vs121")[0]["payload"]).encode()
ZIGBEE = b'{"temperature": 27.34, "humidity": 44.72}'


@contextmanager
def saying(say: Any) -> Iterator[None]:
    """`say` is called all the time, as a device that is used while somebody listens."""
    over = threading.Event()

    def run() -> None:
        while not over.wait(0.05):
            say()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(5)


@contextmanager
def publishing(port: int, *messages: tuple[str, bytes]) -> Iterator[None]:
    client = mqtt.Client(CallbackAPIVersion.VERSION2)
    client.connect("127.0.0.1", port)
    client.loop_start()
    try:
        with saying(lambda: [client.publish(topic, payload) for topic, payload in messages]):
            yield
    finally:
        client.disconnect()
        client.loop_stop()


@pytest.fixture
def config(tmp_path: Path, broker: Broker) -> Path:
    path = tmp_path / "agent.toml"
    path.write_text(
        f'# ours\noffice = "yunqi"\nnode = "lobby"\n[outbox]\npath = "{tmp_path}/o.db"\n\n'
        f"[broker]\nport = {broker.port}\n"
    )
    path.chmod(0o640)
    return path


def test_a_name_that_stays_is_preferred_to_the_kernels(tmp_path: Path) -> None:
    device = tmp_path / "ttyUSB0"
    device.touch()
    ours, by_id = tmp_path / "anchang", tmp_path / "by-id"
    for folder in (ours, by_id):
        folder.mkdir()
    (by_id / "usb-FTDI-if00").symlink_to(device)
    folders = (str(ours), str(by_id), str(tmp_path / "missing"))
    assert stable_name(str(device), folders) == str(by_id / "usb-FTDI-if00")
    (ours / "usb-1").symlink_to(device)
    assert stable_name(str(device), folders) == str(ours / "usb-1")
    assert stable_name(str(tmp_path / "other"), folders) == str(tmp_path / "other")


def test_of_a_camera_only_the_node_with_pictures_is_listed(tmp_path: Path) -> None:
    for node, index, name in (("video0", "0", "HD Webcam"), ("video1", "1", "HD Webcam")):
        (tmp_path / node).mkdir()
        (tmp_path / node / "index").write_text(f"{index}\n")
        (tmp_path / node / "name").write_text(f"{name}\n")
    assert [(found.device, found.what) for found in cameras(tmp_path)] == [("/dev/video0", "HD Webcam")]


def test_a_printer_at_a_usb_plug_is_suggested_as_one_that_prints_tickets_and_written_once(
    config: Path, tmp_path: Path
) -> None:
    for device, kind in (("1-1", "07"), ("1-2", "03")):
        (tmp_path / device).mkdir()
        (tmp_path / f"{device}:1.0").mkdir()
        (tmp_path / f"{device}:1.0" / "bInterfaceClass").write_text(f"{kind}\n")
        for name, text in (("idVendor", "04b8"), ("idProduct", "0e15"), ("product", "TM-T20")):
            (tmp_path / device / name).write_text(f"{text}\n")
    printers = usb_printers(tmp_path)
    assert [(found.path, found.what) for found in printers] == [("04b8:0e15", "TM-T20")]
    before = len(load(config).devices)
    assert len(add_to(config, from_usb(printers))) == 1 and add_to(config, from_usb(printers)) == []
    written = load(config).devices
    assert len(written) == before + 1 and written[-1].id == "printer-1"


def test_devices_on_the_broker_are_recognised_and_written_once(
    config: Path, broker: Broker, capsys: pytest.CaptureFixture[str]
) -> None:
    said = [
        ("milesight/1", MILESIGHT),
        ("zigbee2mqtt/hall", ZIGBEE),
        ("who/knows", b"\x00"),
        ("anchang/v1/a/b/c", b"1"),
    ]
    with publishing(broker.port, *said):
        assert main(["probe", "--config", str(config), "--seconds", "0.5", "--write"]) == 0
        out = capsys.readouterr().out
        assert main(["probe", "--config", str(config), "--seconds", "0.5", "--write"]) == 0
    assert "who/knows: no driver knows this" in out
    assert "anchang/v1" not in out
    devices = {device.id: device.driver for device in load(config).devices}
    assert devices == {"counter-1": "milesight_vs121", "sensor-1": "site_sensor"}
    assert "has them all already" in capsys.readouterr().out
    assert config.read_text().startswith("# ours\n")
    assert config.stat().st_mode & 0o777 == 0o640


def test_a_button_box_is_recognised_by_what_it_sends(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wire = Wire(tmp_path / "ttyUSB0")
    with saying(lambda: wire.write(b"BTN 1\r\n")):
        assert main(["probe", "--port", str(wire.path), "--seconds", "3"]) == 0
    out = capsys.readouterr().out
    assert 'driver = "serial_button"' in out
    assert f'url = "{wire.path}"' in out


def test_a_line_nobody_knows_or_that_is_silent_is_told_apart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    noisy, silent = Wire(tmp_path / "a"), Wire(tmp_path / "b")
    with saying(lambda: noisy.write(b"\xff\x00\xfe")):
        assert main(["probe", "--port", str(noisy.path), "--port", str(silent.path), "--seconds", "0.5"]) == 1
    out = capsys.readouterr().out
    assert f"{noisy.path}: no driver knows this" in out
    assert f"{silent.path}: silent" in out


def test_a_port_that_an_agent_has_open_is_left_to_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wire = Wire(tmp_path / "a")
    with SerialLine(str(wire.path), 9600) as agents:
        assert main(["probe", "--port", str(wire.path), "--seconds", "0.5"]) == 1
        wire.write(b"BTN 1\r\n")
        assert agents.read().startswith(b"B")
    assert "in use by another program" in capsys.readouterr().out


def test_without_a_broker_the_reason_is_told(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["probe", "--broker", "127.0.0.1:1", "--port", "/nowhere", "--seconds", "0.1"]) == 2
    assert "127.0.0.1:1" in capsys.readouterr().err


def test_a_modbus_counter_is_found_by_asking_and_its_registers_by_walking_through_the_door(
    tmp_path: Path, config: Path
) -> None:
    with Bus(tmp_path, slave=3) as bus:
        bus.totals(70_000, 500)
        found = list(modbus.scan(str(bus.near), range(2, 5), lambda _: None))
        assert [(slave.baudrate, slave.parity, slave.address) for slave in found] == [(9600, "N", 3)]
        walked: list[int] = []

        def walk() -> None:
            walked.append(1)
            if len(walked) in (12, 24):
                bus.totals(70_000 + (len(walked) >= 12), 500 + (len(walked) >= 24))

        with saying(walk):
            samples = modbus.watch(found[0], 2.5)
    registers = modbus.register_map(samples)
    assert registers == {
        "total_in": {"function": 3, "address": 1, "type": "uint16"},
        "total_out": {"function": 3, "address": 3, "type": "uint16"},
    }


def test_a_register_that_falls_or_leaps_is_no_total() -> None:
    assert modbus.changed([[5, 100, 7], [4, 200, 8], [5, 201, 9]]) == {2: 2}


def test_a_neighbours_topic_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    _messages([Heard("hall/\x1b[2J", b"1")])
    assert "hall/·[2J: no driver" in capsys.readouterr().out


def test_counters_made_with_esphome_are_one_device_each_and_written_once(config: Path) -> None:
    said = [
        Heard(f"esphome/{name}/{topic}", payload)
        for name in ("door-north", "door-south")
        for topic, payload in (
            ("status", b"online"),
            ("sensor/people_in/state", b"12"),
            ("sensor/people_out/state", b"3"),
        )
    ]
    found, strangers = from_broker(said)
    assert [each.place for each in found] == ["esphome/door-north", "esphome/door-south"]
    assert strangers == {}
    assert len(add_to(config, found)) == 2
    assert add_to(config, found) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to somebody")
def test_the_file_stays_the_agents_own_when_root_writes_to_it(config: Path) -> None:
    os.chown(config, 4711, 4712)
    add_to(config, from_broker([Heard("milesight/369362028335", MILESIGHT)])[0])
    assert (config.stat().st_uid, config.stat().st_gid, config.stat().st_mode & 0o777) == (4711, 4712, 0o640)


def test_a_port_that_is_not_there_is_told_as_that(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["probe", "--seconds", "1", "--port", "/dev/nothing-here"]) == 1
    assert "/dev/nothing-here: there is no such port" in capsys.readouterr().out


def test_a_section_that_the_agent_would_refuse_is_not_written(config: Path) -> None:
    before = config.read_text()
    driver = next(driver for driver in DRIVERS if driver.name == "site_sensor")
    with pytest.raises(ConfigError, match=rf"{config}: devices.sensor-1.readings"):
        add_to(config, [Suggestion(driver, {"driver": "site_sensor", "topic": "t", "readings": []})])
    assert config.read_text() == before
    assert list(config.parent.glob("*.toml")) == [config]


@pytest.mark.parametrize("driver", [d for d in DRIVERS if d.guess is not None], ids=lambda driver: driver.name)
def test_what_a_driver_guesses_is_a_section_that_the_agent_accepts(driver: Any) -> None:
    heard = [_heard(driver.about.transport, case) for case in cases(driver.name)]
    sections = [guess.section for each in heard if each for guess in guesses(each) if guess.driver is driver]
    assert sections, "its own fixture is not recognised"
    for section in sections:
        serial = {"url": "/dev/ttyUSB0"} if driver.about.transport == "serial" else {}
        driver.config.model_validate({"id": "x-1", **section, **serial})


def _heard(transport: str, case: dict[str, Any]) -> Heard | None:
    if transport == "serial":
        return Heard("", bytes.fromhex(case["bytes"])) if "bytes" in case else None
    if "payload" not in case:
        return None
    payload = case["payload"]
    return Heard(
        case.get("topic", "some/topic"), (payload if isinstance(payload, str) else json.dumps(payload)).encode()
    )


def test_a_counter_is_not_taken_for_a_sensor() -> None:
    found, strangers = from_broker([Heard("m/1", MILESIGHT), Heard("m/1", b"{}"), Heard("x", b"{}")])
    assert [(each.driver.name, each.place) for each in found] == [("milesight_vs121", "m/1")]
    assert strangers == {"x": 1}
