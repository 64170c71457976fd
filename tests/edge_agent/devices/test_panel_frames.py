"""Calling panels whose frame stands in the configuration."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from edge_agent.devices import panel_proview, panel_sum8
from edge_agent.devices.panel_frames import PanelFramesConfig, frame
from tests.edge_agent.devices import cases
from tests.edge_agent.devices.panels import at_work, heard, show

NUMBERS, PANELS = st.integers(0, 9999), st.integers(0, 255)


def described(fields: list[dict[str, Any]], **more: Any) -> PanelFramesConfig:
    settings = {"id": "panel-1", "driver": "panel_frames", "url": "/dev/null", "frame": fields, **more}
    return PanelFramesConfig.model_validate(settings)


def named(name: str) -> PanelFramesConfig:
    (case,) = [case for case in cases("panel_frames") if case["name"] == name]
    return described(case["frame"])


def value(encoding: str, width: int, field: str = "number") -> dict[str, Any]:
    return {"field": field, "encoding": encoding, "width": width}


@pytest.mark.parametrize("case", cases("panel_frames"), ids=lambda case: case["name"])
def test_frames_are_as_described(case: dict[str, Any]) -> None:
    config = described(case["frame"], escape=case.get("escape"))
    assert frame(config, case["panel"], case["number"]).hex() == case["bytes"]


@given(PANELS, NUMBERS)
def test_it_says_what_the_two_written_drivers_say(panel: int, number: int) -> None:
    assert frame(named("panel_sum8"), panel, number) == panel_sum8.frame(panel, number)
    assert frame(named("panel_proview"), panel, number) == panel_proview.frame(number)


@given(NUMBERS, st.sampled_from(["big", "little", "bcd", "ascii"]), st.integers(1, 4))
def test_a_number_reads_back_or_is_refused(number: int, encoding: str, width: int) -> None:
    try:
        sent = frame(described([value(encoding, width)]), 1, number)
    except ValueError as error:
        assert "does not fit" in str(error)
        return
    assert len(sent) == width
    if encoding in ("big", "little"):
        assert int.from_bytes(sent, encoding) == number  # type: ignore[arg-type]
    else:
        assert int(sent.hex() if encoding == "bcd" else sent) == number


@given(st.binary(max_size=20))
def test_what_is_escaped_can_be_undone_and_holds_no_flag(data: bytes) -> None:
    escape = {"by": "7D", "xor": "20", "special": "7D7E"}
    fields = [{"field": "constant", "hex": (data or b"\x7e").hex()}, value("big", 2)]
    sent = frame(described(fields, escape=escape), 1, 0x7E7D)
    assert 0x7E not in sent
    undone = bytearray()
    rest = iter(sent)
    for byte in rest:
        undone.append(next(rest) ^ 0x20 if byte == 0x7D else byte)
    assert undone == (data or b"\x7e") + b"\x7e\x7d"


@pytest.mark.parametrize(
    ("fields", "escape", "complaint"),
    [
        ([{"field": "constant", "hex": "3A"}], None, "there is no number in it"),
        ([{"field": "checksum", "kind": "sum8"}, value("big", 2)], None, "covers fields before it"),
        ([{"field": "constant", "hex": "3G"}, value("big", 2)], None, "hexadecimal"),
        ([{"field": "constant", "hex": ""}, value("big", 2)], None, "no bytes in hexadecimal"),
        ([value("roman", 2)], None, "'big'"),
        ([value("big", 2)], {"by": "7D", "xor": "20", "special": "7E"}, "must hold"),
        ([value("big", 2)], {"by": "7D7D", "xor": "20", "special": "7D"}, "one byte each"),
    ],
)
def test_a_frame_that_cannot_be_is_refused_with_the_reason(
    fields: list[dict[str, Any]], escape: dict[str, str] | None, complaint: str
) -> None:
    with pytest.raises(ValidationError, match=complaint):
        described(fields, escape=escape)


def test_a_command_is_shown_and_a_number_too_large_is_an_error_with_nothing_sent(tmp_path: Path) -> None:
    with at_work(tmp_path, "panel_frames", frame=[value("big", 1, "panel"), value("ascii", 3)]) as (panel, wire):
        with pytest.raises(ValueError, match="1000 does not fit"):
            panel.execute(show(1000))
        panel.execute(show(999, panel=3))
        assert heard(wire, 4) == b"\x03999"
