"""One row per office and local day, computed anew when the day is touched: never increments."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from statistics import median
from typing import Any

from sqlalchemy import Row, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from central.database import table_of, upsert
from central.overview.tables import DayRow
from central.sales.tables import Sale
from central.visits.tables import Visit
from contracts.facts import NOT_A_VISIT

_COUNTED = {"intent": "intents", "subscription": "subscriptions", "contract": "contracts"}
_SUMMED = {"contract": "contract_fen", "payment": "payments_fen"}


async def refresh(session: AsyncSession, office: str, days: Iterable[date]) -> None:
    """In the caller's transaction, after the visits and sales themselves."""
    touched = sorted(set(days))
    if not touched:
        return
    rows = {day: _empty(office, day) for day in touched}
    for day, found in (await _visits(session, office, touched)).items():
        rows[day] |= visit_figures(found)
    for sale in await _sales(session, office, touched):
        _add_sale(rows[sale.day], sale)
    await upsert(session, DayRow, list(rows.values()))


async def rebuild(session: AsyncSession, office: str) -> None:
    """All days of an office, after its days were moved."""
    table = table_of(DayRow)
    await session.execute(delete(table).where(table.c.office == office))
    days: set[date] = set()
    for model in (Visit, Sale):
        source = table_of(model)
        statement = select(source.c.day).where(source.c.office == office).distinct()
        days |= set((await session.scalars(statement)).all())
    await refresh(session, office, days)


def _empty(office: str, day: date) -> dict[str, Any]:
    figures = dict.fromkeys(
        (*_COUNTED.values(), *_SUMMED.values(), "visits", "first_visits", "return_visits", "registered_people"), 0
    )
    return {"office": office, "day": day, "waiting_median_seconds": None, **figures}


def visit_figures(visits: Sequence[Any]) -> dict[str, Any]:
    """Figures of one day's visits; waiting is measured for those accepted."""
    waits = [_seconds(visit.opened_at, visit.accepted_at) for visit in visits if visit.accepted_at is not None]
    return {
        "visits": len(visits),
        "first_visits": sum(visit.kind == "first" for visit in visits),
        "return_visits": sum(visit.kind == "return" for visit in visits),
        "registered_people": sum(visit.party_size for visit in visits),
        "waiting_median_seconds": round(median(waits)) if waits else None,
    }


def _seconds(start: datetime, end: datetime) -> float:
    return max(0.0, (end - start).total_seconds())


def _add_sale(row: dict[str, Any], sale: Row[Any]) -> None:
    if sale.kind in _COUNTED:
        row[_COUNTED[sale.kind]] = sale.number
    if sale.kind in _SUMMED:
        row[_SUMMED[sale.kind]] = int(sale.fen)


async def _visits(session: AsyncSession, office: str, days: Sequence[date]) -> dict[date, list[Any]]:
    table = table_of(Visit)
    statement = select(table.c.day, table.c.kind, table.c.party_size, table.c.opened_at, table.c.accepted_at).where(
        table.c.office == office,
        table.c.day.in_(days),
        or_(table.c.close_reason.is_(None), table.c.close_reason.not_in(NOT_A_VISIT)),
    )
    by_day: dict[date, list[Any]] = defaultdict(list)
    for row in (await session.execute(statement)).all():
        by_day[row.day].append(row)
    return by_day


async def _sales(session: AsyncSession, office: str, days: Sequence[date]) -> Sequence[Row[Any]]:
    table = table_of(Sale)
    statement = (
        select(table.c.day, table.c.kind, func.count().label("number"), func.sum(table.c.amount_fen).label("fen"))
        .where(table.c.office == office, table.c.day.in_(days))
        .group_by(table.c.day, table.c.kind)
    )
    return (await session.execute(statement)).all()
