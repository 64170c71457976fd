"""Taking and leaving places on the rota, over the API."""

import pytest

from gateway.rota import service
from tests.gateway.house import PIN_HASH, House
from tests.gateway.people import uid


async def order(house: House) -> list[tuple[str, str, int | None]]:
    entries = (await house.get("reception", "/v1/rota"))["entries"]
    return [(e["name"][-1], e["state"], e["place"]) for e in entries]


async def test_sign_in_order_is_the_days_order(house: House) -> None:
    await house.sign_in("c", "a")
    await house.sign_in("c")
    assert await order(house) == [("c", "free", 1), ("a", "free", 2), ("b", "signed_out", None)]


async def test_signing_in_again_after_leaving_is_a_place_at_the_end(house: House) -> None:
    await house.sign_in("a", "b")
    await house.post("a", "/v1/rota/sign-out")
    await house.sign_in("a")
    assert [name for name, _, _ in await order(house)][:2] == ["b", "a"]


async def test_a_new_day_begins_empty(house: House) -> None:
    await house.sign_in("a")
    house.clock.forward(days=1)
    assert {state for _, state, _ in await order(house)} == {"signed_out"}


async def test_a_declared_break_has_an_end(house: House) -> None:
    await house.sign_in("a")
    me = await house.post("a", "/v1/rota/away", {"reason": "short_break"})
    assert (me["rota"]["state"], me["rota"]["away_reason"]) == ("away", "short_break")
    assert me["rota"]["away_until"] is not None


@pytest.mark.parametrize(
    ("declared", "kept"),
    [
        (("short_break",), 1),
        (("short_break", "short_break"), 0),
        (("lunch", "short_break"), 0),
        (("lunch", "lunch"), 1),
    ],
    ids=["once", "again before it is over", "after another reason", "lunch has no length"],
)
async def test_a_break_declared_again_and_again_is_one_long_break(
    house: House, declared: tuple[str, ...], kept: int
) -> None:
    await house.sign_in("a", "b")
    for reason in declared:
        await house.post("a", "/v1/rota/away", {"reason": reason})
        house.clock.forward(minutes=9)
    await house.check_in("13800112345")
    entries = {e["name"][-1]: e for e in (await house.get("reception", "/v1/rota"))["entries"]}
    assert entries["a"]["make_ups"] == kept


async def test_after_coming_back_a_break_is_a_new_one(house: House) -> None:
    await house.sign_in("a", "b")
    for _ in range(2):
        await house.post("a", "/v1/rota/away", {"reason": "short_break"})
        house.clock.forward(minutes=9)
        await house.post("a", "/v1/rota/back")
        house.clock.forward(minutes=9)
    await house.post("a", "/v1/rota/away", {"reason": "short_break"})
    await house.check_in("13800112345")
    entries = {e["name"][-1]: e for e in (await house.get("reception", "/v1/rota"))["entries"]}
    assert entries["a"]["make_ups"] == 1


async def test_going_away_needs_a_place(house: House) -> None:
    answer = await house.call("a", "POST", "/v1/rota/away", {"reason": "lunch"})
    assert (answer.status_code, answer.json()["code"]) == (409, "not_signed_in")


async def test_the_rota_is_for_consultants_and_those_who_watch_over_it(house: House) -> None:
    assert (await house.call("kiosk", "GET", "/v1/rota")).status_code == 403
    assert (await house.call("manager", "POST", "/v1/rota/sign-in")).status_code == 403


async def test_who_left_the_company_is_offered_nothing(house: House) -> None:
    await house.sign_in("a", "b")
    roster = (await house.call("admin", "PUT", "/v1/roster", without_a())).status_code
    assert roster == 200
    await house.check_in("13800112345")
    assert (await house.offer_of("b"))["consultant_id"] == uid("b")


def without_a() -> dict[str, object]:
    people = [{"person_id": uid(x), "staff_no": x, "name": x, "role": "consultant", "pin_hash": PIN_HASH} for x in "bc"]
    return {"office": "yunqi", "version": 2, "people": people}


async def test_who_signs_in_in_the_same_minute_goes_on_after_yesterdays_last_turn(house: House) -> None:
    await house.sign_in("a", "b", "c")
    visit = await house.check_in("13800112345")
    await house.accept("a")
    await house.post("a", f"/v1/visits/{visit['visit_id']}/finish", {"outcome": "toured"})
    house.clock.forward(days=1)
    for letter in "abc":
        await house.new_session(letter)
    await house.sign_in("a", "b", "c")
    assert [name for name, _, _ in await order(house)] == ["b", "c", "a"]


async def test_who_signs_in_a_minute_later_comes_later_whatever_yesterday_was(house: House) -> None:
    await house.sign_in("a", "b")
    visit = await house.check_in("13800112345")
    await house.accept("a")
    await house.post("a", f"/v1/visits/{visit['visit_id']}/finish", {"outcome": "toured"})
    house.clock.forward(days=1)
    for letter in "ab":
        await house.new_session(letter)
        await house.sign_in(letter)
        house.clock.forward(minutes=1)
    assert [name for name, _, _ in await order(house)][:2] == ["a", "b"]


async def test_a_make_up_is_kept_overnight(house: House) -> None:
    await house.sign_in("a", "b")
    await house.post("a", "/v1/rota/away", {"reason": "lunch"})
    await house.check_in("13800112345")
    await house.accept("b")
    house.clock.forward(days=1)
    for letter in "ab":
        await house.new_session(letter)
    await house.sign_in("b")
    house.clock.forward(minutes=1)
    await house.sign_in("a")
    assert [name for name, _, _ in await order(house)][:2] == ["a", "b"]
    await house.check_in("13800112346")
    assert (await house.offer_of("a"))["rule"] == "rota.make_up"


async def test_a_tablet_that_fell_silent_costs_the_turn_and_waking_up_brings_back_in(house: House) -> None:
    await house.sign_in("a", "b")
    await service.heard_of(house.context, uid("a"))
    house.clock.forward(seconds=121)
    visit = await house.check_in("13800112345")
    assert await house.offer_of("b")
    entries = {e["name"][-1]: e for e in (await house.get("reception", "/v1/rota"))["entries"]}
    assert (entries["a"]["turns_offered"], entries["a"]["turns_lost"], entries["a"]["make_ups"]) == (1, 1, 0)
    told = await house.get("a", f"/v1/visits/{visit['visit_id']}/why-not?consultant_id={uid('a')}")
    assert [(x["reason"], x["facts"]["turn"]) for x in told["answers"]] == [("away_undeclared", "lost")]
    await house.check_in("13800112346")
    await service.heard_of(house.context, uid("a"))
    assert await house.offer_of("a") is not None


async def test_why_not_me_has_an_answer_for_any_visit(house: House) -> None:
    await house.sign_in("a", "b")
    await house.post("a", "/v1/rota/away", {"reason": "lunch"})
    visit = await house.check_in("13800112345")
    path = f"/v1/visits/{visit['visit_id']}/why-not?consultant_id="
    (mine,) = (await house.get("a", path + uid("a")))["answers"]
    assert (mine["rule"], mine["outcome"], mine["reason"]) == ("rota.next", "skipped", "away_lunch")
    assert mine["facts"]["turn"] == "make_up"
    stood = [(c["name"][-1], c["place"], c["outcome"], c["reason"], c["facts"]) for c in mine["stood"]]
    assert stood == [("a", 1, "skipped", "away_lunch", {}), ("b", 2, "chosen", "next", {})]
    (never,) = (await house.get("manager", path + uid("c")))["answers"]
    assert (never["outcome"], never["reason"]) == ("not_in_order", "not_signed_in_that_day")
    assert (await house.call("a", "GET", path + uid("b"))).json()["code"] == "not_yourself"
    assert (await house.call("kiosk", "GET", path + uid("a"))).status_code == 403
    unknown = f"/v1/visits/{uid('x')}/why-not?consultant_id={uid('a')}"
    assert (await house.call("manager", "GET", unknown)).status_code == 404


async def test_todays_visits_can_be_asked_about_and_say_nothing_of_who_came(house: House) -> None:
    await house.sign_in("a", "b")
    first, second = await house.check_in("13800112345"), await house.check_in("13800112346")
    found = await house.get("b", "/v1/rota/visits")
    assert [(v["visit_id"], v["ticket_number"]) for v in found] == [(second["visit_id"], 2), (first["visit_id"], 1)]
    assert not {"customer", "owner_id", "source"} & set(found[0])
    house.clock.forward(days=1)
    await house.new_session("b")
    assert await house.get("b", "/v1/rota/visits") == []
    assert (await house.call("kiosk", "GET", "/v1/rota/visits")).status_code == 403
