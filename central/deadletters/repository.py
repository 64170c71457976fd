from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from central.database import table_of
from central.deadletters.tables import DeadLetter
from central.paging import newest_first
from contracts.cursors import Cursor


async def page(session: AsyncSession, cursor: Cursor | None) -> Sequence[DeadLetter]:
    at, key = col(DeadLetter.received_at), col(DeadLetter.dead_letter_id)
    return (await session.scalars(newest_first(select(DeadLetter), cursor, at, key))).all()  # type: ignore[arg-type]


async def purge(session: AsyncSession, now: datetime) -> int:
    table = table_of(DeadLetter)
    result = await session.execute(delete(table).where(table.c.expires_at <= now))
    return int(getattr(result, "rowcount", 0))
