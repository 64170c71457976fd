"""Alerts of a whole gateway: stored with what caused them, confirmed in stages, seen by whom they concern."""

import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from contracts.ids import uuid7
from gateway import maintenance
from gateway.alerts import store
from gateway.alerts.domain import Raised, Recipient
from gateway.offers import service as offers
from gateway.writer import UnitOfWork
from tests.gateway.house import House, open_house
from tests.gateway.people import uid

PHONE = "13800112345"


async def alerts(house: House, who: str) -> list[Any]:
    return list((await house.get(who, "/v1/alerts"))["items"])


async def kinds(house: House, who: str, *, live: bool = True) -> list[str]:
    return sorted(one["kind"] for one in await alerts(house, who) if one["live"] or not live)


async def confirm(house: House, who: str, alert_id: str, stage: str, *, visible: bool = True) -> None:
    body = {"visible": visible, "items": [{"alert_id": alert_id, "stage": stage}]}
    await house.post(who, "/v1/alerts/receipts", body)


async def offered(house: House) -> Any:
    """One consultant, one visitor, one alert."""
    await house.sign_in("a")
    await house.check_in(PHONE)
    (alert,) = await alerts(house, "a")
    return alert


async def regular(house: House, *, owner: str = "a", tags: list[str] | None = None) -> str:
    """A customer of `owner`, seen once and gone. Their id."""
    await house.sign_in(owner)
    await house.check_in(PHONE)
    visit = await house.accept(owner)
    customer_id = str(visit["customer"]["customer_id"])
    if tags:
        await house.edit_customer(owner, customer_id, tags=tags)
    await house.post(owner, f"/v1/visits/{visit['visit_id']}/finish", {"outcome": "toured"})
    return customer_id


async def test_an_offer_is_an_alert_with_the_ticket_and_a_masked_name(house: House) -> None:
    await house.sign_in("a")
    await house.check_in(PHONE, name="陈小明")
    (alert,) = await alerts(house, "a")
    offer = await house.offer_of("a")
    assert (alert["kind"], alert["subject_id"], alert["ticket_number"]) == ("offer", offer["offer_id"], 1)
    assert alert["expires_at"] == offer["expires_at"]
    assert "小明" not in str(alert)
    assert await alerts(house, "m") == []


async def test_stages_are_noted_once_and_each_includes_the_ones_before(house: House) -> None:
    alert = await offered(house)
    assert (alert["delivered_at"], alert["shown_at"], alert["read_at"]) == (None, None, None)
    await confirm(house, "a", alert["alert_id"], "delivered")
    (delivered,) = await alerts(house, "a")
    await confirm(house, "a", alert["alert_id"], "read")
    (read,) = await alerts(house, "a")
    assert delivered["shown_at"] is None
    assert read["delivered_at"] == delivered["delivered_at"]
    assert read["shown_at"] == read["read_at"] > delivered["delivered_at"]
    assert not read["live"]


async def test_a_page_that_nobody_can_see_confirms_nothing_and_is_no_sign_of_life(house: House) -> None:
    alert = await offered(house)
    await confirm(house, "a", alert["alert_id"], "shown", visible=False)
    (still,) = await alerts(house, "a")
    assert (still["delivered_at"], still["shown_at"]) == (None, None)
    assert house.context.presence.last(uid("a")) is None


async def test_what_is_awake_for_the_receipts_is_awake_for_the_rota(house: House) -> None:
    alert = await offered(house)
    await confirm(house, "a", alert["alert_id"], "shown")
    heard = house.context.presence.last(uid("a"))
    (told,) = (await house.get("manager", "/v1/alerts/receipts"))["items"]
    assert heard is not None and told["awake"]
    house.clock.forward(minutes=2, seconds=1)
    await house.sign_in("b")
    (told,) = [x for x in (await house.get("manager", "/v1/alerts/receipts"))["items"] if x["recipient_id"] == uid("a")]
    assert not told["awake"]


async def test_answering_an_offer_reads_its_alert_and_letting_it_pass_does_not(house: House) -> None:
    await house.sign_in("a", "b")
    await house.check_in(PHONE)
    house.clock.forward(seconds=31)
    await house.context.writer.run(lambda uow: offers.expire(uow, house.context))
    await house.accept("b")
    (lost,), (accepted,) = await alerts(house, "a"), await alerts(house, "b")
    assert (lost["read_at"], lost["live"]) == (None, False)
    assert accepted["read_at"] is not None


async def test_somebody_elses_alert_cannot_be_confirmed(house: House) -> None:
    alert = await offered(house)
    await confirm(house, "b", alert["alert_id"], "read")
    (mine,) = await alerts(house, "a")
    assert mine["read_at"] is None


async def test_a_returning_vip_is_told_to_owner_managers_and_whoever_receives(house: House) -> None:
    await regular(house, tags=["VIP"])
    await house.sign_in("b")
    await house.post("a", "/v1/rota/away", {"reason": "lunch"})
    house.clock.forward(hours=1)
    await house.check_in(PHONE)
    assert await kinds(house, "a") == ["owner_absent", "vip_return"]
    assert await kinds(house, "b") == ["offer", "owner_absent", "vip_return"]
    assert await kinds(house, "m") == ["vip_return"]
    (to_manager,) = await alerts(house, "manager")
    await confirm(house, "m", to_manager["alert_id"], "read")
    (read,) = [x for x in (await house.get("reception", "/v1/alerts/receipts"))["items"] if x["role"] == "manager"]
    assert read["read_by"] == uid("m")


async def test_a_customer_of_an_owner_at_their_desk_raises_no_absence(house: House) -> None:
    await regular(house)
    house.clock.forward(hours=1)
    await house.check_in(PHONE)
    assert await kinds(house, "a") == ["offer"]


@pytest.mark.parametrize(("seconds", "expected"), [(-1, []), (1, ["silent_return"])])
async def test_a_lead_silent_since_the_last_follow_up_that_reached_them(
    house: House, seconds: int, expected: list[str]
) -> None:
    """A second less than 30 days after the call, and one more. Nobody owns them any more by then: the manager's."""
    customer_id = await regular(house)
    house.clock.forward(days=2)
    called_at = house.clock.now
    for day, reached in ((0, True), (20, False)):
        house.clock.now = called_at + timedelta(days=day)
        await house.new_session("a")
        call = {"customer_id": customer_id, "channel": "call", "reached": reached}
        await house.call("a", "POST", "/v1/follow-ups", call, uuid7())
    house.clock.now = called_at + timedelta(days=30, seconds=seconds)
    await house.check_in(PHONE)
    assert await kinds(house, "manager") == expected


async def test_nobody_accepted_is_told_to_the_manager_and_settled_by_whoever_takes_it(house: House) -> None:
    await house.sign_in("a")
    visit = await house.check_in(PHONE)
    offer = await house.offer_of("a")
    await house.post("a", f"/v1/offers/{offer['offer_id']}/decline", {"reason": "busy"})
    assert await kinds(house, "m") == ["unanswered"]
    await house.post("m", f"/v1/visits/{visit['visit_id']}/assign", {"consultant_id": uid("a"), "reason": "老客户"})
    assert await kinds(house, "m") == []


async def test_an_alert_stands_until_its_time_and_is_forgotten_after_the_setting(house: House) -> None:
    await regular(house, tags=["VIP"])
    house.clock.forward(hours=1)
    await house.check_in(PHONE)
    house.clock.forward(minutes=30, seconds=1)
    assert await kinds(house, "m") == []
    assert await kinds(house, "m", live=False) == ["vip_return"]
    house.clock.forward(days=90)
    await house.context.writer.run(lambda uow: maintenance.forget(uow, house.context))
    with house.context.database.read() as session:
        assert store.page(session, cursor=None, limit=10) == []


async def test_alerts_go_with_what_caused_them_or_not_at_all(house: House) -> None:
    await house.sign_in("a")

    def fails(uow: UnitOfWork) -> None:
        store.add(uow, uuid7(), _raised(), None, uow.now)
        raise RuntimeError("the cause failed")

    with pytest.raises(RuntimeError, match="the cause failed"):
        await house.context.writer.run(fails)
    assert await alerts(house, "a") == []


def _raised() -> Raised:
    return Raised(kind="offer", subject_id=uid("x"), recipient=Recipient(role="consultant", person_id=uid("a")))


async def test_a_restart_keeps_what_was_not_confirmed(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        alert = await offered(house)
        clock = house.clock
    async with open_house(tmp_path, clock) as again:
        (still,) = await alerts(again, "a")
        assert (still["alert_id"], still["live"]) == (alert["alert_id"], True)
        with again.context.database.read() as session:
            assert store.undelivered_to(session, clock.now) == {uid("a")}


async def test_the_board_shows_who_has_not_seen_what(house: House) -> None:
    alert = await offered(house)
    (unseen,) = (await house.get("board", "/v1/floor"))["unseen"]
    assert (unseen["kind"], unseen["recipient_id"], unseen["awake"]) == ("offer", uid("a"), False)
    await confirm(house, "a", alert["alert_id"], "shown")
    assert (await house.get("board", "/v1/floor"))["unseen"] == []


@pytest.mark.bench
async def test_what_alerts_add_to_a_check_in(house: House) -> None:
    """Printed: the time of the alert statements of one turn with one offer."""
    await house.sign_in("a")

    def work(uow: UnitOfWork) -> float:
        began = time.perf_counter()
        for _ in range(200):
            raised = _raised().model_copy(update={"subject_id": uuid7()})
            store.add(uow, uuid7(), raised, None, uow.now)
        return (time.perf_counter() - began) / 200 * 1000

    print(f"one alert: {await house.context.writer.run(work):.2f} ms")
