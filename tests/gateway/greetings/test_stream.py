"""From a node's batch over a real broker to the live topic `greetings`: each viewer is shown their own state."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from contracts.events import FaceRecognised
from contracts.ids import uuid7
from contracts.messages import FaceStatus, NodeStatus
from contracts.topics import device_source
from gateway.app import Outside
from gateway.auth import token_hash
from gateway.consents import nodes
from gateway.consents.tables import ConsentRow
from gateway.writer import UnitOfWork
from tests.gateway.facing import KEY
from tests.gateway.running import FakeNode, Gateway, SteppedClock, configured, running
from tests.gateway.staff import PIN, entry, roster
from tests.gateway.stream.test_stream import hear, hello

DEVICES = {
    "kiosk": {"role": "kiosk", "token_sha256": token_hash("kiosk-token"), "node": "lobby", "camera": "cam-kiosk"},
    "kiosk2": {"role": "kiosk", "token_sha256": token_hash("kiosk2-token"), "node": "lobby", "camera": "cam-hall"},
    "reception": {"role": "reception", "token_sha256": token_hash("reception-token")},
    "manager": {"role": "manager", "token_sha256": token_hash("manager-token")},
    "admin": {"role": "admin", "token_sha256": token_hash("admin-token")},
}


async def a_regular(gateway: Gateway) -> ConsentRow:
    """Was here, consented, was enrolled, and left."""
    kiosk, manager = gateway.client("kiosk"), gateway.client("manager")
    body = {"phone": "13800000001", "name": "陈小明"}
    visit = (await kiosk.post("/v1/checkins", json=body, headers={"Idempotency-Key": uuid7()})).json()
    left = await manager.post(f"/v1/visits/{visit['visit_id']}/finish", json={"outcome": "left"})
    now = gateway.context.clock()
    consent = ConsentRow(
        consent_id=uuid7(),
        person_ref=uuid7(),
        customer_id=left.json()["customer"]["customer_id"],
        visit_id=visit["visit_id"],
        device_id="kiosk",
        text_version="1",
        text_sha256="0" * 64,
        language="zh-CN",
        given_at=now,
        until=now + timedelta(days=90),
        state="active",
        version=1,
    )

    vault = FaceStatus(engine="opencv", model="m" * 64, matching=True, vault=True, vault_key=KEY, cameras=["cam-kiosk"])

    def keep(uow: UnitOfWork) -> None:
        uow.session.add(ConsentRow(**consent.model_dump()))
        nodes.on_status(
            uow, gateway.context, NodeStatus(office="yunqi", node="lobby", online=True, at=uow.now, faces=vault)
        )

    await gateway.context.writer.run(keep)
    return consent


def recognised(clock: SteppedClock, consent: ConsentRow) -> FaceRecognised:
    return FaceRecognised(
        person_ref=consent.person_ref,
        consent_id=consent.consent_id,
        node="lobby",
        camera="cam-kiosk",
        track=1,
        seen_at=clock(),
        score=0.7,
        second=0.2,
        threshold=0.55,
        votes=3,
        frames=3,
        gallery=1,
        engine="opencv",
        model="m" * 64,
    )


async def consultant_token(gateway: Gateway) -> str:
    people = roster([entry("1001", "李明")])
    await gateway.client("admin").put("/v1/roster", json=people.model_dump(mode="json"))
    session = await gateway.client().post("/v1/sessions", json={"staff_no": "1001", "pin": PIN})
    return str(session.json()["token"])


async def until_shown(socket: ClientConnection, number: int) -> list[Any]:
    while True:
        items: list[Any] = (await hear(socket))["body"]["items"]
        if len(items) == number:
            return items


async def test_a_batch_of_the_node_is_on_the_screens_it_concerns(
    tmp_path: Path, broker_port: int, node: FakeNode
) -> None:
    clock = SteppedClock()
    async with running(configured(tmp_path, broker_port, devices=DEVICES), Outside(clock=clock)) as gateway:
        stranger = await consultant_token(gateway)
        consent = await a_regular(gateway)
        clock.ahead = 1800
        tokens = ("kiosk-token", "kiosk2-token", "reception-token", stranger)
        sockets = [await hello(gateway, token, "greetings") for token in tokens]
        for socket in sockets:
            assert (await hear(socket))["body"] == {"items": []}
        source = device_source("yunqi", "lobby", "faces")
        node.send(*(node.event(recognised(clock, consent), source=source, time=clock()) for _ in range(2)))
        await node.acked(2)
        (public,) = await until_shown(sockets[0], 1)
        assert (set(public), public["family_name"]) == ({"greeting_id", "family_name", "seen_at"}, "陈")
        (alert,) = await until_shown(sockets[2], 1)
        assert (alert["greeting_id"], alert["customer"]["name"]) == (public["greeting_id"], "陈**")
        for other in (sockets[1], sockets[3]):
            assert (await hear(other))["body"] == {"items": []}
        clock.ahead += 61
        assert await until_shown(sockets[0], 0) == []
        assert gateway.rows("SELECT count(*) FROM greetings") == [(1,)]
        for socket in sockets:
            await socket.close()


async def test_the_topic_is_closed_to_boards(gateway: Gateway) -> None:
    async with connect(f"ws://{gateway.address}/v1/stream") as socket:
        await socket.send(json.dumps({"token": "board-token", "topics": ["greetings"]}))
        await socket.wait_closed()
        assert socket.close_code == 4403
