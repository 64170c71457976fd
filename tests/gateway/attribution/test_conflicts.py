"""Masked registrations that nothing decides between, listed for the reception until something does."""

from typing import Any

import pytest

from tests.gateway.attribution.test_claims import PHONE, judge_again, keep, registration
from tests.gateway.house import House

PATH = "/v1/conflicts"


@pytest.fixture
async def torn(house: House) -> Any:
    """A visit that channels C and D registered masked."""
    await keep(house, registration(house, "C", masked=True), registration(house, "D", masked=True))
    return await house.check_in(PHONE, name="陈小明")


async def test_both_claims_stand_with_their_times_and_the_customer_is_masked(house: House, torn: Any) -> None:
    (conflict,) = await house.get("reception", PATH)
    assert (conflict["visit_id"], conflict["ticket_number"]) == (torn["visit_id"], torn["ticket"]["number"])
    assert conflict["customer"] == "陈**"
    assert len(conflict["claims"]) == 2


async def test_a_full_number_ends_it(house: House, torn: Any) -> None:
    await keep(house, registration(house, "C"))
    await judge_again(house, torn["visit_id"])
    assert await house.get("reception", PATH) == []


async def test_one_masked_claim_is_no_conflict(house: House) -> None:
    await keep(house, registration(house, "C", masked=True))
    await house.check_in(PHONE)
    assert await house.get("m", PATH) == []


@pytest.mark.parametrize(("days", "listed"), [(7, 1), (8, 0)], ids=["open to appeal", "no longer"])
async def test_it_is_listed_while_the_manager_can_rule(house: House, torn: Any, days: int, listed: int) -> None:
    house.clock.forward(days=days, seconds=-5)
    assert len(await house.get("reception", PATH)) == listed


@pytest.mark.parametrize("who", ["a", "kiosk", "board"])
async def test_nobody_else_reads_it(house: House, torn: Any, who: str) -> None:
    assert (await house.call(who, "GET", PATH)).status_code == 403
