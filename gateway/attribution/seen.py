"""Which verdict each side reads, pure (domain.md, Attribution): result, rule, times and its own evidence.

Whatever is about other people appears as "exists, dated": what kind of thing it was and when, without whose.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel

from contracts.verdicts_api import SeenAnswer, SeenEvidence, SeenRule, SeenWho, Side
from gateway.attribution.domain import Verdict
from gateway.attribution.evidence import (
    Came,
    Departed,
    Evidence,
    Ruled,
    Signal,
)
from gateway.attribution.gate import GATE

WHOLE: frozenset[Side] = frozenset({"manager", "reception"})
"""They decide and explain: nothing of a visit to their own office is hidden from them."""


@dataclass(frozen=True, slots=True)
class Reader:
    """`id` is the consultant's or the channel's, empty for the office's manager and reception.

    `agent_id`: of a channel only this agent's own registrations and scans are theirs; None for the whole channel.
    """

    side: Side
    id: str = ""
    agent_id: str | None = None


def seen_by(reader: Reader, verdict: Verdict, evidence: Evidence | None) -> SeenAnswer:
    """What `reader` may know of a verdict. Never a name or a number of anybody: ids of their own, and times."""
    paid = verdict.channel_id if verdict.source == "channel" else verdict.referrer_id
    return SeenAnswer(
        source=verdict.source,
        rule=verdict.rule,
        owner_rule=verdict.owner_rule,
        paid_to=_who(reader, "channel", paid, verdict.agent_id),
        owner=_who(reader, "consultant", verdict.owner_id),
        conflict=bool(verdict.conflict),
        open_until=verdict.open_until,
        own_percent=next((s.percent for s in verdict.shares if _is(reader, "consultant", s.consultant_id)), None),
        own_percent_same_day=next(
            (s.percent for s in verdict.same_day_shares if _is(reader, "consultant", s.consultant_id)), None
        ),
        rules=list(_rules(reader, verdict)),
        evidence=[] if evidence is None else sorted(_told(reader, evidence), key=lambda e: (e.at, e.kind, e.own)),
    )


def concerns(seen: SeenAnswer) -> bool:
    """Whether the reader owns, received, or spoke with the customer."""
    return seen.owner == "you" or any(each.own for each in seen.evidence if each.kind not in ("arrival", "ruling"))


def _rules(reader: Reader, verdict: Verdict) -> Iterator[SeenRule]:
    """The visitor's own answers are nobody's evidence but the office's: of them the others read that they exist."""
    answered = [note for note in verdict.rules if note.rule == GATE]
    for note in verdict.rules:
        if reader.side in WHOLE or note.rule != GATE:
            yield SeenRule(rule=note.rule, outcome=note.outcome, reason=note.reason)
    if answered and reader.side not in WHOLE:
        yield SeenRule(rule=GATE, outcome="not_applicable", reason="gate_stated")


def _told(reader: Reader, evidence: Evidence) -> Iterator[SeenEvidence]:
    yield SeenEvidence(kind="arrival", at=evidence.arrived_at, own=True, facts={"visit_id": evidence.visit_id})
    named = _named(evidence.signals)
    for signal in evidence.signals:
        if isinstance(signal, Departed) and signal.consultant_id not in named:
            continue
        yield _signal(reader, signal, evidence.visit_id)
    for claim in evidence.registrations:
        own = _is(reader, "channel", claim.channel_id, claim.agent_id)
        yield _told_of("registration", claim, claim.accepted_at, {"registration_id", "masked", "withdrawn_at"}, own=own)
    for referral in evidence.referrals:
        own = reader.side in WHOLE
        yield _told_of("referral", referral, referral.recorded_at, {"referral_id", "owner_present"}, own=own)
    for scan in evidence.scans:
        own = _is(reader, "channel", scan.channel_id, scan.agent_id)
        yield _told_of("scan", scan, scan.at, {"refused"}, own=own)
    for stated in evidence.gate:
        answers = {"asked_by", "first_visit", "family_visited", "contacted"}
        yield _told_of(GATE, stated, stated.at, answers, own=reader.side in WHOLE)
    for standing in evidence.standing:
        own = _is(reader, "channel", standing.channel_id, standing.agent_id)
        yield _told_of("earlier_source", standing, standing.at, {"source", "claim_id"}, own=own)
    for mark in evidence.marked:
        own = reader.side in WHOLE
        yield _told_of("mark", mark, mark.at, {"visit_id", "reason"}, own=own)
    if evidence.face is not None:
        yield SeenEvidence(kind="face", at=evidence.face.at, own=reader.side in WHOLE)


def _named(signals: Iterable[Signal]) -> set[str]:
    """Whom the rest of the evidence is about: that anybody else has left this office says nothing of this visit."""
    others = [signal for signal in signals if not isinstance(signal, Departed)]
    ids = {getattr(signal, field, None) for signal in others for field in ("consultant_id", "owner_id")}
    return {each for each in ids if each is not None}


def _signal(reader: Reader, signal: Signal, visit_id: str) -> SeenEvidence:
    """A visit is its receiver's, a call and a follow-up theirs who made it, a ruling everybody's."""
    if isinstance(signal, Ruled):
        return _told_of("ruling", signal, signal.ruled_at, {"ruling_id", "source"}, own=signal.visit_id == visit_id)
    if isinstance(signal, Came):
        own = reader.side in WHOLE or _is(reader, "channel", signal.brought_by)
        return _told_of("visit", signal, signal.at, {"visit_id"}, own=own)
    own = _is(reader, "consultant", signal.consultant_id)
    return _told_of(signal.kind, signal, signal.at, {"visit_id", "first", "unidentified", "reached"}, own=own)


def _told_of(kind: str, fact: BaseModel, at: datetime, fields: set[str], *, own: bool) -> SeenEvidence:
    facts = fact.model_dump(mode="json", include=fields, exclude_none=True) if own else {}
    return SeenEvidence(kind=kind, at=at, own=own, facts=facts)


def _who(reader: Reader, side: Side, who: str | None, agent_id: str | None = None) -> SeenWho:
    if who is None:
        return "nobody"
    return "you" if reader.side == side and _is(reader, side, who, agent_id) else "somebody"


def _is(reader: Reader, side: Side, who: str | None, agent_id: str | None = None) -> bool:
    """Whether it is the reader's own; to manager and reception everything is."""
    if reader.side in WHOLE:
        return True
    if reader.side != side or who is None or who != reader.id:
        return False
    return reader.agent_id is None or agent_id is None or agent_id == reader.agent_id
