"""Which generations of a backup stay: pure. Every minute for an hour, every hour for a day, every day for a month."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

SUFFIX = ".anchang-backup"
_STAMP = "%Y%m%dT%H%M%S%fZ"
_NAME = re.compile(r"^(?P<office>[a-z0-9][a-z0-9-]*)-(?P<at>\d{8}T\d{12}Z)" + re.escape(SUFFIX) + "$")


@dataclass(frozen=True, slots=True)
class Rule:
    """How long all generations, the last of each hour, and the last of each day (UTC) are kept."""

    minutes: int = 60
    hours: int = 24
    days: int = 31


def file_name(office: str, taken_at: datetime) -> str:
    return f"{office}-{taken_at.astimezone(UTC).strftime(_STAMP)}{SUFFIX}"


def taken_at(office: str, name: str) -> datetime | None:
    """When the generation of that name was taken; None for a name that is no generation of this office."""
    found = _NAME.match(name)
    if found is None or found["office"] != office:
        return None
    try:
        return datetime.strptime(found["at"], _STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None


def spare(taken: Iterable[datetime], now: datetime, rule: Rule) -> set[datetime]:
    """Generations that may go. The newest never goes, nor does what a clock that ran ahead has dated in the future."""
    kept: set[datetime] = set()
    buckets: set[tuple[str, datetime]] = set()
    everything = sorted(taken, reverse=True)
    for at in everything:
        age = now - at
        hour = at.replace(minute=0, second=0, microsecond=0)
        wanted = {("hour", hour)} if age <= timedelta(hours=rule.hours) else set()
        wanted |= {("day", hour.replace(hour=0))} if age <= timedelta(days=rule.days) else set()
        if age <= timedelta(minutes=rule.minutes) or wanted - buckets or not kept:
            kept.add(at)
        buckets |= wanted
    return set(everything) - kept
