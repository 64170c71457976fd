"""Filing an appeal at head office: against the newest verdict that read a claim of the agent's own."""

from sqlalchemy.ext.asyncio import AsyncSession

from central.appeals import repository, told, words
from central.appeals.domain import Standing, refused
from central.appeals.tables import Appeal
from central.down import feed
from central.idempotency import body_hash, claim
from central.offices import repository as offices
from central.problems import ProblemError, not_found
from central.registrations import repository as registrations
from central.registrations.tables import Registration
from central.runtime import Runtime
from contracts.channels_api import AppealPost, ClaimAppeal
from contracts.ids import uuid7

_WHY = {
    "already_appealed": "an appeal of your channel against this verdict exists",
    "verdict_superseded": "a newer verdict on this visit exists: appeal against that one",
    "appeal_period_over": "the period for appeals against this verdict is over",
}


async def file(runtime: Runtime, agent_id: str, key: str, body: AppealPost) -> tuple[ClaimAppeal, bool]:
    """Once per key; answers it and whether it is new. It goes down to the office, whose manager decides.

    Raises ProblemError 404 for what is not the agent's own, 409 `already_appealed`, `verdict_superseded`,
    `appeal_period_over`, `idempotency_key_reused`.
    """
    digest = body_hash(runtime.vault.index("body", key), "appeals", body)
    async with runtime.database.write() as session:
        mine = await registrations.find(session, body.registration_id)
        if mine is None or mine.agent_id != agent_id:
            raise not_found("registration")
        await offices.lock(session, mine.office, runtime.clock())
        now = runtime.clock()
        taken = await claim(session, who=agent_id, key=key, digest=digest, fact_id=uuid7(), now=now)
        if taken.first:
            await _check(session, runtime, mine, body.verdict_id)
            session.add(
                Appeal(
                    appeal_id=taken.fact_id,
                    office=mine.office,
                    verdict_id=body.verdict_id,
                    channel_id=mine.channel_id,
                    agent_id=agent_id,
                    state="filed",
                    filed_at=now,
                    text_encrypted=words.kept(runtime.vault, body.text, taken.fact_id, "text"),
                )
            )
            await feed.note(session, mine.office, "appeal", [taken.fact_id], now)
        row = await session.get_one(Appeal, taken.fact_id)
        return told.view(runtime.vault, row, agent_id), taken.first


async def _check(session: AsyncSession, runtime: Runtime, mine: Registration, verdict_id: str) -> None:
    verdict = await repository.weighed(session, mine.office, verdict_id, mine.registration_id)
    if verdict is None:
        raise not_found("verdict on this registration")
    others = [
        a for a in await repository.against(session, mine.office, [verdict_id]) if a.channel_id == mine.channel_id
    ]
    old = await repository.superseded(session, mine.office, [verdict_id])
    code = refused(Standing(verdict.appeal_until, verdict_id not in old, bool(others)), runtime.clock())
    if code:
        raise ProblemError(409, code, _WHY[code])
