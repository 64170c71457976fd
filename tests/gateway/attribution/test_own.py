"""A consultant's own verdicts: those that concern them, while they may still appeal."""

from datetime import timedelta

from tests.gateway.house import House

PHONE = "13800001111"


async def test_a_verdict_is_listed_for_whom_it_concerns_and_nobody_else(house: House) -> None:
    await house.sign_in("a", "b")
    await house.check_in(PHONE)
    visit = await house.accept("a")
    (own,) = await house.get("a", "/v1/me/verdicts")
    assert (own["visit_id"], own["owner"], own["ticket_number"]) == (visit["visit_id"], "you", 1)
    assert own["customer"] == "138****1111"
    assert await house.get("b", "/v1/me/verdicts") == []
    assert (await house.call("manager", "GET", "/v1/me/verdicts")).status_code == 403


async def test_it_is_listed_to_the_last_instant_of_the_time_to_appeal(house: House) -> None:
    await house.sign_in("a")
    await house.check_in(PHONE)
    await house.accept("a")
    (own,) = await house.get("a", "/v1/me/verdicts")
    house.clock.forward(days=7)
    house.clock.now -= timedelta(minutes=1)
    await house.new_session("a")
    assert await house.get("a", "/v1/me/verdicts") == [own]
    house.clock.forward(minutes=2)
    assert await house.get("a", "/v1/me/verdicts") == []
