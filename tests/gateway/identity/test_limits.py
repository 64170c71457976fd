"""How much one person may look up: 30 searches a minute and 300 files an hour unless the office says otherwise."""

from datetime import UTC, datetime, timedelta

import pytest

from gateway.identity.limits import Past, wait_seconds
from gateway.policy import PolicyConfig

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)


def past(*seconds_ago: float, shown: int = 1) -> list[Past]:
    return [Past(NOW - timedelta(seconds=ago), shown) for ago in seconds_ago]


CASES = {
    "nothing yet": ([], 0),
    "one below the minute's limit": (past(10), 0),
    "at the minute's limit: until the second last is a minute old": (past(10, 20), 40),
    "exactly a minute old counts no more": (past(10, 60), 0),
    "one microsecond less does": (past(10, 59.999999), 1),
    "the order of reading does not matter": (past(20, 10), 40),
    "one file below the hour's limit": (past(100, shown=9), 0),
    "at the hour's limit: until it is an hour old": (past(100, shown=10), 3500),
    "the sum of several": ([*past(100, shown=4), *past(200, shown=6)], 3400),
    "exactly an hour old counts no more": (past(3600, shown=10), 0),
    "both limits: the longer wait": ([*past(1, 2, shown=0), *past(600, shown=10)], 3000),
    "searches that showed nothing fill no hour": (past(100, 200, 300, shown=0), 0),
}


@pytest.mark.parametrize(("earlier", "wait"), CASES.values(), ids=CASES.keys())
def test_wait(earlier: list[Past], wait: int) -> None:
    policy = PolicyConfig(lookups_per_minute=2, lookup_files_per_hour=10)
    assert wait_seconds(earlier, NOW, policy) == wait
