"""Verdicts on an agent's claims, with what became of the channel's appeals against them."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from central.appeals import repository, words
from central.appeals.domain import Standing, refused
from central.appeals.tables import Appeal
from central.registrations.tables import Registration
from central.vault import Vault
from contracts.appeal_result import AppealResult
from contracts.channels_api import ClaimAppeal, ClaimVerdict


async def beside(
    session: AsyncSession,
    vault: Vault,
    rows: Sequence[Registration],
    said: Mapping[str, Sequence[ClaimVerdict]],
    *,
    agent_id: str | None,
    now: datetime,
) -> dict[str, list[ClaimVerdict]]:
    """`said` of each registration with its appeals as `agent_id` reads them; head office (None) may file none."""
    found: dict[str, list[ClaimVerdict]] = {}
    for office in {row.office for row in rows}:
        here = [row for row in rows if row.office == office]
        ids = [verdict.verdict_id for row in here for verdict in said.get(row.registration_id, ())]
        appeals, old = await repository.against(session, office, ids), await repository.superseded(session, office, ids)
        for row in here:
            mine = [appeal for appeal in appeals if appeal.channel_id == row.channel_id]
            found[row.registration_id] = [
                _told(vault, verdict, mine, newest=verdict.verdict_id not in old, agent_id=agent_id, now=now)
                for verdict in said.get(row.registration_id, ())
            ]
    return found


def _told(
    vault: Vault,
    verdict: ClaimVerdict,
    appeals: Sequence[Appeal],
    *,
    newest: bool,
    agent_id: str | None,
    now: datetime,
) -> ClaimVerdict:
    appeal = the_one([each for each in appeals if each.verdict_id == verdict.verdict_id])
    standing = Standing(verdict.appeal_until, newest, appealed=appeal is not None)
    shown = None if appeal is None else view(vault, appeal, agent_id)
    may = agent_id is not None and not refused(standing, now)
    return verdict.model_copy(update={"appeal": shown, "may_appeal": may})


def the_one(appeals: Sequence[Appeal]) -> Appeal | None:
    """Of several in one channel's name the one that the office filed, when it refused the others."""
    return min(appeals, key=lambda each: (each.state == "refused", each.filed_at, each.appeal_id), default=None)


def view(vault: Vault, row: Appeal, agent_id: str | None) -> ClaimAppeal:
    """Words only to the agent who filed it."""
    own = agent_id is not None and row.agent_id == agent_id
    return ClaimAppeal.model_validate(
        {
            **row.model_dump(include={"appeal_id", "state", "filed_at", "decided_at", "refusal"}),
            "text": words.read(vault, row.text_encrypted, row.appeal_id, "text") if own else "",
            "reason": words.read(vault, row.reason_encrypted, row.appeal_id, "reason") if own else "",
            "result": None if row.result is None else AppealResult.model_validate(row.result),
        }
    )
