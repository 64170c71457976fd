"""Calls, visits claimed back, the pool of who left, and buying parties: claims that change whose customer it is."""

from typing import Any

import pytest

from contracts.ids import uuid7
from tests.gateway.house import PIN_HASH, STAFF, House
from tests.gateway.identity.test_merges import received
from tests.gateway.people import uid

PHONE, SPOUSE = "13800112345", "13911112345"


async def call(house: House, who: str, phone: str = PHONE, **more: Any) -> Any:
    return await house.post(who, "/v1/calls", {"phone": phone, "name": "陈小明", **more}, uuid7())


async def leave(house: House, letter: str) -> None:
    """The next roster does not list them any more."""
    people = [
        {"person_id": uid(each), "staff_no": each, "name": f"顾问{each}", "role": role, "pin_hash": PIN_HASH}
        for each, role in STAFF.items()
        if each != letter
    ]
    answer = await house.call("admin", "PUT", "/v1/roster", {"office": "yunqi", "version": 2, "people": people})
    assert answer.status_code == 200, answer.text


# ---- calls ---------------------------------------------------------------------------------------------------------
async def test_a_call_is_a_claim_of_who_took_it(house: House) -> None:
    taken = await call(house, "a")
    assert taken["owner"] == "who_took_it"
    await house.sign_in("b", "a")
    await house.check_in(PHONE)
    offer = await house.offer_of("a")
    assert (offer["rule"], offer["uses_turn"], offer["visit"]["owner_id"]) == ("rota.owner", False, uid("a"))


async def test_a_second_consultants_call_does_not_take_the_customer_and_names_nobody(house: House) -> None:
    first = await call(house, "a")
    second = await call(house, "b")
    assert (second["owner"], second["customer_id"]) == ("somebody_else", None)
    file = await house.get("m", f"/v1/customers/{first['customer_id']}")
    assert file["owner_id"] == uid("a")


async def unreceived(house: House) -> str:
    """Somebody came whom nobody received; answers their file."""
    arrived = await house.check_in(PHONE)
    visit = await house.post("m", f"/v1/visits/{arrived['visit_id']}/finish", {"outcome": "left"})
    customer_id: str = visit["customer"]["customer_id"]
    return customer_id


async def owner(house: House, customer_id: str) -> str | None:
    found: str | None = (await house.get("m", f"/v1/customers/{customer_id}"))["owner_id"]
    return found


async def test_a_call_owns_whom_nobody_received_and_their_visit_stays_as_it_was(house: House) -> None:
    customer_id = await unreceived(house)
    house.clock.forward(hours=1)
    taken = await call(house, "b")
    assert (taken["owner"], taken["customer_id"], await owner(house, customer_id)) == (
        "who_took_it",
        customer_id,
        uid("b"),
    )
    (visit,) = await house.get("m", "/v1/visits")
    assert visit["owner_id"] is None


async def test_a_call_takes_over_a_lapsed_customer_whatever_their_earlier_visits_said(house: House) -> None:
    await house.sign_in("a")
    customer_id = await received(house, "a", PHONE)
    house.clock.forward(days=16)
    house.tokens.clear()
    assert (await call(house, "b"))["owner"] == "who_took_it"
    assert await owner(house, customer_id) == uid("b")
    assert (await house.call("a", "GET", f"/v1/customers/{customer_id}")).status_code == 403


async def test_the_reception_records_it_for_a_consultant(house: House) -> None:
    taken = await call(house, "reception", consultant_id=uid("b"))
    assert (await house.get("m", f"/v1/customers/{taken['customer_id']}"))["owner_id"] == uid("b")


async def test_the_same_call_sent_twice_is_one(house: House) -> None:
    key = uuid7()
    first, again = [await house.call("a", "POST", "/v1/calls", {"phone": PHONE}, key) for _ in range(2)]
    assert (first.status_code, again.status_code, again.json()) == (201, 200, first.json())


@pytest.mark.parametrize(
    ("who", "body", "status", "code"),
    [
        ("reception", {}, 422, "consultant_needed"),
        ("reception", {"consultant_id": uid("z")}, 422, "unknown_consultant"),
        ("reception", {"consultant_id": uid("m")}, 422, "unknown_consultant"),
        ("a", {"consultant_id": uid("b")}, 403, "not_yourself"),
        ("kiosk", {}, 403, "forbidden"),
    ],
)
async def test_refused_calls(house: House, who: str, body: dict[str, Any], status: int, code: str) -> None:
    answer = await house.call(who, "POST", "/v1/calls", {"phone": PHONE, **body}, uuid7())
    assert (answer.status_code, answer.json()["code"]) == (status, code)


# ---- the pool ------------------------------------------------------------------------------------------------------
async def test_customers_of_who_left_wait_in_the_pool_until_a_manager_gives_them_away(house: House) -> None:
    customer = (await call(house, "a"))["customer_id"]
    path = f"/v1/customers/{customer}/owner"
    early = await house.call("m", "PUT", path, {"consultant_id": uid("b"), "reason": "换人"})
    assert (early.status_code, early.json()["code"]) == (409, "has_an_owner")
    await leave(house, "a")
    (entry,) = (await house.get("m", "/v1/pool"))["items"]
    assert (entry["customer"]["customer_id"], entry["owner_left_at"] is not None) == (customer, True)
    given = await house.call("m", "PUT", path, {"consultant_id": uid("b"), "reason": "离职交接"})
    assert given.json()["owner_id"] == uid("b")
    assert (await house.get("m", "/v1/pool"))["items"] == []
    await house.sign_in("c", "b")
    await house.check_in(PHONE)
    assert (await house.offer_of("b"))["rule"] == "rota.owner"


@pytest.mark.parametrize("who", ["reception", "b", "kiosk"])
async def test_only_a_manager_sees_the_pool_and_gives_away(house: House, who: str) -> None:
    assert (await house.call(who, "GET", "/v1/pool")).status_code == 403
    body = {"consultant_id": uid("b"), "reason": "x"}
    assert (await house.call(who, "PUT", f"/v1/customers/{uid('x')}/owner", body)).status_code == 403


# ---- claimed back --------------------------------------------------------------------------------------------------
async def unidentified(house: House) -> str:
    """a's customer comes without a number, is received by b and leaves; afterwards it turns out who it was."""
    await house.sign_in("a")
    customer = await received(house, "a", PHONE)
    await house.post("a", "/v1/rota/sign-out")
    await house.sign_in("b")
    house.clock.forward(hours=2)
    arrived = await house.check_in(None)
    await house.accept("b")
    await house.post("b", f"/v1/visits/{arrived['visit_id']}/finish", {"outcome": "toured"})
    house.clock.forward(minutes=30)

    named = await house.call("b", "PUT", f"/v1/visits/{arrived['visit_id']}/number", {"phone": PHONE})
    assert named.json()["customer"]["customer_id"] == customer
    visit_id: str = arrived["visit_id"]
    return visit_id


async def test_the_earlier_consultant_claims_and_nobody_else_even_sees_it(house: House) -> None:
    visit = await unidentified(house)
    assert (await house.get("m", f"/v1/visits/{visit}"))["owner_id"] == uid("b")
    (item,) = await house.get("a", "/v1/claims")
    assert (item["visit_id"], item["customer"]["phone"]) == (visit, "138****2345")
    for other in ("b", "c"):
        assert await house.get(other, "/v1/claims") == []
        answer = await house.call(other, "POST", f"/v1/visits/{visit}/claim")
        assert (answer.status_code, answer.json()["code"]) == (403, "not_yours_to_claim")
    for _ in range(2):
        assert (await house.call("a", "POST", f"/v1/visits/{visit}/claim")).status_code == 204
    assert (await house.get("m", f"/v1/visits/{visit}"))["owner_id"] == uid("a")
    assert await house.get("a", "/v1/claims") == []


@pytest.mark.parametrize(("late", "status"), [(-1, 204), (1, 403)])
async def test_the_window_ends_at_its_last_instant(house: House, late: int, status: int) -> None:
    visit = await unidentified(house)
    await house.new_session("a")
    (item,) = await house.get("a", "/v1/claims")
    from datetime import datetime, timedelta

    house.clock.now = datetime.fromisoformat(item["open_until"]) + timedelta(milliseconds=late)
    await house.new_session("a")
    house.clock.now = datetime.fromisoformat(item["open_until"]) + timedelta(milliseconds=late)
    assert (await house.call("a", "POST", f"/v1/visits/{visit}/claim")).status_code == status


# ---- buying parties ------------------------------------------------------------------------------------------------
async def test_linking_a_spouse_gives_the_visit_to_the_familys_consultant_and_unlinking_takes_it_back(
    house: House,
) -> None:
    await house.sign_in("a")
    one = await received(house, "a", PHONE)
    await house.post("a", "/v1/rota/sign-out")
    await house.sign_in("b")
    house.clock.forward(hours=2)
    other = await received(house, "b", SPOUSE)
    path = f"/v1/customers/{one}/party/{other}"
    party = (await house.call("reception", "PUT", path, {"relation": "spouse"})).json()
    assert [(m["relation"], m["linked_by"]) for m in party["members"]] == [
        ("self", "reception"),
        ("spouse", "reception"),
    ]
    assert (await house.get("m", f"/v1/customers/{other}"))["owner_id"] == uid("a")
    left = await house.call("m", "DELETE", f"/v1/customers/{other}/party")
    assert left.json()["members"] == []
    assert (await house.get("m", f"/v1/customers/{other}"))["owner_id"] == uid("b")


async def test_links_that_cannot_be(house: House) -> None:
    one, two, three = [(await call(house, "a", phone))["customer_id"] for phone in (PHONE, SPOUSE, "13622223333")]

    async def link(first: str, other: str) -> tuple[int, str]:
        answer = await house.call("m", "PUT", f"/v1/customers/{first}/party/{other}", {"relation": "sibling"})
        return answer.status_code, answer.json().get("code", "")

    assert await link(one, one) == (422, "same_person")
    assert await link(one, uid("z")) == (404, "not_found")
    assert await link(one, two) == (200, "")
    assert await link(one, two) == (200, "")
    assert await link(two, three) == (409, "not_the_first")
    assert await link(three, two) == (409, "in_another_party")
    answer = await house.call("m", "DELETE", f"/v1/customers/{one}/party")
    assert (answer.status_code, answer.json()["code"]) == (409, "first_of_party")


@pytest.mark.parametrize("who", ["a", "kiosk"])
async def test_only_the_desk_links(house: House, who: str) -> None:
    path = f"/v1/customers/{uid('x')}/party/{uid('y')}"
    assert (await house.call(who, "PUT", path, {"relation": "spouse"})).status_code == 403
    assert (await house.call(who, "GET", f"/v1/customers/{uid('x')}/party")).status_code == 403
