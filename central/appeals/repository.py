from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from central.appeals.tables import Appeal
from central.visits.tables import Verdict, VerdictClaim


async def find(session: AsyncSession, appeal_id: str) -> Appeal | None:
    return await session.get(Appeal, appeal_id)


async def of_office(session: AsyncSession, office: str, ids: Sequence[str]) -> Sequence[Appeal]:
    statement = select(Appeal).where(col(Appeal.office) == office, col(Appeal.appeal_id).in_(ids))
    return (await session.scalars(statement)).all()


async def against(session: AsyncSession, office: str, verdict_ids: Iterable[str]) -> Sequence[Appeal]:
    """Oldest first, of whichever channel."""
    statement = select(Appeal).where(col(Appeal.office) == office, col(Appeal.verdict_id).in_(set(verdict_ids)))
    return (await session.scalars(statement.order_by(col(Appeal.filed_at), col(Appeal.appeal_id)))).all()


async def weighed(session: AsyncSession, office: str, verdict_id: str, claim_id: str) -> Verdict | None:
    """The verdict, when it read that claim."""
    if await session.get(VerdictClaim, (office, verdict_id, claim_id)) is None:
        return None
    return await session.get(Verdict, (office, verdict_id))


async def superseded(session: AsyncSession, office: str, verdict_ids: Iterable[str]) -> set[str]:
    """Those of the verdicts after which another was made on the same visit."""
    visits = select(col(Verdict.visit_id)).where(
        col(Verdict.office) == office, col(Verdict.verdict_id).in_(set(verdict_ids))
    )
    statement = select(col(Verdict.visit_id), col(Verdict.verdict_id), col(Verdict.made_at)).where(
        col(Verdict.office) == office, col(Verdict.visit_id).in_(visits)
    )
    newest: dict[str, str] = {}
    rows = sorted((await session.execute(statement)).all(), key=lambda row: (row[2], row[1]))
    newest.update({visit_id: verdict_id for visit_id, verdict_id, _ in rows})
    return {verdict_id for visit_id, verdict_id, _ in rows if newest[visit_id] != verdict_id}
