"""Attribution (判客), pure: the same evidence and policy always give the same verdict, in whatever order it is read.

Two answers: `source`, who brought them and what is paid; `owner_id`, which consultant receives. Rules are weighed in
the order of domain.md, after whether they were customers at all and what a manager ruled on an appeal: a source that
still stands, older live ownership or an own visit inside the blocking period, the first valid claim among referrals and
registrations, walk-in.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from contracts.gateway_api import RuleNote, Source
from gateway.attribution.case import read
from gateway.attribution.claims import weigh
from gateway.attribution.evidence import Evidence
from gateway.attribution.notes import notes
from gateway.attribution.owners import OwnerRule, Share, same_day_shares, shares, whose
from gateway.attribution.rules import Rules
from gateway.attribution.sources import Brought, who_brought
from gateway.policy import PolicyConfig


class Verdict(BaseModel):
    """`rule` answered the first question, `owner_rule` the second.

    `conflict` names the masked registrations that nothing decides between: a manager must. `shares` are of a deal on
    any later day, `same_day_shares` of one on the day of the visit. `open_until`: an earlier consultant may claim the
    customer up to this instant (48 hours).
    """

    model_config = ConfigDict(frozen=True)
    source: Source
    owner_id: str | None
    rule: str
    owner_rule: OwnerRule
    rules: tuple[RuleNote, ...]
    channel_id: str | None = None
    agent_id: str | None = None
    referrer_id: str | None = None
    claim_id: str | None = None
    conflict: tuple[str, ...] = ()
    shares: tuple[Share, ...] = ()
    same_day_shares: tuple[Share, ...] = ()
    open_until: datetime | None = None


def judge(evidence: Evidence, policy: PolicyConfig, zone: ZoneInfo) -> Verdict:
    """Weigh every rule. `zone` is the office's: calendar days and "that day" are its days."""
    case = read(evidence, Rules(policy, zone))
    claims = weigh(case)
    owned = whose(case)
    brought = who_brought(case, claims)
    lasting = shares(case, owned)
    return Verdict(
        source=brought.source,
        owner_id=owned.owner_id,
        rule=brought.rule,
        owner_rule=owned.rule,
        rules=notes(case, claims, brought, owned),
        **_paid(brought),
        conflict=brought.conflict,
        shares=lasting,
        same_day_shares=same_day_shares(case, owned, lasting),
        open_until=owned.open_until,
    )


def _paid(brought: Brought) -> dict[str, str | None]:
    """Whom the source names: the claim that won, or what a ruling or an earlier visit named."""
    named = brought.ruling or brought.stands
    if named is not None:
        return named.model_dump(include={"channel_id", "agent_id", "referrer_id", "claim_id"})
    claim = brought.claim
    if claim is None:
        return {}
    by = {"referrer_id": claim.by} if claim.kind == "referral" else {"channel_id": claim.by, "agent_id": claim.agent_id}
    return {**by, "claim_id": claim.claim_id}
