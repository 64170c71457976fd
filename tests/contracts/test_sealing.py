"""Sealed envelopes and PIN hashes."""

import base64
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.pins import hash_pin, verify_pin
from contracts.sealing import CustomerSecret, Sealer, SealError

KEY = bytes(range(32))


@given(st.text(), st.text(max_size=40))
def test_what_is_sealed_can_be_opened(text: str, record: str) -> None:
    assert Sealer(KEY).open(Sealer(KEY).seal(text, record=record), record=record) == text


def test_sealing_twice_looks_different_and_shows_nothing() -> None:
    secret = CustomerSecret(phone="+8613800112345", name="陈小明").model_dump_json()
    one, other = (Sealer(KEY).seal(secret, record="r") for _ in range(2))
    assert one != other
    assert b"13800112345" not in base64.b64decode(one)


def test_an_envelope_cannot_be_moved_to_another_record() -> None:
    with pytest.raises(SealError, match="another record"):
        Sealer(KEY).open(Sealer(KEY).seal("secret", record="one"), record="other")


def test_another_key_cannot_open_it() -> None:
    with pytest.raises(SealError):
        Sealer(os.urandom(32)).open(Sealer(KEY).seal("secret", record="r"), record="r")


@given(st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_one_changed_byte_is_noticed(place: int, change: int) -> None:
    raw = bytearray(base64.b64decode(Sealer(KEY).seal("secret", record="r")))
    raw[place % len(raw)] ^= change
    with pytest.raises(SealError):
        Sealer(KEY).open(base64.b64encode(raw).decode(), record="r")


@pytest.mark.parametrize("text", ["", "AAAA", "no base64!", "AAAAAAAAAAAAAAAA", "密"])
def test_what_is_no_envelope_is_refused(text: str) -> None:
    with pytest.raises(SealError):
        Sealer(KEY).open(text, record="r")


@pytest.mark.parametrize("size", [0, 16, 31, 33])
def test_a_key_of_another_size_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match=f"32 bytes, got {size}"):
        Sealer(bytes(size))


def test_a_pin_is_known_by_its_hash_alone() -> None:
    stored = hash_pin("2468")
    assert "2468" not in stored
    assert verify_pin("2468", stored)
    assert not verify_pin("2469", stored)
    assert hash_pin("2468") != stored


@pytest.mark.parametrize("stored", ["", "2468", "md5$1$1$1$AA==$AA=="])
def test_what_is_no_hash_of_ours_is_an_error(stored: str) -> None:
    with pytest.raises(ValueError):
        verify_pin("2468", stored)
