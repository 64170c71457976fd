"""A visit that was kept from the owner (domain.md, Rota: a deal of that day is then all the owner's)."""

from typing import Any

import httpx
import pytest

from contracts.ids import uuid7
from tests.gateway.attribution.test_claims import told
from tests.gateway.house import House
from tests.gateway.people import uid

PHONE = "13800112345"
REASON = "归属人当天在岗"
ALL_OF_A = [{"consultant_id": uid("a"), "percent": 100}]


@pytest.fixture
async def assisted(house: House) -> Any:
    """A customer of a, whom b received on another day while a was away: half of a deal of that day is theirs."""
    await house.sign_in("a", "b")
    await house.check_in(PHONE)
    visit = await house.accept("a")
    await house.post("a", f"/v1/visits/{visit['visit_id']}/finish", {"outcome": "toured"})
    await house.post("a", "/v1/rota/sign-out")
    house.clock.forward(days=1)
    for who in "abm":
        await house.new_session(who)
    await house.sign_in("b")
    again = await house.check_in(PHONE)
    await house.accept("b")
    return again


async def newest(house: House, visit: Any) -> Any:
    return (await told(house, visit["visit_id"]))[-1]


async def appeals(house: House, visit: Any, who: str, **more: Any) -> Any:
    body = {"verdict_id": (await newest(house, visit))["verdict_id"], "text": "我当天在岗，没有人通知我", **more}
    answer = await house.call(who, "POST", "/v1/appeals", body, uuid7())
    assert answer.status_code == 201, answer.text
    return answer.json()


async def decide(house: House, appeal: Any, outcome: str, **ruling: Any) -> httpx.Response:
    body = {"outcome": outcome, "reason": REASON, "ruling": ruling}
    path = f"/v1/appeals/{appeal['appeal_id']}/decision"
    return await house.call("m", "POST", path, body, seen=f'"{appeal["revision"]}"')


async def rulings_told(house: House, who: str) -> list[str]:
    found = (await house.get(who, "/v1/alerts"))["items"]
    return [one["subject_id"] for one in found if one["kind"] == "ruling" and one["live"]]


async def rules_read(house: House, who: str, visit: Any) -> set[tuple[str, str]]:
    mine = [one for one in await house.get(who, "/v1/me/verdicts") if one["visit_id"] == visit["visit_id"]]
    return {(note["rule"], note["reason"]) for one in mine for note in one["rules"] if note["outcome"] == "won"}


async def test_the_owner_appeals_it_is_ruled_hidden_and_both_are_told(house: House, assisted: Any) -> None:
    assert len((await newest(house, assisted))["same_day_shares"]) == 2
    appeal = await appeals(house, assisted, "a")
    decided = (await decide(house, appeal, "upheld", hidden=True)).json()
    assert (decided["state"], decided["reason"]) == ("upheld", REASON)
    assert await house.get("m", "/v1/appeals?state=open") == []
    said = await newest(house, assisted)
    assert (said["same_day_shares"], said["verdict_id"]) == (ALL_OF_A, decided["result_verdict_id"])
    for who in "ab":
        assert await rulings_told(house, who) == [appeal["appeal_id"]]
        assert ("hidden_visit", "kept_from_the_owner") in await rules_read(house, who, assisted)
    assert (await house.get("a", "/v1/appeals"))[0]["state"] == "upheld"


async def test_the_owner_appeals_and_it_was_not_hidden(house: House, assisted: Any) -> None:
    before = await told(house, assisted["visit_id"])
    answer = await decide(house, await appeals(house, assisted, "a"), "rejected", hidden=False)
    assert (answer.status_code, answer.json()["state"]) == (200, "rejected")
    assert await told(house, assisted["visit_id"]) == before


async def test_who_assisted_appeals_against_the_ruling_and_has_their_share_back(house: House, assisted: Any) -> None:
    shared = (await newest(house, assisted))["same_day_shares"]
    await decide(house, await appeals(house, assisted, "a"), "upheld", hidden=True)
    back = await decide(house, await appeals(house, assisted, "b"), "upheld", hidden=False)
    assert (back.json()["state"], (await newest(house, assisted))["same_day_shares"]) == ("upheld", shared)


@pytest.mark.parametrize(
    ("who", "outcome", "hidden"), [("a", "upheld", False), ("a", "rejected", True), ("b", "upheld", True)]
)
async def test_a_ruling_for_one_side_upholds_no_appeal_of_the_other(
    house: House, assisted: Any, who: str, outcome: str, hidden: bool
) -> None:
    appeal = await appeals(house, assisted, who)
    answer = await decide(house, appeal, outcome, hidden=hidden)
    assert (answer.status_code, answer.json()["code"]) == (422, "outcome_contradicts")
    assert (await house.get("m", f"/v1/appeals/{appeal['appeal_id']}"))["state"] == "open"


async def test_no_channel_is_answered_by_it(house: House, assisted: Any) -> None:
    appeal = await appeals(house, assisted, "reception", channel_id=uid("C"))
    answer = await decide(house, appeal, "upheld", hidden=True)
    assert (answer.status_code, answer.json()["code"]) == (422, "hidden_from_a_channel")


async def test_it_is_a_ruling_of_its_own(house: House, assisted: Any) -> None:
    answer = await decide(house, await appeals(house, assisted, "a"), "upheld", hidden=True, owner_id=uid("b"))
    assert answer.status_code == 422


async def test_a_rejection_that_changes_nothing_is_told_to_who_appealed_only(house: House, assisted: Any) -> None:
    appeal = await appeals(house, assisted, "a")
    body = {"outcome": "rejected", "reason": REASON}
    path = f"/v1/appeals/{appeal['appeal_id']}/decision"
    assert (await house.call("m", "POST", path, body, seen='"1"')).status_code == 200
    assert [await rulings_told(house, who) for who in "ab"] == [[appeal["appeal_id"]], []]


async def hidden(house: House, visit: Any) -> httpx.Response:
    return await house.call("m", "POST", f"/v1/visits/{visit['visit_id']}/hidden", {"hidden": True, "reason": REASON})


async def test_the_manager_who_finds_out_unasked_rules_too(house: House, assisted: Any) -> None:
    assert (await hidden(house, assisted)).status_code == 200
    assert (await newest(house, assisted))["same_day_shares"] == ALL_OF_A


async def test_an_open_appeal_is_decided_with_it_and_not_passed_over(house: House, assisted: Any) -> None:
    await appeals(house, assisted, "a")
    answer = await hidden(house, assisted)
    assert (answer.status_code, answer.json()["code"]) == (409, "appeal_open")


async def test_what_nobody_received_nobody_hid(house: House) -> None:
    waiting = await house.check_in(PHONE)
    assert (await hidden(house, waiting)).status_code == 409
