"""Signals of invented days, written briefly: `kiosk("10:05", "li", 2)`. Times are Shanghai's, on one Saturday."""

from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from gateway.visits.assembly import Day, Visit
from gateway.visits.capture import Capture, by_hour, of_day
from gateway.visits.signals import Signal

ZONE = ZoneInfo("Asia/Shanghai")
DATE = date(2026, 11, 21)


def at(clock: str) -> datetime:
    return datetime.combine(DATE, time.fromisoformat(clock), ZONE).astimezone(UTC)


def signal(kind: str, clock: str, **more: Any) -> Signal:
    name = more.pop("id", None) or f"{kind}@{clock}"
    return Signal.model_validate({"signal_id": name, "at": at(clock), "kind": kind, **more})


def door(clock: str, people: int = 1, **more: Any) -> Signal:
    return signal("crossing", clock, people=people, **more)


def kiosk(clock: str, party: str | None = None, people: int = 1, **more: Any) -> Signal:
    return signal("kiosk", clock, party=party, people=people, id=more.pop("id", f"kiosk:{party}@{clock}"), **more)


def arrival(kind: str, clock: str, party: str | None = None, people: int = 1, **more: Any) -> Signal:
    return signal(kind, clock, party=party, people=people, **more)


def about(kind: str, clock: str, first: Signal, **more: Any) -> Signal:
    return signal(kind, clock, about=first.signal_id, **more)


def finish(clock: str, first: Signal, outcome: str = "toured") -> Signal:
    return about("finish", clock, first, reason=outcome)


def mark(clock: str, reason: str, how: str = "note", people: int = 1, **more: Any) -> Signal:
    return signal("mark", clock, reason=reason, how=how, people=people, **more)


def shown(moment: datetime | None) -> str:
    if moment is None:
        return ""
    local = moment.astimezone(ZONE).time()
    return local.isoformat("minutes") if not local.second else local.isoformat("seconds")


def line(visit: Visit) -> str:
    """`li 2 10:00-10:40 toured`; a question mark for a party that nobody knows."""
    stay = f"{shown(visit.arrived_at)}-{shown(visit.closed_at)}"
    return f"{visit.party or '?'} {visit.people} {stay} {visit.close_reason or 'here'}"


def lines(day: Day) -> list[str]:
    return sorted(line(visit) for visit in day.visits if not visit.mistaken)


def captured(day: Day, signals: list[Signal]) -> Capture:
    counted: dict[int, int] = {}
    for s in signals:
        if s.kind == "crossing":
            hour = s.at.astimezone(ZONE).hour
            counted[hour] = counted.get(hour, 0) + s.people
    return of_day(by_hour(counted, day.counted, ZONE))
