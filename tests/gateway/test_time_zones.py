"""Offices whose clock jumps, lies half an hour off, or is far ahead or behind, and one that changes its zone."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from contracts.periods import DayCount, end_of, within
from gateway.localtime import day_bounds, local_day
from gateway.visits.departures import close_forgotten
from gateway.visits.domain import closes_at
from tests.gateway.floor.test_floor import count
from tests.gateway.house import Clock, House, open_house

ZONES = (
    "America/New_York",  # jumps at 2:00
    "America/Havana",  # jumps at midnight
    "Australia/Lord_Howe",  # jumps by half an hour
    "Asia/Kolkata",
    "Pacific/Kiritimati",  # +14
    "Pacific/Midway",  # -11
)
zones = st.sampled_from(ZONES).map(ZoneInfo)
instants = st.integers(0, 730 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


@given(instants, zones)
def test_every_instant_lies_within_its_one_day_which_the_next_continues(at: datetime, zone: ZoneInfo) -> None:
    begin, end = day_bounds(at, zone)
    assert begin <= at < end
    assert end - begin in [timedelta(hours=hours) for hours in (23, 23.5, 24, 24.5, 25)]
    assert local_day(begin, zone) == local_day(end - timedelta(microseconds=1), zone) == local_day(at, zone)
    assert day_bounds(end, zone)[0] == end == day_bounds(end, zone, days_ago=0)[0]
    assert day_bounds(end, zone, days_ago=1) == (begin, end)


@given(instants, zones, st.times())
@example(datetime(2026, 11, 1, 6, 10, tzinfo=UTC), ZoneInfo("America/New_York"), time(1, 30))
def test_a_visit_is_closed_after_it_was_opened_and_before_the_day_is_over(
    at: datetime, zone: ZoneInfo, closing: time
) -> None:
    assert at < closes_at(at, closing, zone) <= max(day_bounds(at, zone)[1], at + timedelta(hours=1))


@given(instants, zones, st.integers(1, 400), st.sampled_from(["rolling", "calendar_day"]))
def test_a_protection_in_days_has_one_last_instant(at: datetime, zone: ZoneInfo, days: int, count: DayCount) -> None:
    end, instant = end_of(at, days, count, zone), timedelta(microseconds=1)
    last = end if count == "rolling" else end - instant
    assert within(at, last, days, count, zone) and not within(at, last + instant, days, count, zone)
    if count == "rolling":
        assert end - at == timedelta(days=days)
    else:
        first, over = (date.fromisoformat(local_day(each, zone)) for each in (at, last))
        assert over - first == timedelta(days=days)


@pytest.mark.parametrize(("day", "hours"), [((2026, 3, 8), 23), ((2026, 11, 1), 25)], ids=["spring", "autumn"])
async def test_the_board_shows_people_in_the_hour_that_the_clock_showed(
    tmp_path: Path, day: tuple[int, int, int], hours: int
) -> None:
    zone = ZoneInfo("America/New_York")
    noon = datetime(*day, 12, 20, tzinfo=zone).astimezone(UTC)
    async with open_house(tmp_path, Clock(now=noon), time_zone="America/New_York") as house:
        begin, end = day_bounds(noon, zone)
        assert end - begin == timedelta(hours=hours)
        await count(house, begin, 1, 0)
        await count(house, noon - timedelta(hours=1), 7, 0)
        floor = await house.get("board", "/v1/floor")
        assert {h["hour"]: h["count_in"] for h in floor["hours"] if h["count_in"]} == {0: 1, 11: 7}


@pytest.mark.parametrize("moved_to", ["Pacific/Kiritimati", "Pacific/Midway"])
async def test_a_zone_changed_while_visits_are_open_leaves_none_without_a_decision(
    tmp_path: Path, moved_to: str
) -> None:
    clock = Clock()
    async with open_house(tmp_path, clock) as house:
        await house.sign_in("a")
        before = await house.check_in("13800112345")
        assert await house.offer_of("a") is not None
    async with open_house(tmp_path, clock, time_zone=moved_to) as house:
        await house.sign_in("a", "b")
        after = await house.check_in("13800112346")
        assert await decided(house, before) and await decided(house, after)
        clock.forward(hours=30)
        await house.context.writer.run(lambda uow: close_forgotten(uow, house.context))
        floor = await house.get("board", "/v1/floor")
        assert (floor["time_zone"], floor["waiting"], floor["serving"]) == (moved_to, [], [])


async def decided(house: House, visit: dict[str, str]) -> bool:
    told = await house.get("manager", f"/v1/visits/{visit['visit_id']}/explanation")
    return bool(told["verdicts"]) and bool(told["turns"])
