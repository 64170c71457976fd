"""A visit marked as no customer's is evidence of nothing: verdicts, counts and owners follow, both ways."""

from typing import Any

import pytest

from tests.gateway.house import House
from tests.gateway.people import uid
from tests.gateway.visits.test_reception import agree

PHONE = "13800112345"


async def received(house: House, letter: str) -> Any:
    """They come, that consultant receives them, and they leave."""
    arrived = await house.check_in(PHONE, name="陈小明")
    visit = await house.accept(letter)
    await house.post(letter, f"/v1/visits/{arrived['visit_id']}/finish", {"outcome": "toured"})
    return visit


async def tomorrow(house: House, letter: str) -> None:
    """Only that consultant is there."""
    house.clock.forward(days=1)
    house.tokens.clear()
    await house.sign_in(letter)


async def mark(house: House, visit_id: str, reason: str = "courier", who: str = "reception") -> Any:
    return await house.post(who, f"/v1/visits/{visit_id}/non-customer", {"reason": reason})


async def unmark(house: House, visit_id: str, who: str = "reception") -> Any:
    answer = await house.call(who, "DELETE", f"/v1/visits/{visit_id}/non-customer")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def verdicts(house: House, visit_id: str) -> Any:
    """Oldest first."""
    return (await house.get("manager", f"/v1/visits/{visit_id}/explanation"))["verdicts"]


async def verdict(house: House, visit_id: str) -> tuple[str, str, str | None]:
    """Rule, owner's rule and owner of the newest."""
    newest = (await verdicts(house, visit_id))[-1]
    return newest["rule"], newest["owner_rule"], newest["owner_id"]


async def file(house: House, visit: Any) -> tuple[int, str | None]:
    """Visits of the customer and their owner."""
    found = await house.get("manager", f"/v1/customers/{visit['customer']['customer_id']}")
    return found["visit_count"], found["owner_id"]


async def test_marked_it_is_nobodys_and_unmarked_what_it_was(house: House) -> None:
    await house.sign_in("a")
    visit = await received(house, "a")
    before = await verdict(house, visit["visit_id"]), await file(house, visit)
    assert before == (("walk_in", "received", uid("a")), (1, uid("a")))
    await mark(house, visit["visit_id"])
    assert await verdict(house, visit["visit_id"]) == ("non_customer", "non_customer", None)
    assert await file(house, visit) == (0, None)
    await unmark(house, visit["visit_id"])
    assert (await verdict(house, visit["visit_id"]), await file(house, visit)) == before
    agree(house)


async def test_whoever_was_a_courier_comes_as_a_customer_for_the_first_time(house: House) -> None:
    await house.sign_in("a")
    await mark(house, (await received(house, "a"))["visit_id"])
    await tomorrow(house, "b")
    visit = await received(house, "b")
    assert (visit["kind"], await file(house, visit)) == ("first", (1, uid("b")))


async def test_a_later_visit_is_judged_as_if_the_marked_one_had_not_been(house: House) -> None:
    await house.sign_in("a")
    first = (await received(house, "a"))["visit_id"]
    await tomorrow(house, "b")
    second = await received(house, "b")
    owned = "live_ownership", "live_ownership", uid("a")
    assert await verdict(house, second["visit_id"]) == owned
    await mark(house, first, who="manager")
    assert await verdict(house, second["visit_id"]) == ("walk_in", "received", uid("b"))
    assert await file(house, second) == (1, uid("b"))
    await unmark(house, first, "manager")
    assert await verdict(house, second["visit_id"]) == owned
    assert await file(house, second) == (2, uid("a"))


async def test_the_owner_of_a_customer_stays_who_they_are_when_a_later_visit_is_marked(house: House) -> None:
    await house.sign_in("a")
    await received(house, "a")
    await tomorrow(house, "b")
    second = await received(house, "b")
    await mark(house, second["visit_id"], "inspector")
    assert await file(house, second) == (1, uid("a"))


async def test_a_call_owns_when_the_only_visit_is_marked(house: House) -> None:
    await house.sign_in("a")
    visit = await received(house, "a")
    await house.new_session("b")
    await house.post("b", "/v1/calls", {"phone": PHONE}, "call-after-visit-1")
    await mark(house, visit["visit_id"])
    assert await file(house, visit) == (0, uid("b"))


@pytest.mark.parametrize("again", [mark, unmark])
async def test_saying_it_twice_is_saying_it_once(house: House, again: Any) -> None:
    await house.sign_in("a")
    visit = await received(house, "a")
    await mark(house, visit["visit_id"])
    if again is unmark:
        await unmark(house, visit["visit_id"])
    known = await verdicts(house, visit["visit_id"]), await file(house, visit)
    await again(house, visit["visit_id"])
    assert (await verdicts(house, visit["visit_id"]), await file(house, visit)) == known
