from collections.abc import Collection, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from central.database import Row, insert_new, upsert
from central.days import restamp
from central.paging import newest_first
from central.timeframe import Span
from central.visits.tables import Verdict, Visit
from contracts.cursors import Cursor


async def days_of(session: AsyncSession, office: str, visit_ids: Sequence[str]) -> set[date]:
    """Days the visits stand in now, before a newer revision may move them."""
    statement = select(col(Visit.day)).where(col(Visit.office) == office, col(Visit.visit_id).in_(visit_ids))
    return set((await session.scalars(statement.distinct())).all())


async def save(session: AsyncSession, rows: Sequence[Row]) -> None:
    await upsert(session, Visit, rows, newer="revision")


async def save_verdicts(session: AsyncSession, rows: Sequence[Row]) -> None:
    await insert_new(session, Verdict, rows)


async def page(session: AsyncSession, office: str | None, span: Span, cursor: Cursor | None) -> Sequence[Visit]:
    at, key = col(Visit.opened_at), col(Visit.visit_id)
    statement = select(Visit)
    if office is not None:
        statement = statement.where(col(Visit.office) == office)
    if span.start is not None:
        statement = statement.where(at >= span.start)
    if span.end is not None:
        statement = statement.where(at < span.end)
    return (await session.scalars(newest_first(statement, cursor, at, key))).all()  # type: ignore[arg-type]


async def latest(session: AsyncSession, office: str, customer_ids: Collection[str]) -> Visit | None:
    """The visit of these files that began last."""
    statement = select(Visit).where(col(Visit.office) == office, col(Visit.customer_id).in_(customer_ids))
    return (await session.scalars(statement.order_by(col(Visit.opened_at).desc()).limit(1))).first()


async def rezone(session: AsyncSession, office: str, zone: ZoneInfo) -> None:
    await restamp(session, Visit, key="visit_id", at="opened_at", office=office, zone=zone)
