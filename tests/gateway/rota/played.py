"""Plays a day with the rota's own `decide`, doing with each decision what the gateway's store and offers do."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from contracts.gateway_api import TurnOrder
from gateway.policy import PolicyConfig
from gateway.rota.domain import LADDER, absence_from, decide, order_of
from gateway.rota.model import Absence, Ask, Decision, Inputs, Request, Seat, SeatState, Step
from tests.gateway.people import letter, letters, uid
from tests.gateway.rota.days import Day, Event, Line

SEVEN = datetime(2026, 11, 20, 23, 0, tzinfo=UTC)
TODAY = date(2026, 11, 21)
POLICY = PolicyConfig()


def instant(second: int) -> datetime:
    return SEVEN + timedelta(seconds=second)


@dataclass
class Person:
    signed_in: datetime
    free_since: datetime
    signed_out: bool = False
    absence: Absence | None = None


@dataclass
class Visit:
    name: str
    arrived: int
    more: dict[str, Any]
    state: str = "waiting"
    consultant: str | None = None
    asked: list[Ask] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    decided: bool = False
    pending: dict[str, int] = field(default_factory=dict)
    """Who is asked now, and until when."""


@dataclass
class Played:
    """The office while a day is played; `lines` is what was decided, `turns` how often each was offered one."""

    day: Day
    policy: PolicyConfig = POLICY
    now: int = 0
    people: dict[str, Person] = field(default_factory=dict)
    heard: dict[str, int] = field(default_factory=dict)
    asleep: set[str] = field(default_factory=set)
    visits: list[Visit] = field(default_factory=list)
    places: dict[str, dict[str, int]] = field(default_factory=lambda: {"walk_in": {}, "channel": {}})
    make_ups: dict[str, dict[str, datetime]] = field(default_factory=lambda: {"walk_in": {}, "channel": {}})
    lines: list[Line] = field(default_factory=list)
    kept: list[tuple[Inputs, Decision]] = field(default_factory=list)

    def play(self) -> list[Line]:
        for event in self.day.events:
            self._pass_time(event.at)
            getattr(self, f"_{event.kind}")(event)
        return self.lines

    def _pass_time(self, until: int) -> None:
        while (due := self._next_due()) is not None and due <= until:
            self.now = due
            for visit in self.visits:
                late = [who for who, end in visit.pending.items() if end <= due]
                for who in late:
                    del visit.pending[who]
                self._wait_again(visit)
            self.dispatch()
        self.now = until

    def _next_due(self) -> int | None:
        ends = [end for v in self.visits for end in v.pending.values()]
        for visit in (v for v in self.visits if v.state == "waiting" and v.steps):
            if visit.steps[-1].rule == "rota.manager":
                told = int((visit.steps[-1].at - SEVEN).total_seconds())
                ends.append(told + self.policy.manager_seconds)
        return min(ends, default=None)

    def _wait_again(self, visit: Visit) -> None:
        if visit.state == "offered" and not visit.pending:
            visit.state = "waiting"

    def dispatch(self) -> None:
        for visit in self.visits:
            if visit.state != "waiting":
                continue
            if visit.asked or visit.steps or not visit.decided or self._anyone_free():
                self._decide(visit)

    def _anyone_free(self) -> bool:
        return any(self._state(who) == "free" for who in self.people)

    def _decide(self, visit: Visit) -> None:
        inputs = self.inputs(visit)
        decision = decide(inputs, self.policy)
        steps_up = decision.rule in LADDER and decision.rule not in {s.rule for s in visit.steps}
        if not (decision.chosen or steps_up or not visit.decided):
            return
        visit.decided = True
        self.kept.append((inputs, decision))
        chosen = tuple(letters(decision.chosen))
        self.lines.append(Line(self.now, visit.name, decision.rule, chosen, decision.uses_turn))
        if steps_up:
            visit.steps.append(Step.model_validate({"rule": decision.rule, "at": instant(self.now)}))
        if chosen:
            self._follow(visit, decision)

    def _follow(self, visit: Visit, decision: Decision) -> None:
        ring, owed = self.places[decision.order], self.make_ups[decision.order]
        for person in decision.to_end:
            ring[letter(person)] = max(ring.values()) + 1
        for person in decision.make_ups_opened:
            assert letter(person) not in owed, "one open at a time each"
            owed[letter(person)] = instant(self.now)
        if decision.make_up_used:
            del owed[letter(decision.make_up_used)]
        visit.state = "offered"
        to_all = decision.rule == "rota.all_free"
        for person in decision.chosen:
            visit.pending[letter(person)] = self.now + self.policy.offer_seconds
            visit.asked.append(Ask(consultant_id=person, at=instant(self.now), to_all=to_all))

    def inputs(self, visit: Visit) -> Inputs:
        order = order_of(visit.more["source"], self.policy)
        wishes = {"owner_id": visit.more["owner"], "asked_for": visit.more["asked_for"]}
        return Inputs(
            request=Request.model_validate(
                {
                    "visit_id": visit.name,
                    "source": visit.more["source"],
                    "needs": visit.more["needs"],
                    "asked": visit.asked,
                    "steps": visit.steps,
                    **{wish: uid(who) for wish, who in wishes.items() if who},
                }
            ),
            order=order,
            seats=tuple(self._seat(who, order) for who in self.people),
            now=instant(self.now),
            arrival_time=(instant(visit.arrived) + timedelta(hours=8)).time(),
            today=TODAY,
            policy_version=1,
        )

    def _seat(self, who: str, order: TurnOrder) -> Seat:
        person = self.people[who]
        heard = instant(self.heard[who] if who in self.asleep else self.now) if who in self.heard else None
        busy = next(
            (v for v in self.visits if (v.consultant == who and v.state == "serving") or who in v.pending), None
        )
        return Seat(
            consultant_id=uid(who),
            place=self.places[order][who],
            state=self._state(who),
            free_since=person.free_since,
            seen_at=heard if heard is not None and heard >= person.signed_in else None,
            absence=person.absence,
            busy_with_return=busy is not None and busy.more["owner"] is not None,
            make_up_since=self.make_ups[order].get(who),
            skills=tuple(self.day.skills[who]),
            started_on=TODAY if who in self.day.starters else None,
        )

    def _state(self, who: str) -> SeatState:
        if any(v.state == "serving" and v.consultant == who for v in self.visits):
            return "serving"
        if any(who in v.pending for v in self.visits):
            return "offered"
        if self.people[who].signed_out:
            return "signed_out"
        return "away" if self.people[who].absence else "free"

    def _here(self, who: str) -> Person | None:
        person = self.people.get(who)
        return None if person is None or person.signed_out else person

    def _give_back(self, who: str) -> None:
        for visit in self.visits:
            if visit.pending.pop(who, None) is not None:
                last = visit.asked.index(next(a for a in reversed(visit.asked) if letter(a.consultant_id) == who))
                visit.asked[last] = visit.asked[last].model_copy(update={"declined": True})
                self._wait_again(visit)

    def _sign_in(self, event: Event) -> None:
        if self._here(event.who):
            return
        self.people[event.who] = Person(instant(self.now), instant(self.now))
        for ring in self.places.values():
            ring[event.who] = max(ring.values(), default=0) + 1
        self.dispatch()

    def _sign_out(self, event: Event) -> None:
        person = self._here(event.who)
        if person and self._state(event.who) != "serving":
            self._give_back(event.who)
            person.signed_out, person.absence = True, None
            self.dispatch()

    def _away(self, event: Event) -> None:
        person = self._here(event.who)
        if person:
            self._give_back(event.who)
            person.absence = absence_from(event.more["reason"], event.more["minutes"], instant(self.now), self.policy)
            self.dispatch()

    def _back(self, event: Event) -> None:
        person = self._here(event.who)
        if person:
            person.absence, person.free_since = None, instant(self.now)
            self.dispatch()

    def _sleep(self, event: Event) -> None:
        if event.who not in self.asleep:
            self.asleep.add(event.who)
            self.heard[event.who] = self.now

    def _wake(self, event: Event) -> None:
        if event.who not in self.asleep:
            self.heard[event.who] = self.now
            return
        self.asleep.discard(event.who)
        person, silent = self._here(event.who), self.now - self.heard[event.who]
        if person and person.absence is None and silent > 60 * self.policy.undeclared_absence_minutes:
            person.free_since = instant(self.now)
            self.dispatch()

    def _arrive(self, event: Event) -> None:
        self.visits.append(Visit(event.who, self.now, event.more))
        self.dispatch()

    def _accept(self, event: Event) -> None:
        for visit in self.visits:
            if event.who in visit.pending:
                visit.pending.clear()
                visit.state, visit.consultant = "serving", event.who

    def _decline(self, event: Event) -> None:
        if any(event.who in visit.pending for visit in self.visits):
            self._give_back(event.who)
            self.dispatch()

    def _finish(self, event: Event) -> None:
        for visit in self.visits:
            if visit.state == "serving" and visit.consultant == event.who:
                visit.state = "closed"
                self.people[event.who].free_since = instant(self.now)
                self.dispatch()
