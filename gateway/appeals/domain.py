"""Appeals, pure: until when, by whom, and what may become of one (domain.md: open to appeal for 7 days)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from contracts.appeals_api import AppealOutcome, AppealState, PartyKind
from contracts.periods import end_of, within
from contracts.policy import PolicyConfig
from gateway.attribution.domain import Verdict
from gateway.attribution.evidence import Called, Contact, Evidence, OwnerClaim, Received, Ruled

Unruled = Literal["", "not_received", "hidden_from_a_channel", "outcome_contradicts"]
Refusal = Literal["", "appeal_period_over", "verdict_superseded", "already_appealed", "not_your_verdict"]
NotDecided = Literal["", "already_decided", "party_to_it"]

AFTER: dict[tuple[AppealState, AppealOutcome], AppealState] = {
    ("open", "upheld"): "upheld",
    ("open", "rejected"): "rejected",
    ("open", "evidence_accepted"): "evidence_accepted",
}
"""Decided once: from any other state nothing follows."""


@dataclass(frozen=True, slots=True)
class Party:
    """In whose name an appeal is made. `agent_id`: the agent of a channel, when known."""

    kind: PartyKind
    id: str
    agent_id: str | None = None


@dataclass(frozen=True, slots=True)
class Filing:
    """An appeal as it is handed in. `superseded`: a newer verdict exists; `appealed`: this party did so before."""

    party: Party
    filed_at: datetime
    made_at: datetime
    superseded: bool
    appealed: bool


def open_until(made_at: datetime, policy: PolicyConfig, zone: ZoneInfo) -> datetime:
    """The last instant at which an appeal against a verdict may be filed."""
    return end_of(made_at, policy.appeal_days, policy.day_count, zone)


def refused(filing: Filing, concerned: frozenset[str], policy: PolicyConfig, zone: ZoneInfo) -> Refusal:
    """Why it may not be filed; empty when it may. `concerned`: the consultants of the verdict."""
    if filing.party.kind == "consultant" and filing.party.id not in concerned:
        return "not_your_verdict"
    if filing.appealed:
        return "already_appealed"
    if filing.superseded:
        return "verdict_superseded"
    if not within(filing.made_at, filing.filed_at, policy.appeal_days, policy.day_count, zone):
        return "appeal_period_over"
    return ""


def decided(state: AppealState, outcome: AppealOutcome) -> AppealState | None:
    """What it becomes; None when it was decided before."""
    return AFTER.get((state, outcome))


def undecidable(state: AppealState, manager_id: str, party: Party, concerned: frozenset[str]) -> NotDecided:
    """Why this manager may not decide it: it is decided, or they are a party to it."""
    if state != "open":
        return "already_decided"
    return "party_to_it" if manager_id in concerned | {party.id} else ""


def cannot_rule(
    hidden: bool, outcome: AppealOutcome, party: Party, owners: frozenset[str], *, received: bool
) -> Unruled:
    """Why a ruling on a hidden visit is no answer to this appeal: it is for who owns, or for who assisted."""
    if not received:
        return "not_received"
    if party.kind != "consultant":
        return "hidden_from_a_channel"
    upheld = hidden == (party.id in owners)
    return "" if outcome == ("upheld" if upheld else "rejected") else "outcome_contradicts"


def owners(verdict: Verdict) -> frozenset[str]:
    """Whose customer it is: the owner, and who shares it with them in good faith."""
    named = {verdict.owner_id, *(share.consultant_id for share in verdict.shares)}
    return frozenset(each for each in named if each is not None)


def both_sides(party: Party, receiver_id: str | None, *verdicts: Verdict) -> frozenset[str]:
    """The consultants to whom a decision that changed a verdict is told: who appealed, received, owned or owns."""
    own = {party.id} if party.kind == "consultant" else set()
    return frozenset(own | ({receiver_id} if receiver_id else set()) | {each for v in verdicts for each in owners(v)})


def consultants(evidence: Evidence | None, verdict: Verdict) -> frozenset[str]:
    """Whom the verdict is about: who owns, who received, and whoever spoke with the customer."""
    named = {verdict.owner_id, *(share.consultant_id for share in (*verdict.shares, *verdict.same_day_shares))}
    for signal in () if evidence is None else evidence.signals:
        if isinstance(signal, Received | Called | Contact | OwnerClaim):
            named.add(signal.consultant_id)
        elif isinstance(signal, Ruled):
            named.add(signal.owner_id)
    return frozenset(each for each in named if each is not None)
