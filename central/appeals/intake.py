"""What an office says of appeals in a channel's name: filed, decided, refused. Consultants' own stay at the office."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from central.appeals import repository, words
from central.appeals.tables import Appeal
from central.intake import Intake, Item, Rejection
from contracts.facts import AppealRecorded, AppealRefused
from contracts.sealing import SealError


async def take(session: AsyncSession, intake: Intake, items: Sequence[Item[AppealRecorded]]) -> list[Rejection]:
    rejected = []
    for item in items:
        if item.data.party_kind == "channel" and not await _take(session, intake, item.data):
            rejected.append(Rejection(item.event, "seal"))
    return rejected


async def _take(session: AsyncSession, intake: Intake, data: AppealRecorded) -> bool:
    """False when the reason cannot be opened. What was said at the office stays there: nobody reads it here."""
    row = await repository.find(session, data.appeal_id)
    if row is None:
        row = Appeal(
            **data.model_dump(include={"appeal_id", "verdict_id", "agent_id", "filed_at"}),
            office=intake.office,
            channel_id=data.party_id,
            state=data.state,
        )
        session.add(row)
    if row.office != intake.office or row.revision >= data.revision:
        return True
    if row.text_encrypted is not None and data.sealed_reason:
        try:
            reason = intake.sealer.open(data.sealed_reason, record=data.appeal_id)
        except SealError:
            return False
        row.reason_encrypted = words.kept(intake.vault, reason, row.appeal_id, "reason")
    row.revision, row.state, row.decided_at, row.refusal = data.revision, data.state, data.decided_at, ""
    row.result = None if data.result is None else data.result.model_dump(mode="json")
    return True


async def take_refusals(session: AsyncSession, intake: Intake, items: Sequence[Item[AppealRefused]]) -> list[Rejection]:
    """Only of what the office never filed: a refusal told again changes nothing."""
    for item in items:
        row = await repository.find(session, item.data.appeal_id)
        if row is not None and row.office == intake.office and row.revision == 0:
            row.state, row.refusal, row.decided_at = "refused", item.data.reason, item.data.at
    return []
