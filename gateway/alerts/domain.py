"""Who is told what, pure (domain.md: rota, ownership; design.md: late is not live).

An alert has a subject (an offer, a greeting, a visit) and a recipient; told twice of the same subject in the same way
is told once. What follows depends on the facts given, never on the order in which they were read.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from contracts.alerts_api import AlertKind, Stage
from contracts.gateway_api import TurnCandidate
from contracts.periods import within
from contracts.rest import Role
from contracts.values import UtcDateTime
from gateway.policy import PolicyConfig

LATE = timedelta(minutes=2)
"""Older than this is late, and late is not live (design.md); at exactly this age it still is."""
STAGES: tuple[Stage, ...] = ("delivered", "shown", "read")
IN_THE_OFFICE = frozenset({"serving", "offered", "already_asked", "later", "other_team", "skill_needed", "shadow_days"})
"""Why the rota passes over somebody who is nevertheless there."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Recipient(_Frozen):
    """A person, or whoever has the role when `person_id` is None."""

    role: Role
    person_id: str | None = None


class Raised(_Frozen):
    """An alert to be stored. `expires_at` None: after the office's usual time."""

    kind: AlertKind
    subject_id: str
    recipient: Recipient
    expires_at: UtcDateTime | None = None
    owner_id: str | None = None
    receiver_id: str | None = None
    silent_days: int | None = None
    step: Literal["manager", "reception"] | None = None


class Arrival(_Frozen):
    """What is known when a party arrives. `last_contact_at`: the last visit, or follow-up that reached the customer.

    `signed`: a contract ended their being a lead.
    """

    visit_id: str
    at: UtcDateTime
    now: UtcDateTime
    returning: bool
    tags: frozenset[str] = frozenset()
    owner_id: str | None = None
    last_contact_at: UtcDateTime | None = None
    signed: bool = False


class Turn(_Frozen):
    """A decision of the rota about a visit. `offers` holds offer id and deadline by consultant.

    `known` are the kinds of alert that the visit's arrival raised.
    """

    visit_id: str
    decision_id: str
    rule: str
    offers: Mapping[str, tuple[str, UtcDateTime]] = {}
    owner_id: str | None = None
    candidates: tuple[TurnCandidate, ...] = ()
    known: frozenset[AlertKind] = frozenset()


def is_live(happened_at: datetime, now: datetime) -> bool:
    """Whether what happened then may still alert anybody."""
    return now - happened_at <= LATE


def of_arrival(arrival: Arrival, policy: PolicyConfig, zone: ZoneInfo) -> tuple[Raised, ...]:
    """A returning VIP is told to the owner and the managers, a long silent lead to the owner, else to the managers."""
    if not arrival.returning or not is_live(arrival.at, arrival.now):
        return ()
    owner = () if arrival.owner_id is None else (_person(arrival.owner_id),)
    manager = Recipient(role="manager")
    raised = []
    if is_vip(arrival.tags, policy):
        raised += [_about_visit("vip_return", arrival, to) for to in (*owner, manager)]
    if is_long_silent(arrival, policy, zone):
        raised += [_about_visit("silent_return", arrival, to) for to in owner or (manager,)]
    return tuple(raised)


def is_vip(tags: Iterable[str], policy: PolicyConfig) -> bool:
    wanted = {tag.casefold() for tag in policy.vip_tags}
    return any(tag.casefold() in wanted for tag in tags)


def is_long_silent(arrival: Arrival, policy: PolicyConfig, zone: ZoneInfo) -> bool:
    """The last instant of the period is still within it: silent for longer, not for exactly so long."""
    last = arrival.last_contact_at
    if last is None or arrival.signed:
        return False
    return not within(last, max(arrival.at, last), policy.silent_days, policy.day_count, zone)


def of_turn(turn: Turn) -> tuple[Raised, ...]:
    """Whoever is offered the visit learns of it, and what its arrival told others; an absent owner that they miss it.

    Nobody accepted: the managers, then the reception.
    """
    receivers = tuple(turn.offers)
    raised = [
        Raised(kind="offer", subject_id=offer_id, recipient=_person(person), expires_at=deadline)
        for person, (offer_id, deadline) in turn.offers.items()
    ]
    for kind in sorted(turn.known & {"vip_return", "silent_return"}):
        raised += [_for_visit(kind, turn, person) for person in receivers if person != turn.owner_id]
    if turn.owner_id is not None and turn.owner_id not in receivers and is_absent(turn.owner_id, turn.candidates):
        raised += [_for_visit("owner_absent", turn, person) for person in (turn.owner_id, *receivers)]
    step = _STEPS.get(turn.rule)
    if step is not None:
        to = Recipient(role=step)
        raised.append(
            Raised(kind="unanswered", subject_id=turn.decision_id, recipient=to, owner_id=turn.owner_id, step=step)
        )
    return tuple(raised)


def is_absent(owner_id: str, candidates: Iterable[TurnCandidate]) -> bool:
    """Away, signed out, silent, or never signed in today; who is busy with somebody is in the office."""
    seen = next((c for c in candidates if c.consultant_id == owner_id), None)
    return seen is None or (seen.outcome == "skipped" and seen.reason not in IN_THE_OFFICE)


def stages_up_to(stage: Stage) -> tuple[Stage, ...]:
    return STAGES[: STAGES.index(stage) + 1]


def is_over(expires_at: datetime, now: datetime) -> bool:
    """At that instant it is."""
    return now >= expires_at


_STEPS: dict[str, Literal["manager", "reception"]] = {"rota.manager": "manager", "rota.reception": "reception"}


def _person(person_id: str) -> Recipient:
    return Recipient(role="consultant", person_id=person_id)


def _about_visit(kind: AlertKind, arrival: Arrival, recipient: Recipient) -> Raised:
    days = None if arrival.last_contact_at is None else (arrival.at - arrival.last_contact_at).days
    return Raised(
        kind=kind,
        subject_id=arrival.visit_id,
        recipient=recipient,
        owner_id=arrival.owner_id,
        silent_days=days if kind == "silent_return" else None,
    )


def _for_visit(kind: AlertKind, turn: Turn, person_id: str) -> Raised:
    receiver = next(iter(sorted(turn.offers)), None)
    return Raised(
        kind=kind, subject_id=turn.visit_id, recipient=_person(person_id), owner_id=turn.owner_id, receiver_id=receiver
    )
