"""Figures and alarms of the floor board."""

from datetime import timedelta

from gateway.floor.domain import (
    Crossings,
    mean_by_now,
    median_seconds,
    occupancy,
    usual_by_hour,
)


def test_occupancy_never_falls_below_zero() -> None:
    assert occupancy([Crossings(5, 2), Crossings(0, 9)]) == 0
    assert occupancy([Crossings(5, 2), Crossings(4, 1)]) == 6


def test_median_of_waits() -> None:
    assert median_seconds([]) is None
    assert median_seconds([timedelta(seconds=s) for s in (10, 20, 90)]) == 20


def test_usual_is_the_mean_of_the_weeks_that_were_measured() -> None:
    usual = usual_by_hour([{10: Crossings(10)}, {10: Crossings(20), 11: Crossings(4)}, {}])
    assert usual is not None
    assert (usual[10], usual[11], usual[12]) == (15.0, 2.0, 0.0)
    assert usual_by_hour([{}, {}]) is None
    assert (mean_by_now([10, 20, 14]), mean_by_now([])) == (14.7, None)
