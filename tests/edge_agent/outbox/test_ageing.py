"""Old rows: counts become minute sums, then nothing is kept; a clock that was wrong makes nothing old."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from contracts.events import ButtonPressed, DoorCrossing, Tombstone
from edge_agent.clock import Clock, Stamp
from edge_agent.outbox.compaction import Ages, live_bytes, tidy
from edge_agent.outbox.settle import reserve
from edge_agent.outbox.writer import Outbox
from tests.edge_agent.outbox.conftest import PLACE, MakeOutbox
from tests.edge_agent.outbox.test_compaction import acknowledge, covered, people, stored

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HERE = replace(Clock().stamp(), time=NOW, synced=True)
BEFORE = replace(HERE, boot_id="an earlier boot")
AGES = Ages(fold=timedelta(days=7), keep=timedelta(days=90))
UNSET = datetime(1970, 1, 1, tzinfo=UTC)


def cross(outbox: Outbox, at: datetime, count: int = 20, *, synced: bool = True) -> None:
    for n in range(count):
        stamp = replace(BEFORE, time=at + timedelta(seconds=n), synced=synced)
        future = outbox.submit(
            lambda tx, s=stamp: tx.append("door", DoorCrossing(count_in=1, count_out=0), s)  # type: ignore[misc]
        )
    future.result(5)


def age(outbox: Outbox, stamp: Stamp = HERE) -> None:
    outbox.submit(lambda tx: tidy(tx, AGES, stamp)).result(5)


@pytest.fixture
def outbox(make_outbox: MakeOutbox) -> Outbox:
    return make_outbox()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "outbox.db"


def test_a_week_old_counts_become_minute_sums_and_fresh_ones_stay(outbox: Outbox, path: Path) -> None:
    cross(outbox, NOW - timedelta(days=8))
    cross(outbox, NOW - timedelta(days=1))
    age(outbox)
    assert people(path) == (40, 0) and outbox.state.dropped == 0
    assert outbox.rows == 1 + 1 + 20  # the tombstone, the sum, what is fresh
    assert covered(path) == 40


def test_what_never_left_for_ninety_days_is_dropped_and_counted(outbox: Outbox, path: Path) -> None:
    cross(outbox, NOW - timedelta(days=91))
    outbox.submit(lambda tx: tx.append("button", ButtonPressed(button="1"), HERE)).result(5)
    age(outbox)
    assert outbox.state.dropped == 20 and covered(path) == 21
    assert [event["type"] for event in stored(path)] == [Tombstone.TYPE, ButtonPressed.TYPE]
    age(outbox)
    assert outbox.state.dropped == 20, "a tombstone is no second loss"


def test_a_second_copy_that_is_old_is_given_up_without_a_loss(outbox: Outbox) -> None:
    cross(outbox, NOW - timedelta(days=91))
    acknowledge(outbox, committed=20)
    age(outbox)
    assert (outbox.rows, outbox.state.dropped) == (0, 0)


def test_what_was_offered_and_is_not_acknowledged_is_never_touched(outbox: Outbox, path: Path) -> None:
    cross(outbox, NOW - timedelta(days=91))
    outbox.submit(lambda tx: reserve(tx, 20)).result(5)
    before = stored(path)
    age(outbox)
    assert stored(path) == before


def test_times_of_a_clock_that_was_not_set_make_nothing_old(outbox: Outbox, path: Path) -> None:
    cross(outbox, UNSET, synced=False)
    before = stored(path)
    age(outbox)
    cross(outbox, NOW, 1)
    age(outbox)
    assert stored(path)[:20] == before


def test_what_was_accepted_before_something_old_is_old_whatever_its_clock_said(outbox: Outbox) -> None:
    cross(outbox, NOW + timedelta(days=3650), 5, synced=False)
    cross(outbox, NOW - timedelta(days=91), 5)
    cross(outbox, UNSET, 5, synced=False)
    age(outbox)
    assert outbox.state.dropped == 10


@pytest.mark.parametrize("years", [-50, -1, 1, 50])
def test_a_clock_that_leaps_by_years_while_the_agent_runs_makes_nothing_old(
    outbox: Outbox, path: Path, years: int
) -> None:
    outbox.submit(lambda tx: tx.append("door", DoorCrossing(count_in=1, count_out=0), HERE)).result(5)
    leapt = replace(HERE, time=NOW + years * timedelta(days=365))
    outbox.submit(lambda tx: tx.append("button", ButtonPressed(button="1"), leapt)).result(5)
    before = stored(path)
    age(outbox, leapt)
    age(outbox)
    assert stored(path) == before and outbox.state.dropped == 0


def test_what_was_accepted_long_ago_in_this_boot_is_old_whatever_the_wall_clock_says(outbox: Outbox) -> None:
    outbox.submit(lambda tx: tx.append("button", ButtonPressed(button="1"), HERE)).result(5)
    later = replace(HERE, monotonic_ms=HERE.monotonic_ms + 91 * 86_400_000, time=NOW - timedelta(days=400))
    age(outbox, later)
    assert outbox.state.dropped == 1


def test_while_our_own_clock_is_not_set_no_age_is_believed(outbox: Outbox) -> None:
    cross(outbox, NOW - timedelta(days=91))
    age(outbox, replace(HERE, synced=False))
    assert (outbox.rows, outbox.state.dropped) == (20, 0)


def test_the_size_of_the_file_is_bounded_as_the_number_of_rows_is(tmp_path: Path) -> None:
    limit = 300_000
    outbox = Outbox(tmp_path / "outbox.db", PLACE, Clock(), max_events=10**6, max_bytes=limit, linger=0)
    outbox.start()
    try:
        for batch in range(10):
            cross(outbox, NOW + timedelta(minutes=batch), 300)
        size = outbox.submit(live_bytes).result(5)
        assert size < limit * 1.2 and outbox.rows < 1000
        assert people(tmp_path / "outbox.db") == (3000, 0) and outbox.state.dropped == 0
    finally:
        outbox.close()
