"""Which generations stay (issue 4: minute ones for an hour, hourly ones for a day, daily ones for a month)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.backup.domain import Rule, file_name, spare, taken_at

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def kept(*ages: timedelta, rule: Rule = Rule()) -> list[timedelta]:
    taken = [NOW - age for age in ages]
    gone = spare(taken, NOW, rule)
    return [age for age, at in zip(ages, taken, strict=True) if at not in gone]


@pytest.mark.parametrize(
    ("age", "stays"),
    [
        (60 * MINUTE, True),  # the last instant of the hour is included
        (60 * MINUTE + timedelta(microseconds=1), False),
    ],
)
def test_every_generation_stays_for_an_hour(age: timedelta, stays: bool) -> None:
    later = age - timedelta(seconds=10)  # of the same hour, so that it is the one the hour keeps
    assert (age in kept(timedelta(0), later, age)) is stays


@pytest.mark.parametrize(("age", "stays"), [(24 * HOUR, True), (24 * HOUR + MINUTE, False)])
def test_the_last_of_each_hour_stays_for_a_day(age: timedelta, stays: bool) -> None:
    a_later_hour_of_that_day = age - 6 * HOUR  # keeps the day, so that only the hour can keep the other
    assert (age in kept(timedelta(0), a_later_hour_of_that_day, age)) is stays


@pytest.mark.parametrize(("age", "stays"), [(31 * DAY, True), (31 * DAY + MINUTE, False)])
def test_the_last_of_each_day_stays_for_a_month(age: timedelta, stays: bool) -> None:
    assert (age in kept(timedelta(0), age)) is stays


def test_of_one_hour_only_its_last_stays_once_the_minutes_are_over() -> None:
    assert kept(timedelta(0), 95 * MINUTE, 100 * MINUTE, 105 * MINUTE) == [timedelta(0), 95 * MINUTE]


def test_the_newest_stays_however_old_it_is() -> None:
    assert kept(400 * DAY, 401 * DAY) == [400 * DAY]


def test_what_a_clock_that_ran_ahead_has_written_stays() -> None:
    assert kept(-5 * HOUR, timedelta(0)) == [-5 * HOUR, timedelta(0)]


def test_settings_of_zero_keep_the_days_only() -> None:
    rule = Rule(minutes=0, hours=0, days=2)
    assert kept(timedelta(0), MINUTE, 24 * HOUR, 72 * HOUR, rule=rule) == [timedelta(0), 24 * HOUR]


@given(st.lists(st.integers(0, 60 * 24 * 40), unique=True, max_size=60), st.randoms(use_true_random=False))
def test_the_order_in_which_a_folder_lists_them_does_not_matter(minutes: list[int], random: object) -> None:
    taken = [NOW - MINUTE * n for n in minutes]
    shuffled = list(taken)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert spare(taken, NOW, Rule()) == spare(shuffled, NOW, Rule())


@given(st.lists(st.integers(0, 60 * 24 * 40), unique=True, min_size=1, max_size=60))
def test_tidying_twice_forgets_no_more_and_never_everything(minutes: list[int]) -> None:
    taken = {NOW - MINUTE * n for n in minutes}
    left = taken - spare(taken, NOW, Rule())
    assert max(taken) in left
    assert spare(left, NOW, Rule()) == set()


@given(st.datetimes(timezones=st.just(UTC)).filter(lambda at: at.year >= 1000))
def test_a_name_tells_its_office_and_time(moment: datetime) -> None:
    assert taken_at("yun-qi", file_name("yun-qi", moment)) == moment
    assert taken_at("yun", file_name("yun-qi", moment)) is None
    assert taken_at("yun-qi", f".{file_name('yun-qi', moment)}.part") is None
