"""Follow-ups and sales are noted once."""

from typing import Any

from sqlmodel import select

from gateway.facts.tables import SaleRow
from gateway.visits.departures import close_forgotten
from tests.gateway.house import House
from tests.gateway.people import uid

PHONE = "13800112345"


async def served(house: House) -> Any:
    await house.sign_in("a")
    await house.check_in(PHONE)
    return await house.accept("a")


async def test_the_same_key_notes_one_sale(house: House) -> None:
    visit = await served(house)
    sale = {
        "customer_id": visit["customer"]["customer_id"],
        "kind": "subscription",
        "amount_fen": 100,
        "unit_ref": "3-1201",
    }
    first = await house.call("a", "POST", "/v1/sales", sale, "sale-0001")
    again = await house.call("a", "POST", "/v1/sales", sale, "sale-0001")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    with house.context.database.read() as session:
        (row,) = session.exec(select(SaleRow)).all()
    assert (row.unit_ref, row.amount_fen, row.consultant_id) == ("3-1201", 100, uid("a"))


async def test_the_same_key_for_another_sale_is_refused(house: House) -> None:
    visit = await served(house)
    sale = {"customer_id": visit["customer"]["customer_id"], "kind": "intent", "amount_fen": 100}
    await house.post("a", "/v1/sales", sale, "sale-0001")
    answer = await house.call("a", "POST", "/v1/sales", {**sale, "amount_fen": 200}, "sale-0001")
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_key_reused")


async def test_a_sale_needs_a_visit_of_the_same_customer(house: House) -> None:
    visit = await served(house)
    sale = {"customer_id": visit["customer"]["customer_id"], "kind": "intent", "amount_fen": 1, "visit_id": uid("z")}
    answer = await house.call("a", "POST", "/v1/sales", sale, "sale-0001")
    assert answer.json()["errors"] == [{"field": "visit_id", "code": "visit_of_somebody_else"}]


async def test_another_consultant_notes_nothing(house: House) -> None:
    visit = await served(house)
    call = {"customer_id": visit["customer"]["customer_id"], "channel": "call"}
    assert (await house.call("b", "POST", "/v1/follow-ups", call, "call-0001")).status_code == 403


async def test_a_call_that_reached_keeps_ownership_and_one_that_did_not_does_not(house: House) -> None:
    visit = await served(house)
    await house.post("a", f"/v1/visits/{visit['visit_id']}/finish", {"outcome": "toured"})
    customer = visit["customer"]["customer_id"]
    house.clock.forward(days=10)
    await house.new_session("a")
    await house.post("a", "/v1/follow-ups", {"customer_id": customer, "channel": "call", "reached": False}, "call-0001")
    await house.post("a", "/v1/follow-ups", {"customer_id": customer, "channel": "call"}, "call-0002")
    house.clock.forward(days=10)
    again = await house.check_in(PHONE)
    assert again["consultant_name"] == "顾问a"
    told = await house.get("manager", f"/v1/visits/{again['visit_id']}/explanation")
    assert told["verdicts"][-1]["rule"] == "live_ownership"
    house.clock.forward(days=16)
    await house.context.writer.run(lambda uow: close_forgotten(uow, house.context))
    later = await house.check_in(PHONE)
    told = await house.get("manager", f"/v1/visits/{later['visit_id']}/explanation")
    weighed = {note["rule"]: note["reason"] for note in told["verdicts"][-1]["rules"]}
    assert weighed["live_ownership"] == "ownership_lapsed"
