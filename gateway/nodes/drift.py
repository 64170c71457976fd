"""Which door counter drifts, by the visits registered, pure (domain.md, Visits and The funnel).

A counter counts people and a reception registers them, so the one never equals the other; but how many a given counter
counts for each person registered is much the same from day to day. A counter that leaves its own usual ratio by the
policy's share, on the newest days without a break, is named with the day it began. Where several counters leave it
together the same way, it is the registering that changed (漏登 has its own alarm), and no counter is named.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

LEAST_DAYS = 2
"""One odd day is a school class or a holiday."""
LEAST_USUAL = 5
"""So many days make a usual ratio."""

Counter = tuple[str, str]
"""Node and device."""


@dataclass(frozen=True, slots=True)
class Day:
    """One whole day: people registered, and people each counter saw coming in."""

    day: date
    registered: int
    counted: Mapping[Counter, int]


@dataclass(frozen=True, slots=True)
class Drift:
    node: str
    device: str
    since: date
    days: int
    counted: int
    expected: int

    @property
    def share(self) -> float:
        return (self.counted - self.expected) / self.expected if self.expected else 0.0


def drifts(days: Sequence[Day], share: float, least: int) -> list[Drift]:
    """`days` oldest first; those with fewer than `least` people registered say nothing."""
    told = [day for day in days if day.registered >= max(least, 1)]
    counters = sorted({counter for day in told for counter in day.counted})
    found = [drift for counter in counters if (drift := _of(counter, told, share)) is not None]
    same_way = len(found) > 1 and len(found) == len(counters) and len({drift.share > 0 for drift in found}) == 1
    return [] if same_way else found


def _of(counter: Counter, days: Sequence[Day], share: float) -> Drift | None:
    """The longest run of newest days that all lie off the ratio of the days before them, the same way."""
    ratios = [day.counted.get(counter, 0) / day.registered for day in days]
    for first in range(LEAST_USUAL, len(days) - LEAST_DAYS + 1):
        usual = median(ratios[:first])
        if usual > 0 and (_all_low(ratios[first:], usual, share) or _all_high(ratios[first:], usual, share)):
            run = days[first:]
            expected = round(sum(usual * day.registered for day in run))
            counted = sum(day.counted.get(counter, 0) for day in run)
            return Drift(*counter, run[0].day, len(run), counted, expected)
    return None


def _all_low(ratios: Sequence[float], usual: float, share: float) -> bool:
    return all(ratio <= usual * (1 - share) for ratio in ratios)


def _all_high(ratios: Sequence[float], usual: float, share: float) -> bool:
    return all(ratio >= usual * (1 + share) for ratio in ratios)
