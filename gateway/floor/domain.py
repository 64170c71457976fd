"""The figures of the floor board, pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from contracts.floor_api import HourCount
from contracts.gateway_api import RuleNote
from gateway.policy import PolicyConfig


@dataclass(frozen=True, slots=True)
class Crossings:
    """People through the doors in one hour of the office's day (0-23)."""

    count_in: int = 0
    count_out: int = 0


def occupancy(hours: Iterable[Crossings]) -> int:
    """People inside now; starts each day at 0 and never falls below it (a door that misses people would)."""
    counted = list(hours)
    return max(0, sum(h.count_in for h in counted) - sum(h.count_out for h in counted))


def capture_rate(registered_people: int, counted_people: int) -> float | None:
    """Registered people over counted people, at most 1; None before anybody was counted."""
    return None if counted_people == 0 else min(1.0, registered_people / counted_people)


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


def counter_alarm(hour: int, counted: int, registered: int, policy: PolicyConfig) -> RuleNote | None:
    """漏登 (`unregistered`) and `sensor` for one hour (domain.md, Visits); None when the figures agree."""
    facts = {"hour": hour, "counted": counted, "registered": registered, "share": policy.alarm_share}
    missing = counted - registered
    if counted >= policy.alarm_min_people and missing >= policy.alarm_share * counted:
        return RuleNote(rule="unregistered", outcome="won", reason="people_not_registered", facts=facts)
    if registered >= policy.alarm_min_people and -missing >= policy.alarm_share * max(counted, 1):
        return RuleNote(rule="sensor", outcome="won", reason="more_registered_than_counted", facts=facts)
    return None
