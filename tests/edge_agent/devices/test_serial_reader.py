"""QR and barcode readers: lines in any portions, sealed before they are stored."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from contracts.boxes import BoxError
from contracts.events import CodeRead
from contracts.readings import ReadingContent, unseal
from edge_agent.devices.serial_reader import CodeLines
from tests.edge_agent.devices import cases
from tests.edge_agent.devices.sealed import BESIDE, PRIVATE, opened
from tests.edge_agent.devices.speaking import config, speaking
from tests.support.processes import until


@pytest.mark.parametrize("case", cases("serial_reader"), ids=lambda case: case["name"])
@pytest.mark.parametrize("portion", [1, 3, 1000])
def test_codes_are_read_in_any_portions(case: dict[str, Any], portion: int) -> None:
    data, lines = bytes.fromhex(case["bytes"]), CodeLines(idle=case["end"] == "idle")
    assert [c for at in range(0, len(data), portion) for c in lines.feed(data[at : at + portion])] == case["codes"]


@given(st.lists(st.binary(max_size=200)))
def test_no_noise_breaks_the_parser_and_the_next_code_is_read(noise: list[bytes]) -> None:
    lines = CodeLines()
    for portion in noise:
        for text in lines.feed(portion):
            assert text.isprintable() and 4 <= len(text) <= 160
    lines.feed(b"\r\n")
    assert lines.feed(b"AB-12345\r\n") == ["AB-12345"] and lines.noise.lately == 0


def test_silence_ends_a_code_where_the_reader_ends_none() -> None:
    lines = CodeLines(idle=True)
    assert lines.feed(b"AB-1") == [] and lines.feed(b"2345") == []
    assert lines.feed(b"") == ["AB-12345"] and lines.feed(b"") == []


def test_silence_ends_nothing_where_lines_have_ends() -> None:
    lines = CodeLines()
    assert lines.feed(b"AB-1") == [] and lines.feed(b"") == [] and lines.feed(b"2345\r") == ["AB-12345"]


def test_a_text_that_never_ends_is_noise_and_not_kept() -> None:
    lines = CodeLines()
    for _ in range(100):
        assert lines.feed(b"A" * 50) == []
    assert lines.noise.lately >= 4000
    assert lines.feed(b"A\r\nAB-12345\r\n") == ["AB-12345"]


def test_what_was_read_is_sealed_to_the_gateway_and_told_once_while_it_is_held(tmp_path: Path) -> None:
    with speaking(tmp_path, "serial_reader", baudrate=115200, **BESIDE) as (wire, host):
        wire.write(b"AB-12345\r\nAB-12345\r\n\xff\xfe\xfd\xfc\r\nCD-67890\r\n")
        until(lambda: len(host.reported) == 2, seconds=5, what="two codes")
        assert host.discarded == 4
    first, second = host.reported
    assert (opened(first).text, opened(second).text) == ("AB-12345", "CD-67890")
    assert "12345" not in json.dumps(first.model_dump())


def test_a_reading_cannot_be_moved_to_another_screen() -> None:
    from contracts.boxes import read_public_key
    from contracts.readings import seal

    read = seal(ReadingContent(text="AB-12345"), read_public_key(BESIDE["gateway_key"]), screen="kiosk-1")
    for change in ({"screen": "kiosk-2"}, {"kind": "id_card"}, {"sealed": read.sealed[:-8] + "AAAAAAA="}):
        with pytest.raises(BoxError):
            unseal(CodeRead.model_validate(read.model_dump() | change), PRIVATE)


def test_a_reader_without_the_gateways_key_is_refused_with_what_to_do() -> None:
    with pytest.raises(ValidationError, match="--reader-key prints it"):
        config("serial_reader", url="/dev/null", screen="kiosk-1", gateway_key="secret")
