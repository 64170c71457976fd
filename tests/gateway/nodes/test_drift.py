"""A counter that leaves its own usual ratio to the people registered is named, with the day it began."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.ids import uuid7
from gateway.footfall.tables import FootfallMinuteRow
from gateway.nodes.drift import LEAST_DAYS, LEAST_USUAL, Counter, Day, Drift, drifts
from gateway.visits.tables import SignalRow
from gateway.writer import UnitOfWork
from tests.gateway.running import Gateway

FIRST = date(2026, 11, 1)
MAIN, SIDE = ("lobby", "door-main"), ("garden", "door-side")


def days(*counted: dict[Counter, int], registered: int = 100) -> list[Day]:
    return [Day(FIRST + timedelta(days=n), registered, each) for n, each in enumerate(counted)]


def usual(count: int, main: int = 120, side: int = 60) -> list[dict[Counter, int]]:
    return [{MAIN: main + n % 3, SIDE: side + n % 2} for n in range(count)]


def found(given_days: list[Day]) -> list[Drift]:
    return drifts(given_days, 0.2, 10)


def test_counters_that_keep_their_ratio_are_not_named() -> None:
    assert found(days(*usual(28))) == []


def test_a_counter_that_sees_too_few_is_named_with_the_day_and_the_share() -> None:
    (drift,) = found(days(*usual(10), *usual(4, main=60)))
    assert (drift.node, drift.device, drift.since, drift.days) == ("lobby", "door-main", date(2026, 11, 11), 4)
    assert drift.share == pytest.approx(-0.5, abs=0.02)


def test_a_counter_that_sees_too_many_is_named_too() -> None:
    (drift,) = found(days(*usual(10), *usual(3, side=90)))
    assert drift.device == "door-side" and drift.share > 0.4


def test_a_dead_counter_is_named_though_it_has_no_row_any_more() -> None:
    (drift,) = found(days(*usual(10), *[{SIDE: 60}] * 3))
    assert (drift.device, drift.counted, drift.share) == ("door-main", 0, -1.0)


def test_a_busy_day_is_no_drift_for_more_were_registered_too() -> None:
    busy = [Day(FIRST + timedelta(days=20 + n), 300, {MAIN: 360, SIDE: 180}) for n in range(3)]
    assert found([*days(*usual(10)), *busy]) == []


def test_one_odd_day_names_nobody_and_one_that_is_over_neither() -> None:
    assert found(days(*usual(10), *usual(1, main=60))) == []
    assert found(days(*usual(10), *usual(3, main=60), *usual(1))) == []


def test_when_all_leave_together_it_is_the_registering_that_changed() -> None:
    assert found(days(*usual(10), *usual(3, main=60, side=30))) == []


def test_days_with_few_people_say_nothing() -> None:
    quiet = [Day(FIRST + timedelta(days=30 + n), 3, {MAIN: 0, SIDE: 0}) for n in range(5)]
    assert found([*days(*usual(10)), *quiet]) == []


def test_too_few_days_name_nobody() -> None:
    assert found(days(*usual(LEAST_USUAL - 1), *usual(LEAST_DAYS, main=10))) == []


@given(
    st.lists(
        st.tuples(st.integers(0, 500), st.integers(0, 5000), st.integers(0, 5000)),
        max_size=28,
    )
)
def test_whatever_the_figures_who_is_named_lies_off_by_the_share_at_least(rows: list[tuple[int, int, int]]) -> None:
    given_days = [
        Day(FIRST + timedelta(days=n), registered, {MAIN: main, SIDE: side})
        for n, (registered, main, side) in enumerate(rows)
    ]
    for drift in found(given_days):
        assert abs(drift.share) >= 0.19 and drift.days >= LEAST_DAYS and drift.expected > 0


async def test_the_manager_reads_which_counter_drifts(gateway: Gateway) -> None:
    context = gateway.context
    today = context.clock().astimezone(context.timezone).date()

    def put(uow: UnitOfWork) -> None:
        for ago in range(10, 0, -1):
            day = today - timedelta(days=ago)
            noon = datetime.combine(day, time(12), context.timezone)
            counted = 24 if ago > 3 else 10
            uow.session.add(
                FootfallMinuteRow(
                    minute=noon, node="lobby", device="door", line=1, count_in=counted, count_out=0, revision=1
                )
            )
            uow.session.add(
                SignalRow(
                    signal_id=uuid7(),
                    day=day.isoformat(),
                    at=noon,
                    kind="checkin",
                    claimed=20,
                    doors_from=noon,
                    doors_until=noon,
                )
            )

    await context.writer.run(put)
    page = (await gateway.client("manager").get("/v1/nodes/drift")).json()
    assert page["days"] == 10
    (named,) = page["items"]
    since = (today - timedelta(days=3)).isoformat()
    assert (named["device"], named["since"], named["counted"], named["expected"]) == ("door", since, 30, 72)
    assert (await gateway.client("reception").get("/v1/nodes/drift")).status_code == 403
