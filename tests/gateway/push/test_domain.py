"""Quiet hours, preferences, and how long a push is tried."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from gateway.push.domain import Preferences, after_failure, first_state, is_quiet, wants

ZONE = ZoneInfo("Asia/Shanghai")
NIGHT = Preferences(quiet_from=time(22, 0), quiet_until=time(8, 0))
NOON = Preferences(quiet_from=time(12, 0), quiet_until=time(13, 30))


@pytest.mark.parametrize(
    ("wish", "local", "quiet"),
    [
        (NIGHT, time(21, 59, 59, 999_999), False),
        (NIGHT, time(22, 0), True),
        (NIGHT, time(0, 0), True),
        (NIGHT, time(7, 59, 59, 999_999), True),
        (NIGHT, time(8, 0), False),
        (NOON, time(11, 59, 59), False),
        (NOON, time(12, 0), True),
        (NOON, time(13, 29, 59), True),
        (NOON, time(13, 30), False),
        (Preferences(), time(3, 0), False),
        (Preferences(quiet_from=time(9, 0), quiet_until=time(9, 0)), time(9, 0), False),
        (Preferences(quiet_from=time(9, 0)), time(10, 0), False),
    ],
)
def test_quiet_hours_begin_at_their_first_instant_and_end_before_their_last(
    wish: Preferences, local: time, quiet: bool
) -> None:
    now = datetime.combine(datetime(2026, 11, 21, tzinfo=UTC).date(), local, ZONE)
    assert is_quiet(wish, now, ZONE) is quiet


@pytest.mark.parametrize(
    ("wish", "wanted"),
    [
        (Preferences(), True),
        (Preferences(channels=("app",)), True),
        (Preferences(channels=("group",)), False),
        (Preferences(channels=()), False),
        (Preferences(muted=("vip_return",)), False),
        (Preferences(muted=("owner_absent",)), True),
    ],
)
def test_preferences(wish: Preferences, wanted: bool) -> None:
    assert wants(wish, "app", "vip_return") is wanted


@pytest.mark.parametrize(
    ("quiet", "state"), [([], "pending"), ([True], "quiet"), ([True, False], "pending"), ([True, True], "quiet")]
)
def test_a_group_is_quiet_when_everybody_is(quiet: list[bool], state: str) -> None:
    assert first_state(quiet) == state


NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("attempts", "stands", "retry_after", "outcome", "wait"),
    [
        (1, 60, None, "again", 1),
        (4, 60, None, "again", 8),
        (8, 60_000, None, "dead", 128),
        (7, 60_000, None, "again", 64),
        (1, 1, None, "dead", 1),
        (1, 60, 30.0, "again", 30),
        (1, 60, 60.0, "dead", 60),
    ],
)
def test_again_while_an_attempt_is_left_and_the_alert_stands(
    attempts: int, stands: int, retry_after: float | None, outcome: str, wait: int
) -> None:
    expires_at = NOW + timedelta(seconds=stands)
    assert after_failure(attempts, 8, NOW, expires_at, 0.0, retry_after) == (outcome, NOW + timedelta(seconds=wait))
