from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from central.database import Row, insert_new
from central.followups.tables import FollowUp


async def save(session: AsyncSession, rows: Sequence[Row]) -> None:
    await insert_new(session, FollowUp, rows)
