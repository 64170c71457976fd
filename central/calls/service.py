"""Calls that offices recorded: claims of the consultants who took them."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from central.calls import repository
from central.intake import Intake, Item, Rejection
from contracts.events import CallRecorded


async def take(session: AsyncSession, intake: Intake, items: Sequence[Item[CallRecorded]]) -> list[Rejection]:
    await repository.save(session, [{"office": intake.office, **item.data.model_dump()} for item in items])
    return []
