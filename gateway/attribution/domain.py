"""Attribution (判客), pure: the same evidence and policy always give the same verdict, in whatever order it is read.

Rules are weighed in the order of domain.md: older live ownership, then the first valid claim among referrals and
registrations, then walk-in. Every rule leaves a note, also when it lost or had nothing to read.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from contracts.gateway_api import RuleNote, Source, VisitKind
from contracts.values import UtcDateTime
from gateway.policy import PolicyConfig

FACE = "face"
"""The note that a verdict carries when a consented face match was among its evidence."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Received(_Frozen):
    """A consultant received a visit of this customer."""

    kind: Literal["received"] = "received"
    at: UtcDateTime
    visit_id: str
    consultant_id: str
    source: Source = "walk_in"


class Contact(_Frozen):
    """A follow-up. Only one that reached the customer keeps ownership alive."""

    kind: Literal["contact"] = "contact"
    at: UtcDateTime
    consultant_id: str
    reached: bool


class FaceMatch(_Frozen):
    """The customer, who had consented to it, was recognised on this visit: a fact beside the rules, none of them."""

    at: UtcDateTime
    node: str
    camera: str
    score: float
    threshold: float


Signal = Annotated[Received | Contact, Field(discriminator="kind")]


class Evidence(_Frozen):
    """All that a verdict reads. `arrived_at` is the moment the claim to be protected is judged at."""

    visit_id: str
    customer_id: str | None
    visit_kind: VisitKind
    arrived_at: UtcDateTime
    departed: frozenset[str] = frozenset()
    """Consultants who left the company: their customers are in the manager's pool."""
    signals: tuple[Signal, ...] = ()
    face: FaceMatch | None = None


@dataclass(frozen=True, slots=True)
class Ownership:
    consultant_id: str
    since: datetime
    last_reached_at: datetime
    source: Source

    def lives_at(self, when: datetime, lasting: timedelta) -> bool:
        """Rolling days, last instant included."""
        return when - self.last_reached_at <= lasting


@dataclass(frozen=True, slots=True)
class Verdict:
    source: Source
    owner_id: str | None
    rule: str
    rules: tuple[RuleNote, ...]


def ownership_at(signals: Iterable[Signal], when: datetime, lasting: timedelta) -> Ownership | None:
    """The last ownership that began at or before `when`; it may have lapsed by then.

    The first consultant to receive a customer owns them. While it lives, whoever else receives them assists;
    a visit received after it lapsed begins a new one. A contact by the owner that reached the customer renews it.
    """
    owner: Ownership | None = None
    for signal in sorted((s for s in signals if s.at <= when), key=_reading_order):
        if owner is None or not owner.lives_at(signal.at, lasting):
            if isinstance(signal, Received):
                owner = Ownership(signal.consultant_id, signal.at, signal.at, signal.source)
        elif isinstance(signal, Received) or (signal.reached and signal.consultant_id == owner.consultant_id):
            owner = Ownership(owner.consultant_id, owner.since, signal.at, owner.source)
    return owner


def judge(evidence: Evidence, policy: PolicyConfig) -> Verdict:
    """Weigh every rule. A first visit has no owner until a consultant receives it; that makes the next verdict."""
    earlier = [s for s in evidence.signals if not _of_this_visit(s, evidence.visit_id) and s.at <= evidence.arrived_at]
    known = ownership_at(earlier, evidence.arrived_at, policy.ownership)
    ownership_note = _weigh_ownership(evidence, known, policy)
    owned = ownership_note.outcome == "won"
    notes = (
        ownership_note,
        RuleNote(rule="referral", outcome="not_applicable", reason="no_referral"),
        RuleNote(rule="registration", outcome="not_applicable", reason="no_registration"),
        _weigh_walk_in(evidence, owned=owned),
        *_face_noted(evidence),
    )
    if owned and known is not None:
        return Verdict(known.source, known.consultant_id, "live_ownership", notes)
    return Verdict("walk_in", _receiver(evidence), "walk_in", notes)


def _weigh_ownership(evidence: Evidence, known: Ownership | None, policy: PolicyConfig) -> RuleNote:
    if evidence.visit_kind == "unknown":
        return RuleNote(rule="live_ownership", outcome="not_applicable", reason="visitor_unknown")
    if known is None:
        reason = "no_earlier_visit" if evidence.visit_kind == "first" else "never_received"
        return RuleNote(rule="live_ownership", outcome="not_applicable", reason=reason)
    facts = {
        "owner_id": known.consultant_id,
        "since": known.since.isoformat(),
        "last_reached_at": known.last_reached_at.isoformat(),
        "lapses_at": (known.last_reached_at + policy.ownership).isoformat(),
        "days": policy.ownership_days,
    }
    if known.consultant_id in evidence.departed:
        return RuleNote(rule="live_ownership", outcome="lost", reason="owner_departed", facts=facts)
    if not known.lives_at(evidence.arrived_at, policy.ownership):
        return RuleNote(rule="live_ownership", outcome="lost", reason="ownership_lapsed", facts=facts)
    return RuleNote(rule="live_ownership", outcome="won", reason="followed_up_in_time", facts=facts)


def _weigh_walk_in(evidence: Evidence, *, owned: bool) -> RuleNote:
    if owned:
        return RuleNote(rule="walk_in", outcome="lost", reason="customer_has_owner")
    receiver = _receiver(evidence)
    facts = {} if receiver is None else {"received_by": receiver}
    return RuleNote(rule="walk_in", outcome="won", reason="no_claim", facts=facts)


def _face_noted(evidence: Evidence) -> tuple[RuleNote, ...]:
    """It decides nothing, so it neither wins nor loses."""
    if evidence.face is None:
        return ()
    facts = evidence.face.model_dump(mode="json")
    return (RuleNote(rule=FACE, outcome="not_applicable", reason="recognised", facts=facts),)


def _receiver(evidence: Evidence) -> str | None:
    """The consultant who first received this very visit."""
    mine = [s for s in evidence.signals if isinstance(s, Received) and s.visit_id == evidence.visit_id]
    return min(mine, key=_reading_order).consultant_id if mine else None


def _of_this_visit(signal: Signal, visit_id: str) -> bool:
    return isinstance(signal, Received) and signal.visit_id == visit_id


def _reading_order(signal: Signal) -> tuple[datetime, str, str, str]:
    return signal.at, signal.kind, signal.consultant_id, signal.model_dump_json()
