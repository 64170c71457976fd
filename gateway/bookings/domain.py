"""What a booking's code is worth here and now, pure: office, state, time, and how often one may try."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from contracts.booking_code import BookingCode
from contracts.bookings_api import BookingState
from contracts.checkin_api import BookingRefusal
from gateway.localtime import day_bounds
from gateway.policy import PolicyConfig


@dataclass(frozen=True, slots=True)
class KnownBooking:
    """`state` as stored: booked, arrived or cancelled."""

    state: str
    until: datetime


def valid_until(at: datetime, policy: PolicyConfig, zone: ZoneInfo) -> datetime:
    """The last instant at which the code is good: the end of the booked day, or so many hours after the time booked."""
    if policy.booking_hours:
        return at + timedelta(hours=policy.booking_hours)
    return day_bounds(at, zone)[1] - timedelta(microseconds=1)


def time_fault(at: datetime, now: datetime, policy: PolicyConfig, zone: ZoneInfo) -> str:
    """Why nobody can book that time: `booking_in_the_past` (before today), `booking_too_far`, or empty."""
    if at < day_bounds(now, zone)[0]:
        return "booking_in_the_past"
    return "booking_too_far" if at > now + timedelta(days=policy.booking_days) else ""


def refusal(code: BookingCode | None, known: KnownBooking | None, *, office: str, now: datetime) -> BookingRefusal:
    """Empty for a good code. One read earlier than the day booked is good: who holds it has come."""
    if code is None:
        return "malformed"
    if code.office and code.office != office:
        return "other_office"
    if known is None:
        return "unknown"
    if known.state != "booked":
        return "cancelled" if known.state == "cancelled" else "used_before"
    return "expired" if now > known.until else ""


def shown_state(known: KnownBooking, now: datetime) -> BookingState:
    """As the desk reads it."""
    if known.state == "booked":
        return "missed" if now > known.until else "expected"
    return "cancelled" if known.state == "cancelled" else "arrived"


def wait_seconds(wrong: Sequence[datetime], now: datetime, policy: PolicyConfig) -> int:
    """0: read on. Otherwise the whole seconds until the screen may read a code again after too many unknown ones."""
    window = timedelta(minutes=policy.booking_wrong_minutes)
    recent = sorted(at for at in wrong if at > now - window)
    if len(recent) < policy.booking_wrong_codes:
        return 0
    left = recent[-policy.booking_wrong_codes] + window - now
    return max(1, -(-left // timedelta(seconds=1)))
