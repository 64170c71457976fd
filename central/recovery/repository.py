from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from central.customers.tables import Customer
from central.database import Base, table_of
from central.followups.tables import FollowUp
from central.footfall.tables import FootfallMinuteRow
from central.sales.tables import Sale
from central.visits.tables import Visit

PAGE = 2000
_KINDS: dict[str, tuple[type[Base], str]] = {
    "visits": (Visit, "opened_at"),
    "customers": (Customer, "created_at"),
    "sales": (Sale, "at"),
    "follow_ups": (FollowUp, "at"),
    "footfall_minutes": (FootfallMinuteRow, "minute"),
}


async def counts(session: AsyncSession, office: str, since: datetime) -> dict[str, int]:
    """Rows of the office by kind, of what happened at or after `since`."""
    found: dict[str, int] = {}
    for kind, (model, at) in _KINDS.items():
        table = table_of(model)
        wanted: list[ColumnElement[bool]] = [table.c.office == office, table.c[at] >= since]
        found[kind] = (await session.scalar(select(func.count()).select_from(table).where(*wanted))) or 0
    return found


async def minutes(session: AsyncSession, office: str, since: datetime) -> Sequence[Any]:
    """Minutes from `since` on, oldest first, one more than a page."""
    table = table_of(FootfallMinuteRow)
    statement = (
        select(table)
        .where(table.c.office == office, table.c.minute >= since)
        .order_by(table.c.minute, table.c.device, table.c.line)
        .limit(PAGE + 1)
    )
    return (await session.execute(statement)).all()
