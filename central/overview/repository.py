"""The few queries behind the console: each reads all offices at once."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Row, and_, cast, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from central.database import table_of
from central.footfall.tables import FootfallDayRow, FootfallHourRow, FootfallMinuteRow
from central.offices.tables import Office
from central.overview.tables import DayRow
from central.visits.tables import Visit

Rows = Sequence[Row[Any]]


async def day_figures(session: AsyncSession, first: date, last: date) -> Rows:
    table = table_of(DayRow)
    return (await session.execute(select(table).where(table.c.day.between(first, last)))).all()


async def day_counts(session: AsyncSession, first: date, last: date) -> Rows:
    table = table_of(FootfallDayRow)
    return (await session.execute(select(table).where(table.c.day.between(first, last)))).all()


async def hour_counts(session: AsyncSession, start: datetime, end: datetime) -> Rows:
    table = table_of(FootfallHourRow)
    statement = select(table).where(table.c.hour >= start, table.c.hour < end)
    return (await session.execute(statement)).all()


async def present_now(session: AsyncSession, first: date, last: date) -> Rows:
    """office, day, state → number of visits not yet closed."""
    table = table_of(Visit)
    statement = (
        select(table.c.office, table.c.day, table.c.state, func.count().label("number"))
        .where(table.c.state.in_(("waiting", "offered", "serving")), table.c.day.between(first, last))
        .group_by(table.c.office, table.c.day, table.c.state)
    )
    return (await session.execute(statement)).all()


async def counted_in(
    session: AsyncSession,
    time_zone: str,
    hours: Sequence[tuple[datetime, datetime]],
    minutes: Sequence[tuple[datetime, datetime]],
) -> dict[str, int]:
    """office → people in, over whole `hours` and single `minutes`, for the offices of one time zone."""
    totals: dict[str, int] = {}
    for model, at, windows in ((FootfallHourRow, "hour", hours), (FootfallMinuteRow, "minute", minutes)):
        table = table_of(model)
        spans = [and_(table.c[at] >= start, table.c[at] < end) for start, end in windows if start < end]
        if not spans:
            continue
        offices = table_of(Office)
        statement = (
            select(table.c.office, cast(func.sum(table.c.count_in), BigInteger))
            .where(table.c.office.in_(select(offices.c.office).where(offices.c.time_zone == time_zone)), or_(*spans))
            .group_by(table.c.office)
        )
        for office, count in (await session.execute(statement)).all():
            totals[office] = totals.get(office, 0) + count
    return totals
