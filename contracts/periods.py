"""Periods of the rules: rolling 24-hour days with their last instant, or calendar days to 24:00 (domain.md)."""

from datetime import datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

DayCount = Literal["rolling", "calendar_day"]


def end_of(start: datetime, days: int, counting: DayCount, zone: ZoneInfo) -> datetime:
    """The last instant of a period of `days` that begins at `start`.

    `rolling`: to the same instant `days` later. `calendar_day`: to 24:00, local, of the day `days` later.
    """
    if counting == "rolling":
        return start + timedelta(days=days)
    day = start.astimezone(zone).date() + timedelta(days=days + 1)
    return datetime.combine(day, time(0), zone).astimezone(start.tzinfo)


def within(start: datetime, when: datetime, days: int, counting: DayCount, zone: ZoneInfo) -> bool:
    """Whether `when` lies in the period that `start` begins; both ends included, 24:00 itself is the next day."""
    if when < start:
        return False
    end = end_of(start, days, counting, zone)
    return when <= end if counting == "rolling" else when < end
