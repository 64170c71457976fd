"""When a staff number is locked after wrong PINs: pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

TRIES = 5
LOCK = timedelta(seconds=60)
SESSION = timedelta(hours=12)
FORGET = timedelta(minutes=15)
"""Wrong tries longer ago than this no longer count."""


@dataclass(frozen=True, slots=True)
class Tries:
    """Wrong PINs in a row; `locked_until` is set by the fifth."""

    count: int
    last_at: datetime
    locked_until: datetime | None


def locked(tries: Tries | None, now: datetime) -> bool:
    return tries is not None and tries.locked_until is not None and now < tries.locked_until


def after_wrong(tries: Tries | None, now: datetime) -> Tries:
    """Every fifth wrong PIN in a row locks the number for a minute."""
    recent = tries is not None and now - tries.last_at < FORGET
    count = (tries.count if tries is not None and recent else 0) + 1
    return Tries(count, now, now + LOCK if count % TRIES == 0 else None)
