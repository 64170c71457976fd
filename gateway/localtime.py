"""Local days and hours of the office."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo


def local_day(at: datetime, zone: ZoneInfo) -> str:
    """YYYY-MM-DD in the office's time zone."""
    return at.astimezone(zone).date().isoformat()


def day_bounds(at: datetime, zone: ZoneInfo, *, days_ago: int = 0) -> tuple[datetime, datetime]:
    """The local midnights before and after `at`, moved back by whole days."""
    date = at.astimezone(zone).date() - timedelta(days=days_ago)
    return datetime.combine(date, time(0), zone), datetime.combine(date + timedelta(days=1), time(0), zone)
