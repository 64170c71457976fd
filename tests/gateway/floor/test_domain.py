"""Figures and alarms of the floor board."""

from datetime import timedelta

import pytest

from gateway.floor.domain import (
    Crossings,
    capture_rate,
    counter_alarm,
    mean_by_now,
    median_seconds,
    occupancy,
    usual_by_hour,
)
from gateway.policy import PolicyConfig


@pytest.mark.parametrize(
    ("counted", "registered", "rule"),
    [
        pytest.param(10, 8, "unregistered", id="20 % unregistered of 10"),
        pytest.param(10, 9, None, id="10 % unregistered"),
        pytest.param(9, 0, None, id="fewer than 10 people"),
        pytest.param(10, 12, "sensor", id="20 % more registered than counted"),
        pytest.param(0, 10, "sensor", id="a blind sensor"),
        pytest.param(1, 3, None, id="too few to tell"),
    ],
)
def test_counter_alarm(counted: int, registered: int, rule: str | None) -> None:
    alarm = counter_alarm(10, counted, registered, PolicyConfig())
    assert (alarm.rule if alarm else None) == rule


def test_occupancy_never_falls_below_zero() -> None:
    assert occupancy([Crossings(5, 2), Crossings(0, 9)]) == 0
    assert occupancy([Crossings(5, 2), Crossings(4, 1)]) == 6


def test_capture_rate() -> None:
    assert capture_rate(5, 10) == 0.5
    assert capture_rate(5, 0) is None
    assert capture_rate(12, 10) == 1.0


def test_median_of_waits() -> None:
    assert median_seconds([]) is None
    assert median_seconds([timedelta(seconds=s) for s in (10, 20, 90)]) == 20


def test_usual_is_the_mean_of_the_weeks_that_were_measured() -> None:
    usual = usual_by_hour([{10: Crossings(10)}, {10: Crossings(20), 11: Crossings(4)}, {}])
    assert usual is not None
    assert (usual[10], usual[11], usual[12]) == (15.0, 2.0, 0.0)
    assert usual_by_hour([{}, {}]) is None
    assert (mean_by_now([10, 20, 14]), mean_by_now([])) == (14.7, None)
