"""What a code is worth, to the last instant."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from contracts.booking_code import BookingCode
from gateway.bookings.domain import KnownBooking, refusal, shown_state, time_fault, valid_until, wait_seconds
from gateway.policy import PolicyConfig

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 5, 9, 6, 0, tzinfo=UTC)
TICK = timedelta(microseconds=1)
POLICY = PolicyConfig()
CODE = BookingCode("yunqi", "ABCDEFGHJKLM")


def test_a_code_is_good_to_the_end_of_the_offices_day() -> None:
    until = valid_until(NOW, POLICY, SHANGHAI)
    assert until == datetime(2026, 5, 9, 16, 0, tzinfo=UTC) - TICK


def test_or_for_so_many_hours_after_the_time_booked() -> None:
    assert valid_until(NOW, PolicyConfig(booking_hours=2), SHANGHAI) == NOW + timedelta(hours=2)


@pytest.mark.parametrize(
    ("code", "known", "said"),
    [
        (CODE, KnownBooking("booked", NOW), ""),
        (CODE, KnownBooking("booked", NOW - TICK), "expired"),
        (CODE, KnownBooking("arrived", NOW), "used_before"),
        (CODE, KnownBooking("cancelled", NOW - TICK), "cancelled"),
        (CODE, None, "unknown"),
        (BookingCode("", CODE.token), KnownBooking("booked", NOW), ""),
        (BookingCode("lakeside", CODE.token), KnownBooking("booked", NOW), "other_office"),
        (None, None, "malformed"),
    ],
)
def test_a_code_that_checks_nobody_in_says_why(code: BookingCode | None, known: KnownBooking | None, said: str) -> None:
    assert refusal(code, known, office="yunqi", now=NOW) == said


@pytest.mark.parametrize(
    ("state", "until", "shown"),
    [
        ("booked", NOW, "expected"),
        ("booked", NOW - TICK, "missed"),
        ("arrived", NOW - TICK, "arrived"),
        ("cancelled", NOW - TICK, "cancelled"),
    ],
)
def test_who_was_not_here_by_then_did_not_come(state: str, until: datetime, shown: str) -> None:
    assert shown_state(KnownBooking(state, until), NOW) == shown


@pytest.mark.parametrize(
    ("at", "fault"),
    [
        (datetime(2026, 5, 8, 16, 0, tzinfo=UTC), ""),
        (datetime(2026, 5, 8, 16, 0, tzinfo=UTC) - TICK, "booking_in_the_past"),
        (NOW + timedelta(days=60), ""),
        (NOW + timedelta(days=60) + TICK, "booking_too_far"),
    ],
)
def test_a_visit_is_booked_from_today_on_and_not_too_far_ahead(at: datetime, fault: str) -> None:
    assert time_fault(at, NOW, POLICY, SHANGHAI) == fault


@pytest.mark.parametrize(
    ("wrong", "wait"), [(9, 0), (10, 300), (11, 300)], ids=["one left", "the last one", "more than that"]
)
def test_a_screen_that_reads_too_many_unknown_codes_waits(wrong: int, wait: int) -> None:
    half = timedelta(minutes=5)
    assert wait_seconds([NOW - half] * wrong, NOW, POLICY) == wait
    assert wait_seconds([NOW - half] * wrong, NOW + half, POLICY) == 0
