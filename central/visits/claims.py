"""What verdicts said of claims, as whoever made a claim may read it: their own part, of others only when."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from central.database import insert_new
from central.intake import Item
from central.visits.tables import Verdict, VerdictClaim
from contracts.channels_api import ClaimVerdict
from contracts.facts import VerdictRecorded


async def save(session: AsyncSession, office: str, items: Sequence[Item[VerdictRecorded]]) -> None:
    rows = [
        {"office": office, "verdict_id": item.data.verdict_id, **weighed.model_dump()}
        for item in items
        for weighed in item.data.claims
    ]
    await insert_new(session, VerdictClaim, rows)


async def of_claims(session: AsyncSession, claims: Sequence[tuple[str, str]]) -> dict[str, list[ClaimVerdict]]:
    """By claim id, oldest first; `claims` are (office, claim id)."""
    wanted = {claim_id for _, claim_id in claims}
    mine = (await session.scalars(select(VerdictClaim).where(col(VerdictClaim.claim_id).in_(wanted)))).all()
    verdict_ids = {row.verdict_id for row in mine}
    all_claims = (
        await session.scalars(select(VerdictClaim).where(col(VerdictClaim.verdict_id).in_(verdict_ids)))
    ).all()
    verdicts = (await session.scalars(select(Verdict).where(col(Verdict.verdict_id).in_(verdict_ids)))).all()
    by_id = {(verdict.office, verdict.verdict_id): verdict for verdict in verdicts}
    said: dict[str, list[ClaimVerdict]] = defaultdict(list)
    for row in mine:
        verdict = by_id.get((row.office, row.verdict_id))
        if verdict is not None and (row.office, row.claim_id) in set(claims):
            others = [c.at for c in all_claims if c.verdict_id == row.verdict_id and c.claim_id != row.claim_id]
            said[row.claim_id].append(_said(verdict, row, sorted(others)))
    return {claim_id: sorted(each, key=lambda one: one.made_at) for claim_id, each in said.items()}


def _said(verdict: Verdict, row: VerdictClaim, others: Sequence[datetime]) -> ClaimVerdict:
    return ClaimVerdict.model_validate(
        {
            "verdict_id": verdict.verdict_id,
            "made_at": verdict.made_at,
            "appeal_until": verdict.appeal_until,
            "outcome": row.outcome,
            "rule": verdict.rule,
            "reason": row.reason,
            "source": verdict.source,
            "policy_version": verdict.policy_version,
            "others": others,
        }
    )
