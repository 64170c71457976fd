"""What happens in the moment: button and panel over a real broker, alerts over a real socket, and how soon."""

import asyncio
import json
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect

from contracts.events import ButtonPressed
from contracts.floor_api import Floor, QueueView
from contracts.ids import uuid7
from contracts.rota_api import Me
from contracts.topics import device_source
from tests.gateway.running import FakeNode, Gateway, configured, eventually, running
from tests.gateway.staff import PIN, entry, roster

ALWAYS_OPEN = {"rota_opens": "00:00", "rota_closes": "23:59:59"}


@pytest.fixture
async def office(tmp_path: Path, broker_port: int) -> AsyncIterator[Gateway]:
    """With a panel, and a rota that is open whatever the hour the tests run at."""
    policy = {"panel_node": "lobby", "panel_device": "panel-1", **ALWAYS_OPEN}
    async with running(configured(tmp_path, broker_port, policy=policy)) as opened:
        people = roster([entry("a", "顾问甲"), entry("b", "顾问乙")])
        answer = await opened.client("admin").put("/v1/roster", json=people.model_dump(mode="json"))
        assert answer.status_code == 200, answer.text
        yield opened


async def tablet(office: Gateway, staff_no: str) -> Any:
    """A signed-in consultant's HTTP client, on the rota."""
    session = (await office.client().post("/v1/sessions", json={"staff_no": staff_no, "pin": PIN})).json()
    client = office.client(token=session["token"])
    assert (await client.post("/v1/rota/sign-in")).status_code == 200
    return client, session["token"]


@asynccontextmanager
async def stream(office: Gateway, token: str, *topics: str) -> AsyncIterator[ClientConnection]:
    async with connect(f"ws://{office.address}/v1/stream") as socket:
        await socket.send(json.dumps({"token": token, "topics": topics}))
        yield socket


async def until(socket: ClientConnection, topic: str, wanted: Any) -> Any:
    """The first message of the topic whose body is as wanted."""
    async with asyncio.timeout(10):
        while True:
            message = json.loads(await socket.recv())
            if message["topic"] == topic and wanted(message["body"]):
                return message["body"]


async def check_in(office: Gateway, phone: str) -> Any:
    answer = await office.client("kiosk").post(
        "/v1/checkins", json={"phone": phone}, headers={"Idempotency-Key": uuid7()}
    )
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_check_in_reaches_tablet_board_and_queue_over_the_stream(office: Gateway) -> None:
    _, token = await tablet(office, "a")
    async with stream(office, token, "offers", "queue") as mine, stream(office, "board-token", "floor") as board:
        await until(mine, "offers", lambda body: body["rota"]["state"] == "free")
        await check_in(office, "13800112345")
        me = Me.model_validate(await until(mine, "offers", lambda body: body["offers"]))
        queue = QueueView.model_validate(await until(mine, "queue", lambda body: body["waiting"]))
        floor = Floor.model_validate(await until(board, "floor", lambda body: body["waiting"]))
    assert me.offers[0].visit.customer is not None
    assert me.offers[0].visit.customer.phone == "138****2345"
    assert queue.waiting[0].ticket.number == 1
    assert floor.rota[0].state == "offered"


async def test_accepting_calls_the_number_on_the_panel(office: Gateway, node: FakeNode) -> None:
    client, _ = await tablet(office, "a")
    await check_in(office, "13800112345")
    offer = (await client.get("/v1/me")).json()["offers"][0]
    assert (await client.post(f"/v1/offers/{offer['offer_id']}/accept")).status_code == 200
    command = (await eventually(lambda: node.commands))[0]
    assert (command["type"], command["device"]) == ("panel.show.v1", "panel-1")
    assert command["data"] == {"number": 1, "panel": 5}


async def test_a_button_on_the_wall_becomes_an_offer(office: Gateway, node: FakeNode) -> None:
    _, token = await tablet(office, "a")
    async with stream(office, token, "offers") as mine:
        source = device_source("yunqi", "lobby", "button-1")
        event = node.event(ButtonPressed(button="ticket"), source=source)
        node.send(event)
        await node.acked(1)
        node.send(event)
        me = await until(mine, "offers", lambda body: body["offers"])
    assert me["offers"][0]["visit"]["ticket"]["number"] == 1
    assert len((await office.client("manager").get("/v1/visits")).json()) == 1


async def test_submit_to_alert_is_quick(office: Gateway) -> None:
    """Target: 50 ms on a quiet machine; the limit here leaves room for a busy one."""
    client, token = await tablet(office, "a")
    spent = []
    async with stream(office, token, "offers") as mine:
        for number in range(10):
            began = time.monotonic()
            visit, me = await asyncio.gather(
                check_in(office, f"1380011000{number}"), until(mine, "offers", lambda body: body["offers"])
            )
            spent.append(time.monotonic() - began)
            await client.post(f"/v1/offers/{me['offers'][0]['offer_id']}/accept")
            await client.post(f"/v1/visits/{visit['visit_id']}/finish", json={})
    assert statistics.median(spent) < 0.25, f"median {statistics.median(spent) * 1000:.0f} ms"
    print(f"submit to alert: median {statistics.median(spent) * 1000:.1f} ms, worst {max(spent) * 1000:.1f} ms")
