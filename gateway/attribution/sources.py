"""Who brought them, and what is paid: a source that stands, older ownership, claims in order, walk-in."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from contracts.gateway_api import Source
from gateway.attribution.case import Case
from gateway.attribution.claims import Claim, first_of
from gateway.attribution.evidence import Ruled, Standing

Beaten = Literal["later_claim", "masked_number", "not_brought", "masked_conflict", "older_registration", "non_customer"]
WonBy = Literal[
    "protected",
    "no_claim",
    "marked",
    "ruled",
    "visited_before",
    "first_claim",
    "only_claim",
    "first_registered",
    "first_registered_without_scan",
    "brought_by_scan",
    "proven_by_scan",
    "proven_by_number",
    "masked_conflict",
]


@dataclass(frozen=True, slots=True)
class Brought:
    """The answer, the rule and the reason that gave it. `beaten`: why each valid claim that did not win lost."""

    rule: Literal[
        "non_customer",
        "appeal_upheld",
        "source_in_force",
        "live_ownership",
        "recent_visit",
        "referral",
        "registration",
        "walk_in",
    ]
    reason: WonBy
    source: Source = "walk_in"
    claim: Claim | None = None
    stands: Standing | None = None
    ruling: Ruled | None = None
    conflict: tuple[str, ...] = ()
    beaten: Mapping[str, Beaten] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Channels:
    """Of the valid registrations: the winner and why, or none when nothing decides between those in `conflict`."""

    claim: Claim | None
    reason: WonBy
    conflict: tuple[Claim, ...] = ()
    beaten: Mapping[str, Beaten] = field(default_factory=dict)


def who_brought(case: Case, claims: Sequence[Claim]) -> Brought:
    if case.marked is not None:
        return Brought("non_customer", "marked", beaten=_all(claims, "non_customer"))
    ruling = case.ruled_source
    if ruling is not None and ruling.source is not None:
        return Brought("appeal_upheld", "ruled", ruling.source, ruling=ruling)
    stands = source_in_force(case)
    if stands is not None:
        return Brought("source_in_force", "protected", stands.source, stands=stands, conflict=stands.conflict)
    won = _among_claims(case, claims)
    if won is not None:
        return won
    if case.owned:
        return Brought("live_ownership", "no_claim")
    if any(c.against == "visited_before" for c in claims):
        return Brought("recent_visit", "visited_before")
    return Brought("walk_in", "no_claim")


def source_in_force(case: Case) -> Standing | None:
    """What the party's first visit was attributed to, while its protection to the contract runs, last instant in.

    Later visits under that protection extend nothing.
    """
    first: Standing | None = None
    for visit in sorted(case.standing, key=lambda v: (v.at, v.visit_id)):
        if visit.source != "walk_in" and (first is None or not case.rules.source_stands(first.at, visit.at)):
            first = visit
    if first is None or not case.rules.source_stands(first.at, case.evidence.arrived_at):
        return None
    return first


def _among_claims(case: Case, claims: Sequence[Claim]) -> Brought | None:
    registrations = [c for c in claims if c.valid and c.kind == "registration"]
    referrals = [c for c in claims if c.valid and c.kind == "referral"]
    referral, oldest = first_of(referrals), first_of(registrations)
    if referral is not None and (oldest is None or referral.at < oldest.at):
        beaten = _all(registrations, "later_claim") | _all(referrals, "later_claim", but=referral)
        return Brought("referral", "first_claim", "referral", claim=referral, beaten=beaten)
    if oldest is None:
        return None
    channels = _among_channels(case, registrations, claims)
    return Brought(
        "registration",
        channels.reason,
        "channel",
        claim=channels.claim,
        conflict=tuple(sorted(c.claim_id for c in channels.conflict)),
        beaten={**channels.beaten, **_all(referrals, "older_registration")},
    )


def _among_channels(case: Case, valid: list[Claim], claims: Sequence[Claim]) -> _Channels:
    """A full number or a scan proves that a claim means this visitor; among the proven the channel rule decides."""
    if len({c.by for c in valid}) == 1:
        chosen = first_of(valid)
        return _Channels(chosen, "only_claim", beaten=_all(valid, "later_claim", but=chosen))
    scanned = _scanned(case, valid)
    numbers = {(c.by, c.customer_id) for c in claims if c.proves_number}
    proven = [c for c in valid if (c.by, c.customer_id) in numbers or (scanned is not None and c.by == scanned.by)]
    if not proven:
        return _Channels(None, "masked_conflict", tuple(valid), _all(valid, "masked_conflict"))
    brings = case.rules.policy.channel_rule == "first_brought"
    if brings and scanned is not None:
        return _Channels(scanned, "brought_by_scan", beaten=_all(valid, "not_brought", but=scanned))
    chosen = first_of(proven)
    unproven = _all([c for c in valid if c not in proven], "masked_number")
    return _Channels(
        chosen,
        _reason(chosen, proven, scanned, brings=brings),
        beaten=_all(proven, "later_claim", but=chosen) | unproven,
    )


def _reason(chosen: Claim | None, proven: list[Claim], scanned: Claim | None, *, brings: bool) -> WonBy:
    if len({c.by for c in proven}) == 1:
        by_scan = chosen is not None and chosen.masked and scanned is not None
        return "proven_by_scan" if by_scan else "proven_by_number"
    return "first_registered_without_scan" if brings else "first_registered"


def _scanned(case: Case, valid: list[Claim]) -> Claim | None:
    """The claim of the channel whose agent's code was the first good one read at the kiosk; that agent's own first."""
    for scan in sorted(case.evidence.scans, key=lambda s: (s.at, s.channel_id, s.agent_id)):
        proves = not scan.refused and case.rules.same_scope(scan.project, case.evidence.project)
        channel = [c for c in valid if proves and c.by == scan.channel_id]
        if channel:
            return first_of([c for c in channel if c.agent_id == scan.agent_id] or channel)
    return None


def _all(claims: Iterable[Claim], why: Beaten, *, but: Claim | None = None) -> dict[str, Beaten]:
    return {c.claim_id: why for c in claims if c is not but}
