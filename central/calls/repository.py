from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from central.calls.tables import Call
from central.database import Row, insert_new


async def of_office(session: AsyncSession, office: str, ids: Sequence[str]) -> Sequence[Call]:
    statement = select(Call).where(col(Call.office) == office, col(Call.call_id).in_(ids))
    return (await session.scalars(statement)).all()


async def save(session: AsyncSession, rows: Sequence[Row]) -> None:
    await insert_new(session, Call, rows)
