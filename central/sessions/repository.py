"""Sessions and wrong tries."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from central.database import insert_into, upsert
from central.sessions.domain import Tries
from central.sessions.tables import SignedIn, SignInFailure


async def find(session: AsyncSession, token_sha256: str, now: datetime) -> SignedIn | None:
    """The session of a token that has not expired."""
    row = await session.get(SignedIn, token_sha256)
    return row if row is not None and row.expires_at > now else None


async def remove(session: AsyncSession, token_sha256: str) -> None:
    await session.execute(delete(SignedIn).where(col(SignedIn.token_sha256) == token_sha256))


async def forget_old(session: AsyncSession, *, expired: datetime, failed_before: datetime) -> None:
    await session.execute(delete(SignedIn).where(col(SignedIn.expires_at) <= expired))
    await session.execute(delete(SignInFailure).where(col(SignInFailure.last_at) < failed_before))


async def tries(session: AsyncSession, staff_no: str) -> Tries | None:
    row = await session.get(SignInFailure, staff_no)
    return None if row is None else Tries(row.count, row.last_at, row.locked_until)


async def lock(session: AsyncSession, staff_no: str, now: datetime) -> Tries:
    """What is known of a number, locked until the transaction ends, so that tries at once are counted one by one."""
    nothing = {"staff_no": staff_no, "count": 0, "last_at": now, "locked_until": None}
    await session.execute(insert_into(session, SignInFailure).values(nothing).on_conflict_do_nothing())
    statement = select(SignInFailure).where(col(SignInFailure.staff_no) == staff_no).with_for_update()
    row = (await session.scalars(statement, execution_options={"populate_existing": True})).one()
    return Tries(row.count, row.last_at, row.locked_until)


async def note(session: AsyncSession, staff_no: str, found: Tries) -> None:
    row = {"count": found.count, "last_at": found.last_at, "locked_until": found.locked_until}
    await upsert(session, SignInFailure, [{"staff_no": staff_no, **row}])


async def forget_failures(session: AsyncSession, staff_no: str) -> None:
    await session.execute(delete(SignInFailure).where(col(SignInFailure.staff_no) == staff_no))
