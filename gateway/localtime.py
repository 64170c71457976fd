"""Local days and hours of the office."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def local_day(at: datetime, zone: ZoneInfo) -> str:
    """YYYY-MM-DD in the office's time zone."""
    return at.astimezone(zone).date().isoformat()


def day_bounds(at: datetime, zone: ZoneInfo, *, days_ago: int = 0) -> tuple[datetime, datetime]:
    """The local midnights before and after `at`, moved back by whole days, in UTC: sums of local times skip the hour
    by which a clock jumps.
    """
    day = at.astimezone(zone).date() - timedelta(days=days_ago)
    return _midnight(day, zone), _midnight(day + timedelta(days=1), zone)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    """East of Greenwich the year 1 begins before there are times."""
    try:
        return datetime.combine(day, time(0), zone).astimezone(UTC)
    except OverflowError:
        return datetime.min.replace(tzinfo=UTC)
