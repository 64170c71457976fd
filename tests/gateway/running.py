"""A real gateway for tests: real broker, real SQLite, real HTTP; and a node that speaks the protocol by hand."""

import asyncio
import hashlib
import json
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import paho.mqtt.client as mqtt
import uvicorn
from paho.mqtt.enums import CallbackAPIVersion

from contracts.events import Data, DoorCrossing, Event
from contracts.ids import uuid7
from contracts.messages import Ack
from contracts.topics import device_source
from contracts.values import utc_now
from gateway.app import Outside, create_app
from gateway.config import GatewayConfig
from gateway.context import Context
from tests.gateway.files import lay_down
from tests.support.processes import free_port

OFFICE = "yunqi"
DEVICE_ROLES = ("kiosk", "board", "reception", "manager", "admin")


def configured(folder: Path, broker_port: int, **more: Any) -> GatewayConfig:
    """One device token per role: the token of `kiosk` is `kiosk-token`, and so on."""
    devices = {
        role: {"role": role, "token_sha256": hashlib.sha256(f"{role}-token".encode()).hexdigest()}
        for role in DEVICE_ROLES
    }
    values: dict[str, Any] = {
        "office": OFFICE,
        "office_name": "云栖湖岸",
        "database": folder / "gateway.db",
        "keys_file": folder / "gateway.keys",
        "http": {"port": free_port()},
        "broker": {"port": broker_port},
        "devices": devices,
    }
    return GatewayConfig(**(values | more))


def with_central(folder: Path) -> dict[str, Any]:
    token = folder / "central.token"
    token.write_text("office-token\n")
    return {"central": {"url": "http://central.test", "token_file": token, "roster_seconds": 0.1}}


@dataclass
class Gateway:
    """One running gateway. `client(role)` carries that device's token."""

    config: GatewayConfig
    context: Context
    _clients: dict[str, httpx.AsyncClient] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.config.http.port}"

    def client(self, role: str | None = None, token: str | None = None) -> httpx.AsyncClient:
        bearer = token or (f"{role}-token" if role else "")
        if bearer not in self._clients:
            headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
            self._clients[bearer] = httpx.AsyncClient(base_url=f"http://{self.address}", headers=headers)
        return self._clients[bearer]

    def rows(self, query: str, *values: object) -> list[Any]:
        with self.context.database.read() as session:
            return list(session.connection().exec_driver_sql(query, tuple(values)).all())

    async def close(self) -> None:
        for client in self._clients.values():
            await client.aclose()


@asynccontextmanager
async def running(config: GatewayConfig, outside: Outside | None = None) -> AsyncIterator[Gateway]:
    lay_down(config.database)
    app = create_app(config, outside)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            port=config.http.port,
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=1,
            ws_per_message_deflate=False,
        )
    )
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    task = asyncio.create_task(server.serve())
    await eventually(lambda: server.started or task.done())
    assert server.started, "the gateway did not start"
    gateway = Gateway(config, app.state.context)
    await eventually(lambda: gateway.context.commands.connected)
    try:
        yield gateway
    finally:
        await gateway.close()
        server.should_exit = True
        await task


async def eventually(
    condition: Callable[[], Any] | Callable[[], Awaitable[Any]], *, seconds: float = 10.0, what: str = ""
) -> Any:
    """Await until `condition` is true; its value is returned."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if isinstance(value, Awaitable):
            value = await value
        if value:
            return value
        assert time.monotonic() < deadline, f"did not happen within {seconds} s: {what or condition}"
        await asyncio.sleep(0.01)


class FakeNode:
    """Publishes exactly what it is told to; keeps the acknowledgements and commands it hears."""

    def __init__(self, broker_port: int, node: str = "lobby", office: str = OFFICE) -> None:
        self.node, self.office = node, office
        self.stream = uuid7()
        self.sequence = 0
        self.acks: list[Ack] = []
        self.commands: list[dict[str, Any]] = []
        self._subscribed = False
        self._retained: set[str] = set()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=f"node-{uuid7()}")
        self._client.on_connect = lambda client, *_: client.subscribe([(self.topic(x), 1) for x in ("ack", "command")])
        self._client.on_subscribe = self._on_subscribe
        self._client.on_message = self._on_message
        self._client.on_socket_open = lambda client, userdata, opened: opened.setsockopt(
            socket.IPPROTO_TCP, socket.TCP_NODELAY, 1
        )
        self._client.connect("127.0.0.1", broker_port)
        self._client.loop_start()

    def _on_subscribe(self, *_: Any) -> None:
        self._subscribed = True

    def _on_message(self, client: Any, userdata: Any, message: mqtt.MQTTMessage) -> None:
        if message.topic.endswith("/ack"):
            self.acks.append(Ack.model_validate_json(message.payload))
        else:
            self.commands.append(json.loads(message.payload))

    async def ready(self) -> "FakeNode":
        await eventually(lambda: self._subscribed)
        return self

    def topic(self, leaf: str) -> str:
        return f"anchang/v1/{self.office}/{self.node}/{leaf}"

    def event(self, data: Data | None = None, *, sequence: int | None = None, **more: Any) -> dict[str, Any]:
        """The next event of the stream as JSON values, or the one of `sequence`."""
        if sequence is None:
            self.sequence += 1
            sequence = self.sequence
        made = Event.of(
            data or DoorCrossing(count_in=1, count_out=0),
            source=more.pop("source", device_source(self.office, self.node, "door-main")),
            time=more.pop("time", utc_now()),
            stream=more.pop("stream", self.stream),
            sequence=sequence,
            id=more.pop("id", None),
        )
        return made.model_dump(mode="json") | more

    def send(self, *events: Any) -> None:
        self.send_bytes(json.dumps(list(events)).encode())

    def send_bytes(self, payload: bytes, leaf: str = "events", *, retain: bool = False) -> None:
        if retain:
            self._retained.add(leaf)
        self._client.publish(self.topic(leaf), payload, qos=1, retain=retain)

    def last_ack(self, stream: str | None = None) -> Ack | None:
        mine = [ack for ack in self.acks if ack.stream == (stream or self.stream)]
        return mine[-1] if mine else None

    async def acked(self, committed: int, *, seconds: float = 10.0) -> Ack:
        """Wait for an acknowledgement of exactly this far."""
        await eventually(
            lambda: (ack := self.last_ack()) is not None and ack.committed == committed,
            seconds=seconds,
            what=f"ack of {committed}, last {self.last_ack()}",
        )
        ack = self.last_ack()
        assert ack is not None
        return ack

    def close(self) -> None:
        """The broker serves every test of a run: what it was asked to keep must not meet the next one."""
        for leaf in self._retained:
            self._client.publish(self.topic(leaf), b"", qos=1, retain=True).wait_for_publish(5)
        self._client.disconnect()
        self._client.loop_stop()


class SteppedClock:
    """Real time plus what a test adds."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> datetime:
        return utc_now() + timedelta(seconds=self.ahead)


def in_files_of(folder: Path, text: str) -> bool:
    """Whether the bytes of `text` are anywhere in the database's files."""
    return any(text.encode() in file.read_bytes() for file in folder.glob("gateway.db*"))
