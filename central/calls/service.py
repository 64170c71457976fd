"""Calls that offices recorded: claims of the consultants who took them. An office hears of its own again."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from central.calls import repository
from central.down import feed
from central.intake import Intake, Item, Rejection
from central.vault import Vault
from contracts.down_api import CallDown
from contracts.facts import CallRecorded
from contracts.sealing import Sealer


async def take(session: AsyncSession, intake: Intake, items: Sequence[Item[CallRecorded]]) -> list[Rejection]:
    await repository.save(session, [{"office": intake.office, **item.data.model_dump()} for item in items])
    ids = list(dict.fromkeys(item.data.call_id for item in items))
    await feed.note(session, intake.office, "call", ids, intake.received_at)
    return []


async def down(
    session: AsyncSession, vault: Vault, sealer: Sealer, office: str, ids: Sequence[str]
) -> dict[str, CallDown]:
    found = await repository.of_office(session, office, ids)
    return {row.call_id: CallDown.model_validate(row.model_dump(include=set(CallDown.model_fields))) for row in found}
