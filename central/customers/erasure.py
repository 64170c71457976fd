"""Erasing a customer: the person's data goes; ids, results, rules and times stay. The office is told, or told us."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from central.appeals.tables import Appeal
from central.customers import repository, service
from central.customers.tables import Customer, Erasure
from central.database import insert_new
from central.down import feed
from central.followups.tables import FollowUp
from central.intake import Intake, Item, Rejection
from central.referrals import service as referrals
from central.registrations import service as registrations
from central.runtime import Runtime
from central.vault import Vault
from central.visits.tables import Verdict, Visit
from contracts.facts import CustomerErased


async def take(session: AsyncSession, intake: Intake, items: Sequence[Item[CustomerErased]]) -> list[Rejection]:
    """What an office erased."""
    for item in items:
        by = f"office {intake.office}"
        await _erase(session, intake.vault, intake.office, [item.data.customer_id], by, intake.received_at)
    return []


async def erase(runtime: Runtime, who: str, customer_id: str) -> None:
    """Every file of that person; their office hears of it. Raises ProblemError 404."""
    async with runtime.database.write() as session:
        now = runtime.clock()
        found = await service.held(session, customer_id, now)
        files = await repository.speaking_for(session, found.office, found.customer_id)
        await _erase(session, runtime.vault, found.office, files, who, now)


async def _erase(
    session: AsyncSession, vault: Vault, office: str, files: Sequence[str], by: str, now: datetime
) -> None:
    await insert_new(session, Erasure, [{"office": office, "customer_id": f, "at": now, "by": by} for f in files])
    known = await repository.by_ids(session, office, files)
    indexes = {row.phone_index for row in known.values() if row.phone_index is not None}
    phones = {service.phone_of(vault, row) for row in known.values() if row.phone_encrypted is not None}
    await _words(session, office, files)
    changed = await registrations.forget_numbers(session, vault, office, indexes)
    await feed.note(session, office, "registration", changed, now)
    changed = await referrals.forget_numbers(session, vault, office, phones)
    await feed.note(session, office, "referral", changed, now, deleted=True)
    await session.execute(delete(Customer).where(col(Customer.office) == office, col(Customer.customer_id).in_(files)))
    await feed.note(session, office, "customer", files, now, deleted=True)


async def _words(session: AsyncSession, office: str, files: Sequence[str]) -> None:
    """What people wrote: notes of follow-ups, and both sides' words in appeals about their visits."""
    theirs = col(FollowUp.office) == office, col(FollowUp.customer_id).in_(files)
    await session.execute(update(FollowUp).where(*theirs).values(note_encrypted=None))
    visits = select(col(Visit.visit_id)).where(col(Visit.office) == office, col(Visit.customer_id).in_(files))
    judged = select(col(Verdict.verdict_id)).where(col(Verdict.office) == office, col(Verdict.visit_id).in_(visits))
    about = col(Appeal.office) == office, col(Appeal.verdict_id).in_(judged)
    await session.execute(update(Appeal).where(*about).values(text_encrypted=None, reason_encrypted=None))
