"""Pushes of a whole gateway to real servers on this machine."""

import asyncio
import base64
import contextlib
import hashlib
import hmac
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.alerts_api import AlertKind
from gateway.config import OutboundConfig, PushChannelConfig
from tests.gateway.house import House, open_house
from tests.gateway.outbound.receiver import OK, SECRET, TAKEN, Receiver, receiving, says
from tests.gateway.people import uid
from tests.gateway.running import eventually

PHONE, NAME = "13800112345", "陈小明"
LINK = "https://screens.example/tablet"
EVERYTHING: tuple[AlertKind, ...] = ("offer", "vip_return", "owner_absent", "silent_return", "unanswered")


@contextlib.asynccontextmanager
async def office(tmp_path: Path, receiver: Receiver, *kinds: str, **more: Any) -> AsyncIterator[House]:
    """A house with a channel of each kind, named by it, to the receiver."""
    outbound = OutboundConfig(hosts=("127.0.0.1",), timeout_seconds=0.5, link=LINK, **more)
    push = {kind: channel(tmp_path, receiver, kind) for kind in kinds}
    async with open_house(tmp_path, push=push, outbound=outbound) as house:
        yield house


def channel(folder: Path, receiver: Receiver, kind: str) -> PushChannelConfig:
    url, secret = folder / f"{kind}.url", folder / f"{kind}.secret"
    url.write_text(receiver.url("/cgi-bin/webhook/send?key=robot") + "\n")
    secret.write_text(SECRET if kind == "webhook" else "SECrobot")
    files = {} if kind == "sms" else {"url_file": url}
    if kind in ("webhook", "dingtalk"):
        files["secret_file"] = secret
    return PushChannelConfig.model_validate({"kind": kind, "alerts": EVERYTHING, **files})


async def a_turn(house: House) -> None:
    """One visitor, offered to a."""
    await house.sign_in("a")
    await house.check_in(PHONE, name=NAME)


def states(house: House) -> list[tuple[str, int, str]]:
    with house.context.database.read() as session:
        rows = session.connection().exec_driver_sql("SELECT state, attempts, error FROM pushes ORDER BY push_id").all()
    return [(row[0], row[1], row[2]) for row in rows]


async def until_state(house: House, state: str) -> None:
    await eventually(lambda: [found[0] for found in states(house)] == [state], what=f"{state}: {states(house)}")


async def test_a_webhook_is_signed_and_says_kind_ticket_link_and_for_whom(tmp_path: Path) -> None:
    async with receiving() as receiver, office(tmp_path, receiver, "webhook") as house:
        await a_turn(house)
        await until_state(house, "sent")
        (got,) = receiver.received
        assert got.is_signed()
        assert got.json["data"] == {"kind": "offer", "ticket_number": 1, "link": LINK, "to": uid("a")}
        assert int(got.headers["webhook-timestamp"]) == int(house.clock.now.timestamp())


async def test_wecom_gets_markdown_and_its_errcode_counts(tmp_path: Path) -> None:
    async with receiving() as receiver, office(tmp_path, receiver, "wecom") as house:
        receiver.answer = says("200 OK", body=TAKEN)
        receiver.answers.append(says("200 OK", body={"errcode": 93000, "errmsg": "invalid webhook url"}))
        await a_turn(house)
        await eventually(lambda: states(house) == [("pending", 1, "errcode_93000")])
        house.clock.forward(seconds=2)
        await until_state(house, "sent")
        assert receiver.received[0].path == "/cgi-bin/webhook/send?key=robot"
        assert receiver.received[0].json == {
            "msgtype": "markdown",
            "markdown": {"content": f"【案场】请接待新到访，1 号\n[登录查看]({LINK})"},
        }


async def test_dingtalk_signs_time_and_secret_in_the_address(tmp_path: Path) -> None:
    async with receiving() as receiver, office(tmp_path, receiver, "dingtalk") as house:
        receiver.answer = says("200 OK", body=TAKEN)
        await a_turn(house)
        await until_state(house, "sent")
        (got,) = receiver.received
        query = parse_qs(urlsplit(got.path).query)
        stamp = query["timestamp"][0]
        wanted = base64.b64encode(hmac.digest(b"SECrobot", f"{stamp}\nSECrobot".encode(), hashlib.sha256)).decode()
        assert query["sign"] == [wanted]
        assert int(stamp) // 1000 == int(house.clock.now.timestamp())
        assert got.json["msgtype"] == "markdown"
        assert set(got.json["markdown"]) == {"title", "text"}


async def test_a_text_message_goes_to_the_persons_own_number(tmp_path: Path) -> None:
    async with receiving() as receiver, office(tmp_path, receiver, "sms") as house:
        wish = {"phone": "13911112222"}
        answer = await house.call("a", "PUT", "/v1/push/preferences", wish)
        assert answer.json()["phone"] == "139****2222"
        await a_turn(house)
        await until_state(house, "sent")
        (message,) = await house.get("admin", "/v1/simulated-messages")
        assert message["to"] == "+8613911112222"
        assert "1 号" in message["text"]


async def test_without_a_number_it_is_a_dead_letter_at_once(tmp_path: Path) -> None:
    async with receiving() as receiver, office(tmp_path, receiver, "sms") as house:
        await a_turn(house)
        await until_state(house, "dead")
        (dead,) = (await house.get("manager", "/v1/push/dead-letters"))["items"]
        assert (dead["error"], dead["attempts"], dead["recipient_id"]) == ("no_number", 1, uid("a"))


async def test_what_fails_is_tried_again_then_dead_then_sent_by_a_managers_word(
    tmp_path: Path,
) -> None:
    async with receiving() as receiver, office(tmp_path, receiver, "webhook", push_attempts=2) as house:
        receiver.answer = says("500 Internal Server Error")
        await a_turn(house)
        await eventually(lambda: states(house) == [("pending", 1, "status_500")])
        house.clock.forward(seconds=2)
        await until_state(house, "dead")
        assert len({got.headers["webhook-id"] for got in receiver.received}) == 1
        (dead,) = (await house.get("manager", "/v1/push/dead-letters"))["items"]
        receiver.answer = OK
        path = f"/v1/push/dead-letters/{dead['push_id']}/resend"
        assert (await house.call("a", "POST", path)).status_code == 403
        await house.post("manager", path)
        await until_state(house, "sent")
        assert (await house.call("manager", "POST", path)).json()["code"] == "not_dead"


async def test_a_redirect_is_never_followed(tmp_path: Path) -> None:
    async with receiving() as receiver, receiving() as elsewhere, office(tmp_path, receiver, "webhook") as house:
        receiver.answer = says("307 Temporary Redirect", f"Location: {elsewhere.url()}")
        await a_turn(house)
        await until_state(house, "dead")
        assert elsewhere.received == []


async def test_a_robot_takes_twenty_a_minute(tmp_path: Path) -> None:
    async with receiving() as receiver, office(tmp_path, receiver, "wecom") as house:
        receiver.answer = says("200 OK", body=TAKEN)
        for number in range(22):
            await house.sign_in("a")
            await house.check_in(f"138001123{number:02d}")
            await house.accept("a")
            visit = (await house.get("a", "/v1/me"))["serving"][0]
            await house.post("a", f"/v1/visits/{visit['visit_id']}/finish", {"outcome": "left"})
        await eventually(lambda: len(receiver.received) == 20)
        assert [state for state, *_ in states(house)].count("pending") == 2
        house.clock.forward(minutes=1)
        await eventually(
            lambda: len(states(house)) == 22 and {state for state, *_ in states(house)} <= {"sent", "dead"}
        )


async def test_quiet_hours_and_muted_kinds_send_nothing(tmp_path: Path) -> None:
    async with receiving() as receiver, office(tmp_path, receiver, "webhook") as house:
        wish = {"quiet_from": "09:00", "quiet_until": "11:00"}
        assert (await house.call("a", "PUT", "/v1/push/preferences", wish)).status_code == 200
        await a_turn(house)
        assert states(house) == [("quiet", 0, "")]
        await house.call("a", "PUT", "/v1/push/preferences", {"muted": ["offer"]})
        await house.accept("a")
        assert receiver.received == []


@pytest.mark.parametrize("wish", [{"channels": ["pager"]}, {"quiet_from": "09:00"}])
async def test_a_wish_that_cannot_be_is_refused(tmp_path: Path, wish: dict[str, Any]) -> None:
    async with receiving() as receiver, office(tmp_path, receiver, "webhook") as house:
        assert (await house.call("a", "PUT", "/v1/push/preferences", wish)).status_code == 422


async def test_what_was_not_sent_before_a_restart_is_sent_after_it(tmp_path: Path) -> None:
    async with receiving() as receiver:
        receiver.answer = says("503 Service Unavailable")
        async with office(tmp_path, receiver, "webhook") as house:
            await a_turn(house)
            await eventually(lambda: receiver.received)
        receiver.answer = OK
        async with office(tmp_path, receiver, "webhook") as again:
            again.clock.forward(seconds=5)
            await until_state(again, "sent")


names = st.text(alphabet="陈李王张刘欧阳小明芳娜伟", min_size=2, max_size=4)
phones = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)


@settings(max_examples=5, deadline=None)
@given(st.lists(st.tuples(names, phones), min_size=1, max_size=3, unique_by=lambda person: person[1]))
def test_nothing_personal_of_the_database_is_in_any_body(people: list[tuple[str, str]]) -> None:
    """No customer's name, number or id, and no name of staff, whoever comes: of every kind of channel."""
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_nothing_personal(Path(folder), people))


async def _nothing_personal(folder: Path, people: list[tuple[str, str]]) -> None:
    async with receiving() as receiver, office(folder, receiver, "webhook", "wecom", "dingtalk") as house:
        receiver.answer = says("200 OK", body=TAKEN)
        await house.sign_in("a")
        for name, phone in people:
            await house.check_in(phone, name=name)
        await eventually(lambda: {state for state, *_ in states(house)} == {"sent"})
        with house.context.database.read() as session:
            ids = [row[0] for row in session.connection().exec_driver_sql("SELECT customer_id FROM customers").all()]
        sent = "".join(got.path + got.body.decode() + str(got.headers) for got in receiver.received)
        assert len(receiver.received) == 3
        for secret in [*ids, *(n for n, _ in people), *(p for _, p in people), "顾问", "经理"]:
            assert secret not in sent
