"""Ownership of a customer: who has it, since when, until when.

The earliest claim of anybody of the buying party begins it (a visit received, or a call that left a number), and so
does a manager's word about a customer whose owner left. A follow-up by the owner that reached the customer renews it,
and so does a visit, whoever receives it: they assist. A manager's ruling on whose customer it was begins one anew.

At one and the same instant a reception counts before a call (docs/adr/056-one-instant.md).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from gateway.attribution.evidence import Assigned, Called, Contact, Departed, OwnerClaim, Received, Ruled, Signal
from gateway.attribution.rules import Rules


@dataclass(frozen=True, slots=True)
class Ownership:
    """`lapses_at` is the last instant of the period that the last reaching contact began."""

    consultant_id: str
    since: datetime
    last_reached_at: datetime
    lapses_at: datetime
    begun_by: Literal["received", "called", "assigned", "ruled"]
    first_visit: bool = False
    """Begun by a visit that was recorded in good faith as the first."""
    ended: Literal["", "ownership_lapsed", "owner_departed"] = ""
    """Why it does not hold any more; empty while it lives."""


def ownership_at(signals: Iterable[Signal], when: datetime, rules: Rules) -> Ownership | None:
    """The last ownership begun at or before `when`; `ended` tells whether it still holds then."""
    ordered = sorted(signals, key=reading_order)
    claims = [s for s in ordered if isinstance(s, OwnerClaim)]
    owner: Ownership | None = None
    for signal in ordered:
        if signal.at <= when:
            owner = _after(signal, _as_of(signal.at, owner, rules), claims, rules)
    return _as_of(when, owner, rules)


def good_faith_owners(signals: Sequence[Signal], when: datetime, rules: Rules) -> tuple[str, ...]:
    """Who recorded a first visit of one of the party in good faith and owns that person still; the earliest first.

    Before the people were known to belong together, each had an owner of their own.
    """
    people = {customer for s in signals if (customer := customer_of(s)) is not None}
    firsts: list[tuple[datetime, str]] = []
    for person in people:
        own = [s for s in signals if customer_of(s) in (None, person)]
        owner = ownership_at(own, when, rules)
        if owner is not None and not owner.ended and owner.first_visit:
            firsts.append((owner.since, owner.consultant_id))
    return tuple(dict.fromkeys(consultant for _, consultant in sorted(firsts)))


def claimed_in_time(received: Received, owner_id: str, claims: Iterable[Signal], rules: Rules) -> bool:
    """Whether the earlier consultant claimed that visit within the window, last instant included."""
    return any(
        isinstance(claim, OwnerClaim)
        and (claim.visit_id, claim.consultant_id) == (received.visit_id, owner_id)
        and claim.at <= received.at + rules.claim_window
        for claim in claims
    )


def customer_of(signal: Signal) -> str | None:
    return None if isinstance(signal, Departed | OwnerClaim) else signal.customer_id


AT_ONE_INSTANT = ("came", "received", "called", "contact", "owner_claim", "departed", "assigned", "ruled")
"""A reception is witnessed by who stands there, a call by a consultant's word; what somebody takes in the instant they
leave goes to the pool with the rest; a manager's word comes after the facts it is about."""


def reading_order(signal: Signal) -> tuple[datetime, int, tuple[bool | str | datetime, ...], str]:
    """By time; at one instant by kind; of one kind a first visit and the older visit or ruling before the others."""
    among_equals: tuple[bool | str | datetime, ...] = ()
    if isinstance(signal, Received):
        among_equals = (not signal.first, signal.visit_id, signal.consultant_id)
    elif isinstance(signal, Ruled):
        among_equals = (signal.ruled_at, signal.ruling_id)
    return signal.at, AT_ONE_INSTANT.index(signal.kind), among_equals, signal.model_dump_json()


def _as_of(when: datetime, owner: Ownership | None, rules: Rules) -> Ownership | None:
    if owner is None or owner.ended or rules.ownership_lives(owner.last_reached_at, when):
        return owner
    return replace(owner, ended="ownership_lapsed")


def _after(signal: Signal, owner: Ownership | None, claims: Sequence[Signal], rules: Rules) -> Ownership | None:
    if isinstance(signal, Ruled):
        return _ruled(signal, owner, rules)
    if owner is None or owner.ended:
        return _begun(signal, rules) if isinstance(signal, Received | Called | Assigned) else owner
    if isinstance(signal, Departed):
        return replace(owner, ended="owner_departed") if signal.consultant_id == owner.consultant_id else owner
    if isinstance(signal, Received) and _takes_over(signal, owner, claims, rules):
        return _begun(signal, rules)
    if not _renews(signal, owner):
        return owner
    return replace(owner, last_reached_at=signal.at, lapses_at=rules.ownership_until(signal.at))


def _takes_over(signal: Received, owner: Ownership, claims: Sequence[Signal], rules: Rules) -> bool:
    """Unidentified and unclaimed: the last receiver owns."""
    if not signal.unidentified or signal.consultant_id == owner.consultant_id:
        return False
    return not claimed_in_time(signal, owner.consultant_id, claims, rules)


def _renews(signal: Signal, owner: Ownership) -> bool:
    if isinstance(signal, Received):
        return True
    by_owner = isinstance(signal, Contact | Called) and signal.consultant_id == owner.consultant_id
    return by_owner and (isinstance(signal, Called) or (isinstance(signal, Contact) and signal.reached))


def _ruled(signal: Ruled, owner: Ownership | None, rules: Rules) -> Ownership | None:
    if signal.owner_id is None:
        return owner
    if owner is not None and not owner.ended and owner.consultant_id == signal.owner_id:
        return replace(owner, last_reached_at=signal.at, lapses_at=rules.ownership_until(signal.at))
    return Ownership(signal.owner_id, signal.at, signal.at, rules.ownership_until(signal.at), "ruled")


def _begun(signal: Received | Called | Assigned, rules: Rules) -> Ownership:
    until = rules.ownership_until(signal.at)
    first = isinstance(signal, Received) and signal.first
    return Ownership(signal.consultant_id, signal.at, signal.at, until, signal.kind, first)
