from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from central.calls.tables import Call
from central.database import Row, insert_new


async def save(session: AsyncSession, rows: Sequence[Row]) -> None:
    await insert_new(session, Call, rows)
