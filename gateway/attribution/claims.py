"""Claims of channels and referrers: which of them are valid for this visit, and what speaks against the others."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from gateway.attribution.case import Case
from gateway.attribution.evidence import Referral, Registration

ClaimKind = Literal["registration", "referral"]
Against = Literal[
    "",
    "withdrawn",
    "other_project",
    "after_arrival",
    "too_shortly_before",
    "protection_lapsed",
    "older_ownership",
    "visited_before",
    "repeat_extends_nothing",
    "referrer_not_signed",
    "customer_known",
    "recorded_after_arrival",
    "referral_lapsed",
]


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim as weighed. `against` is why it is not valid, empty when it is."""

    kind: ClaimKind
    claim_id: str
    by: str
    agent_id: str | None
    at: datetime
    masked: bool
    against: Against
    facts: dict[str, Any]
    customer_id: str = ""

    @property
    def valid(self) -> bool:
        return not self.against

    @property
    def proves_number(self) -> bool:
        """A full number, also when registering it again extended nothing."""
        return not self.masked and self.against in ("", "repeat_extends_nothing")


def weigh(case: Case) -> list[Claim]:
    """Every claim on the party, each with what speaks against it."""
    registrations = sorted(case.registrations, key=lambda r: (r.accepted_at, r.registration_id))
    weighed: list[Claim] = []
    standing: list[Registration] = []
    for each in registrations:
        against = _against_registration(each, case)
        if _counted_once(each, case):
            if not any(_repeats(each, earlier, case) for earlier in standing):
                standing.append(each)
            elif not against:
                against = "repeat_extends_nothing"
        weighed.append(_registered(each, against, case))
    referrals = sorted(case.referrals, key=lambda r: (r.recorded_at, r.referral_id))
    return weighed + [_referred(each, case) for each in referrals]


def first_of(claims: Iterable[Claim]) -> Claim | None:
    """The earliest; of two at one instant the one with the smaller id, so that order of reading decides nothing."""
    return min(claims, key=lambda c: (c.at, c.claim_id), default=None)


def _counted_once(each: Registration, case: Case) -> bool:
    """It was a claim when it was accepted: of this project, and no visit stood in its way."""
    return case.rules.same_scope(each.project, case.evidence.project) and not _visited_before(each, case)


def _visited_before(each: Registration, case: Case) -> bool:
    return any(v.brought_by != each.channel_id and case.rules.blocks(v.at, each.accepted_at) for v in case.visits)


def _repeats(each: Registration, earlier: Registration, case: Case) -> bool:
    """The same channel registers the same number while its earlier registration is live, withdrawn later or not."""
    if (earlier.channel_id, earlier.customer_id) != (each.channel_id, each.customer_id):
        return False
    withdrawn = earlier.withdrawn_at is not None and earlier.withdrawn_at <= each.accepted_at
    return not withdrawn and case.rules.protected(earlier.accepted_at, each.accepted_at)


def _against_registration(each: Registration, case: Case) -> Against:
    rules, arrived = case.rules, case.evidence.arrived_at
    if not rules.same_scope(each.project, case.evidence.project):
        return "other_project"
    if each.accepted_at > arrived:
        return "after_arrival"
    if each.withdrawn_at is not None and each.withdrawn_at <= arrived:
        return "withdrawn"
    if arrived - each.accepted_at < rules.before_arrival:
        return "too_shortly_before"
    if not rules.protected(each.accepted_at, arrived):
        return "protection_lapsed"
    if case.owned and case.known is not None and case.known.since < each.accepted_at:
        return "older_ownership"
    return "visited_before" if _visited_before(each, case) else ""


def _against_referral(each: Referral, case: Case) -> Against:
    rules, arrived = case.rules, case.evidence.arrived_at
    if not rules.same_scope(each.project, case.evidence.project):
        return "other_project"
    if each.signed_at is None or each.signed_at > each.recorded_at:
        return "referrer_not_signed"
    if case.evidence.visit_kind != "first" or case.acquainted:
        return "customer_known"
    if each.recorded_at >= arrived:
        with_owner = each.owner_present and rules.same_local_day(each.recorded_at, arrived)
        return "" if with_owner else "recorded_after_arrival"
    return "" if rules.referral_lives(each.recorded_at, arrived) else "referral_lapsed"


def _registered(each: Registration, against: Against, case: Case) -> Claim:
    facts = {"protected_until": case.rules.protected_until(each.accepted_at).isoformat(), "masked": each.masked}
    return Claim(
        "registration",
        each.registration_id,
        each.channel_id,
        each.agent_id,
        each.accepted_at,
        each.masked,
        against,
        facts,
        each.customer_id,
    )


def _referred(each: Referral, case: Case) -> Claim:
    against = _against_referral(each, case)
    facts = {"days": case.rules.policy.referral_days, "owner_present": each.owner_present}
    return Claim("referral", each.referral_id, each.referrer_id, None, each.recorded_at, False, against, facts)
