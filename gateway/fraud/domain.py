"""Signals of fraud, pure: the same facts and policy always give the same signals, in whatever order they are read.

They are shown and decide nothing (domain.md, Attribution). Each says its figures and the thresholds it was held
against. What was withdrawn is not among the facts.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from uuid import NAMESPACE_OID, uuid5

from contracts.fraud_api import FraudCode
from contracts.gateway_api import Source
from contracts.policy import PolicyConfig

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Arrived:
    """A visit of a known person. `channels` brought it: by its verdict, or by an agent's code read for it."""

    visit_id: str
    person: str
    at: datetime
    source: Source
    channels: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Registered:
    """A registration as accepted. `number` and `ends` (first 3 and last 4) are opaque; a masked one has no `number`.

    `people`: whom of the office's visitors it matches; several only when it is masked.
    """

    registration_id: str
    channel_id: str
    agent_id: str
    at: datetime
    number: str | None
    ends: str | None
    people: frozenset[str] = frozenset()

    @property
    def masked(self) -> bool:
        return self.number is None


@dataclass(frozen=True, slots=True)
class Signal:
    """`at`: when it was complete. `figures` are numbers only: minutes, hours, counts, shares."""

    code: FraudCode
    at: datetime
    figures: Mapping[str, float]
    registration_ids: tuple[str, ...] = ()
    channel_ids: tuple[str, ...] = ()
    visit_id: str | None = None
    person: str | None = None
    agent_id: str | None = None

    @property
    def signal_id(self) -> str:
        """The same signal has the same id in every reading."""
        about = (self.code, self.visit_id or "", self.agent_id or "", *self.registration_ids)
        return str(uuid5(NAMESPACE_OID, "|".join(about)))


@dataclass(frozen=True)
class Facts:
    """Visits and registrations of the office around the period from `since` to before `until`."""

    since: datetime
    until: datetime
    visits: Iterable[Arrived]
    registrations: Iterable[Registered]
    policy: PolicyConfig = field(default_factory=PolicyConfig)

    def within(self, at: datetime) -> bool:
        return self.since <= at < self.until

    @cached_property
    def claims(self) -> Sequence[Registered]:
        """Oldest first."""
        return sorted(self.registrations, key=lambda r: (r.at, r.registration_id))

    @cached_property
    def arrivals(self) -> Sequence[Arrived]:
        """Oldest first."""
        return sorted(self.visits, key=lambda v: (v.at, v.visit_id))

    @cached_property
    def visits_of(self) -> Mapping[str, Sequence[Arrived]]:
        """By person, oldest first."""
        found: dict[str, list[Arrived]] = {}
        for visit in self.arrivals:
            found.setdefault(visit.person, []).append(visit)
        return found

    def pairs(self) -> Iterator[tuple[Registered, Arrived]]:
        """Each registration with each visit of whom it matches."""
        for claim in self.claims:
            for person in sorted(claim.people):
                yield from ((claim, visit) for visit in self.visits_of.get(person, ()))


def near_arrival(facts: Facts) -> Iterator[Signal]:
    """Registered within so many minutes before or after the arrival, last instant included."""
    limit = facts.policy.fraud_near_minutes
    for claim, visit in facts.pairs():
        before = visit.at - claim.at
        if facts.within(visit.at) and abs(before) <= limit * MINUTE:
            yield _pair("registered_near_arrival", claim, visit, {"minutes_before": before / MINUTE, "within": limit})


def after_arrival(facts: Facts) -> Iterator[Signal]:
    """A visit that nobody brought, registered after the arrival and within so many hours, last instant included."""
    limit = facts.policy.fraud_after_hours
    for claim, visit in facts.pairs():
        after = claim.at - visit.at
        if facts.within(visit.at) and visit.source == "walk_in" and timedelta(0) < after <= limit * HOUR:
            yield _pair("walk_in_registered_after", claim, visit, {"minutes_after": after / MINUTE, "hours": limit})


def many_channels(facts: Facts) -> Iterator[Signal]:
    """One full number registered by so many channels within so many rolling days; the fullest such span of each."""
    by_number: dict[str, list[Registered]] = {}
    for claim in facts.claims:
        if claim.number is not None:
            by_number.setdefault(claim.number, []).append(claim)
    for claims in by_number.values():
        spans = [span for span in _spans(claims, facts.policy.fraud_phone_days) if facts.within(span[-1].at)]
        fullest = max(spans, key=lambda span: len(_channels(span)), default=())
        if len(_channels(fullest)) >= facts.policy.fraud_phone_channels:
            yield Signal(
                "number_of_many_channels",
                fullest[-1].at,
                {
                    "channels": len(_channels(fullest)),
                    "registrations": len(fullest),
                    "hours": (fullest[-1].at - fullest[0].at) / HOUR,
                    "at_least": facts.policy.fraud_phone_channels,
                    "days": facts.policy.fraud_phone_days,
                },
                tuple(claim.registration_id for claim in fullest),
                _channels(fullest),
                person=min(frozenset[str]().union(*(claim.people for claim in fullest)), default=None),
            )


def rivals_masked(facts: Facts) -> Iterator[Signal]:
    """An agent whose masked numbers follow other channels' registrations of the same ends and bring nobody.

    Said of a set number of them and a set share of all that the agent registered masked in the period.
    """
    policy = facts.policy
    masked: dict[str, list[Registered]] = {}
    for claim in facts.claims:
        if claim.masked and facts.within(claim.at):
            masked.setdefault(claim.agent_id, []).append(claim)
    by_ends = _by_ends(facts.claims)
    for agent_id, claims in masked.items():
        followed = [c for c in claims if _follows(c, by_ends, policy.fraud_rival_hours) and not _brought(c, facts)]
        share = len(followed) / len(claims)
        if len(followed) >= policy.fraud_rival_cases and share >= policy.fraud_rival_share:
            yield Signal(
                "masked_behind_rivals",
                followed[-1].at,
                {
                    "followed": len(followed),
                    "masked": len(claims),
                    "share": share,
                    "at_least": policy.fraud_rival_cases,
                    "at_least_share": policy.fraud_rival_share,
                    "hours": policy.fraud_rival_hours,
                },
                tuple(claim.registration_id for claim in followed),
                _channels(followed),
                agent_id=agent_id,
            )


def _pair(code: FraudCode, claim: Registered, visit: Arrived, figures: dict[str, float]) -> Signal:
    return Signal(
        code,
        max(claim.at, visit.at),
        {**figures, "masked": float(claim.masked)},
        (claim.registration_id,),
        (claim.channel_id,),
        visit.visit_id,
        visit.person,
        claim.agent_id,
    )


def _spans(claims: Sequence[Registered], days: int) -> Iterator[Sequence[Registered]]:
    """Of each registration those up to so many days before it, itself last."""
    first = 0
    for last, claim in enumerate(claims):
        while claim.at - claims[first].at > timedelta(days=days):
            first += 1
        yield claims[first : last + 1]


def _channels(claims: Iterable[Registered]) -> tuple[str, ...]:
    return tuple(sorted({claim.channel_id for claim in claims}))


def _by_ends(claims: Iterable[Registered]) -> Mapping[str, Sequence[Registered]]:
    found: dict[str, list[Registered]] = {}
    for claim in claims:
        if claim.ends is not None:
            found.setdefault(claim.ends, []).append(claim)
    return found


def _follows(claim: Registered, by_ends: Mapping[str, Sequence[Registered]], hours: int) -> bool:
    """Another channel had registered those ends up to so many hours before, last instant included."""
    return any(
        other.channel_id != claim.channel_id and timedelta(0) < claim.at - other.at <= hours * HOUR
        for other in by_ends.get(claim.ends or "", ())
    )


def _brought(claim: Registered, facts: Facts) -> bool:
    visits = (visit for person in claim.people for visit in facts.visits_of.get(person, ()))
    return any(claim.channel_id in visit.channels for visit in visits if visit.at >= claim.at)
