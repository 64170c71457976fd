"""Visits and verdicts as the offices recorded them."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from central.intake import Intake, Item, Rejection
from central.visits import claims, repository
from contracts.facts import VerdictRecorded, VisitRecorded


async def take_visits(session: AsyncSession, intake: Intake, items: Sequence[Item[VisitRecorded]]) -> list[Rejection]:
    rows = [
        {"office": intake.office, "day": intake.day_of(item.data.opened_at), **item.data.model_dump()} for item in items
    ]
    days = {row["day"] for row in rows}
    days |= await repository.days_of(session, intake.office, [item.data.visit_id for item in items])
    await repository.save(session, rows)
    intake.touched_days |= days
    return []


async def take_verdicts(
    session: AsyncSession, intake: Intake, items: Sequence[Item[VerdictRecorded]]
) -> list[Rejection]:
    rows = [{"office": intake.office, **item.data.model_dump(exclude={"claims"})} for item in items]
    await repository.save_verdicts(session, rows)
    await claims.save(session, intake.office, items)
    return []
