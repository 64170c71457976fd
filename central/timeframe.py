"""Days and hours of an office's time zone, and the ranges that people ask for. Pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from central.problems import ProblemError

DEFAULT_ZONE = "Asia/Shanghai"
HOUR = timedelta(hours=1)


@lru_cache(maxsize=512)
def zone_of(name: str) -> ZoneInfo:
    """Raises ValueError for an unknown zone."""
    if name not in _zones():
        raise ValueError("unknown_time_zone")
    return ZoneInfo(name)


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def local_day(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date()


def local_hour(at: datetime, zone: ZoneInfo) -> datetime:
    """The beginning (UTC) of the local hour that `at` is in."""
    return at.astimezone(zone).replace(minute=0, second=0, microsecond=0).astimezone(UTC)


def next_hour(begin: datetime, zone: ZoneInfo) -> datetime:
    """The beginning (UTC) of the local hour after it; a clock set back by half an hour makes it 90 minutes long."""
    following = local_hour(begin + HOUR, zone)
    return following if following > begin else local_hour(begin + 2 * HOUR, zone)


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """Local midnight in UTC; where a clock change skips it, the first moment of that day."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def days_back(last: date, count: int) -> list[date]:
    """`count` days up to and including `last`, oldest first."""
    return [last - timedelta(days=n) for n in range(count - 1, -1, -1)]


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` up to, not including, `end`; None is open."""

    start: datetime | None
    end: datetime | None


def parse_span(start: str | None, end: str | None, zone: ZoneInfo) -> Span:
    """Read `from` and `to`: an aware time, or a YYYY-MM-DD day of the zone; a day given as `to` is included.

    Raises ProblemError 422.
    """
    span = Span(_moment("from", start, zone, 0), _moment("to", end, zone, 1))
    if span.start and span.end and span.start >= span.end:
        raise ProblemError(422, "empty_range", "`from` must be before `to`")
    return span


def _moment(field: str, text: str | None, zone: ZoneInfo, days: int) -> datetime | None:
    if text is None:
        return None
    try:
        if len(text) == 10:
            return day_start(date.fromisoformat(text) + timedelta(days=days), zone)
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise ValueError(text)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ProblemError(
            422, "invalid_time", f"`{field}` is a day (YYYY-MM-DD) or a time with its zone (write + as %2B)"
        ) from None
