"""What the reception says, and what doors and visits make of it, over the API: the stored day is the assembled one."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select

from contracts.events import DoorCrossing, Event
from contracts.ids import uuid7
from contracts.topics import device_source
from gateway.customers.tables import MergeRow
from gateway.footfall.service import MinuteSums
from gateway.policy import store as policies
from gateway.visits import decisions
from gateway.visits.assembly import Visit, assemble
from gateway.visits.departures import close_forgotten
from gateway.visits.doors import Crossings
from gateway.visits.merged import Merged
from gateway.visits.signals import Signal
from gateway.visits.tables import CrossingRow, SignalRow, VisitDecisionRow, VisitRow
from tests.gateway.house import House

PHONE = "13800112345"


async def cross(house: House, people: int = 1, *, seconds_ago: float = 0) -> None:
    """People come in through the door; told so many seconds late."""
    data = DoorCrossing(count_in=people, count_out=0)
    source = device_source("yunqi", "lobby", "door-main")
    event = Event.of(data, source=source, time=house.clock.now, stream=uuid7(), sequence=1)
    house.clock.forward(seconds=seconds_ago)

    def take(uow: Any) -> None:
        sums, crossings = MinuteSums(), Crossings()
        sums.add("lobby", "door-main", event, data)
        crossings.add(event, data)
        sums.write(uow)
        crossings.write(uow, house.context)

    await house.context.writer.run(take)


def stored_signals(session: Session) -> list[Signal]:
    crossings = session.exec(select(CrossingRow)).all()
    told = [Signal(signal_id=c.crossing_id, at=c.at, kind="crossing", people=c.people) for c in crossings]
    rows = session.exec(select(SignalRow)).all()
    return told + [Signal.model_validate(row.model_dump(include=set(Signal.model_fields))) for row in rows]


def stored_merges(session: Session) -> list[Merged]:
    """Those that came about, also such as were ended."""
    rows = session.exec(select(MergeRow).where(col(MergeRow.state).in_(("merged", "ended")))).all()
    return [Merged(row.kept_id, row.merged_id, row.decided_at, row.ended_at) for row in rows if row.decided_at]


def as_stored(row: VisitRow) -> tuple[Any, ...]:
    return row.visit_id, row.customer_id, row.arrived_at, row.party_size, row.closed_at, row.close_reason


def as_assembled(visit: Visit) -> tuple[Any, ...]:
    return visit.visit_id, visit.party, visit.arrived_at, visit.people, visit.closed_at, visit.close_reason


def agree(house: House) -> None:
    """The day as it was decided signal by signal is the day assembled from all its signals; decisions replay."""
    with house.context.database.read() as session:
        _, policy = policies.current(session)
        day = assemble(
            stored_signals(session),
            policy,
            house.context.timezone,
            until=house.clock.now,
            merges=stored_merges(session),
        )
        rows = session.exec(select(VisitRow)).all()
        assert _sorted(map(as_assembled, day.visits)) == _sorted(map(as_stored, rows))
        for row in session.exec(select(VisitDecisionRow)).all():
            if row.action in ("new", "join", "reopen"):
                match = decisions.again(row, policies.at(session, row.policy_version))
                assert (match.action, match.rule) == (row.action, row.rule)


def _sorted(visits: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return sorted(visits, key=lambda visit: str(visit[0]))


async def test_a_day_at_the_desk(house: House) -> None:
    """Door, check-in, late joiner, departure, back through the door in time and at the desk too late, closing time."""
    await house.sign_in("a")
    await cross(house, 2)
    house.clock.forward(minutes=3)
    visit_id = (await house.check_in(PHONE, party_size=2))["visit_id"]
    await cross(house)
    joined = await house.post("reception", f"/v1/visits/{visit_id}/joiners", {"people": 1, "reason": "母亲"})
    arrived, opened = (datetime.fromisoformat(joined[name]) for name in ("arrived_at", "opened_at"))
    assert (joined["party_size"], round((opened - arrived).total_seconds())) == (3, 180)
    gone = await house.post("reception", f"/v1/visits/{visit_id}/departure")
    assert (gone["state"], gone["close_reason"], gone["dwell_seconds"]) == ("closed", "left", 180)
    assert (await house.call("reception", "POST", f"/v1/visits/{visit_id}/joiners", {"reason": "x"})).status_code == 409
    house.clock.forward(minutes=14)
    await cross(house)
    house.clock.forward(minutes=2)
    assert (await house.check_in(PHONE))["visit_id"] == visit_id
    explained = await house.get("reception", f"/v1/visits/{visit_id}/explanation")
    assert [step["rule"] for step in explained["steps"]] == [
        "no_earlier_visit",
        "earliest_signal",
        "late_joiner",
        "reception_departure",
        "back_within_step_out_time",
    ]
    floor = await house.get("board", "/v1/floor")
    assert (floor["count_in"], floor["net_in"], floor["registered_people"], floor["capture_rate"]) == (4, 3, 3, 1.0)
    house.clock.forward(hours=12)
    await house.context.writer.run(lambda uow: close_forgotten(uow, house.context))
    closed = await house.get("manager", f"/v1/visits/{visit_id}")
    assert (closed["close_reason"], closed["dwell_seconds"]) == ("office_closed", None)
    agree(house)


async def test_marks_take_people_out_of_the_net_count_and_can_be_undone(house: House) -> None:
    await cross(house, 4)
    house.clock.forward(minutes=1)
    scouts = (await house.check_in(party_size=2))["visit_id"]
    people = {"people": 1, "reason": "courier", "minutes_ago": 1, "note": "张先生送快递"}
    mark = await house.post("reception", "/v1/door/non-customers", people)
    assert (mark["counted"], mark["undone"], mark["note"]) == (1, False, "张先生送快递")
    assert "张先生".encode() not in house.context.database.path.read_bytes()
    marked = await house.post("reception", f"/v1/visits/{scouts}/non-customer", {"reason": "scout"})
    assert (marked["state"], marked["close_reason"], marked["non_customer"]) == ("closed", "not_customer", "scout")
    total = (await house.get("manager", "/v1/capture"))["total"]
    assert (total["counted"], total["non_customers"], total["net"], total["registered"]) == (4, 3, 1, 0)
    back = (await house.call("reception", "DELETE", f"/v1/visits/{scouts}/non-customer")).json()
    assert (back["state"], back["non_customer"]) == ("waiting", None)
    await house.call("reception", "DELETE", f"/v1/door/non-customers/{mark['mark_id']}")
    (undone,) = await house.get("reception", "/v1/door/non-customers")
    assert (undone["undone"], undone["counted"]) == (True, 0)
    total = (await house.get("manager", "/v1/capture"))["total"]
    assert (total["net"], total["registered"], total["unregistered"], total["rate"]) == (4, 2, 2, 0.5)
    agree(house)


async def test_a_late_crossing_corrects_the_arrival_and_no_turn(house: House) -> None:
    await house.sign_in("a", "b")
    await cross(house)
    house.clock.forward(minutes=2)
    visit_id = (await house.check_in(PHONE, party_size=2))["visit_id"]
    opened = datetime.fromisoformat((await house.accept("a"))["opened_at"])
    before = (await house.get("manager", f"/v1/visits/{visit_id}/explanation"))["turns"]
    house.clock.now = opened - timedelta(minutes=5)
    await cross(house, seconds_ago=900)
    visit = await house.get("manager", f"/v1/visits/{visit_id}")
    assert opened - datetime.fromisoformat(visit["arrived_at"]) == timedelta(minutes=5)
    assert (await house.get("manager", f"/v1/visits/{visit_id}/explanation"))["turns"] == before
    assert (visit["state"], await house.offer_of("b")) == ("serving", None)
    agree(house)


async def test_a_person_marked_is_not_of_yesterday_and_a_consultant_marks_nobody(house: House) -> None:
    body = {"reason": "cleaner", "minutes_ago": 700}
    assert (await house.call("reception", "POST", "/v1/door/non-customers", body)).status_code == 422
    assert (await house.call("a", "POST", "/v1/door/non-customers", body)).status_code == 403
    assert (await house.call("kiosk", "GET", "/v1/capture")).status_code == 403
    assert (await house.call("reception", "DELETE", f"/v1/door/non-customers/{uuid7()}")).status_code == 404


@pytest.mark.parametrize(
    ("phone", "reason", "marked"), [(PHONE, "left", None), (None, "not_customer", "other")], ids=["a file", "no file"]
)
async def test_a_consultants_word_takes_no_customer_s_visit_out_of_the_evidence(
    house: House, phone: str | None, reason: str, marked: str | None
) -> None:
    await house.sign_in("a")
    visit_id = (await house.check_in(phone))["visit_id"]
    await house.accept("a")
    ended = await house.post("a", f"/v1/visits/{visit_id}/finish", {"outcome": "not_customer"})
    assert (ended["state"], ended["close_reason"], ended["non_customer"]) == ("closed", reason, marked)
    steps = (await house.get("reception", f"/v1/visits/{visit_id}/explanation"))["steps"]
    assert steps[-1]["rule"] == ("non_customer" if marked else "said_not_customer")
    said = await house.post("reception", f"/v1/visits/{visit_id}/non-customer", {"reason": "courier"})
    assert said["non_customer"] == (marked or "courier")


async def test_of_an_earlier_day_only_a_manager_says_who_was_no_customer(house: House) -> None:
    visit_id = (await house.check_in(PHONE))["visit_id"]
    house.clock.forward(days=1)
    path, body = f"/v1/visits/{visit_id}/non-customer", {"reason": "courier"}
    refused = await house.call("reception", "POST", path, body)
    assert (refused.status_code, refused.json()["code"]) == (403, "manager_needed")
    assert (await house.post("manager", path, body))["non_customer"] == "courier"
    assert (await house.call("reception", "DELETE", path)).json()["code"] == "manager_needed"
