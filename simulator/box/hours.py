"""A time zone in which the office is open now: the demo is started at any hour, rota hours are 08:30 to 18:30 local."""

from datetime import datetime
from zoneinfo import ZoneInfo

HOME = "Asia/Shanghai"
_GOOD_FIRST, _GOOD_LAST = 10, 16
_OPEN_FIRST, _OPEN_LAST = 9, 17
_AFTERNOON = 14


def zone_open_at(now: datetime, kept: str | None = None) -> str:
    """The kept zone while its day goes on; else the home zone by day; else one where it is early afternoon.

    `now` is aware. Etc/GMT-8 is eight hours *ahead* of UTC (POSIX sign).
    """
    if kept is not None and _OPEN_FIRST <= now.astimezone(ZoneInfo(kept)).hour <= _OPEN_LAST:
        return kept
    if _GOOD_FIRST <= now.astimezone(ZoneInfo(HOME)).hour <= _GOOD_LAST:
        return HOME
    ahead = _AFTERNOON - now.astimezone(ZoneInfo("UTC")).hour
    if ahead < -12:
        ahead += 24
    return f"Etc/GMT{-ahead:+d}" if ahead else "UTC"
