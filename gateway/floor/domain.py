"""The figures of the floor board, pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from contracts.floor_api import HourCount


@dataclass(frozen=True, slots=True)
class Crossings:
    """People through the doors in one hour of the office's day (0-23)."""

    count_in: int = 0
    count_out: int = 0


def occupancy(hours: Iterable[Crossings]) -> int:
    """People inside now; starts each day at 0 and never falls below it (a door that misses people would)."""
    counted = list(hours)
    return max(0, sum(h.count_in for h in counted) - sum(h.count_out for h in counted))


def median_seconds(waits: Sequence[timedelta]) -> int | None:
    return round(median(w.total_seconds() for w in waits)) if waits else None


def hours_of_day(
    today: Mapping[int, Crossings], usual: Mapping[int, float] | None, visits: Mapping[int, int]
) -> list[HourCount]:
    """All 24 hours. `usual` is None when no earlier week was measured."""
    return [
        HourCount(
            hour=hour,
            count_in=today.get(hour, Crossings()).count_in,
            count_out=today.get(hour, Crossings()).count_out,
            visits=visits.get(hour, 0),
            usual_in=None if usual is None else round(usual.get(hour, 0.0), 2),
        )
        for hour in range(24)
    ]


def usual_by_hour(weeks: Sequence[Mapping[int, Crossings]]) -> dict[int, float] | None:
    """Mean people in by hour over the weeks that were measured; None without any."""
    measured = [w for w in weeks if w]
    if not measured:
        return None
    return {h: sum(w.get(h, Crossings()).count_in for w in measured) / len(measured) for h in range(24)}


def mean_by_now(people_in: Sequence[int]) -> float | None:
    """Mean of the people in by this time of day, over the weeks that were measured; None without any.

    Each is counted from midnight up to the beginning of the running minute, as central's overview does.
    """
    return round(sum(people_in) / len(people_in), 1) if people_in else None
