from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, Select, case, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from central.consultants.tables import Turn
from central.database import Base, Row, table_of, upsert
from central.days import restamp
from central.sales.tables import Sale
from central.timeframe import Span
from central.visits.tables import Visit

Figures = dict[tuple[str, str], tuple[int, ...]]
"""(office, consultant) → numbers."""


async def save(session: AsyncSession, rows: Sequence[Row]) -> None:
    await upsert(session, Turn, rows, newer="revision")


async def received(session: AsyncSession, office: str | None, span: Span) -> Figures:
    """Visits each consultant received."""
    table = table_of(Visit)
    statement = _grouped(Visit, [func.count()], "accepted_at", office, span)
    return await _figures(session, statement.where(table.c.accepted_at.is_not(None)))


async def turns(session: AsyncSession, office: str | None, span: Span) -> Figures:
    """Turns offered and turns lost; assistance without a turn is not among them."""
    table = table_of(Turn)
    lost = func.sum(case((table.c.outcome == "lost", 1), else_=0))
    statement = _grouped(Turn, [func.count(), cast(lost, BigInteger)], "offered_at", office, span)
    return await _figures(session, statement.where(table.c.uses_turn))


async def contracts(session: AsyncSession, office: str | None, span: Span) -> Figures:
    """Contracts and their sum in fen."""
    table = table_of(Sale)
    total = cast(func.sum(table.c.amount_fen), BigInteger)
    statement = _grouped(Sale, [func.count(), total], "at", office, span)
    return await _figures(session, statement.where(table.c.kind == "contract"))


def _grouped(model: type[Base], numbers: list[Any], at: str, office: str | None, span: Span) -> Select[Any]:
    table = table_of(model)
    statement = (
        select(table.c.office, table.c.consultant_id, *numbers)
        .where(table.c.consultant_id.is_not(None))
        .group_by(table.c.office, table.c.consultant_id)
    )
    if office is not None:
        statement = statement.where(table.c.office == office)
    if span.start is not None:
        statement = statement.where(table.c[at] >= span.start)
    if span.end is not None:
        statement = statement.where(table.c[at] < span.end)
    return statement


async def _figures(session: AsyncSession, statement: Select[Any]) -> Figures:
    return {(row[0], row[1]): tuple(row[2:]) for row in (await session.execute(statement)).all()}


async def rezone(session: AsyncSession, office: str, zone: ZoneInfo) -> None:
    await restamp(session, Turn, key="offer_id", at="offered_at", office=office, zone=zone)
