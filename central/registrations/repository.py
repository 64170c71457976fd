from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from central.numbers import Kept
from central.paging import newest_first
from central.registrations.domain import Live
from central.registrations.tables import Registration
from contracts.cursors import Cursor


async def find(session: AsyncSession, registration_id: str) -> Registration | None:
    return await session.get(Registration, registration_id)


async def same_number(session: AsyncSession, office: str, channel_id: str, number: Kept) -> list[Live]:
    """What the channel has on record of this number at this office and is not void: masked ones of a masked one."""
    statement = select(Registration).where(
        col(Registration.office) == office,
        col(Registration.channel_id) == channel_id,
        col(Registration.phone37_index) == number.phone37_index,
        col(Registration.phone_index) == number.phone_index,
        col(Registration.repeats).is_(None),
    )
    return [
        Live(row.registration_id, row.project, row.accepted_at, row.withdrawn_at)
        for row in (await session.scalars(statement)).all()
    ]


async def accepted_since(
    session: AsyncSession, office: str, agent_id: str, since: datetime, most: int
) -> Sequence[datetime]:
    """When the agent's newest registrations at this office were accepted, at most so many, newest first."""
    at = col(Registration.accepted_at)
    statement = select(at).where(col(Registration.office) == office, col(Registration.agent_id) == agent_id, at > since)
    return (await session.scalars(statement.order_by(at.desc()).limit(most))).all()


async def page(
    session: AsyncSession, cursor: Cursor | None, *, office: str | None, channel_id: str | None, agent_id: str | None
) -> Sequence[Registration]:
    statement = select(Registration)
    for column, wanted in (
        (Registration.office, office),
        (Registration.channel_id, channel_id),
        (Registration.agent_id, agent_id),
    ):
        if wanted is not None:
            statement = statement.where(col(column) == wanted)
    at, key = col(Registration.accepted_at), col(Registration.registration_id)
    return (await session.scalars(newest_first(statement, cursor, at, key))).all()  # type: ignore[arg-type]


async def of_numbers(session: AsyncSession, office: str, phone_indexes: Collection[bytes]) -> Sequence[Registration]:
    statement = select(Registration).where(
        col(Registration.office) == office, col(Registration.phone_index).in_(phone_indexes)
    )
    return (await session.scalars(statement)).all()


async def of_office(session: AsyncSession, office: str, ids: Sequence[str]) -> Sequence[Registration]:
    statement = select(Registration).where(
        col(Registration.office) == office, col(Registration.registration_id).in_(ids)
    )
    return (await session.scalars(statement)).all()
