"""Visits from signals, pure: the same set of signals gives the same visits, in whatever order they came.

Every rule is domain.md's (Visits). The live path decides each signal as it comes with the same functions; this decides
a whole day again, and is what a stored day is compared with.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from gateway.policy import PolicyConfig
from gateway.visits.domain import NOT_CUSTOMER, OFFICE_CLOSED, LastVisit, Match, closes_at, match_arrival
from gateway.visits.merged import Merged, Persons
from gateway.visits.parties import Claim, Crossing, Doors, Taken, earliest
from gateway.visits.signals import ARRIVALS, DEPARTURES, STAFF, Signal, in_order

Role = Literal["registered", "staff", "non_customer"]
NO_NUMBER = Match("new", "no_number_given")


@dataclass(frozen=True, slots=True)
class Step:
    """What one signal did to a visit, and the rule that said so."""

    rule: str
    at: datetime
    signal_id: str


@dataclass(frozen=True, slots=True)
class Counted:
    """People that one signal speaks for; the first `re_entering` of them were counted once before."""

    signal_id: str
    role: Role
    reason: str
    at: datetime
    people: int
    re_entering: int
    taken: tuple[Taken, ...]


@dataclass(frozen=True, slots=True)
class Visit:
    """One party's stay. `signals` are its arrivals, `visit_id` the first of them; `mistaken`: it never was."""

    visit_id: str
    party: str | None
    arrived_at: datetime
    people: int
    signals: frozenset[str]
    closed_at: datetime | None
    close_reason: str | None
    non_customer: str | None
    mistaken: bool
    steps: tuple[Step, ...]

    @property
    def dwell(self) -> timedelta | None:
        """None while it lasts, and for ever when the office closed on it: that end was not measured."""
        if self.closed_at is None or self.close_reason == OFFICE_CLOSED or self.mistaken:
            return None
        return self.closed_at - self.arrived_at


@dataclass(frozen=True, slots=True)
class Day:
    """`unplaced`: signals that belong to no visit, each with the rule that says so."""

    visits: tuple[Visit, ...]
    counted: tuple[Counted, ...]
    unplaced: dict[str, str]


@dataclass(slots=True)
class _Claimed:
    """A claim in the making: of a stay, or of people marked at the door."""

    signal_id: str
    at: datetime
    people: int
    since: datetime
    until: datetime
    re_entering: int = 0
    role: Role = "registered"
    reason: str = ""
    void: bool = False

    def claim(self) -> Claim:
        return Claim(self.signal_id, self.at, self.people, self.since, self.until)


@dataclass(slots=True)
class _End:
    """How a stay ended: None while it lasts."""

    at: datetime | None = None
    reason: str | None = None


@dataclass(slots=True)
class _Stay:
    visit_id: str
    party: str | None
    opened_at: datetime
    since: datetime
    people: int = 0
    end: _End = field(default_factory=_End)
    signals: set[str] = field(default_factory=set)
    claims: list[_Claimed] = field(default_factory=list)
    returns: list[tuple[_End, _Claimed]] = field(default_factory=list)
    non_customer: str | None = None
    before_mark: _End = field(default_factory=_End)
    mistaken: bool = False
    steps: list[Step] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        return self.end.at is None

    def note(self, rule: str, at: datetime, signal_id: str) -> None:
        self.steps.append(Step(rule, at, signal_id))


def assemble(
    signals: Iterable[Signal],
    policy: PolicyConfig,
    zone: ZoneInfo,
    *,
    until: datetime | None = None,
    merges: Iterable[Merged] = (),
) -> Day:
    """The visits of these signals. What the office closed on is closed as of `until`, by default the last signal.

    `merges`: those that stood at some time of the day, also such as were ended.
    """
    known = sorted({signal.signal_id: signal for signal in signals}.values(), key=in_order)
    fold = _Fold(known, policy, zone, Persons(merges))
    for signal in known:
        fold.take(signal)
    last = until or (known[-1].at if known else None)
    return fold.day(last)


class _Fold:
    def __init__(self, signals: Iterable[Signal], policy: PolicyConfig, zone: ZoneInfo, persons: Persons) -> None:
        self.policy, self.zone, self.persons = policy, zone, persons
        self.crossings = [Crossing(s.signal_id, s.at, s.people) for s in signals if s.kind == "crossing"]
        self.doors = Doors(self.crossings)
        self.stays: list[_Stay] = []
        self.of_signal: dict[str, _Stay] = {}
        self.claims: list[_Claimed] = []
        self.marks: dict[str, _Claimed] = {}
        self.unplaced: dict[str, str] = {}

    def take(self, signal: Signal) -> None:
        if signal.kind == "crossing":
            return
        if signal.kind in ARRIVALS:
            self._arrive(signal)
        elif signal.kind == "mark" and signal.about is None:
            self._mark_people(signal)
        elif signal.kind == "unmark" and signal.about in self.marks:
            self.marks.pop(signal.about).void = True
        else:
            self._about(signal)

    # ---- arrivals --------------------------------------------------------------------------------------------------
    def _arrive(self, signal: Signal) -> None:
        if signal.late:
            self.unplaced[signal.signal_id] = "late_is_not_live"
            return
        last = self._latest(signal.party, signal.at)
        if last is not None:
            self._close_when_due(last, signal.at)
        if last is not None and last.is_open:
            self._join(last, signal)
            return
        claimed = self._claim(signal, signal.people, since=None if last is None else last.end.at)
        back_at = earliest(signal.at, self.doors.take(claimed.claim()))
        match = NO_NUMBER if signal.party is None else match_arrival(_as_known(last), back_at, self.policy)
        if match.action == "reopen" and last is not None:
            self._return(last, signal, claimed, match.rule)
        else:
            self._open(signal, claimed, match.rule)

    def _open(self, signal: Signal, claimed: _Claimed, rule: str) -> None:
        stay = _Stay(signal.signal_id, signal.party, signal.at, signal.at, signal.people)
        stay.claims.append(claimed)
        self.stays.append(stay)
        self._joined(stay, signal, rule)

    def _join(self, stay: _Stay, signal: Signal) -> None:
        more = max(0, signal.people - stay.people)
        claimed = self._claim(signal, more)
        self.doors.take(claimed.claim())
        stay.people += more
        stay.claims.append(claimed)
        self._joined(stay, signal, "visit_still_open")

    def _return(self, stay: _Stay, signal: Signal, claimed: _Claimed, rule: str) -> None:
        claimed.re_entering = min(signal.people, stay.people)
        stay.people = max(stay.people, signal.people)
        stay.returns.append((stay.end, claimed))
        stay.claims.append(claimed)
        stay.end, stay.since = _End(), signal.at
        self._joined(stay, signal, rule)

    def _joined(self, stay: _Stay, signal: Signal, rule: str) -> None:
        stay.signals.add(signal.signal_id)
        self.of_signal[signal.signal_id] = stay
        stay.note(rule, signal.at, signal.signal_id)

    def _latest(self, party: str | None, at: datetime) -> _Stay | None:
        """Of the person whom that party was then, on whichever of their files."""
        if party is None:
            return None
        person = self.persons.of(party, at)
        own = [stay for stay in self.stays if stay.party is not None and self.persons.of(stay.party, at) == person]
        return max(own, key=lambda stay: (stay.opened_at, stay.visit_id), default=None)

    def _claim(self, signal: Signal, people: int, since: datetime | None = None) -> _Claimed:
        """Who left came through the door again after that."""
        reach = self.policy.badge_door if signal.how in ("badge", "scan") else self.policy.checkin_door
        begin = signal.at - reach
        claimed = _Claimed(
            signal.signal_id, signal.at, people, begin if since is None else max(begin, since), signal.at + reach
        )
        self.claims.append(claimed)
        return claimed

    # ---- what is said of a visit -----------------------------------------------------------------------------------
    def _about(self, signal: Signal) -> None:
        stay = self.of_signal.get(signal.about or "")
        if stay is None:
            self.unplaced[signal.signal_id] = "no_such_visit"
            return
        self._close_when_due(stay, signal.at)
        rule = self._said(stay, signal)
        if rule.startswith("not_"):
            self.unplaced[signal.signal_id] = rule
        else:
            stay.note(rule, signal.at, signal.signal_id)

    def _said(self, stay: _Stay, signal: Signal) -> str:
        if signal.kind in DEPARTURES:
            return self._depart(stay, signal)
        if signal.kind == "joiner":
            return self._joiner(stay, signal)
        if signal.kind == "named":
            stay.party = signal.party
            return "named" if signal.party else "unnamed"
        if signal.kind == "mark":
            return self._mark(stay, signal)
        if signal.kind == "unmark":
            return self._unmark(stay, signal)
        if signal.kind == "mistaken":
            return self._mistaken(stay, signal)
        return self._undo_return(stay)

    def _depart(self, stay: _Stay, signal: Signal) -> str:
        if not stay.is_open:
            return "not_open"
        stay.end = _End(signal.at, signal.reason)
        return signal.kind

    def _joiner(self, stay: _Stay, signal: Signal) -> str:
        if not stay.is_open:
            return "not_open"
        claimed = self._claim(signal, signal.people)
        self.doors.take(claimed.claim())
        stay.people += signal.people
        stay.claims.append(claimed)
        return "late_joiner"

    def _mark(self, stay: _Stay, signal: Signal) -> str:
        if stay.non_customer is not None or stay.mistaken:
            return "not_again"
        stay.non_customer, stay.before_mark = signal.reason, stay.end
        stay.end = _End(stay.end.at or signal.at, NOT_CUSTOMER)
        return "non_customer"

    def _unmark(self, stay: _Stay, signal: Signal) -> str:
        if stay.non_customer is None:
            return "not_marked"
        stay.non_customer, stay.end = None, stay.before_mark
        if stay.is_open:
            self._close_when_due(stay, signal.at)
        if stay.is_open:
            stay.since = signal.at
        return "customer_after_all"

    def _mistaken(self, stay: _Stay, signal: Signal) -> str:
        if stay.mistaken:
            return "not_again"
        stay.mistaken, stay.party = True, None
        stay.end = _End(stay.end.at or signal.at, signal.reason)
        for claimed in stay.claims:
            claimed.void = True
        return "mistaken"

    def _undo_return(self, stay: _Stay) -> str:
        if not stay.returns or not stay.is_open:
            return "not_returned"
        stay.end, claimed = stay.returns.pop()
        claimed.void = True
        stay.signals.discard(claimed.signal_id)
        return "had_left"

    def _mark_people(self, signal: Signal) -> None:
        claimed = self._claim(signal, signal.people)
        claimed.role = "staff" if signal.reason == STAFF else "non_customer"
        claimed.reason = signal.reason
        self.doors.take(claimed.claim())
        self.marks[signal.signal_id] = claimed

    def _close_when_due(self, stay: _Stay, now: datetime) -> None:
        due = closes_at(stay.since, self.policy.closing_time, self.zone)
        if stay.is_open and now >= due:
            stay.end = _End(due, OFFICE_CLOSED)
            stay.note(OFFICE_CLOSED, due, stay.visit_id)

    # ---- the result ------------------------------------------------------------------------------------------------
    def day(self, until: datetime | None) -> Day:
        """Doors once more, now that it is known which arrivals never were: what those had chosen is free again."""
        doors = Doors(self.crossings)
        taken = {claimed.signal_id: doors.take(claimed.claim()) for claimed in self.claims if not claimed.void}
        if until is not None:
            for stay in self.stays:
                self._close_when_due(stay, until)
        marked = {claimed.signal_id: stay for stay in self.stays if stay.non_customer for claimed in stay.claims}
        return Day(
            visits=tuple(_visit(stay, taken) for stay in self.stays),
            counted=tuple(
                _counted(claimed, marked.get(claimed.signal_id), taken) for claimed in self.claims if not claimed.void
            ),
            unplaced=self.unplaced,
        )


def _as_known(stay: _Stay | None) -> LastVisit | None:
    if stay is None:
        return None
    return LastVisit(stay.visit_id, "closed", stay.opened_at, stay.end.at, stay.end.reason)


def _visit(stay: _Stay, taken: dict[str, tuple[Taken, ...]]) -> Visit:
    signs = (earliest(c.at, taken.get(c.signal_id, ())) for c in stay.claims if not c.void)
    return Visit(
        visit_id=stay.visit_id,
        party=stay.party,
        arrived_at=min(signs, default=stay.opened_at),
        people=stay.people,
        signals=frozenset(stay.signals),
        closed_at=stay.end.at,
        close_reason=stay.end.reason,
        non_customer=stay.non_customer,
        mistaken=stay.mistaken,
        steps=tuple(stay.steps),
    )


def _counted(claimed: _Claimed, marked: _Stay | None, taken: dict[str, tuple[Taken, ...]]) -> Counted:
    return Counted(
        signal_id=claimed.signal_id,
        role=claimed.role if marked is None else "non_customer",
        reason=claimed.reason if marked is None else marked.non_customer or "",
        at=claimed.at,
        people=claimed.people,
        re_entering=claimed.re_entering,
        taken=taken[claimed.signal_id],
    )
