"""Contacts with customers: from an office's outbox, or entered here. Notes are kept encrypted."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from central.customers import repository as customers
from central.followups import repository
from central.idempotency import body_hash, claim
from central.intake import Intake, Item, Rejection
from central.offices import repository as offices
from central.runtime import Runtime
from central.sales.service import check_people
from central.vault import Vault
from contracts.central_api import FollowUpPost
from contracts.facts import FollowUpRecorded
from contracts.ids import uuid7
from contracts.sealing import SealError


async def take(session: AsyncSession, intake: Intake, items: Sequence[Item[FollowUpRecorded]]) -> list[Rejection]:
    rows: list[dict[str, Any]] = []
    rejections: list[Rejection] = []
    gone = await customers.erased(session, intake.office, {item.data.customer_id for item in items})
    for item in items:
        data = item.data
        try:
            note = intake.sealer.open(data.sealed_note, record=data.fact_id) if data.sealed_note else ""
        except SealError as error:
            rejections.append(Rejection(item.event, "seal", str(error)))
            continue
        encrypted = None if data.customer_id in gone else _encrypt(intake.vault, intake.office, data.fact_id, note)
        rows.append({"office": intake.office, **data.model_dump(exclude={"sealed_note"}), "note_encrypted": encrypted})
    await repository.save(session, rows)
    return rejections


async def enter(runtime: Runtime, who: str, key: str, body: FollowUpPost) -> tuple[str, bool]:
    """Record a follow-up once per key; answers its id and whether it is new. Raises ProblemError 404, 409, 422."""
    now = runtime.clock()
    digest = body_hash(runtime.vault.index("body", key), "follow-ups", body)
    async with runtime.database.write() as session:
        await check_people(session, body.office, body.customer_id, body.consultant_id)
        await offices.lock(session, body.office, now)
        taken = await claim(session, who=who, key=key, digest=digest, fact_id=uuid7(), now=now)
        if taken.first:
            encrypted = _encrypt(runtime.vault, body.office, taken.fact_id, body.note)
            row = {**body.model_dump(exclude={"note"}), "at": body.at or now, "fact_id": taken.fact_id}
            await repository.save(session, [{**row, "note_encrypted": encrypted}])
        return taken.fact_id, taken.first


def _encrypt(vault: Vault, office: str, fact_id: str, note: str) -> bytes | None:
    return vault.encrypt(note.encode(), record=f"follow_up/{office}/{fact_id}") if note else None
