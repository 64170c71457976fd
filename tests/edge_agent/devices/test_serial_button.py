"""Ticket buttons: frames in any portions, noise, bounce, silence."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from iotcore import Broker

from contracts.events import BadgeRead, ButtonPressed
from edge_agent.devices.serial_button import ButtonLines, Debounce
from edge_agent.devices.serial_listening import NOISE_BYTES
from tests.edge_agent.devices import cases
from tests.edge_agent.devices.speaking import speaking
from tests.edge_agent.support import AgentProcess, FakeGateway, Wire
from tests.support.processes import until


@pytest.mark.parametrize("case", cases("serial_button"), ids=lambda case: case["name"])
@pytest.mark.parametrize("portion", [1, 3, 1000])
def test_recorded_bytes_are_read_in_any_portions(case: dict[str, Any], portion: int) -> None:
    recorded, lines = bytes.fromhex(case["bytes"]), ButtonLines()
    found = [n for at in range(0, len(recorded), portion) for n in lines.feed(recorded[at : at + portion])]
    assert found == case["buttons"]


@given(st.lists(st.binary(max_size=80)))
def test_no_noise_breaks_the_parser_and_the_next_press_is_heard(noise: list[bytes]) -> None:
    lines = ButtonLines()
    for portion in noise:
        lines.feed(portion)
    assert lines.feed(b"\nBTN 5\r\n")[-1:] == [5] and lines.noise.lately == 0


def test_endless_bytes_without_a_line_end_are_noise_and_not_kept() -> None:
    lines = ButtonLines()
    for _ in range(1000):
        lines.feed(b"\xf0\x00\xf0")
    assert lines.noise.lately > NOISE_BYTES


def test_a_held_button_is_one_press_and_two_buttons_are_two() -> None:
    debounce = Debounce(0.4)
    assert [debounce.is_new(1, at) for at in (0, 0.3, 0.6, 0.9, 1.5)] == [True, False, False, False, True]
    assert debounce.is_new(2, 1.5)


def test_presses_travel_noise_degrades_and_a_pulled_plug_recovers(
    tmp_path: Path, broker: Broker, gateway: FakeGateway
) -> None:
    wire = Wire(tmp_path / "button")
    table = f'[[devices]]\nid = "button"\ndriver = "serial_button"\nurl = "{wire.path}"\ndebounce_seconds = 0.2\n'
    with AgentProcess(tmp_path, broker.port, table):
        gateway.wait_state("button", "ok")
        for byte in b"BTN 1\r\nBTN 1\r\n\x00\xffBT\nBTN 12\r\n":
            wire.write(bytes((byte,)))
        until(lambda: len(gateway.of_type("queue.button.v1")) >= 2, seconds=5, what="two presses")
        assert [event.data["button"] for event in gateway.of_type("queue.button.v1")] == ["1", "12"]
        wire.write(b"\xf0\x80" * 60)
        assert "baud rate" in gateway.wait_state("button", "degraded")
        wire.write(b"\nBTN 2\r\n")
        gateway.wait_state("button", "ok")
        wire.unplug()
        assert "is gone" in gateway.wait_state("button", "degraded")
        wire.plug()
        gateway.wait_state("button", "ok")
        wire.write(b"BTN 3\r\n")
        until(lambda: len(gateway.of_type("queue.button.v1")) == 4, seconds=5, what="the press after the plug is back")


def test_keys_of_the_door_take_people_out_of_the_count_one_for_each_press(tmp_path: Path) -> None:
    badges = {"8": {"kind": "staff"}, "9": {"kind": "non_customer", "reason": "courier", "leaving": True}}
    with speaking(tmp_path, "serial_button", badges=badges, debounce_seconds=0) as (wire, host):
        for count, button in enumerate((8, 8, 9, 1), 1):
            wire.write(b"BTN %d\r\n" % button)
            until(lambda count=count: len(host.reported) == count, seconds=5, what=f"press {count}")  # type: ignore[misc]
    first, second, courier, ticket = host.reported
    assert isinstance(first, BadgeRead) and isinstance(second, BadgeRead) and isinstance(courier, BadgeRead)
    assert (first.kind, second.kind) == ("staff", "staff") and first.badge != second.badge
    assert (courier.kind, courier.reason, courier.leaving) == ("non_customer", "courier", True)
    assert ticket == ButtonPressed(button="1")


def test_a_box_that_promised_signs_of_life_and_stops_is_degraded(
    tmp_path: Path, broker: Broker, gateway: FakeGateway
) -> None:
    wire = Wire(tmp_path / "button")
    table = f'[[devices]]\nid = "button"\ndriver = "serial_button"\nurl = "{wire.path}"\nheartbeat_seconds = 1\n'
    with AgentProcess(tmp_path, broker.port, table):
        assert "no sign of life" in gateway.wait_state("button", "degraded")
        wire.write(b"HB\r\n")
        gateway.wait_state("button", "ok")
