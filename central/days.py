"""The local `day` column of visits, turns and sales, made anew when an office's time zone is changed."""

from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from central.database import Base, table_of
from central.timeframe import local_day


async def restamp(session: AsyncSession, model: type[Base], *, key: str, at: str, office: str, zone: ZoneInfo) -> None:
    table = table_of(model)
    rows = (await session.execute(select(table.c[key], table.c[at]).where(table.c.office == office))).all()
    if rows:
        statement = update(table).where(table.c.office == office, table.c[key] == bindparam("row_key"))
        changes = [{"row_key": row[0], "new_day": local_day(row[1], zone)} for row in rows]
        await session.execute(statement.values(day=bindparam("new_day")), changes)
