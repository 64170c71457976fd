"""What every rule had to say of a visit, also when it lost or had nothing to read."""

from collections.abc import Sequence
from typing import Any

from contracts.gateway_api import RuleNote
from gateway.attribution import gate
from gateway.attribution.case import Case
from gateway.attribution.claims import Claim
from gateway.attribution.owners import Owned
from gateway.attribution.ownership import Ownership
from gateway.attribution.sources import Brought

FACE = "face"
"""The note that a verdict carries when a consented face match was among its evidence."""
_BEFORE_WALK_IN = {
    "appeal_upheld": "ruled_otherwise",
    "live_ownership": "customer_has_owner",
    "recent_visit": "visited_before",
    "non_customer": "non_customer",
}


def notes(case: Case, claims: Sequence[Claim], brought: Brought, owned: Owned) -> tuple[RuleNote, ...]:
    return (
        *_marked(case),
        *_ruling(case),
        _source_in_force(case, brought),
        _ownership(case, owned, brought),
        _recent_visit(case, brought),
        _referrals(claims, brought),
        _registrations(claims, brought),
        _walk_in(case, brought),
        *_hidden(case),
        *_face(case),
        *gate.notes(case),
    )


def _marked(case: Case) -> tuple[RuleNote, ...]:
    if case.marked is None:
        return ()
    facts = {"marked_as": case.marked.reason, "at": case.marked.at.isoformat()}
    return (RuleNote(rule="non_customer", outcome="won", reason="marked", facts=facts),)


def _ruling(case: Case) -> tuple[RuleNote, ...]:
    newest = max(filter(None, (case.ruled_source, case.ruled_owner)), key=lambda r: r.ruled_at, default=None)
    if newest is None:
        return ()
    facts = {"ruling_id": newest.ruling_id, "ruled_at": newest.ruled_at.isoformat()}
    return (RuleNote(rule="appeal_upheld", outcome="won", reason="ruled", facts=facts),)


def _source_in_force(case: Case, brought: Brought) -> RuleNote:
    rule, stands = "source_in_force", brought.stands
    if stands is not None:
        facts: dict[str, Any] = {
            "visit_id": stands.visit_id,
            "since": stands.at.isoformat(),
            "until": case.rules.source_until(stands.at).isoformat(),
        }
        reason = "conflict_stands" if stands.conflict else "protected"
        return RuleNote(rule=rule, outcome="won", reason=reason, facts=facts)
    earlier = [s for s in case.standing if s.source != "walk_in"]
    if not earlier:
        return RuleNote(rule=rule, outcome="not_applicable", reason="no_earlier_source")
    if case.marked is not None:
        return RuleNote(rule=rule, outcome="lost", reason="non_customer")
    if brought.ruling is not None:
        return RuleNote(rule=rule, outcome="lost", reason="ruled_otherwise")
    last = max(s.at for s in earlier)
    facts = {"since": last.isoformat(), "days": case.rules.policy.protection_to_contract_days}
    return RuleNote(rule=rule, outcome="lost", reason="source_lapsed", facts=facts)


def _ownership(case: Case, owned: Owned, brought: Brought) -> RuleNote:
    rule = "live_ownership"
    if case.known is None:
        return RuleNote(rule=rule, outcome="not_applicable", reason=owned.reason)
    facts = _ownership_facts(case, case.known)
    if owned.open_until is not None:
        facts |= {"claim_until": owned.open_until.isoformat(), "received_by": owned.owner_id}
    won = rule in (owned.rule, brought.rule)
    return RuleNote(rule=rule, outcome="won" if won else "lost", reason=owned.reason, facts=facts)


def _ownership_facts(case: Case, known: Ownership) -> dict[str, Any]:
    return {
        "owner_id": known.consultant_id,
        "since": known.since.isoformat(),
        "begun_by": known.begun_by,
        "last_reached_at": known.last_reached_at.isoformat(),
        "lapses_at": known.lapses_at.isoformat(),
        "days": case.rules.policy.ownership_days,
    }


def _recent_visit(case: Case, brought: Brought) -> RuleNote:
    rule = "recent_visit"
    if not case.visits:
        return RuleNote(rule=rule, outcome="not_applicable", reason="no_earlier_visit")
    last = case.visits[-1]
    facts = {"visit_id": last.visit_id, "at": last.at.isoformat(), "days": case.rules.policy.blocking_days}
    if brought.rule == rule:
        return RuleNote(rule=rule, outcome="won", reason="visited_before", facts=facts)
    return RuleNote(rule=rule, outcome="not_applicable", reason="blocks_nothing", facts=facts)


def _referrals(claims: Sequence[Claim], brought: Brought) -> RuleNote:
    mine = [c for c in claims if c.kind == "referral"]
    if not mine:
        return RuleNote(rule="referral", outcome="not_applicable", reason="no_referral")
    if brought.rule == "referral":
        return RuleNote(rule="referral", outcome="won", reason=brought.reason, facts=_claims(mine, brought))
    return RuleNote(rule="referral", outcome="lost", reason=_beaten(mine, brought), facts=_claims(mine, brought))


def _registrations(claims: Sequence[Claim], brought: Brought) -> RuleNote:
    mine = [c for c in claims if c.kind == "registration"]
    if not mine:
        return RuleNote(rule="registration", outcome="not_applicable", reason="no_registration")
    if brought.rule == "registration":
        return RuleNote(rule="registration", outcome="won", reason=brought.reason, facts=_claims(mine, brought))
    return RuleNote(rule="registration", outcome="lost", reason=_beaten(mine, brought), facts=_claims(mine, brought))


def _beaten(claims: Sequence[Claim], brought: Brought) -> str:
    """Of the claims that lost, the oldest valid one's reason, else the oldest one's."""
    reasons = [_lost_by(c, brought) for c in claims if c.valid] or [_lost_by(c, brought) for c in claims]
    return reasons[0]


def _lost_by(claim: Claim, brought: Brought) -> str:
    if claim.against:
        return claim.against
    if brought.ruling is not None:
        return "ruled_otherwise"
    return "source_stands" if brought.stands is not None else brought.beaten.get(claim.claim_id, "")


def _claims(claims: Sequence[Claim], brought: Brought) -> dict[str, Any]:
    return {
        "claims": [
            {
                "claim_id": c.claim_id,
                "by": c.by,
                "agent_id": c.agent_id,
                "at": c.at.isoformat(),
                "valid": c.valid,
                "lost_by": _lost_by(c, brought),
                **c.facts,
            }
            for c in claims
        ]
    }


def _walk_in(case: Case, brought: Brought) -> RuleNote:
    facts = {"received_by": case.received[0].consultant_id} if case.received else {}
    if brought.rule == "walk_in":
        return RuleNote(rule="walk_in", outcome="won", reason="no_claim", facts=facts)
    return RuleNote(rule="walk_in", outcome="lost", reason=_BEFORE_WALK_IN.get(brought.rule, "claimed"), facts=facts)


def _hidden(case: Case) -> tuple[RuleNote, ...]:
    """A ruling on this visit; it decides whose deal it would be that day, and nothing else."""
    if not case.received or not case.received[-1].hidden:
        return ()
    facts = {"received_by": case.received[-1].consultant_id}
    return (RuleNote(rule="hidden_visit", outcome="won", reason="kept_from_the_owner", facts=facts),)


def _face(case: Case) -> tuple[RuleNote, ...]:
    """It decides nothing, so it neither wins nor loses."""
    if case.evidence.face is None:
        return ()
    facts = case.evidence.face.model_dump(mode="json")
    return (RuleNote(rule=FACE, outcome="not_applicable", reason="recognised", facts=facts),)
