"""A visitor who checked in without a number tells it during the visit, or is remembered after it."""

from typing import Any

import httpx
import pytest

from tests.gateway.house import House
from tests.gateway.identity.test_merges import received
from tests.gateway.people import uid

PHONE, OTHER = "13800112345", "13911112345"


async def add(house: House, who: str, visit_id: str, phone: str = PHONE, **more: Any) -> httpx.Response:
    return await house.call(who, "PUT", f"/v1/visits/{visit_id}/number", {"phone": phone, **more})


async def nameless(house: House) -> str:
    """Received by b."""
    await house.sign_in("b")
    arrived = await house.check_in(None)
    await house.accept("b")
    visit_id: str = arrived["visit_id"]
    return visit_id


async def test_a_number_told_during_the_visit_gives_it_a_customer(house: House) -> None:
    visit_id = await nameless(house)
    visit = (await add(house, "b", visit_id, name="陈小明")).json()
    assert (visit["visit_id"], visit["kind"], visit["owner_id"]) == (visit_id, "first", uid("b"))
    file = await house.get("m", f"/v1/customers/{visit['customer']['customer_id']}")
    assert (file["visit_count"], file["owner_id"], file["phone"]) == (1, uid("b"), "138****2345")


async def test_a_customer_known_before_the_end_of_the_visit_is_still_their_consultants(house: House) -> None:
    await house.sign_in("a")
    await received(house, "a", PHONE)
    await house.post("a", "/v1/rota/sign-out")
    house.clock.forward(hours=2)
    visit_id = await nameless(house)
    visit = (await add(house, "b", visit_id)).json()
    assert (visit["kind"], visit["owner_id"], visit["consultant_id"]) == ("return", uid("a"), uid("b"))
    assert await house.get("a", "/v1/claims") == []


async def test_said_twice_it_is_said_once(house: House) -> None:
    visit_id = await nameless(house)
    first = (await add(house, "b", visit_id)).json()
    again = await add(house, "reception", visit_id)
    assert (again.status_code, again.json()["customer"]["customer_id"]) == (200, first["customer"]["customer_id"])
    assert (await house.get("m", f"/v1/customers/{first['customer']['customer_id']}"))["visit_count"] == 1


async def test_another_number_does_not_replace_a_customer(house: House) -> None:
    visit_id = await nameless(house)
    await add(house, "b", visit_id)
    answer = await add(house, "b", visit_id, OTHER)
    assert (answer.status_code, answer.json()["code"]) == (409, "has_customer")


async def test_who_waits_under_their_number_already_has_one_visit(house: House) -> None:
    """They took a second ticket at the kiosk without a number."""
    first = await house.check_in(PHONE)
    second = await house.check_in(None)
    stays = (await add(house, "reception", second["visit_id"])).json()
    assert stays["visit_id"] == first["visit_id"]
    gone = await house.get("m", f"/v1/visits/{second['visit_id']}")
    assert (gone["state"], gone["close_reason"]) == ("closed", "mistaken")


async def test_nobody_is_named_where_nobody_was(house: House) -> None:
    arrived = await house.check_in(None)
    await house.post("reception", f"/v1/visits/{arrived['visit_id']}/non-customer", {"reason": "courier"})
    answer = await add(house, "reception", arrived["visit_id"])
    assert (answer.status_code, answer.json()["code"]) == (409, "not_a_visit")


@pytest.mark.parametrize(("who", "status", "code"), [("c", 403, "not_your_visit"), ("kiosk", 403, "forbidden")])
async def test_only_who_received_them_and_the_desk_may_say(house: House, who: str, status: int, code: str) -> None:
    visit_id = await nameless(house)
    answer = await add(house, who, visit_id)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_of_an_earlier_day_only_a_manager_may_say(house: House) -> None:
    visit_id = await nameless(house)
    await house.post("b", f"/v1/visits/{visit_id}/finish", {"outcome": "toured"})
    house.clock.forward(days=1)
    await house.new_session("b")
    refused = await add(house, "b", visit_id)
    assert (refused.status_code, refused.json()["code"]) == (403, "manager_needed")
    await house.new_session("m")
    assert (await add(house, "m", visit_id)).json()["customer"] is not None


async def test_who_said_it_is_kept(house: House) -> None:
    visit_id = await nameless(house)
    await add(house, "b", visit_id)
    explanation = await house.get("m", f"/v1/visits/{visit_id}/explanation")
    (named,) = [each for each in explanation["steps"] if each["rule"] == "named"]
    assert named["facts"]["by"] == uid("b")
