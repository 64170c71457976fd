"""How much of the customer files one person or device may look up, at an office and at head office, pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Past:
    """An earlier search that was answered, and how many files it showed."""

    at: datetime
    shown: int


def wait_seconds(past: Sequence[Past], now: datetime, *, in_a_minute: int, files_in_an_hour: int) -> int:
    """0: search on. Otherwise the whole seconds until both windows have room again; a search leaves its window when
    it is exactly as old as the window is long."""
    in_minute = sorted(each.at for each in past if each.at > now - MINUTE)
    waits = [_left(in_minute[-in_a_minute], MINUTE, now)] if len(in_minute) >= in_a_minute else []
    shown = 0
    for each in sorted((p for p in past if p.at > now - HOUR), key=lambda p: p.at, reverse=True):
        shown += each.shown
        if shown >= files_in_an_hour:
            waits.append(_left(each.at, HOUR, now))
            break
    return max(waits, default=0)


def _left(at: datetime, window: timedelta, now: datetime) -> int:
    return max(1, -(-(at + window - now) // timedelta(seconds=1)))
