"""One visit from the kiosk to the customer's timeline, through the real application."""

from pathlib import Path

from sqlmodel import select

from gateway.uplink.tables import UplinkEvent
from tests.gateway.house import Clock, House, open_house
from tests.gateway.people import uid

PHONE = "138 0011 2345"


async def test_check_in_offer_accept_finish_timeline(house: House) -> None:
    await house.sign_in("a", "b")
    arrived = await house.check_in(PHONE, name="陈小明", party_size=3)
    assert (arrived["kind"], arrived["ticket"]["number"], arrived["joined_existing"]) == ("first", 1, False)

    offer = await house.offer_of("a")
    assert (offer["rule"], offer["uses_turn"]) == ("rota.next", True)
    assert offer["visit"]["customer"]["phone"] == "138****2345"
    assert offer["visit"]["customer"]["name"] == "陈**"
    assert [note["rule"] for note in offer["why"]][:2] == ["rota.next", "source_in_force"]

    visit = await house.accept("a")
    assert (visit["state"], visit["consultant_name"], visit["owner_id"]) == ("serving", "顾问a", uid("a"))
    assert visit["ticket"]["state"] == "called"
    customer_id = visit["customer"]["customer_id"]

    await house.post(
        "a", "/v1/follow-ups", {"customer_id": customer_id, "channel": "meeting", "note": "三房"}, "follow-1"
    )
    await house.post(
        "a", "/v1/sales", {"customer_id": customer_id, "kind": "intent", "amount_fen": 2_000_000}, "sale-001"
    )
    house.clock.forward(minutes=40)
    closed = await house.post("a", f"/v1/visits/{visit['visit_id']}/finish", {"outcome": "toured", "note": "喜欢湖景"})
    assert (closed["state"], closed["close_reason"], closed["ticket"]["state"]) == ("closed", "toured", "done")

    timeline = (await house.get("a", f"/v1/customers/{customer_id}/timeline"))["items"]
    assert [entry["title"] for entry in timeline] == ["sale.intent", "follow_up.meeting", "visit.first"]
    assert timeline[0]["amount_fen"] == 2_000_000
    assert timeline[2]["text"] == "喜欢湖景"
    me = await house.get("a", "/v1/me")
    assert (me["rota"]["state"], me["offers"], [v["visit_id"] for v in me["recent"]]) == (
        "free",
        [],
        [visit["visit_id"]],
    )


async def test_explanation_answers_why_not_me(house: House) -> None:
    await house.sign_in("a", "b")
    await house.post("a", "/v1/rota/away", {"reason": "lunch"})
    arrived = await house.check_in(PHONE)
    await house.accept("b")
    told = await house.get("manager", f"/v1/visits/{arrived['visit_id']}/explanation")
    reasons = {c["consultant_id"]: (c["name"], c["outcome"], c["reason"]) for c in told["turns"][0]["candidates"]}
    assert reasons == {uid("a"): ("顾问a", "skipped", "away_lunch"), uid("b"): ("顾问b", "chosen", "next")}
    assert [(v["rule"], v["owner_name"]) for v in told["verdicts"]] == [("walk_in", None), ("walk_in", "顾问b")]


async def test_back_from_lunch_with_a_make_up_comes_first(house: House) -> None:
    await house.sign_in("a", "b", "c")
    await house.post("a", "/v1/rota/away", {"reason": "lunch"})
    await house.check_in("13800000001")
    assert await house.offer_of("b")
    me = await house.post("a", "/v1/rota/back")
    assert me["rota"]["make_ups"] == 1
    await house.check_in("13800000002")
    assert (await house.offer_of("a"))["rule"] == "rota.make_up"
    assert await house.offer_of("c") is None


async def test_returning_customer_goes_to_the_owner_and_uses_no_turn(house: House) -> None:
    await house.sign_in("a", "b")
    first = await house.check_in(PHONE)
    await house.accept("a")
    await house.post("a", f"/v1/visits/{first['visit_id']}/finish", {"outcome": "toured"})
    house.clock.forward(hours=1)
    again = await house.check_in(PHONE)
    assert (again["kind"], again["consultant_name"]) == ("return", "顾问a")
    offer = await house.offer_of("a")
    assert (offer["rule"], offer["uses_turn"]) == ("rota.owner", False)


async def test_owner_away_the_next_assists_and_ownership_stays(house: House) -> None:
    await house.sign_in("a", "b")
    first = await house.check_in(PHONE)
    await house.accept("a")
    await house.post("a", f"/v1/visits/{first['visit_id']}/finish", {"outcome": "toured"})
    await house.post("a", "/v1/rota/sign-out")
    house.clock.forward(hours=1)
    await house.check_in(PHONE)
    visit = await house.accept("b")
    assert (visit["owner_id"], visit["consultant_id"]) == (uid("a"), uid("b"))
    rota = {e["name"]: e for e in (await house.get("reception", "/v1/rota"))["entries"]}
    assert rota["顾问b"]["turns_offered"] == 0


async def test_waiting_visit_is_offered_when_somebody_becomes_free(house: House) -> None:
    first, second = await house.check_in("13800000001"), await house.check_in("13800000002")
    assert (first["ticket"]["ahead"], second["ticket"]["ahead"]) == (0, 1)
    assert second["ticket"]["wait_minutes"] is None
    await house.sign_in("a")
    assert (await house.offer_of("a"))["visit"]["visit_id"] == first["visit_id"]
    await house.accept("a")
    queue = await house.get("kiosk", "/v1/queue")
    assert [e["ticket"]["number"] for e in queue["waiting"]] == [2]
    assert [(e["ticket"]["number"], e["called_to"]) for e in queue["now_serving"]] == [(1, "顾问a")]
    await house.post("a", f"/v1/visits/{first['visit_id']}/finish", {"outcome": "toured"})
    assert (await house.offer_of("a"))["visit"]["visit_id"] == second["visit_id"]


async def test_restart_in_mid_offer_keeps_it(tmp_path: Path) -> None:
    clock = Clock()
    async with open_house(tmp_path, clock) as house:
        await house.sign_in("a")
        await house.check_in(PHONE)
        before = await house.offer_of("a")
    clock.forward(seconds=10)
    async with open_house(tmp_path, clock) as house:
        after = await house.offer_of("a")
        assert after["offer_id"] == before["offer_id"]
        assert (await house.accept("a"))["state"] == "serving"


async def test_every_change_is_told_to_central_without_a_phone_number(house: House) -> None:
    await house.sign_in("a")
    visit = await house.check_in(PHONE, name="陈小明")
    await house.accept("a")
    await house.post("a", f"/v1/visits/{visit['visit_id']}/finish", {"outcome": "toured"})
    with house.context.database.read() as session:
        told = session.exec(select(UplinkEvent).order_by(UplinkEvent.sequence)).all()  # type: ignore[arg-type]
    kinds = {fact.type for fact in told}
    assert {"visit.recorded.v1", "verdict.recorded.v1", "customer.recorded.v1", "rota.turn.v1"} <= kinds
    assert not any("13800112345" in fact.data or "陈小明" in fact.data for fact in told)
