"""What a file tells, a page at a time: every entry once, newest first, whatever comes in between."""

from typing import Any

import pytest

from contracts.ids import uuid7
from tests.gateway.house import House

PHONE = "13800112345"


async def served(house: House) -> str:
    """A customer of a, with a visit, four follow-ups and two sales; two of them at one instant."""
    await house.sign_in("a")
    await house.check_in(PHONE, name="陈小明")
    visit = await house.accept("a")
    customer_id: str = visit["customer"]["customer_id"]
    for number in range(4):
        house.clock.forward(minutes=number)
        await follow_up(house, customer_id, f"第 {number} 次")
    for amount in (1, 2):
        sale = {"customer_id": customer_id, "kind": "intent", "amount_fen": amount, "visit_id": visit["visit_id"]}
        await house.post("a", "/v1/sales", sale, uuid7())
    return customer_id


async def follow_up(house: House, customer_id: str, note: str) -> None:
    said = {"customer_id": customer_id, "channel": "call", "reached": True, "note": note}
    await house.post("a", "/v1/follow-ups", said, uuid7())


async def page(house: House, customer_id: str, cursor: str | None, limit: int) -> Any:
    more = "" if cursor is None else f"&cursor={cursor}"
    return await house.get("a", f"/v1/customers/{customer_id}/timeline?limit={limit}{more}")


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 50])
async def test_pages_show_every_entry_once(house: House, limit: int) -> None:
    customer_id = await served(house)
    whole = (await page(house, customer_id, None, 50))["items"]
    assert len(whole) == 7 and [e["at"] for e in whole] == sorted((e["at"] for e in whole), reverse=True)
    seen: list[Any] = []
    cursor = None
    while True:
        part = await page(house, customer_id, cursor, limit)
        seen += part["items"]
        cursor = part["next_cursor"]
        assert len(part["items"]) == limit or cursor is None
        if cursor is None:
            break
    assert seen == whole


async def test_what_is_added_meanwhile_shifts_no_page(house: House) -> None:
    customer_id = await served(house)
    whole = (await page(house, customer_id, None, 50))["items"]
    first = await page(house, customer_id, None, 3)
    house.clock.forward(minutes=1)
    await follow_up(house, customer_id, "刚才")
    assert (await page(house, customer_id, first["next_cursor"], 50))["items"] == whole[3:]


@pytest.mark.parametrize("cursor", ["nonsense", "", "MjAyNi0xMS0yMVQwMjowMDowMHx4", "\u4e2d"])
async def test_what_is_no_cursor_is_told_at_its_field(house: House, cursor: str) -> None:
    customer_id = await served(house)
    answer = await house.http.get(
        f"/v1/customers/{customer_id}/timeline",
        params={"cursor": cursor},
        headers={"Authorization": f"Bearer {house.tokens['a']}"},
    )
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "cursor")
