from collections.abc import Sequence
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from central.database import Row, insert_new
from central.days import restamp
from central.paging import newest_first
from central.sales.tables import Sale
from central.timeframe import Span
from contracts.cursors import Cursor


async def save(session: AsyncSession, rows: Sequence[Row]) -> None:
    await insert_new(session, Sale, rows)


async def one(session: AsyncSession, office: str, fact_id: str) -> Sale:
    return await session.get_one(Sale, (office, fact_id))


async def page(session: AsyncSession, office: str | None, span: Span, cursor: Cursor | None) -> Sequence[Sale]:
    at, key = col(Sale.at), col(Sale.fact_id)
    statement = select(Sale)
    if office is not None:
        statement = statement.where(col(Sale.office) == office)
    if span.start is not None:
        statement = statement.where(at >= span.start)
    if span.end is not None:
        statement = statement.where(at < span.end)
    return (await session.scalars(newest_first(statement, cursor, at, key))).all()  # type: ignore[arg-type]


async def rezone(session: AsyncSession, office: str, zone: ZoneInfo) -> None:
    await restamp(session, Sale, key="fact_id", at="at", office=office, zone=zone)
