"""An invented office, day after day: a seeded, endless sequence of what its gateway would have told central.

The same seed gives the same events with the same ids, so a sender that stopped goes on where central acknowledged it,
and what happened while nobody was sending is told later, in order. Days before `live_from` tell each visit once, as it
ended; from then on every state of a visit is told when it is reached.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from contracts.events import Data
from contracts.facts import CustomerRecorded, FollowUpRecorded, FootfallMinute, TurnRecorded, VisitRecorded
from contracts.sealing import CustomerSecret, Sealer
from contracts.values import Phone
from simulator.world.funnel import Deal, steps
from simulator.world.names import history_phone, visitor_name
from simulator.world.parties import CLOSES, OPENS, Party, day_of_parties

LOST_TURNS = 0.06
FOLLOWED_UP = 0.7
HELPED_DAYS, HELPED_EVERY = 10, 60
DOOR = "door-main"


@dataclass(frozen=True, slots=True)
class OfficePlan:
    """What makes one invented office. `consultants` are person ids; `parties_per_day` the mean over a week."""

    office: str
    seed: int
    zone: ZoneInfo
    first_day: date
    live_from: date
    consultants: tuple[str, ...]
    parties_per_day: float
    number_block: int
    """Where this office's invented phone numbers begin, so that offices share no customer."""
    left: str | None = None
    """A consultant who helped out on the first days and works here no more."""


@dataclass(frozen=True, slots=True)
class Happening:
    """`data` becomes known at `at`."""

    id: str
    at: datetime
    data: Data


@dataclass(slots=True)
class _Known:
    customer_id: str
    owner: str
    visits: int = 1


class Past:
    """One run through an office's days. `happenings` is to be taken once."""

    def __init__(self, plan: OfficePlan, sealer: Sealer) -> None:
        self._plan = plan
        self._sealer = sealer
        self._known: list[_Known] = []
        self._due: dict[date, list[Happening]] = defaultdict(list)
        self._turn = 0
        self._numbers_given = 0

    def happenings(self) -> Iterator[Happening]:
        """Everything in the order it becomes known, without end."""
        day = self._plan.first_day
        while True:
            yield from sorted(self._day(day), key=lambda happening: (happening.at, happening.id))
            day += timedelta(days=1)

    def _day(self, day: date) -> list[Happening]:
        plan = self._plan
        chance = random.Random(f"{plan.seed}/{plan.office}/{day.isoformat()}")
        told: list[Happening] = []
        people_in: Counter[datetime] = Counter()
        people_out: Counter[datetime] = Counter()
        newcomers: list[_Known] = []
        for party in day_of_parties(chance, day, plan.zone, plan.parties_per_day):
            greeted = party.at + timedelta(seconds=chance.uniform(20, 90))
            accepted = greeted + timedelta(seconds=min(600.0, chance.lognormvariate(4.2, 0.8)))
            left = accepted + party.stay
            people_in[_minute(party.at)] += party.size
            people_out[_minute(left)] += party.size
            if chance.random() < 0.9:  # the others never register: the door counts them all the same
                told += self._visit(chance, party, greeted, accepted, left, newcomers)
        self._known += newcomers
        self._staff_steps(chance, day, people_in, people_out)
        return told + self._due.pop(day, []) + self._footfall(chance, people_in, people_out, self._quiet_minutes(day))

    def _visit(
        self,
        chance: random.Random,
        party: Party,
        greeted: datetime,
        accepted: datetime,
        left: datetime,
        newcomers: list[_Known],
    ) -> list[Happening]:
        returning = party.returning and bool(self._known)
        visit_id = seeded_uuid7(chance, greeted)
        told = []
        if returning:
            customer = chance.choice(self._known)
            customer.visits += 1
            consultant = customer.owner
        else:
            lost, consultant = chance.random() < LOST_TURNS, self._next_consultant(greeted)
            if lost:
                told += self._turns(chance, visit_id, consultant, greeted, "lost", greeted + timedelta(seconds=30))
                consultant = self._next_consultant(greeted)
                accepted += timedelta(seconds=30)
                left += timedelta(seconds=30)
            told += self._turns(chance, visit_id, consultant, greeted, "accepted", accepted)
            customer = self._newcomer(chance, greeted, consultant)
            newcomers.append(customer)
            told.append(self._customer_file(chance, customer, greeted))
        told += self._visit_states(chance, party, customer, visit_id, consultant, returning, (greeted, accepted, left))
        self._plan_contacts(chance, customer, visit_id, left)
        return told

    def _visit_states(
        self,
        chance: random.Random,
        party: Party,
        customer: _Known,
        visit_id: str,
        consultant: str,
        returning: bool,
        times: tuple[datetime, datetime, datetime],
    ) -> list[Happening]:
        greeted, accepted, left = times

        def state(
            revision: int, at: datetime, name: Literal["offered", "serving", "closed"], taken: datetime | None
        ) -> Happening:
            closed = name == "closed"
            data = VisitRecorded(
                visit_id=visit_id,
                revision=revision,
                customer_id=customer.customer_id,
                kind="return" if returning else "first",
                party_size=party.size,
                purpose="return_visit" if returning else party.purpose,
                state=name,
                opened_at=greeted,
                accepted_at=taken,
                closed_at=left if closed else None,
                close_reason="toured" if closed else None,
                source="walk_in",
                owner_id=customer.owner,
                consultant_id=consultant if taken else None,
            )
            return Happening(seeded_uuid7(chance, at), at, data)

        last = state(3, left, "closed", accepted)
        if greeted < self._live_from():
            return [last]
        return [state(1, greeted, "offered", None), state(2, accepted, "serving", accepted), last]

    def _turns(
        self,
        chance: random.Random,
        visit_id: str,
        consultant: str,
        offered: datetime,
        outcome: Literal["accepted", "lost"],
        decided: datetime,
    ) -> list[Happening]:
        data = TurnRecorded(
            offer_id=seeded_uuid7(chance, offered),
            visit_id=visit_id,
            consultant_id=consultant,
            uses_turn=True,
            offered_at=offered,
            outcome=outcome,
            decided_at=decided,
            rule="rota.next",
            revision=2,
        )
        return [Happening(seeded_uuid7(chance, decided), decided, data)]

    def _next_consultant(self, at: datetime) -> str:
        self._turn += 1
        plan, last_day = self._plan, self._plan.first_day + timedelta(days=HELPED_DAYS)
        if plan.left and self._turn % HELPED_EVERY == 0 and at.astimezone(plan.zone).date() < last_day:
            return plan.left
        return self._plan.consultants[self._turn % len(self._plan.consultants)]

    def _newcomer(self, chance: random.Random, at: datetime, owner: str) -> _Known:
        return _Known(seeded_uuid7(chance, at), owner)

    def _customer_file(self, chance: random.Random, customer: _Known, at: datetime) -> Happening:
        self._numbers_given += 1
        phone = Phone.parse(history_phone(self._plan.number_block + self._numbers_given))
        secret = CustomerSecret(phone=phone, name=visitor_name(chance))
        data = CustomerRecorded(
            customer_id=customer.customer_id,
            revision=1,
            created_at=at,
            owner_id=customer.owner,
            sealed=self._sealer.seal(secret.model_dump_json(), record=customer.customer_id),
        )
        return Happening(seeded_uuid7(chance, at), at, data)

    def _plan_contacts(self, chance: random.Random, customer: _Known, visit_id: str, left: datetime) -> None:
        for deal in steps(chance, left, customer.visits):
            self._later(chance, deal.at, self._sale(chance, deal, customer, visit_id))
        if chance.random() < FOLLOWED_UP:
            for _ in range(chance.randint(1, 2)):
                at = left + timedelta(days=chance.randint(1, 9), minutes=chance.randint(-90, 90))
                self._later(chance, at, self._follow_up(chance, customer, at))

    def _sale(self, chance: random.Random, deal: Deal, customer: _Known, visit_id: str) -> Data:
        return deal.recorded(seeded_uuid7(chance, deal.at), customer.customer_id, customer.owner, visit_id)

    def _follow_up(self, chance: random.Random, customer: _Known, at: datetime) -> Data:
        return FollowUpRecorded(
            fact_id=seeded_uuid7(chance, at),
            customer_id=customer.customer_id,
            consultant_id=customer.owner,
            channel=chance.choice(("call", "call", "message", "meeting")),
            reached=chance.random() < 0.65,
            at=at,
        )

    def _later(self, chance: random.Random, at: datetime, data: Data) -> None:
        self._due[at.astimezone(self._plan.zone).date()].append(Happening(seeded_uuid7(chance, at), at, data))

    def _staff_steps(
        self, chance: random.Random, day: date, people_in: Counter[datetime], people_out: Counter[datetime]
    ) -> None:
        """Staff who come, go to lunch and leave: the counter cannot tell them from visitors."""
        for _ in self._plan.consultants:
            for hour in (OPENS - 1, chance.choice((11, 12, 13))):
                came = datetime.combine(day, time(hour), self._plan.zone) + timedelta(minutes=chance.randint(5, 55))
                people_in[_minute(came)] += 1
                left = came.replace(hour=CLOSES) if hour < OPENS else came - timedelta(minutes=40)
                people_out[_minute(left)] += 1

    def _quiet_minutes(self, day: date) -> set[datetime]:
        """Once live, an open office tells every minute, also an empty one: its line to central is seen to be well."""
        if day < self._plan.live_from:
            return set()
        opens = datetime.combine(day, time(OPENS - 1), self._plan.zone).astimezone(UTC)
        return {opens + timedelta(minutes=minute) for minute in range(60 * (CLOSES + 2 - OPENS))}

    def _footfall(
        self,
        chance: random.Random,
        people_in: Counter[datetime],
        people_out: Counter[datetime],
        quiet: set[datetime],
    ) -> list[Happening]:
        told = []
        for minute in sorted(people_in.keys() | people_out.keys() | quiet):
            data = FootfallMinute(
                device=DOOR,
                minute=minute,
                count_in=people_in[minute],
                count_out=people_out[minute],
                revision=1,
            )
            at = minute + timedelta(minutes=1)
            told.append(Happening(seeded_uuid7(chance, at), at, data))
        return told

    def _live_from(self) -> datetime:
        return datetime.combine(self._plan.live_from, time(0), self._plan.zone).astimezone(UTC)


def _minute(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(second=0, microsecond=0)


def seeded_uuid7(chance: random.Random, at: datetime) -> str:
    """A UUIDv7 (RFC 9562 section 5.7) whose random bits come from `chance`."""
    milliseconds = int(at.timestamp() * 1000)
    high = milliseconds << 16 | 0x7000 | chance.getrandbits(12)
    low = 0b10 << 62 | chance.getrandbits(62)
    text = f"{high << 64 | low:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
