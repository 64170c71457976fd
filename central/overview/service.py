"""Every office side by side: today's figures, hours, days, who is there now, and what is usual by this time."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from central.offices import repository as offices
from central.offices.service import view
from central.offices.tables import Office
from central.overview import repository
from central.timeframe import day_start, days_back, local_day, local_hour, next_hour, zone_of
from contracts.central_api import DayFigures, FootfallPoint, OfficeOverview, Overview

USUAL_WEEKS = 4


@dataclass(slots=True)
class Gathered:
    """What the queries found, by office."""

    figures: dict[tuple[str, date], Any] = field(default_factory=dict)
    counts: dict[tuple[str, date], tuple[int, int]] = field(default_factory=dict)
    hours: dict[str, dict[datetime, tuple[int, int]]] = field(default_factory=lambda: defaultdict(dict))
    present: dict[tuple[str, date], dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    usual: dict[str, float] = field(default_factory=dict)


async def overview(session: AsyncSession, *, now: datetime, days: int) -> Overview:
    everyone = await offices.everyone(session)
    gathered = await _gather(session, everyone, now, days)
    return Overview(as_of=now, offices=[_office(office, gathered, now, days) for office in everyone])


async def _gather(session: AsyncSession, everyone: Iterable[Office], now: datetime, days: int) -> Gathered:
    found = Gathered()
    todays = {office.time_zone: local_day(now, zone_of(office.time_zone)) for office in everyone}
    if not todays:
        return found
    first, last = min(todays.values()), max(todays.values())
    since = first - timedelta(days=max(days, 7 * USUAL_WEEKS + 1))
    found.figures = {(row.office, row.day): row for row in await repository.day_figures(session, since, last)}
    for row in await repository.day_counts(session, since, last):
        found.counts[row.office, row.day] = (row.count_in, row.count_out)
    starts = [day_start(day, zone_of(zone)) for zone, day in todays.items()]
    for row in await repository.hour_counts(session, min(starts), now):
        found.hours[row.office][row.hour] = (row.count_in, row.count_out)
    for row in await repository.present_now(session, first, last):
        found.present[row.office, row.day][row.state] = row.number
    for zone, today in todays.items():
        there = {office.office for office in everyone if office.time_zone == zone}
        counts = {key: count for key, count in found.counts.items() if key[0] in there}
        found.usual |= await _usual(session, zone, today, now, counts)
    return found


async def _usual(
    session: AsyncSession, zone_name: str, today: date, now: datetime, counts: dict[tuple[str, date], Any]
) -> dict[str, float]:
    """Per office, mean of people in on the same weekday up to the same time, over those of four weeks with a report.

    Whole minutes before now, so that an office's floor board, which counts alike, shows the same figure.
    """
    zone = zone_of(zone_name)
    days = [today - timedelta(weeks=week) for week in range(1, USUAL_WEEKS + 1)]
    clock = now.astimezone(zone).replace(second=0, microsecond=0)
    hours, minutes = [], []
    for day in days:
        until = datetime.combine(day, clock.time(), zone).astimezone(now.tzinfo)
        turn = local_hour(until, zone)
        hours.append((day_start(day, zone), turn))
        minutes.append((turn, until))
    totals = await repository.counted_in(session, zone_name, hours, minutes)
    weeks: dict[str, int] = defaultdict(int)
    for office, day in counts:
        weeks[office] += day in days
    return {office: round(totals.get(office, 0) / number, 1) for office, number in weeks.items() if number}


def _office(office: Office, found: Gathered, now: datetime, days: int) -> OfficeOverview:
    zone = zone_of(office.time_zone)
    today = local_day(now, zone)
    figures = [_day(office.office, day, found) for day in days_back(today, days)]
    present = found.present.get((office.office, today), {})
    return OfficeOverview(
        office=view(office),
        today=figures[-1],
        usual_in_by_now=found.usual.get(office.office),
        occupancy=max(0, figures[-1].count_in - figures[-1].count_out),
        waiting_now=present.get("waiting", 0) + present.get("offered", 0),
        serving_now=present.get("serving", 0),
        hours=_hours(found.hours.get(office.office, {}), today, zone, now),
        days=figures,
    )


def _day(office: str, day: date, found: Gathered) -> DayFigures:
    count_in, count_out = found.counts.get((office, day), (0, 0))
    row = found.figures.get((office, day))
    if row is None:
        return DayFigures(date=day.isoformat(), count_in=count_in, count_out=count_out)
    return DayFigures(
        date=day.isoformat(),
        count_in=count_in,
        count_out=count_out,
        visits=row.visits,
        first_visits=row.first_visits,
        return_visits=row.return_visits,
        registered_people=row.registered_people,
        waiting_median_seconds=row.waiting_median_seconds,
        intents=row.intents,
        subscriptions=row.subscriptions,
        contracts=row.contracts,
        contract_fen=row.contract_fen,
        payments_fen=row.payments_fen,
    )


def _hours(counts: dict[datetime, tuple[int, int]], today: date, zone: ZoneInfo, now: datetime) -> list[FootfallPoint]:
    """Every hour from midnight to now; an hour without a report shows 0."""
    points = []
    at = day_start(today, zone)
    while at <= now:
        count_in, count_out = counts.get(at, (0, 0))
        points.append(FootfallPoint(at=at, count_in=count_in, count_out=count_out))
        at = next_hour(at, zone)
    return points
