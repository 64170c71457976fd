"""How much of the customer files one person may look up across offices, pure: the gateway's default figures."""

from collections.abc import Sequence
from datetime import datetime, timedelta

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
SEARCHES_A_MINUTE = 30
FILES_AN_HOUR = 300
"""Nobody copies the company's customers unnoticed."""


def wait_seconds(past: Sequence[tuple[datetime, int]], now: datetime) -> int:
    """0: search on. Otherwise whole seconds until there is room again. `past`: when, and how many files were shown."""
    recent = sorted((each for each in past if each[0] > now - HOUR), reverse=True)
    in_minute = [at for at, _ in recent if at > now - MINUTE]
    waits = [_left(in_minute[SEARCHES_A_MINUTE - 1], MINUTE, now)] if len(in_minute) >= SEARCHES_A_MINUTE else []
    shown = 0
    for at, files in recent:
        shown += files
        if shown >= FILES_AN_HOUR:
            waits.append(_left(at, HOUR, now))
            break
    return max(waits, default=0)


def _left(at: datetime, window: timedelta, now: datetime) -> int:
    return max(1, -(-(at + window - now) // timedelta(seconds=1)))
