"""Estimates of the wait."""

from gateway.tickets.domain import wait_minutes


def test_nobody_working_means_no_estimate() -> None:
    assert wait_minutes(0, free=0, serving_elapsed_minutes=[], service_minutes=[], default=30) is None


def test_a_free_consultant_means_no_wait() -> None:
    assert wait_minutes(0, free=1, serving_elapsed_minutes=[], service_minutes=[], default=30) == 0


def test_waits_for_whoever_finishes_first() -> None:
    assert wait_minutes(0, free=0, serving_elapsed_minutes=[20, 5], service_minutes=[], default=30) == 10


def test_those_ahead_are_spread_over_the_consultants() -> None:
    assert wait_minutes(2, free=0, serving_elapsed_minutes=[20, 5], service_minutes=[30], default=9) == 40


def test_an_overrunning_visit_is_about_to_end() -> None:
    assert wait_minutes(0, free=0, serving_elapsed_minutes=[90], service_minutes=[30], default=9) == 1
