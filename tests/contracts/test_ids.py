"""Identifiers: UUIDv7 in text form, and slugs."""

import os
import re
import time
import uuid
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from contracts.ids import Slug, Uuid, uuid7, uuid7_after

moments = st.integers(min_value=0, max_value=2**48 - 1)


@given(moments)
def test_an_id_is_a_uuid_of_version_7_that_holds_its_moment(unix_ms: int) -> None:
    made = uuid7(unix_ms)
    parsed = uuid.UUID(made)
    assert (parsed.version, parsed.variant) == (7, uuid.RFC_4122)
    assert parsed.int >> 80 == unix_ms
    assert TypeAdapter(Uuid).validate_python(made) == made


@given(moments, moments)
def test_ids_sort_by_the_time_they_were_made(one: int, other: int) -> None:
    earlier, later = sorted((one, other))
    if earlier != later:
        assert uuid7(earlier) < uuid7(later)


@pytest.mark.parametrize("steps", [[0] * 9000, [0, -3_600_000, -1, 5, -7]], ids=["it stands still", "it steps back"])
def test_ids_of_now_grow_whatever_the_clock_does(monkeypatch: pytest.MonkeyPatch, steps: list[int]) -> None:
    clock = iter(accumulate([time.time_ns(), *(step * 1_000_000 for step in steps)]))
    monkeypatch.setattr("contracts.ids.time.time_ns", lambda: next(clock))
    made = [uuid7() for _ in range(len(steps) + 1)]
    assert made == sorted(set(made))
    assert {TypeAdapter(Uuid).validate_python(each) for each in made} == set(made)


def test_ids_go_on_after_those_of_a_process_whose_clock_was_ahead() -> None:
    ahead = uuid7(time.time_ns() // 1_000_000 + 1000)
    uuid7_after(ahead)
    assert uuid7() > ahead


def test_ids_of_the_same_millisecond_differ() -> None:
    assert len({uuid7(1_790_000_000_000) for _ in range(10_000)}) == 10_000


@pytest.mark.parametrize("slug", ["yunqi", "door-main", "kiosk-1", "0", "a" * 40])
def test_a_slug_may_stand_in_a_topic(slug: str) -> None:
    assert TypeAdapter(Slug).validate_python(slug) == slug
    assert not re.search(r"[/+#\s]", slug)


@pytest.mark.parametrize("text", ["", "-a", "Lobby", "a/b", "a+b", "#", "云栖", "a b", "a" * 41, "a\n"])
def test_other_texts_are_no_slugs(text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Slug).validate_python(text)


def test_a_forked_process_draws_randomness_of_its_own() -> None:
    uuid7()  # so that there is something drawn in advance that both could use
    hears, tells = os.pipe()
    child = os.fork()
    if not child:
        os.write(tells, " ".join(uuid7() for _ in range(70)).encode())
        os._exit(0)
    os.waitpid(child, 0)
    os.close(tells)
    with os.fdopen(hears) as told:
        theirs = told.read().split()
    ours = [uuid7() for _ in range(70)]
    assert len(theirs) == len(ours)
    assert not {each[-12:] for each in theirs} & {each[-12:] for each in ours}
