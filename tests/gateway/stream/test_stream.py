"""The live stream: hello, snapshots, changes, pings; and that one slow client is nobody else's trouble."""

import asyncio
import json
import time
from typing import Any

import pytest
from pydantic import BaseModel
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from gateway.auth import Principal
from gateway.context import Context
from gateway.stream import routes
from gateway.writer import UnitOfWork
from tests.gateway.running import Gateway, eventually
from tests.gateway.staff import PIN, entry, roster


class Shown(BaseModel):
    number: int
    viewer: str


class Pages:
    """Renderers of the test's own: they count."""

    def __init__(self, gateway: Gateway) -> None:
        self.number = 0
        self.rendered = 0
        for topic in ("floor", "queue", "offers"):
            gateway.context.hub.register(topic, self.render)  # type: ignore[arg-type]

    def render(self, context: Context, viewer: Principal) -> BaseModel:
        self.rendered += 1
        return Shown(number=self.number, viewer=viewer.person_id or viewer.role)


async def change(gateway: Gateway, pages: Pages, topic: Any, person_id: str | None = None) -> None:
    def work(uow: UnitOfWork) -> None:
        pages.number += 1
        uow.changed(topic, person_id)

    await gateway.context.writer.run(work)


async def hello(gateway: Gateway, token: str, *topics: str, **more: Any) -> ClientConnection:
    socket = await connect(f"ws://{gateway.address}/v1/stream", **more)
    await socket.send(json.dumps({"token": token, "topics": topics}))
    return socket


async def hear(socket: ClientConnection, *, pings: bool = False, seconds: float = 5.0) -> dict[str, Any]:
    async with asyncio.timeout(seconds):
        while True:
            message: dict[str, Any] = json.loads(await socket.recv())
            if pings or message["kind"] != "ping":
                return message


async def test_a_snapshot_comes_first_then_a_ping_then_changes(gateway: Gateway) -> None:
    pages = Pages(gateway)
    async with await hello(gateway, "reception-token", "queue") as socket:
        first = await hear(socket)
        assert (first["kind"], first["topic"], first["body"]["number"]) == ("snapshot", "queue", 0)
        assert (await hear(socket, pings=True))["kind"] == "ping"
        await change(gateway, pages, "queue")
        second = await hear(socket)
        assert (second["kind"], second["body"]["number"]) == ("changed", 1)


@pytest.mark.parametrize("first", ["", "[]", '{"token": "wrong", "topics": []}', '{"token": 5}'])
async def test_a_bad_hello_closes_the_socket(gateway: Gateway, first: str) -> None:
    async with connect(f"ws://{gateway.address}/v1/stream") as socket:
        await socket.send(first)
        with pytest.raises(ConnectionClosed) as closed:
            await hear(socket)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4401


async def test_who_leaves_without_a_hello_is_no_error(gateway: Gateway, caplog: pytest.LogCaptureFixture) -> None:
    Pages(gateway)
    for _ in range(5):
        socket = await connect(f"ws://{gateway.address}/v1/stream")
        socket.transport.abort()
    async with await hello(gateway, "reception-token", "queue") as socket:
        await hear(socket)
    assert [line.message for line in caplog.records if line.levelname == "ERROR"] == []


async def test_no_hello_in_time_closes_the_socket(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "HELLO_SECONDS", 0.1)
    async with connect(f"ws://{gateway.address}/v1/stream") as socket:
        with pytest.raises(ConnectionClosed) as closed:
            await hear(socket)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4401


@pytest.mark.parametrize(
    ("role", "topic"), [("kiosk", "floor"), ("manager", "offers"), ("board", "offers"), ("admin", "offers")]
)
async def test_a_topic_that_is_not_for_the_role_closes_the_socket(gateway: Gateway, role: str, topic: str) -> None:
    async with await hello(gateway, f"{role}-token", topic) as socket:
        with pytest.raises(ConnectionClosed) as closed:
            await hear(socket)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4403


async def test_offers_reach_only_their_consultant(gateway: Gateway) -> None:
    pages = Pages(gateway)
    people = roster([entry("1001", "李明"), entry("1002", "王芳")])
    await gateway.client("admin").put("/v1/roster", json=people.model_dump(mode="json"))
    sockets: dict[str, ClientConnection] = {}
    for person in people.people:
        body = {"staff_no": person.staff_no, "pin": PIN}
        session = (await gateway.client().post("/v1/sessions", json=body)).json()
        sockets[person.person_id] = await hello(gateway, session["token"], "offers")
        assert (await hear(sockets[person.person_id]))["body"]["viewer"] == person.person_id
    mine, other = (person.person_id for person in people.people)
    await change(gateway, pages, "offers", mine)
    assert (await hear(sockets[mine]))["body"]["viewer"] == mine
    with pytest.raises(TimeoutError):
        await hear(sockets[other], seconds=0.3)
    for socket in sockets.values():
        await socket.close()


async def test_the_floor_is_shown_at_most_four_times_a_second_and_ends_up_right(gateway: Gateway) -> None:
    pages = Pages(gateway)
    async with await hello(gateway, "board-token", "floor") as socket:
        await hear(socket)
        began, heard = time.monotonic(), []
        for _ in range(60):
            await change(gateway, pages, "floor")
            await asyncio.sleep(0.01)
        while not heard or heard[-1] != pages.number:
            heard.append((await hear(socket))["body"]["number"])
        assert len(heard) <= (time.monotonic() - began) * 4 + 1


async def test_viewers_of_the_same_kind_share_one_rendering(gateway: Gateway) -> None:
    pages = Pages(gateway)
    sockets = [await hello(gateway, "board-token", "queue") for _ in range(20)]
    for socket in sockets:
        await hear(socket)
    before = pages.rendered
    await change(gateway, pages, "queue")
    for socket in sockets:
        assert (await hear(socket))["body"]["number"] == 1
        await socket.close()
    assert pages.rendered - before <= 2


async def test_a_client_that_does_not_read_holds_up_nobody(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "SEND_SECONDS", 0.5)
    big = "x" * 4_000_000

    class Big(Pages):
        def render(self, context: Context, viewer: Principal) -> BaseModel:
            return Shown(number=self.number, viewer=viewer.role if viewer.role == "board" else big)

    pages = Big(gateway)
    slow = await hello(gateway, "kiosk-token", "queue", max_size=None, max_queue=1)
    async with await hello(gateway, "board-token", "queue") as quick:
        await hear(quick)
        await eventually(lambda: len(gateway.context.hub.watchers) == 2)
        for number in range(1, 6):
            await change(gateway, pages, "queue")
            assert (await hear(quick, seconds=1.0))["body"]["number"] == number
        async with asyncio.timeout(10):
            while len(gateway.context.hub.watchers) == 2:  # the kernel's buffers swallow the first of them unread
                await change(gateway, pages, "queue")
                await hear(quick, seconds=1.0)
    slow.transport.abort()


async def test_a_signed_out_person_hears_nothing_more(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "PING_SECONDS", 0.05)
    Pages(gateway)
    people = roster([entry("1001", "李明")])
    await gateway.client("admin").put("/v1/roster", json=people.model_dump(mode="json"))
    session = (await gateway.client().post("/v1/sessions", json={"staff_no": "1001", "pin": PIN})).json()
    async with await hello(gateway, session["token"], "offers") as socket:
        await hear(socket)
        await gateway.client(token=session["token"]).delete("/v1/sessions/current")
        with pytest.raises(ConnectionClosed):
            await hear(socket)


async def test_what_a_client_says_after_hello_is_neither_read_nor_an_error(
    gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    pages = Pages(gateway)
    socket = await hello(gateway, "board-token", "floor")
    await hear(socket)
    for noise in (b"\xff\xfe" * 100, "x" * 10_000, "{"):
        await socket.send(noise)
    await change(gateway, pages, "floor")
    assert (await hear(socket))["body"]["number"] == 1
    await socket.close()
    await eventually(lambda: not gateway.context.hub.watchers)
    assert not [line for line in caplog.records if line.name == "gateway.stream.routes"]
