"""People through the doors by the hours of a local day."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from gateway.floor.domain import Crossings
from gateway.footfall import store as footfall
from gateway.localtime import day_bounds

STEP = timedelta(minutes=15)
"""Every zone's hours begin on a quarter of an hour of UTC."""


def crossings(session: Session, at: datetime, zone: ZoneInfo, *, days_ago: int = 0) -> dict[int, Crossings]:
    """People through all doors by local hour of the day that `at` is in."""
    begin, end = day_bounds(at, zone, days_ago=days_ago)
    hours: dict[int, Crossings] = {}
    for step in footfall.series(session, begin, end, STEP):
        hour = step.begin.astimezone(zone).hour
        so_far = hours.get(hour, Crossings())
        hours[hour] = Crossings(so_far.count_in + step.count_in, so_far.count_out + step.count_out)
    return hours
