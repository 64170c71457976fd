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
    """Wrong PINs in a row; `locked_until` is set by every fifth."""

    count: int
    last_at: datetime
    locked_until: datetime | None


def locked_seconds(tries: Tries | None, now: datetime) -> int:
    """How long the number stays locked, in whole seconds, rounded up; 0 when it is not."""
    if tries is None or tries.locked_until is None or now >= tries.locked_until:
        return 0
    return -((now - tries.locked_until) // timedelta(seconds=1))


def after_wrong(tries: Tries | None, now: datetime) -> Tries:
    """Every fifth wrong PIN in a row locks the number for a minute."""
    recent = tries is not None and now - tries.last_at < FORGET
    count = (tries.count if tries is not None and recent else 0) + 1
    return Tries(count, now, now + LOCK if count % TRIES == 0 else None)
