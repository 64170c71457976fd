"""Which arrivals are the same visit, and when a forgotten one is closed."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from gateway.policy import PolicyConfig
from gateway.visits.domain import LastVisit, closes_at, kind_of_visit, match_arrival

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")


def last(state: str, closed_minutes_ago: float | None = None, reason: str | None = None) -> LastVisit:
    closed = None if closed_minutes_ago is None else NOW - timedelta(minutes=closed_minutes_ago)
    return LastVisit("v1", state, NOW - timedelta(hours=1), closed, reason)


@pytest.mark.parametrize(
    ("known", "action", "rule"),
    [
        pytest.param(None, "new", "no_earlier_visit", id="a new face"),
        pytest.param(last("waiting"), "join", "visit_still_open", id="two kiosks, one visitor"),
        pytest.param(last("serving"), "join", "visit_still_open", id="a late joiner"),
        pytest.param(last("closed", 15, "toured"), "reopen", "back_within_step_out_time", id="back after 15 minutes"),
        pytest.param(last("closed", 15.1, "toured"), "new", "earlier_visit_over", id="back too late"),
        pytest.param(last("closed", 5, "office_closed"), "new", "earlier_visit_over", id="after closing time"),
        pytest.param(last("closed", 5, "not_customer"), "new", "earlier_visit_over", id="was marked a non-customer"),
    ],
)
def test_arrival_of_a_known_customer(known: LastVisit | None, action: str, rule: str) -> None:
    match = match_arrival(known, NOW, PolicyConfig())
    assert (match.action, match.rule) == (action, rule)


def test_kind_of_visit() -> None:
    assert kind_of_visit(known_customer=False, earlier_visits=0) == "unknown"
    assert kind_of_visit(known_customer=True, earlier_visits=0) == "first"
    assert kind_of_visit(known_customer=True, earlier_visits=2) == "return"


def test_closes_at_closing_time_of_the_day_it_was_opened() -> None:
    assert closes_at(NOW, time(21), SHANGHAI) == datetime(2026, 11, 21, 13, 0, tzinfo=UTC)


def test_opened_after_closing_time_closes_at_midnight() -> None:
    late = datetime(2026, 11, 21, 14, 30, tzinfo=UTC)
    assert closes_at(late, time(21), SHANGHAI) == datetime(2026, 11, 21, 16, 0, tzinfo=UTC)
