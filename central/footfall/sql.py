"""Counts in the database. Hours and days are sums of minutes, made anew for touched buckets in the same transaction."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, Row, Select, bindparam, cast, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from central.database import Base, insert_into, table_of, upsert
from central.footfall.port import MinuteCount
from central.footfall.tables import FootfallDayRow as Day
from central.footfall.tables import FootfallHourRow as Hour
from central.footfall.tables import FootfallMinuteRow as Minute
from central.timeframe import day_start, local_day, local_hour
from contracts.central_api import FootfallPoint, Step


class SqlTimeSeries:
    async def record(self, session: AsyncSession, office: str, zone: ZoneInfo, counts: Sequence[MinuteCount]) -> None:
        await self.record_and_roll_up(session, office, zone, counts)

    async def record_and_roll_up(
        self, session: AsyncSession, office: str, zone: ZoneInfo, counts: Sequence[MinuteCount]
    ) -> tuple[Sequence[Row[Any]], Sequence[Row[Any]]]:
        """Answers the touched rows (hour, count_in, count_out) and (day, count_in, count_out) as they now stand."""
        if not counts:
            return [], []
        rows = [_row(office, zone, count) for count in counts]
        await upsert(session, Minute, rows, newer="revision")
        hours = await roll_hours(session, office, {row["hour"] for row in rows})
        days = await roll_days(session, office, {row["day"] for row in rows})
        return hours, days

    async def as_stored(self, session: AsyncSession, office: str, counts: Sequence[MinuteCount]) -> list[MinuteCount]:
        """The given lines and minutes as the database has them: an older revision does not show."""
        if not counts:
            return []
        wanted = {(count.device, count.line, count.minute) for count in counts}
        minutes = [count.minute for count in counts]
        table = table_of(Minute)
        statement = select(table).where(
            table.c.office == office, table.c.minute >= min(minutes), table.c.minute <= max(minutes)
        )
        return [
            MinuteCount(row.device, row.line, row.minute, row.count_in, row.count_out, row.revision)
            for row in (await session.execute(statement)).all()
            if (row.device, row.line, row.minute) in wanted
        ]

    async def points(
        self, session: AsyncSession, office: str, zone: ZoneInfo, step: Step, start: datetime, end: datetime
    ) -> list[FootfallPoint]:
        if step == "day":
            rows = (await session.execute(_days_between(office, local_day(start, zone), local_day(end, zone)))).all()
            found = [FootfallPoint(at=day_start(day, zone), count_in=i, count_out=o) for day, i, o in rows]
            return [point for point in found if start <= point.at < end]
        statement = _minutes_between(office, start, end) if step == "minute" else _hours_between(office, start, end)
        rows = (await session.execute(statement)).all()
        return [FootfallPoint(at=at, count_in=i, count_out=o) for at, i, o in rows]

    async def rezone(self, session: AsyncSession, office: str, zone: ZoneInfo) -> None:
        minutes = (
            await session.scalars(select(col(Minute.minute)).where(col(Minute.office) == office).distinct())
        ).all()
        placed: list[dict[str, Any]] = [
            {"at": m, "new_hour": local_hour(m, zone), "new_day": local_day(m, zone)} for m in minutes
        ]
        if not placed:
            return
        for model in (Hour, Day):
            table = table_of(model)
            await session.execute(delete(table).where(table.c.office == office))
        await _move_minutes(session, office, placed)
        await roll_hours(session, office, {row["new_hour"] for row in placed})
        await roll_days(session, office, {row["new_day"] for row in placed})


def _row(office: str, zone: ZoneInfo, count: MinuteCount) -> dict[str, Any]:
    return {
        "office": office,
        "minute": count.minute,
        "device": count.device,
        "line": count.line,
        "revision": count.revision,
        "hour": local_hour(count.minute, zone),
        "day": local_day(count.minute, zone),
        "count_in": count.count_in,
        "count_out": count.count_out,
        "through": dict(count.through),
    }


async def _move_minutes(session: AsyncSession, office: str, placed: list[dict[str, Any]]) -> None:
    table = table_of(Minute)
    statement = (
        update(table)
        .where(table.c.office == office, table.c.minute == bindparam("at"))
        .values(hour=bindparam("new_hour"), day=bindparam("new_day"))
    )
    await session.execute(statement, placed)


async def roll_hours(session: AsyncSession, office: str, hours: set[datetime]) -> Sequence[Row[Any]]:
    """Sum minutes into the given hours. The range of minutes lets the primary key do the search."""
    table = table_of(Minute)
    sums = (
        select(table.c.office, table.c.hour, func.min(table.c.day), *_sums(table))
        .where(
            table.c.office == office,
            table.c.minute >= min(hours),
            table.c.minute < max(hours) + timedelta(hours=2),
            table.c.hour.in_(sorted(hours)),
        )
        .group_by(table.c.office, table.c.hour)
    )
    return await _replace(session, Hour, ["office", "hour"], ["day", "count_in", "count_out"], sums)


async def roll_days(session: AsyncSession, office: str, days: set[date]) -> Sequence[Row[Any]]:
    """Sum hours into the given days; the margin covers days of 23 to 25 hours in any zone."""
    table = table_of(Hour)
    sums = (
        select(table.c.office, table.c.day, *_sums(table))
        .where(table.c.office == office, table.c.day.in_(sorted(days)))
        .group_by(table.c.office, table.c.day)
    )
    return await _replace(session, Day, ["office", "day"], ["count_in", "count_out"], sums)


def _sums(table: Any) -> tuple[Any, Any]:
    return cast(func.sum(table.c.count_in), BigInteger), cast(func.sum(table.c.count_out), BigInteger)


async def _replace(
    session: AsyncSession, model: type[Base], keys: list[str], values: list[str], source: Select[Any]
) -> Sequence[Row[Any]]:
    insert = insert_into(session, model)
    table = table_of(model)
    statement = (
        insert.from_select([*keys, *values], source)
        .on_conflict_do_update(index_elements=keys, set_={name: insert.excluded[name] for name in values})
        .returning(table.c[keys[-1]], table.c.count_in, table.c.count_out)
    )
    return (await session.execute(statement)).all()


def _minutes_between(office: str, start: datetime, end: datetime) -> Select[Any]:
    table = table_of(Minute)
    return (
        select(table.c.minute, *_sums(table))
        .where(table.c.office == office, table.c.minute >= start, table.c.minute < end)
        .group_by(table.c.minute)
        .order_by(table.c.minute)
    )


def _hours_between(office: str, start: datetime, end: datetime) -> Select[Any]:
    table = table_of(Hour)
    return (
        select(table.c.hour, table.c.count_in, table.c.count_out)
        .where(table.c.office == office, table.c.hour >= start, table.c.hour < end)
        .order_by(table.c.hour)
    )


def _days_between(office: str, first: date, last: date) -> Select[Any]:
    table = table_of(Day)
    return (
        select(table.c.day, table.c.count_in, table.c.count_out)
        .where(table.c.office == office, table.c.day >= first, table.c.day <= last)
        .order_by(table.c.day)
    )
