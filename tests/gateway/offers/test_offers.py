"""Offers end exactly once: accepted, declined, lost or withdrawn."""

import asyncio
from typing import Any

from sqlmodel import col, select

from gateway.offers import service
from gateway.offers.tables import OfferRow
from tests.gateway.house import House
from tests.gateway.people import uid

PHONE = "13800112345"


async def expire(house: House) -> None:
    await house.context.writer.run(lambda uow: service.expire(uow, house.context))


async def offers(house: House) -> list[tuple[str, str]]:
    with house.context.database.read() as session:
        rows = session.exec(select(OfferRow).order_by(col(OfferRow.offer_id))).all()
    return [(row.consultant_id, row.state) for row in rows]


async def until_offered(house: House, letter: str) -> Any:
    """The gateway's own timer has to find the deadline in the database."""
    deadline = asyncio.get_running_loop().time() + 5
    while (offer := await house.offer_of(letter)) is None:
        assert asyncio.get_running_loop().time() < deadline, f"nothing was offered to {letter}"
        await asyncio.sleep(0.02)
    return offer


async def test_after_thirty_seconds_the_next_is_called(house: House) -> None:
    await house.sign_in("a", "b")
    await house.check_in(PHONE)
    house.clock.forward(seconds=30)
    offer = await until_offered(house, "b")
    assert offer["rule"] == "rota.next"
    assert (uid("a"), "lost") in await offers(house)
    rota = {e["name"]: e for e in (await house.get("reception", "/v1/rota"))["entries"]}
    assert (rota["顾问a"]["turns_offered"], rota["顾问a"]["turns_lost"]) == (1, 1)


async def test_a_late_accept_is_told_that_the_offer_is_lost(house: House) -> None:
    await house.sign_in("a")
    await house.check_in(PHONE)
    offer = await house.offer_of("a")
    house.clock.forward(seconds=31)
    answer = await house.call("a", "POST", f"/v1/offers/{offer['offer_id']}/accept")
    assert (answer.status_code, answer.json()["code"]) == (409, "offer_lost")


async def test_accepting_twice_is_accepting_once(house: House) -> None:
    await house.sign_in("a")
    await house.check_in(PHONE)
    offer = await house.offer_of("a")
    path = f"/v1/offers/{offer['offer_id']}/accept"
    one, two = await asyncio.gather(house.post("a", path), house.post("a", path))
    assert one["state"] == two["state"] == "serving"
    assert await offers(house) == [(uid("a"), "accepted")]


async def test_accept_and_expiry_at_the_deadline_have_one_winner(house: House) -> None:
    await house.sign_in("a")
    for number in range(6):
        await house.check_in(f"1380000000{number}")
        offer = await house.offer_of("a")
        house.clock.forward(seconds=29, milliseconds=999.9)
        accepted, _ = await asyncio.gather(
            house.call("a", "POST", f"/v1/offers/{offer['offer_id']}/accept"), expire(house)
        )
        house.clock.forward(seconds=1)
        await expire(house)
        with house.context.database.read() as session:
            row = session.get(OfferRow, offer["offer_id"])
        assert row is not None
        assert row.state == ("accepted" if accepted.status_code == 200 else "lost")
        visit = await house.get("manager", f"/v1/visits/{row.visit_id}")
        assert (visit["state"] == "serving") == (row.state == "accepted")
        await house.post("manager", f"/v1/visits/{row.visit_id}/finish", {"outcome": "left"})
        await house.post("a", "/v1/rota/back")


async def test_declined_the_next_is_called_and_then_it_waits(house: House) -> None:
    await house.sign_in("a", "b")
    arrived = await house.check_in(PHONE)
    for letter in ("a", "b"):
        offer = await house.offer_of(letter)
        await house.post(letter, f"/v1/offers/{offer['offer_id']}/decline", {"reason": "busy"})
    assert await offers(house) == [(uid("a"), "declined"), (uid("b"), "declined")]
    assert (await house.get("manager", f"/v1/visits/{arrived['visit_id']}"))["state"] == "waiting"
    await house.post("b", "/v1/rota/back")
    assert await house.offer_of("b") is not None


async def test_nobody_accepts_all_free_ones_are_asked_and_the_first_wins(house: House) -> None:
    await house.sign_in("a", "b")
    arrived = await house.check_in(PHONE)
    for _ in range(2):
        house.clock.forward(seconds=30)
        await expire(house)
    one, two = await house.offer_of("a"), await house.offer_of("b")
    assert one["rule"] == two["rule"] == "rota.all_free"
    await house.accept("b")
    late = await house.call("a", "POST", f"/v1/offers/{one['offer_id']}/accept")
    assert (late.status_code, late.json()["code"]) == (409, "offer_lost")
    assert (await house.get("manager", f"/v1/visits/{arrived['visit_id']}"))["consultant_id"] == uid("b")


async def test_nobody_answers_at_all_the_manager_sees_it(house: House) -> None:
    await house.sign_in("a")
    arrived = await house.check_in(PHONE)
    for _ in range(2):
        house.clock.forward(seconds=30)
        await expire(house)
    alarms = (await house.get("board", "/v1/floor"))["alarms"]
    assert [(a["rule"], a["facts"]["visit_id"]) for a in alarms] == [("unanswered", arrived["visit_id"])]


async def test_somebody_elses_offer_is_not_mine(house: House) -> None:
    await house.sign_in("a", "b")
    await house.check_in(PHONE)
    offer = await house.offer_of("a")
    assert (await house.call("b", "POST", f"/v1/offers/{offer['offer_id']}/accept")).status_code == 403


async def test_going_away_gives_the_offer_to_the_next(house: House) -> None:
    await house.sign_in("a", "b")
    await house.check_in(PHONE)
    me = await house.post("a", "/v1/rota/away", {"reason": "lunch"})
    assert (me["offers"], me["rota"]["state"]) == ([], "away")
    assert await house.offer_of("b") is not None


async def test_assigned_by_the_manager_and_the_turn_taken_back_is_owed(house: House) -> None:
    await house.sign_in("a", "b")
    arrived = await house.check_in(PHONE)
    body = {"consultant_id": uid("b"), "reason": "老客户的朋友"}
    visit = await house.post("manager", f"/v1/visits/{arrived['visit_id']}/assign", body)
    assert (visit["state"], visit["consultant_id"], visit["owner_id"]) == ("serving", uid("b"), uid("b"))
    me = await house.get("a", "/v1/me")
    assert (me["offers"], me["rota"]["make_ups"]) == ([], 1)
    told = await house.get("manager", f"/v1/visits/{arrived['visit_id']}/explanation")
    assert [turn["rule"] for turn in told["turns"]] == ["rota.next", "assigned"]


async def test_assigning_to_a_stranger_is_refused(house: House) -> None:
    arrived = await house.check_in(PHONE)
    body = {"consultant_id": uid("m"), "reason": "x"}
    answer = await house.call("manager", "POST", f"/v1/visits/{arrived['visit_id']}/assign", body)
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_consultant")


async def test_a_handed_over_visit_frees_who_had_it(house: House) -> None:
    await house.sign_in("a", "b")
    arrived = await house.check_in(PHONE)
    await house.accept("a")
    await house.post("manager", f"/v1/visits/{arrived['visit_id']}/assign", {"consultant_id": uid("b"), "reason": "x"})
    assert (await house.get("a", "/v1/me"))["rota"]["state"] == "free"
    assert (await house.get("b", "/v1/me"))["rota"]["state"] == "serving"


async def test_signing_out_while_serving_is_refused(house: House) -> None:
    await house.sign_in("a")
    await house.check_in(PHONE)
    await house.accept("a")
    answer = await house.call("a", "POST", "/v1/rota/sign-out")
    assert (answer.status_code, answer.json()["code"]) == (409, "still_serving")


async def test_many_arrivals_and_answers_at_once_lose_and_double_nothing(house: House) -> None:
    await house.sign_in("a", "b", "c")
    await asyncio.gather(*(house.check_in(f"138000000{n:02d}") for n in range(9)))
    for _ in range(3):
        await asyncio.gather(*(house.accept(letter) for letter in "abc"))
        serving = await house.get("manager", "/v1/visits?state=serving")
        assert len(serving) == 3
        await asyncio.gather(
            *(house.post("manager", f"/v1/visits/{v['visit_id']}/finish", {"outcome": "toured"}) for v in serving)
        )
    taken = await offers(house)
    assert sorted(taken) == sorted([(uid(letter), "accepted") for letter in "abc"] * 3)
    rota = (await house.get("reception", "/v1/rota"))["entries"]
    assert [e["turns_received"] for e in rota] == [3, 3, 3]
