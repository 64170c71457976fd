"""Consent over the real broker and real HTTP, with a node that does what the contract asks of one."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from contracts.events import FaceEnrolment, FaceForgotten
from contracts.faces import digest
from contracts.ids import uuid7
from contracts.messages import ConsentAsk, ConsentPage, FacePreview, FaceStatus, NodeStatus, Reply
from contracts.topics import device_source
from contracts.values import utc_now
from gateway.auth import token_hash
from tests.gateway.running import OFFICE, FakeNode, Gateway, configured, eventually, running

PHONE = "13800112345"


class FaceNode(FakeNode):
    """Asks, carries out, confirms, and enrols whoever it is told to. Keeps every byte it hears."""

    def __init__(self, broker_port: int, node: str = "lobby") -> None:
        self.heard: list[tuple[str, bytes]] = []
        self.epoch, self.have = "", 0
        self.holds: dict[str, str] = {}
        self.agreed = 0
        self.templates: set[str] = set()
        self.nonce = ""
        self.asked: set[str] = set()
        self.nudged = 0
        super().__init__(broker_port, node)

    def _on_message(self, client: Any, userdata: Any, message: Any) -> None:
        self.heard.append((message.topic, bytes(message.payload)))
        if message.topic.endswith("/consents"):
            self._on_page(ConsentPage.model_validate_json(message.payload))
        elif message.topic.endswith("/command"):
            self._on_command(json.loads(message.payload))
        else:
            super()._on_message(client, userdata, message)

    async def listening(self) -> "FaceNode":
        await self.ready()
        self._subscribed = False
        self._client.subscribe(self.topic("consents"), 1)
        await self.ready()
        return self

    def status(self, *, vault: bool = True) -> None:
        faces = FaceStatus(
            engine="opencv",
            model="m",
            matching=True,
            vault=vault,
            vault_key="a2V5" if vault else "",
            cameras=["cam-kiosk"],
            lease_until=utc_now().replace(year=2100),
        )
        said = NodeStatus(office=OFFICE, node=self.node, online=True, at=utc_now(), faces=faces)
        self.send_bytes(said.model_dump_json().encode(), "status")

    def ask(self) -> None:
        held = digest(self.holds.items())
        ask = ConsentAsk(nonce=uuid7(), epoch=self.epoch, have=self.have, digest=held)
        self.nonce = ask.nonce
        self.asked.add(ask.nonce)
        self.send_bytes(ask.model_dump_json().encode(), "ask")

    def _on_page(self, page: ConsentPage) -> None:
        if page.nonce not in self.asked:  # an answer to an ask of before is no news: asking again would never end
            self.nudged += 1
            self.ask()
        if page.nonce != self.nonce:
            return
        for entry in page.entries:
            if entry.granted:
                self.holds[entry.consent_id] = entry.person_ref
            else:
                self._forget(entry.consent_id, entry.person_ref)
        self.epoch, self.have = page.epoch, page.through
        if page.more:
            self.ask()
        elif digest(self.holds.items()) == page.digest:
            self.agreed += 1

    def _forget(self, consent_id: str, person_ref: str) -> None:
        self.holds.pop(consent_id, None)
        gone = FaceForgotten(
            consent_id=consent_id,
            person_ref=person_ref,
            templates=3 if consent_id in self.templates else 0,
            cause="ended",
            vault=True,
        )
        self.templates.discard(consent_id)
        self.say(gone)

    def _on_command(self, command: dict[str, Any]) -> None:
        self.commands.append(command)
        if command["type"] != "face.enrol.v1":
            return
        preview = FacePreview(port=8090, token="t" * 43).model_dump()
        reply = Reply(command_id=command["id"], ok=True, at=utc_now(), data=preview)
        self.send_bytes(reply.model_dump_json().encode(), "reply")

    def say(self, data: FaceEnrolment | FaceForgotten) -> None:
        self.send(self.event(data, source=device_source(OFFICE, self.node, "faces")))

    def enrolled(self) -> None:
        order = self.commands[-1]["data"]
        self.templates.add(order["consent_id"])
        done = FaceEnrolment(
            consent_id=order["consent_id"],
            person_ref=order["person_ref"],
            outcome="done",
            shots=3,
            seconds=2.0,
            engine="opencv",
            model="m",
        )
        self.say(done)


@pytest.fixture
async def office(tmp_path: Path, broker_port: int) -> AsyncIterator[Gateway]:
    roles = ("reception", "manager", "admin", "phone")
    devices: dict[str, Any] = {role: {"role": role, "token_sha256": token_hash(f"{role}-token")} for role in roles}
    kiosk = {"role": "kiosk", "token_sha256": token_hash("kiosk-token"), "node": "lobby", "camera": "cam-kiosk"}
    async with running(configured(tmp_path, broker_port, devices=devices | {"kiosk": kiosk})) as started:
        yield started


@pytest.fixture
async def lobby(broker_port: int) -> AsyncIterator[FaceNode]:
    made = await FaceNode(broker_port).listening()
    yield made
    made.close()


async def post(client: httpx.AsyncClient, path: str, body: Any = None) -> Any:
    answer = await client.post(path, json=body, headers={"Idempotency-Key": uuid7()})
    assert answer.is_success, answer.text
    return answer.json()


async def consent(office: Gateway) -> Any:
    kiosk = office.client("kiosk")
    text = (await kiosk.get("/v1/consent-text")).json()

    async def may_be_asked() -> Any:
        visit = await post(kiosk, "/v1/checkins", {"phone": PHONE})
        return visit if visit["face"] == "ask" else None

    visit = await eventually(may_be_asked, what="a camera, an engine and a vault")
    body = {"visit_id": visit["visit_id"], "text_version": text["version"], "language": "zh-CN", "answer": "yes"}
    return (await post(kiosk, "/v1/consents", body))["consent"]


async def known(office: Gateway) -> None:
    await eventually(lambda: office.rows("SELECT * FROM face_nodes"))


async def test_from_yes_to_template_to_certificate(office: Gateway, lobby: FaceNode) -> None:
    lobby.status()
    await known(office)
    lobby.ask()
    await eventually(lambda: lobby.agreed)
    given = await consent(office)
    await eventually(lambda: given["consent_id"] in lobby.holds, what="the nudge and the ask")
    assert lobby.nudged

    kiosk = office.client("kiosk")
    path = f"/v1/consents/{given['consent_id']}/enrolment"
    await post(kiosk, path)

    async def running_preview() -> bool:
        return (await kiosk.get(path)).json()["preview_url"] == f"http://127.0.0.1:8090/preview/{'t' * 43}"

    await eventually(running_preview)
    lobby.enrolled()
    await eventually(lambda: office.rows("SELECT state FROM consents") == [("active",)])

    customer = office.rows("SELECT customer_id FROM consents")[0][0]
    reception = office.client("reception")
    made = await post(reception, "/v1/withdrawals", {"customer_id": customer, "reason": "客户要求"})

    async def complete() -> Any:
        seen = (await reception.get(f"/v1/withdrawals/{made['withdrawal_id']}")).json()
        return seen if seen["state"] == "complete" else None

    seen = await eventually(complete)
    assert (seen["nodes"][0]["state"], seen["nodes"][0]["templates"]) == ("confirmed", 3)
    assert lobby.holds == {}
    bytes_heard = b"".join(payload for _, payload in lobby.heard)
    assert PHONE.encode() not in bytes_heard
    assert customer.encode() not in bytes_heard


async def test_a_node_that_was_away_during_a_withdrawal_hears_of_it_on_return(
    office: Gateway, lobby: FaceNode, broker_port: int
) -> None:
    lobby.status()
    hall = await FaceNode(broker_port, "hall").listening()
    hall.status(vault=False)
    await eventually(lambda: len(office.rows("SELECT * FROM face_nodes")) == 2)
    given = await consent(office)
    for node in (lobby, hall):
        node.ask()
        await eventually(lambda node=node: given["consent_id"] in node.holds)
    hall.close()
    customer = office.rows("SELECT customer_id FROM consents")[0][0]
    await post(office.client("manager"), "/v1/withdrawals", {"customer_id": customer, "reason": "asked"})
    states = "SELECT node, state FROM withdrawal_nodes ORDER BY node"
    await eventually(lambda: office.rows(states) == [("hall", "pending"), ("lobby", "confirmed")])
    back = await FaceNode(broker_port, "hall").listening()
    back.epoch, back.have, back.holds = hall.epoch, hall.have, dict(hall.holds)
    back.ask()
    await eventually(lambda: office.rows("SELECT state FROM withdrawals") == [("complete",)])
    assert back.holds == {}
    back.close()


async def test_garbage_asks_are_survived_and_a_flood_of_asks_is_answered_by_the_newest(
    office: Gateway, lobby: FaceNode
) -> None:
    for rubbish in (b"", b"{", b"[]", b'{"nonce": 1}'):
        lobby.send_bytes(rubbish, "ask")
    for _ in range(50):
        lobby.ask()
    newest = lobby.nonce
    await eventually(lambda: any(newest.encode() in payload for _, payload in lobby.heard))
    await eventually(lambda: lobby.agreed)
