"""Taking and leaving places on the rota, over the API."""

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
