"""A device's traffic as a fixture: what was said, what the driver made of it, and nobody in it."""

import contextlib
import json
import threading
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from iotcore import Broker

from edge_agent.__main__ import main
from edge_agent.devices.milesight_vs121 import DRIVER as MILESIGHT
from edge_agent.recording.hosting import RecordingHost, from_spy
from edge_agent.recording.scrubbing import Scrubber, personal
from tests.edge_agent.devices import cases
from tests.edge_agent.devices.axis_camera import AxisCamera
from tests.edge_agent.devices.bus import Bus
from tests.edge_agent.probe.test_probe import publishing, saying
from tests.edge_agent.support import Wire
from tests.support.processes import free_port, until

SERIAL = "369362028335"
REPORT = cases("milesight_vs121")[0]["payload"] | {"current_counted": [4, 6]}


def config(folder: Path, devices: str, port: int = 1) -> Path:
    path = folder / "agent.toml"
    path.write_text(
        f'office = "yunqi"\nnode = "lobby"\n[outbox]\npath = "{folder}/o.db"\n\n[broker]\nport = {port}\n\n{devices}\n'
    )
    return path


def record(path: Path, device: str, seconds: float) -> dict[str, Any]:
    out = path.parent / "fixture.json"
    assert (
        main(["record", "--config", str(path), "--device", device, "--seconds", str(seconds), "--out", str(out)]) == 0
    )
    fixture: dict[str, Any] = json.loads(out.read_text())
    return fixture


def test_a_recorded_counter_replays_to_what_its_driver_made_of_it(tmp_path: Path, broker: Broker) -> None:
    section = f'[[devices]]\nid = "hall"\ndriver = "milesight_vs121"\ntopic = "milesight/{SERIAL}"'
    with publishing(broker.port, (f"milesight/{SERIAL}", json.dumps(REPORT).encode())):
        fixture = record(config(tmp_path, section, broker.port), "hall", 1.0)
    text = json.dumps(fixture)
    for secret in (SERIAL, "00:16:28:FA:8E:68", "192.168.0.99", "Workplace Sensor"):
        assert secret not in text
    assert fixture["made"][0] == {"event": "zone.occupancy.v1", "total": 10, "regions": {"1": 4, "2": 6}}
    assert replayed(fixture) == fixture["made"]


def replayed(fixture: dict[str, Any]) -> list[dict[str, Any]]:
    host = RecordingHost()
    device = MILESIGHT.device(MILESIGHT.config.model_validate({"id": "x", **fixture["section"]}))
    threading.Thread(target=device.run, args=(host,), daemon=True).start()
    until(lambda: host.handlers, seconds=5, what="the subscription")
    for piece in fixture["recorded"]:
        host.handlers[piece["at"]](piece["payload"].encode(), lambda: None)
    host.stopping.set()
    return host.made


def test_a_serial_device_is_recorded_both_ways(tmp_path: Path) -> None:
    with Bus(tmp_path) as bus:
        bus.totals(7, 5)
        section = f'[[devices]]\nid = "door"\ndriver = "modbus_counter"\nurl = "{bus.near}"\npoll_seconds = 0.2\n'
        registers = "[devices.registers]\ntotal_in = { address = 0 }\ntotal_out = { address = 2 }"
        fixture = record(config(tmp_path, section + registers), "door", 1.0)
    assert fixture["made"] == [{"line": 1, "total_in": 7, "total_out": 5}]
    asked, answered = fixture["recorded"][:2]
    assert (asked["at"], asked["bytes"]) == ("out", "010300000004" + "4409")
    assert answered["at"] == "in" and answered["bytes"].startswith("0103080000000700000005")
    assert fixture["section"]["url"] == "/dev/ttyUSB0"


def test_a_counter_that_is_asked_is_recorded_without_its_address_and_login(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("viewer-password")
    with AxisCamera() as camera:
        camera.answer = {"serial": "00408CAC512B", "name": "Exit south", "in": 12, "out": 318}
        section = f"""
[[devices]]
id = "door"
driver = "axis_counter"
url = "{camera.url}"
username = "viewer"
password_file = "{tmp_path}/password"
poll_seconds = 0.1
"""
        fixture = record(config(tmp_path, section), "door", 1.0)
    assert [json.loads(piece["payload"])["in"] for piece in fixture["recorded"]][:3] == [12, 12, 12]
    assert {piece["at"] for piece in fixture["recorded"]} == {"answer"}
    assert fixture["made"] == [{"line": 1, "total_in": 12, "total_out": 318}]
    assert fixture["section"]["url"].startswith("http://192.0.2.1/")
    text = json.dumps(fixture)
    assert not [each for each in ("00408CAC512B", "Exit south", "127.0.0.1", "viewer", "password") if each in text]


def test_a_counter_that_pushes_is_recorded_without_its_secret(tmp_path: Path) -> None:
    secret, port = tmp_path / "secret", free_port()
    secret.write_text("s3cret-of-the-door")
    section = (
        f'[listener]\nport = {port}\n[[devices]]\nid = "door"\ndriver = "xovis_counter"\n'
        f'push = {{ secret_file = "{secret}" }}'
    )
    body = json.dumps(cases("xovis_counter")[0]["payload"]).encode()

    def push() -> None:
        with contextlib.suppress(OSError):
            ask = urllib.request.Request(f"http://127.0.0.1:{port}/devices/door", body, method="POST")
            ask.add_header("Authorization", "Bearer s3cret-of-the-door")
            urllib.request.urlopen(ask, timeout=5).close()

    with saying(push):
        fixture = record(config(tmp_path, section), "door", 1.0)
    assert fixture["recorded"][0]["at"] == "push"
    assert fixture["made"]
    assert "s3cret" not in json.dumps(fixture)


def test_buttons_are_recorded_from_a_silent_listener(tmp_path: Path) -> None:
    wire = Wire(tmp_path / "button")
    section = f'[[devices]]\nid = "b"\ndriver = "serial_button"\nurl = "{wire.path}"\ndebounce_seconds = 0'
    with saying(lambda: wire.write(b"BTN 2\r\n")):
        fixture = record(config(tmp_path, section), "b", 0.6)
    assert fixture["made"][0] == {"event": "queue.button.v1", "button": "2"}
    assert "42544e20320d0a" in "".join(piece["bytes"] for piece in fixture["recorded"])


@pytest.mark.parametrize(
    ("device", "reason"),
    [("nobody", "no device 'nobody'"), ("cam", "a person's, and is not recorded"), ("b", "is gone")],
)
def test_what_cannot_be_recorded_says_why(
    tmp_path: Path, device: str, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    sections = (
        '[[devices]]\nid = "cam"\ndriver = "camera"\nfaces = "off"\nsource = { kind = "file", path = "/x" }\n'
        '[[devices]]\nid = "b"\ndriver = "serial_button"\nurl = "/dev/nowhere"'
    )
    path, out = config(tmp_path, sections), tmp_path / "out.json"
    command = ["record", "--config", str(path), "--device", device, "--seconds", "0.2", "--out", str(out)]
    assert main(command) == 2
    assert reason in capsys.readouterr().err
    assert not out.exists()


def test_a_broker_that_cannot_be_heard_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = config(tmp_path, '[[devices]]\nid = "hall"\ndriver = "milesight_vs121"\ntopic = "m/1"', free_port())
    out = tmp_path / "out.json"
    assert main(["record", "--config", str(path), "--device", "hall", "--seconds", "0.2", "--out", str(out)]) == 2
    assert "the broker 127.0.0.1:" in capsys.readouterr().err


def test_a_fixture_is_never_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wire, out = Wire(tmp_path / "button"), tmp_path / "out.json"
    out.write_text("mine")
    path = config(tmp_path, f'[[devices]]\nid = "b"\ndriver = "serial_button"\nurl = "{wire.path}"')
    with saying(lambda: wire.write(b"BTN 2\r\n")):
        assert main(["record", "--config", str(path), "--device", "b", "--seconds", "0.3", "--out", str(out)]) == 2
    assert (out.read_text(), "exists" in capsys.readouterr().err) == ("mine", True)


PHONE = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
ADDRESS = st.ip_addresses(v=4).map(str)
MAC = st.from_regex(r"[0-9A-F]{2}(:[0-9A-F]{2}){5}", fullmatch=True)
NAMES = st.sampled_from(["note", "event", "deviceName", "device_sn", "ssid", "phone_no", "x", "latitude"])
VALUES = st.recursive(PHONE | ADDRESS | MAC | st.integers(0, 9999), lambda inner: st.lists(inner, max_size=3))


@given(st.dictionaries(NAMES, VALUES | st.dictionaries(NAMES, VALUES, max_size=3), max_size=5))
def test_nothing_personal_is_left_whatever_the_shape(payload: dict[str, Any]) -> None:
    scrubbed = Scrubber().payload(json.dumps(payload).encode()).decode()
    assert personal(scrubbed) == []
    assert personal(Scrubber().text("at " + " ".join(map(str, payload.values())))) == []


def test_the_same_value_has_the_same_stand_in_everywhere_and_counts_stay() -> None:
    scrub = Scrubber()
    said = json.loads(scrub.payload(b'{"sn": "6722A1", "in": 137, "again": "6722A1"}'))
    assert said["in"] == 137
    assert said["sn"] == said["again"] == "000001"
    assert scrub.text("counters/6722A1/report") == "counters/000001/report"


def test_a_hex_dump_is_read_back_whatever_its_text_column_says() -> None:
    row = " ".join(f"{byte:02X}" for byte in b"41 42 43")
    dump = f"000000.500 TX   0000  {row}{' ' * (49 - len(row))} 41 42 43\n000000.900 Q-RX flushInput\n"
    assert from_spy(dump) == [(500, "out", b"41 42 43")]


@pytest.mark.parametrize(
    ("payload", "gone"),
    [
        ({"name": {"first": "小明"}}, "小明"),
        ({"user": {"shown": ["Li Lei"]}}, "Li Lei"),
        ({"location": {"at": {"road": "Nanjing Road 5"}, "xy": [31.2304, 121.4737]}}, "Nanjing"),
        ({"location": {"xy": [31.2304, 121.4737]}}, "31.2304"),
        ({"phone_numbers": {"home": "010-88886666"}}, "88886666"),
        ({"note": "138-0013-8000"}, "8000"),
        ({"note": "+86 138 0013 8000"}, "8000"),
        ({"note": "fe80::1ff:fe23:4567:890a"}, "890a"),
        ({"note": "2408:8207:1850:2a60:1ff:fe23:4567:890a"}, "890a"),
    ],
)
def test_what_is_personal_goes_with_all_that_stands_inside_it(payload: dict[str, Any], gone: str) -> None:
    scrubbed = Scrubber().payload(json.dumps(payload, ensure_ascii=False).encode()).decode()
    assert gone not in scrubbed and personal(scrubbed) == []


@pytest.mark.parametrize("innocent", ["10:20:30", "2026:11:22 10:20:30", "1766391600000", "line_1_total_in", "a::b"])
def test_times_and_counts_are_no_addresses(innocent: str) -> None:
    assert Scrubber().text(innocent) == innocent
