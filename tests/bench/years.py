"""An office with years behind it: customers, their visits with verdicts, offers and tickets, written into the file.

All of it is invented; what a past visit needs to be weighed again (its verdict, who received whom) is there as the
gateway would have left it. Past turn decisions are not: nothing of today reads them.
"""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert
from sqlmodel import Session

from contracts.ids import uuid7
from contracts.pins import hash_pin
from contracts.policy import PolicyConfig
from contracts.rest import Roster, RosterEntry
from contracts.values import Phone
from gateway.attribution.domain import judge
from gateway.attribution.evidence import Evidence, Member
from gateway.attribution.tables import VerdictRow
from gateway.customers import store as customers
from gateway.customers.tables import CustomerRow, NameReading
from gateway.database import Database
from gateway.identity.names import readings
from gateway.keys import Keys
from gateway.offers.tables import OfferRow
from gateway.roster import store as roster
from gateway.tickets.tables import TicketRow
from gateway.visits.tables import VisitRow

VISITS_EACH = 5
YEARS = 3
_CHUNK = 5_000
_SURNAMES, _GIVEN = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何高林罗郑梁", "伟芳娜敏静磊军洋勇艳杰娟涛明超霞平刚辉玲"


def phone(number: int) -> str:
    return f"138{number:08d}"


def fill(database: Database, keys: Keys, office: str, people: list[RosterEntry], count: int, zone: ZoneInfo) -> None:
    """Write `count` customers with `VISITS_EACH` visits each, over the last `YEARS` years until yesterday."""
    now = datetime.now(UTC)
    with Session(database.write_engine) as session:
        roster.replace(session, keys, Roster(office=office, version=1, people=people), now)
        session.commit()
    consultants = [p.person_id for p in people if p.role == "consultant"]
    sorts = random.Random(count)
    numbers: dict[str, int] = {}
    for began in range(0, count, _CHUNK):
        rows: dict[Any, list[dict[str, Any]]] = {
            CustomerRow: [],
            NameReading: [],
            VisitRow: [],
            TicketRow: [],
            OfferRow: [],
            VerdictRow: [],
        }
        for number in range(began, min(count, began + _CHUNK)):
            _customer(rows, keys, number, sorts, consultants, numbers, now, zone)
        with database.write_engine.begin() as connection:
            for table, values in rows.items():
                connection.execute(insert(table), values)


def _customer(
    rows: dict[Any, list[dict[str, Any]]],
    keys: Keys,
    number: int,
    sorts: random.Random,
    consultants: list[str],
    numbers: dict[str, int],
    now: datetime,
    zone: ZoneInfo,
) -> None:
    name = sorts.choice(_SURNAMES) + sorts.choice(_GIVEN) + sorts.choice(_GIVEN)
    times = sorted(now - timedelta(days=sorts.uniform(1, 365 * YEARS)) for _ in range(VISITS_EACH))
    owner = sorts.choice(consultants)
    file = customers.new(keys, Phone(phone(number)), name, times[0])
    file.owner_id, file.last_visit_at, file.visit_count, file.revision = owner, times[-1], VISITS_EACH, 1
    file.read_as = file.name_index
    rows[CustomerRow].append(file.model_dump())
    rows[NameReading] += [{"reading_index": i, "customer_id": file.customer_id} for i in _readings(keys, name)]
    for place, at in enumerate(times):
        visit_id, day = uuid7(), str(at.astimezone(zone).date())
        numbers[day] = numbers.get(day, 0) + 1
        rows[VisitRow].append(_visit(visit_id, day, file.customer_id, owner, at, first=place == 0))
        rows[TicketRow].append(
            TicketRow(
                ticket_id=uuid7(), day=day, number=numbers[day], visit_id=visit_id, state="done", issued_at=at
            ).model_dump()
        )
        rows[OfferRow].append(_offer(visit_id, day, owner, at, uses_turn=place == 0))
        rows[VerdictRow].append(_verdict(visit_id, file.customer_id, owner, at, zone))


@cache
def _readings(keys: Keys, name: str) -> frozenset[str]:
    """As the gateway would index them one by one before it first opens."""
    known = readings(name)
    pinyin = {keys.index("pinyin", way) for way in known.pinyin}
    return frozenset(pinyin | {keys.index("initials", way) for way in known.initials})


def _visit(visit_id: str, day: str, customer_id: str, owner: str, at: datetime, *, first: bool) -> dict[str, Any]:
    return VisitRow(
        visit_id=visit_id,
        day=day,
        customer_id=customer_id,
        kind="first" if first else "return",
        state="closed",
        party_size=2,
        purpose="view_home",
        language="zh-CN",
        opened_at=at,
        arrived_at=at,
        waiting_since=at,
        accepted_at=at + timedelta(seconds=40),
        closed_at=at + timedelta(minutes=50),
        close_reason="toured",
        owner_id=owner,
        consultant_id=owner,
        policy_version=1,
        revision=4,
    ).model_dump()


def _offer(visit_id: str, day: str, owner: str, at: datetime, *, uses_turn: bool) -> dict[str, Any]:
    return OfferRow(
        offer_id=uuid7(),
        visit_id=visit_id,
        consultant_id=owner,
        day=day,
        state="accepted",
        offered_at=at,
        expires_at=at + timedelta(seconds=30),
        decided_at=at + timedelta(seconds=20),
        uses_turn=uses_turn,
        turn_order="walk_in",
        to_all=False,
        rule="rota.next",
    ).model_dump()


def _verdict(visit_id: str, customer_id: str, owner: str, at: datetime, zone: ZoneInfo) -> dict[str, Any]:
    weighed = Evidence(visit_id=visit_id, visit_kind="first", party=(Member(customer_id=customer_id),), arrived_at=at)
    said = judge(weighed, _POLICY, zone)
    return VerdictRow(
        verdict_id=uuid7(),
        visit_id=visit_id,
        customer_id=customer_id,
        made_at=at,
        source=said.source,
        owner_id=owner,
        rule=said.rule,
        answer=said.model_dump_json(exclude={"source", "owner_id", "rule", "rules"}),
        evidence=weighed.model_dump_json(),
        rules="[" + ",".join(note.model_dump_json() for note in said.rules) + "]",
        policy_version=1,
    ).model_dump()


_POLICY = PolicyConfig()


def staff(count: int, pin: str) -> Iterator[RosterEntry]:
    """`count` consultants, all with one PIN."""
    hashed = hash_pin(pin)
    for number in range(count):
        yield RosterEntry(
            person_id=uuid7(), staff_no=f"B{number:03d}", name=f"顾问{number}", role="consultant", pin_hash=hashed
        )


def size(path: Path) -> str:
    return f"{sum(p.stat().st_size for p in path.parent.glob(path.name + '*')) / 1e9:.2f} GB"
