"""JSON as devices write it."""

import pytest

from edge_agent.devices.lenient import seconds

WRONG = [10**400, -(10**400), float("nan"), float("inf"), -1, True, 10**16, "", "9" * 400]


@pytest.mark.parametrize("told", WRONG, ids=range(len(WRONG)))
def test_a_number_that_is_no_time_is_none(told: object) -> None:
    assert seconds(told) is None


def test_seconds_and_milliseconds_are_told_apart() -> None:
    assert seconds(1_760_000_000) == seconds(1_760_000_000_000) == 1_760_000_000
