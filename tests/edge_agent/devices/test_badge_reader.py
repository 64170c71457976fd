"""Badge readers: frames and lines in any portions, whose badge counts, and that no number travels."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from contracts.events import BadgeRead
from edge_agent.devices.badge_reader import DRIVER, BadgeLines, Rdm6300, guess
from edge_agent.devices.badges import Badges
from edge_agent.devices.base import DeviceError, Heard
from tests.edge_agent.devices import cases
from tests.edge_agent.devices.speaking import config, speaking
from tests.support.processes import until

FRAME = bytes.fromhex("0236324533303836434544303803")
KEY = bytes(range(32))


def reader(folder: Path, **settings: Any) -> Any:
    return config("badge_reader", url="/dev/null", **{"key_file": str(folder / "badges.key"), **settings})


def names_in(case_format: str, data: bytes, portion: int) -> list[str]:
    heard = Rdm6300() if case_format == "rdm6300" else BadgeLines()
    return [names[0] for at in range(0, len(data), portion) for names in heard.feed(data[at : at + portion])]


@pytest.mark.parametrize("case", cases("badge_reader"), ids=lambda case: case["name"])
@pytest.mark.parametrize("portion", [1, 5, 1000])
def test_documented_bytes_are_read_in_any_portions(case: dict[str, Any], portion: int) -> None:
    assert names_in(case["format"], bytes.fromhex(case["bytes"]), portion) == case["badges"]


def test_a_card_is_known_by_the_number_printed_on_it_too() -> None:
    assert Rdm6300().feed(FRAME) == [("62E3086CED", "3808980205")]


@given(st.lists(st.binary(max_size=40)))
def test_after_any_noise_the_next_card_is_read_and_the_noise_is_counted(noise: list[bytes]) -> None:
    heard = Rdm6300()
    for portion in noise:
        heard.feed(portion)
    heard.feed(FRAME)
    assert heard.feed(FRAME)[-1:] == [("62E3086CED", "3808980205")]
    assert heard.noise.lately == 0


@given(st.integers(8, 8 * 13 - 1))
def test_one_flipped_bit_is_never_another_card(bit: int) -> None:
    frame = bytearray(FRAME)
    frame[bit // 8] ^= 1 << bit % 8
    heard = Rdm6300()
    found = heard.feed(bytes(frame)) + heard.feed(b"\x00" * 14)
    assert found in ([], [("62E3086CED", "3808980205")]), "a flipped case of a letter spells the same card"
    assert found or heard.noise.ever


@given(st.lists(st.tuples(st.integers(0, 2**40 - 1), st.integers(0, 4)), max_size=20))
def test_with_frames_dropped_every_other_card_is_read(cards: list[tuple[int, int]]) -> None:
    heard, expected, found = Rdm6300(), [], []
    for card, fate in cards:
        data = card.to_bytes(5, "big")
        checksum = data[0] ^ data[1] ^ data[2] ^ data[3] ^ data[4]
        frame = b"\x02" + f"{data.hex()}{checksum:02x}".upper().encode() + b"\x03"
        if fate:
            expected.append(f"{card:010X}")
        found += [names[0] for names in heard.feed(frame if fate else frame[:9])]
    assert found == expected


@given(st.lists(st.binary(max_size=80)))
def test_no_noise_breaks_the_lines(noise: list[bytes]) -> None:
    lines = BadgeLines(characters=10)
    for portion in noise:
        assert all(len(names[0]) == 10 for names in lines.feed(portion))
    lines.feed(b"\r\n")
    assert lines.feed(b"0000472288\r\n") == [("0000472288",)]


def test_half_a_line_is_no_other_badge_where_the_length_is_known() -> None:
    lines = BadgeLines(characters=10)
    assert lines.feed(b"472288\r\n") == [] and lines.noise.ever == 6


def test_staff_and_lent_badges_are_told_apart_and_strangers_put_aside(tmp_path: Path) -> None:
    badges = Badges(reader(tmp_path, staff=["3808980205"], non_customers={"01000734E0": "courier"}), KEY)
    staff = badges.read(("62E3086CED", "3808980205"), 0.0)
    lent = badges.read(("01000734E0",), 0.0)
    assert staff and lent
    assert (staff.kind, lent.kind, lent.reason) == ("staff", "non_customer", "courier")
    assert staff.badge != lent.badge and "62E3" not in staff.badge.upper()
    with pytest.raises(LookupError):
        badges.read(("1111111111",), 0.0)


def test_a_held_badge_is_read_once_and_again_later(tmp_path: Path) -> None:
    badges = Badges(reader(tmp_path, staff="any", again_seconds=3), KEY)
    times = [0.0, 2.0, 4.0, 6.0, 9.5]
    assert [badges.read(("1234",), at) is not None for at in times] == [True, False, False, False, True]


def test_a_reader_that_would_take_nobody_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="name at least one badge"):
        reader(tmp_path)


def test_the_digest_needs_the_key_and_is_the_same_at_every_reader(tmp_path: Path) -> None:
    one, other = (Badges.open(reader(tmp_path, staff="any", leaving=leaving)) for leaving in (False, True))
    read, again = one.read(("1234",), 0.0), other.read(("12-34",), 0.0)
    elsewhere = Badges(reader(tmp_path, staff="any"), KEY).read(("1234",), 0.0)
    assert read and again and elsewhere
    assert read.badge == again.badge != elsewhere.badge


@pytest.mark.parametrize("spoil", ["open to others", "damaged"])
def test_a_key_file_that_cannot_be_trusted_is_a_reason_and_no_new_key(tmp_path: Path, spoil: str) -> None:
    settings = reader(tmp_path, staff="any")
    Badges.open(settings)
    if spoil == "damaged":
        settings.key_file.write_text("rubbish")
    else:
        settings.key_file.chmod(0o644)
    with pytest.raises(DeviceError, match=r"badges\.key"):
        Badges.open(settings)


def test_a_card_at_the_reader_becomes_one_event_without_its_number(tmp_path: Path) -> None:
    settings = {"key_file": str(tmp_path / "badges.key"), "staff": ["62E3086CED"]}
    with speaking(tmp_path, "badge_reader", **settings) as (wire, host):
        wire.write(b"\xff\x00" + FRAME * 3 + bytes.fromhex("0230313030303733344530443203"))
        until(lambda: host.discarded >= 2, seconds=5, what="the stranger to be put aside")
        (read,) = host.reported
    assert isinstance(read, BadgeRead) and read.kind == "staff"
    assert "62E3086CED" not in json.dumps(read.model_dump())


def test_it_is_guessed_from_a_frame_and_from_nothing_else() -> None:
    found = guess(Heard("", b"\x00" + FRAME))
    assert found is not None and DRIVER.config.model_validate({"id": "badge", "url": "/dev/ttyUSB0", **found})
    assert guess(Heard("", b"0000472288\r\n")) is None
    assert guess(Heard("espresense/devices/x/door", FRAME)) is None
