from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from central.channels.tables import Agent, Channel, Project


async def channel(session: AsyncSession, channel_id: str) -> Channel | None:
    return await session.get(Channel, channel_id)


async def channels(session: AsyncSession) -> Sequence[Channel]:
    return (await session.scalars(select(Channel).order_by(col(Channel.created_at), col(Channel.channel_id)))).all()


async def agent(session: AsyncSession, agent_id: str) -> Agent | None:
    return await session.get(Agent, agent_id)


async def agent_by_staff_no(session: AsyncSession, staff_no: str) -> Agent | None:
    return (await session.scalars(select(Agent).where(col(Agent.staff_no) == staff_no))).one_or_none()


async def agents(session: AsyncSession, channel_id: str) -> Sequence[Agent]:
    statement = select(Agent).where(col(Agent.channel_id) == channel_id).order_by(col(Agent.staff_no))
    return (await session.scalars(statement)).all()


async def agents_by_ids(session: AsyncSession, agent_ids: Sequence[str]) -> Sequence[Agent]:
    return (await session.scalars(select(Agent).where(col(Agent.agent_id).in_(agent_ids)))).all()


async def working(session: AsyncSession, agent_id: str, office: str | None = None) -> tuple[Agent, Channel] | None:
    """The agent and their channel while both are active and, when one is named, work for that office."""
    found = await agent(session, agent_id)
    of = None if found is None else await channel(session, found.channel_id)
    if found is None or of is None or not (found.active and of.active):
        return None
    return (found, of) if office is None or office in of.offices else None


async def project(session: AsyncSession, office: str, name: str) -> Project | None:
    return await session.get(Project, (office, name))


async def projects(session: AsyncSession, offices: Sequence[str]) -> Sequence[Project]:
    statement = select(Project).where(col(Project.office).in_(offices))
    return (await session.scalars(statement.order_by(col(Project.office), col(Project.project)))).all()
