"""Check-ins: once per key, one visit per party, errors at the field."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from contracts.events import ButtonPressed, Event
from contracts.ids import uuid7
from contracts.topics import device_source
from gateway.checkins.service import on_button
from gateway.policy import PolicyConfig
from tests.gateway.house import House, open_house
from tests.gateway.people import uid

PHONE = "13800112345"


async def test_the_same_key_gives_the_same_answer(house: House) -> None:
    key = uuid7()
    first = await house.call("kiosk", "POST", "/v1/checkins", {"phone": PHONE}, key)
    again = await house.call("kiosk", "POST", "/v1/checkins", {"phone": PHONE}, key)
    read = await house.call("kiosk", "GET", f"/v1/checkins/{key}")
    assert (first.status_code, again.status_code, read.status_code) == (201, 200, 200)
    assert first.json() == again.json() == read.json()
    assert len(await house.get("manager", "/v1/visits")) == 1


async def test_another_body_under_a_used_key_is_refused_and_changes_nothing(house: House) -> None:
    key = uuid7()
    await house.check_in(PHONE, key=key)
    again = await house.call("kiosk", "POST", "/v1/checkins", {"phone": PHONE, "party_size": 3}, key)
    assert (again.status_code, again.json()["code"]) == (409, "idempotency_key_reused")
    assert [visit["party_size"] for visit in await house.get("manager", "/v1/visits")] == [1]


async def test_the_reception_checks_in_the_customer_it_found(house: House) -> None:
    before = await house.check_in(PHONE)
    await house.post("reception", f"/v1/visits/{before['visit_id']}/assign", {"consultant_id": uid("a"), "reason": "x"})
    await house.post("a", f"/v1/visits/{before['visit_id']}/finish", {"outcome": "toured"})
    house.clock.forward(hours=1)
    (found,) = (await house.post("reception", "/v1/customers/search", {"text": PHONE}))["items"]
    customer_id = found["customer"]["customer_id"]
    again = await house.post("reception", "/v1/checkins", {"customer_id": customer_id, "party_size": 2}, uuid7())
    assert (again["kind"], again["visit_id"] != before["visit_id"]) == ("return", True)
    theirs = await house.get("reception", f"/v1/visits?customer_id={customer_id}")
    assert [visit["visit_id"] for visit in theirs] == [again["visit_id"], before["visit_id"]]


@pytest.mark.parametrize(
    ("who", "body", "status"),
    [
        ("kiosk", {"customer_id": uid("z")}, 403),
        ("reception", {"customer_id": uid("z")}, 404),
        ("reception", {"customer_id": uid("z"), "phone": PHONE}, 422),
    ],
    ids=["a kiosk knows numbers only", "no such file", "one way to say who it is"],
)
async def test_a_file_is_named_by_the_reception_only_and_instead_of_a_number(
    house: House, who: str, body: dict[str, str], status: int
) -> None:
    assert (await house.call(who, "POST", "/v1/checkins", body, uuid7())).status_code == status
    assert await house.get("manager", "/v1/visits") == []


async def test_unknown_key_is_404(house: House) -> None:
    assert (await house.call("kiosk", "GET", f"/v1/checkins/{uuid7()}")).status_code == 404


async def test_two_kiosks_at_once_with_one_phone_are_one_visit(house: House) -> None:
    await house.sign_in("a", "b")
    one, two = await asyncio.gather(house.check_in(PHONE, party_size=2), house.check_in(PHONE, party_size=3))
    assert one["visit_id"] == two["visit_id"]
    assert one["ticket"]["number"] == two["ticket"]["number"]
    assert {one["joined_existing"], two["joined_existing"]} == {True, False}
    (visit,) = await house.get("manager", "/v1/visits")
    assert visit["party_size"] == 3
    assert await house.offer_of("b") is None


async def test_back_within_fifteen_minutes_is_the_same_visit_with_the_same_consultant(house: House) -> None:
    await house.sign_in("a", "b")
    first = await house.check_in(PHONE)
    await house.accept("a")
    await house.post("a", f"/v1/visits/{first['visit_id']}/finish", {"outcome": "left"})
    house.clock.forward(minutes=14)
    again = await house.check_in(PHONE)
    assert (again["visit_id"], again["joined_existing"]) == (first["visit_id"], True)
    offer = await house.offer_of("a")
    assert (offer["rule"], offer["uses_turn"]) == ("rota.same_visit", False)
    served = await house.accept("a")
    assert (served["state"], served["closed_at"], served["kind"]) == ("serving", None, "first")


async def test_back_later_is_a_return_visit(house: House) -> None:
    await house.sign_in("a")
    first = await house.check_in(PHONE)
    await house.accept("a")
    await house.post("a", f"/v1/visits/{first['visit_id']}/finish", {"outcome": "left"})
    house.clock.forward(minutes=16)
    again = await house.check_in(PHONE)
    assert (again["kind"], again["joined_existing"]) == ("return", False)


async def test_without_a_number_the_party_is_unknown_and_gets_a_ticket(house: House) -> None:
    one, two = await house.check_in(), await house.check_in()
    assert (one["kind"], two["kind"]) == ("unknown", "unknown")
    assert [one["ticket"]["number"], two["ticket"]["number"]] == [1, 2]


async def test_ticket_numbers_begin_at_one_each_day(house: House) -> None:
    await house.check_in("13800000001")
    house.clock.forward(days=1)
    assert (await house.check_in("13800000002"))["ticket"]["number"] == 1


async def test_asked_for_by_name(house: House) -> None:
    await house.sign_in("a", "b")
    people = await house.get("kiosk", "/v1/consultants/today")
    assert [person["name"] for person in people] == ["顾问a", "顾问b"]
    wanted = people[1]
    arrived = await house.check_in(PHONE, asked_for=wanted["person_id"])
    assert arrived["consultant_name"] == "顾问b"
    assert (await house.offer_of("b"))["rule"] == "rota.asked_for"


async def test_who_is_asked_for_and_busy_is_not_said_to_be_coming(house: House) -> None:
    await house.sign_in("a", "b")
    await house.check_in()
    busy = await house.accept("a")
    assert busy["consultant_name"] == "顾问a"
    arrived = await house.check_in(PHONE, asked_for=uid("a"))
    assert arrived["consultant_name"] is None
    assert (await house.offer_of("b"))["visit"]["visit_id"] == arrived["visit_id"]


async def test_a_kiosk_sees_only_who_is_here_today(house: House) -> None:
    assert await house.get("kiosk", "/v1/consultants/today") == []
    await house.sign_in("c")
    assert await house.get("kiosk", "/v1/consultants/today") == [{"person_id": uid("c"), "name": "顾问c"}]
    await house.post("c", "/v1/rota/sign-out")
    assert await house.get("kiosk", "/v1/consultants/today") == []


@pytest.mark.parametrize(("who", "status"), [("kiosk", 200), ("reception", 200), ("board", 403), ("a", 403)])
async def test_whom_a_visitor_may_ask_for_is_told_where_visitors_check_in(house: House, who: str, status: int) -> None:
    assert (await house.call(who, "GET", "/v1/consultants/today")).status_code == status


async def test_a_kiosk_does_not_read_the_whole_roster(house: House) -> None:
    assert (await house.call("kiosk", "GET", "/v1/consultants")).status_code == 403


@pytest.mark.parametrize(
    ("phone", "code"),
    [
        ("1380011", "phone_too_short"),
        ("138001123456", "phone_too_long"),
        ("12800112345", "phone_not_mobile"),
        ("138oo112345", "phone_not_digits"),
        ("", "phone_empty"),
    ],
)
async def test_a_wrong_number_is_told_at_its_field(house: House, phone: str, code: str) -> None:
    answer = await house.call("kiosk", "POST", "/v1/checkins", {"phone": phone}, uuid7())
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"] == [{"field": "phone", "code": code}]


async def test_check_in_is_not_for_consultants_or_strangers(house: House) -> None:
    assert (await house.call("a", "POST", "/v1/checkins", {}, uuid7())).status_code == 403
    assert (await house.call("nobody", "POST", "/v1/checkins", {}, uuid7())).status_code == 401


async def test_draft_survives_a_reload_and_expires(house: House) -> None:
    path = f"/v1/drafts/{uuid7()}"
    draft = {"step": "phone", "language": "en", "digits": "1380011", "party_size": 2, "purpose": None}
    stored = (await house.call("kiosk", "PUT", path, draft)).json()
    assert draft.items() <= stored.items()
    assert await house.get("kiosk", path) == stored
    assert b"1380011" not in house.context.database.path.read_bytes()
    house.clock.forward(minutes=5, seconds=1)
    assert (await house.call("kiosk", "GET", path)).status_code == 404


async def test_draft_ends_with_its_check_in(house: House) -> None:
    key = uuid7()
    await house.call("kiosk", "PUT", f"/v1/drafts/{key}", {"step": "phone"})
    await house.check_in(PHONE, key=key)
    assert (await house.call("kiosk", "GET", f"/v1/drafts/{key}")).status_code == 404


async def press(house: House, seconds_ago: float) -> None:
    event = Event.of(
        ButtonPressed(button="ticket"),
        source=device_source("yunqi", "lobby", "button-1"),
        time=house.clock.now,
        stream=uuid7(),
        sequence=1,
    )
    house.clock.forward(seconds=seconds_ago)
    await house.context.writer.run(lambda uow: on_button(uow, house.context, event, ButtonPressed(button="ticket")))


async def test_a_pressed_button_is_a_ticket_and_an_offer(house: House) -> None:
    await house.sign_in("a")
    await press(house, 1)
    offer = await house.offer_of("a")
    assert (offer["rule"], offer["visit"]["kind"], offer["visit"]["customer"]) == ("rota.next", "unknown", None)
    assert offer["visit"]["ticket"]["number"] == 1


async def test_a_late_press_alerts_nobody(house: House) -> None:
    await house.sign_in("a")
    await press(house, 121)
    assert await house.offer_of("a") is None


@pytest.mark.parametrize(
    ("asked_by", "kiosk", "reception"), [("nobody", False, False), ("reception", False, True), ("kiosk", True, True)]
)
async def test_the_policy_says_where_the_gate_questions_are_asked(
    tmp_path: Path, asked_by: Any, kiosk: bool, reception: bool
) -> None:
    async with open_house(tmp_path, policy=PolicyConfig(gate_questions=asked_by)) as house:
        asked = [(await house.get(who, "/v1/checkins/form"))["gate_questions"] for who in ("kiosk", "reception")]
    assert asked == [kiosk, reception]


async def test_an_answer_that_nothing_bears_out_leads_the_reception_to_search(house: House) -> None:
    visit = await house.post("reception", "/v1/checkins", {"gate": {"first_visit": False}}, uuid7())
    shown = await house.get("reception", f"/v1/visits/{visit['visit_id']}")
    assert (visit["hints"], shown["hints"]) == (["gate_visited_unknown"],) * 2
    (verdict,) = (await house.get("manager", f"/v1/visits/{visit['visit_id']}/explanation"))["verdicts"]
    (note,) = [note for note in verdict["rules"] if note["rule"] == "gate_answers"]
    assert (note["reason"], note["facts"]["first_visit"]) == ("gate_visited_unknown", False)


async def test_a_kiosk_is_not_told_what_is_known_of_a_visitor(house: House) -> None:
    arrived = await house.check_in(PHONE, gate={"contacted": True})
    assert arrived["hints"] == []
    assert (await house.get("reception", f"/v1/visits/{arrived['visit_id']}"))["hints"] == ["gate_contact_unknown"]


async def test_answers_given_while_the_visit_goes_on_are_judged_with_it(house: House) -> None:
    first = await house.check_in(PHONE)
    again = await house.post("reception", "/v1/checkins", {"phone": PHONE, "gate": {"family_visited": True}}, uuid7())
    assert again["visit_id"] == first["visit_id"]
    told = (await house.get("manager", f"/v1/visits/{first['visit_id']}/explanation"))["verdicts"]
    assert [any(note["rule"] == "gate_answers" for note in verdict["rules"]) for verdict in told] == [False, True]
    assert [verdict["source"] for verdict in told] == ["walk_in", "walk_in"]


async def test_the_hint_goes_when_what_was_said_is_found(house: House) -> None:
    spouse = await house.check_in("13900116688")
    await house.post("reception", f"/v1/visits/{spouse['visit_id']}/departure")
    house.clock.forward(hours=2)
    arrived = await house.check_in(PHONE, gate={"family_visited": True})
    path = f"/v1/visits/{arrived['visit_id']}"
    before = await house.get("reception", path)
    assert before["hints"] == ["gate_family_unknown"]
    theirs = await house.get("reception", f"/v1/visits/{spouse['visit_id']}")
    ids = before["customer"]["customer_id"], theirs["customer"]["customer_id"]
    linked = await house.call("reception", "PUT", f"/v1/customers/{ids[0]}/party/{ids[1]}", {"relation": "spouse"})
    assert linked.status_code == 200, linked.text
    assert (await house.get("reception", path))["hints"] == []
