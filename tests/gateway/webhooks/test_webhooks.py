"""Facts for other systems, to real servers on this machine: in order, signed, at least once, ids only."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from contracts.facts import CustomerRecorded, VisitRecorded
from contracts.ids import uuid7
from gateway.config import OutboundConfig
from gateway.webhooks.domain import kind_of, message
from tests.gateway.house import MORNING, Clock, House, open_house
from tests.gateway.outbound.receiver import OK, Receiver, receiving, says
from tests.gateway.running import eventually

PHONE, NAME = "13800112345", "陈小明"


@contextlib.asynccontextmanager
async def office(tmp_path: Path, clock: Clock | None = None) -> AsyncIterator[House]:
    outbound = OutboundConfig(hosts=("127.0.0.1",), timeout_seconds=0.5, webhook_hours=1)
    async with open_house(tmp_path, clock, outbound=outbound) as house:
        yield house


async def subscribed(house: House, receiver: Receiver, *kinds: str) -> Any:
    return await house.post("admin", "/v1/webhooks", {"url": receiver.url(), "kinds": list(kinds)})


def types(receiver: Receiver) -> list[str]:
    return [got.json["type"] for got in receiver.received]


async def the_webhook(house: House) -> Any:
    (webhook,) = await house.get("admin", "/v1/webhooks")
    return webhook


async def all_sent(house: House) -> None:
    async def done() -> bool:
        return (await the_webhook(house))["waiting"] == 0

    await eventually(done, what="everything sent")


async def failing(house: House) -> None:
    """The refusal is stored, and with it when it is tried again."""

    async def stored() -> bool:
        return (await the_webhook(house))["last_error"] == "status_500"

    await eventually(stored, what="the refusal to be stored")


async def test_facts_come_in_order_signed_and_without_a_name_or_number(tmp_path: Path) -> None:
    async with receiving() as receiver, office(tmp_path) as house:
        webhook = await subscribed(house, receiver, "visit", "verdict", "customer")
        await house.sign_in("a")
        await house.check_in(PHONE, name=NAME)
        await house.accept("a")
        await all_sent(house)
        assert all(got.is_signed(webhook["secret"]) for got in receiver.received)
        assert {"customer.created", "verdict.recorded", "visit.recorded"} == set(types(receiver))
        revisions = [got.json["data"]["revision"] for got in receiver.received if got.json["type"] == "visit.recorded"]
        assert revisions == sorted(revisions) and len(revisions) >= 3
        (created,) = [got.json["data"] for got in receiver.received if got.json["type"] == "customer.created"]
        assert set(created) == {"customer_id", "owner_id", "created_at", "revision"}
        sent = b"".join(got.body for got in receiver.received).decode()
        assert all(secret not in sent for secret in (PHONE, NAME, "小明", "sealed", "顾问a"))


async def test_only_what_was_subscribed_to_and_from_then_on(tmp_path: Path) -> None:
    async with receiving() as receiver, office(tmp_path) as house:
        await house.check_in(PHONE)
        await subscribed(house, receiver, "customer")
        await house.check_in("13800112346")
        await all_sent(house)
        assert types(receiver) == ["customer.created"]


async def test_one_that_is_not_taken_holds_the_next_back_and_is_sent_again_under_its_id(tmp_path: Path) -> None:
    async with receiving() as receiver, office(tmp_path) as house:
        await subscribed(house, receiver, "customer")
        receiver.answer = says("500 Internal Server Error")
        await house.check_in(PHONE)
        await house.check_in("13800112346")
        await eventually(lambda: receiver.received)
        first = receiver.received[0].headers["webhook-id"]
        await failing(house)
        assert (await the_webhook(house))["waiting"] == 2
        receiver.answer = OK
        house.clock.forward(minutes=5)
        await all_sent(house)
        ids = [got.headers["webhook-id"] for got in receiver.received]
        assert ids[-2] == first and len(set(ids)) == 2
        assert (await the_webhook(house))["failing_since"] is None


async def test_what_is_never_taken_becomes_a_dead_letter_and_the_next_goes_on(tmp_path: Path) -> None:
    async with receiving() as receiver, office(tmp_path) as house:
        webhook = await subscribed(house, receiver, "customer")
        receiver.answer = says("500 Internal Server Error")
        await house.check_in(PHONE)
        await eventually(lambda: receiver.received)

        async def failing() -> bool:
            return (await the_webhook(house))["last_error"] == "status_500"

        await eventually(failing)
        house.clock.forward(hours=1)
        path = f"/v1/webhooks/{webhook['webhook_id']}/dead-letters"

        async def dead() -> Any:
            return (await house.get("admin", path))["items"]

        (letter,) = await eventually(dead)
        assert (letter["kind"], letter["error"]) == ("customer", "status_500")
        again = f"{path}/{letter['dead_letter_id']}/resend"
        assert (await house.call("admin", "POST", again)).json()["code"] == "not_taken"
        receiver.answer = OK
        await house.post("admin", again)
        assert receiver.received[-1].headers["webhook-id"] == letter["message_id"]
        assert await dead() == []


async def test_what_was_committed_but_not_sent_survives_the_gateway(tmp_path: Path) -> None:
    clock = Clock()
    async with receiving() as receiver:
        receiver.answer = says("503 Service Unavailable")
        async with office(tmp_path, clock) as house:
            await subscribed(house, receiver, "visit")
            await house.check_in(PHONE)
        receiver.answer = OK
        clock.forward(minutes=1)
        async with office(tmp_path, clock) as again:
            await all_sent(again)
        assert types(receiver)[-1] == "visit.recorded"


async def test_one_subscriber_that_is_down_does_not_hold_up_another(tmp_path: Path) -> None:
    async with receiving() as down, receiving() as up, office(tmp_path) as house:
        down.answer = says("500 Internal Server Error")
        await subscribed(house, down, "customer")
        await subscribed(house, up, "customer")
        await house.check_in(PHONE)
        await eventually(lambda: up.received)


async def test_a_ping_says_whether_it_was_taken(tmp_path: Path) -> None:
    async with receiving() as receiver, office(tmp_path) as house:
        webhook = await subscribed(house, receiver, "visit")
        path = f"/v1/webhooks/{webhook['webhook_id']}/ping"
        assert await house.post("admin", path) == {"taken": True, "error": ""}
        assert types(receiver) == ["ping"] and receiver.received[0].is_signed(webhook["secret"])
        receiver.answer = says("404 Not Found")
        assert await house.post("admin", path) == {"taken": False, "error": "status_404"}


async def test_the_secret_is_shown_once_and_lies_encrypted(tmp_path: Path) -> None:
    async with receiving() as receiver, office(tmp_path) as house:
        webhook = await subscribed(house, receiver, "visit")
        assert "secret" not in await the_webhook(house)
        with house.context.database.read() as session:
            (row,) = session.connection().exec_driver_sql("SELECT secret FROM webhooks").all()
        assert webhook["secret"].encode() not in row[0]


@pytest.mark.parametrize(
    "url", ["https://crm.example.com/hook", "http://10.0.0.1/hook", "https://user@127.0.0.1/", "file:///etc/passwd"]
)
async def test_addresses_that_the_office_did_not_allow_are_refused(tmp_path: Path, url: str) -> None:
    async with office(tmp_path) as house:
        answer = await house.call("admin", "POST", "/v1/webhooks", {"url": url, "kinds": ["visit"]})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "url")


async def test_only_an_admin_subscribes_and_an_unsubscribed_one_hears_nothing(tmp_path: Path) -> None:
    async with receiving() as receiver, office(tmp_path) as house:
        body = {"url": receiver.url(), "kinds": ["visit"]}
        assert (await house.call("manager", "POST", "/v1/webhooks", body)).status_code == 403
        webhook = await subscribed(house, receiver, "visit")
        await house.call("admin", "DELETE", f"/v1/webhooks/{webhook['webhook_id']}")
        await house.check_in(PHONE)
        assert await house.get("admin", "/v1/webhooks") == []
        assert receiver.received == []


def test_of_a_customer_only_that_the_file_was_made_is_told() -> None:
    made = CustomerRecorded(customer_id=uuid7(), revision=1, created_at=MORNING, sealed="x")
    assert [kind_of(made), kind_of(made.model_copy(update={"revision": 2}))] == ["customer", None]
    assert "sealed" not in message(made, MORNING)


def test_a_field_that_nobody_listed_stays_in_the_office() -> None:
    class Wider(VisitRecorded):
        nickname: str = NAME

    same = {"visit_id": uuid7(), "revision": 1, "customer_id": None, "kind": "first", "party_size": 1}
    more = {"purpose": "view_home", "state": "waiting", "opened_at": MORNING, "source": "walk_in"}
    assert NAME not in message(Wider.model_validate(same | more), MORNING)
