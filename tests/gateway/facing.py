"""An office with faces: the real gateway, and nodes that say what real ones say, without a broker in between."""

import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import PropertyMock, patch

import httpx

from contracts.events import Data, Event, FaceEnrolment, FaceForgotten
from contracts.ids import uuid7
from contracts.messages import FaceStatus, NodeStatus, Reply
from contracts.topics import Topic, device_source
from gateway.auth import token_hash
from gateway.broker import Received
from gateway.config import DeviceConfig
from gateway.ingest.service import Taken, take_message
from gateway.nodes.commands import Commands
from gateway.nodes.service import take_status
from tests.gateway.house import DEVICE_ROLES, Clock, House, open_house

OFFICE = "yunqi"
PHONE = "13800112345"
OTHER = "13911112222"
KEY = "VGhpcyBpcyBhIHB1YmxpYyBrZXkgb2YgMzIgYnl0ZXM="


@dataclass
class Faces:
    """What a test does with faces at the office `house`."""

    house: House
    streams: dict[str, tuple[str, int]] = field(default_factory=dict)

    @property
    def clock(self) -> Clock:
        return self.house.clock

    async def status(self, node: str = "lobby", *, online: bool = True, vault: bool = True, **more: Any) -> None:
        """The node's retained status; a last will carries nothing of faces."""
        values: dict[str, Any] = {
            "engine": "opencv",
            "model": "m" * 64,
            "matching": True,
            "vault": vault,
            "vault_key": KEY if vault else "",
            "cameras": ["cam-kiosk"],
            "lease_until": self.clock.now + timedelta(minutes=15),
        }
        faces = FaceStatus(**(values | more)) if online else None
        status = NodeStatus(office=OFFICE, node=node, online=online, at=self.clock.now, faces=faces)
        topic, payload = Topic(OFFICE, node, "status"), status.model_dump_json().encode()
        context = self.house.context
        await context.writer.run(lambda uow: take_status(uow, context, topic, payload))

    async def event(self, data: Data, node: str = "lobby", at: datetime | None = None) -> Taken:
        """One event of the node's outbox, through the real ingest."""
        stream, sequence = self.streams.get(node, (uuid7(), 0))
        self.streams[node] = stream, sequence + 1
        made = Event.of(
            data,
            source=device_source(OFFICE, node, "faces"),
            time=at or self.clock.now,
            stream=stream,
            sequence=sequence + 1,
        )
        topic, payload = Topic(OFFICE, node, "events"), json.dumps([made.model_dump(mode="json")]).encode()
        context = self.house.context
        taken: Taken = await context.writer.run(lambda uow: take_message(uow, context, topic, payload, careful=True))
        assert taken.rejected == 0
        return taken

    async def check_in(self, phone: str | None = PHONE, who: str = "kiosk", **more: Any) -> Any:
        return await self.house.post(who, "/v1/checkins", {"phone": phone, **more}, uuid7())

    async def answer(
        self, visit_id: str, answer: str = "yes", who: str = "kiosk", key: str | None = None, **more: Any
    ) -> httpx.Response:
        text = (await self.house.call("kiosk", "GET", "/v1/consent-text")).json()
        body = {"visit_id": visit_id, "text_version": text["version"], "language": "zh-CN", "answer": answer, **more}
        return await self.house.call(who, "POST", "/v1/consents", body, key or uuid7())

    async def consent(self, phone: str = PHONE, **more: Any) -> Any:
        """A visitor checks in and says yes."""
        visit = await self.check_in(phone)
        answer = await self.answer(visit["visit_id"], **more)
        assert answer.status_code == 201, answer.text
        return answer.json()["consent"]

    def ref(self, consent_id: str) -> str:
        return str(self.rows("SELECT person_ref FROM consents WHERE consent_id = ?", consent_id)[0][0])

    def customer(self, consent_id: str) -> str:
        return str(self.rows("SELECT customer_id FROM consents WHERE consent_id = ?", consent_id)[0][0])

    async def enrol(self, consent_id: str, *, node: str = "lobby", outcome: str = "done", **more: Any) -> None:
        values: dict[str, Any] = {"shots": 3, "seconds": 4.0, "engine": "opencv", "model": "m" * 64}
        data = FaceEnrolment(
            consent_id=consent_id,
            person_ref=self.ref(consent_id),
            outcome=outcome,  # type: ignore[arg-type]
            **(values | {k: v for k, v in more.items() if k != "at"}),
        )
        await self.event(data, node, more.get("at"))

    async def enrolled(self, phone: str = PHONE) -> Any:
        """A consent with a template."""
        consent = await self.consent(phone)
        await self.enrol(consent["consent_id"])
        return consent

    async def forgotten(self, consent_id: str, node: str = "lobby", templates: int = 0, **more: Any) -> None:
        values: dict[str, Any] = {"cause": "ended", "vault": node == "lobby"}
        at = more.pop("at", None)
        data = FaceForgotten(
            consent_id=consent_id,
            person_ref=more.pop("ref", self.ref(consent_id)),
            templates=templates,
            **(values | more),
        )
        await self.event(data, node, at)

    async def reply(self, command_id: str, *, node: str = "lobby", ok: bool = True, **more: Any) -> None:
        reply = Reply(command_id=command_id, ok=ok, at=self.clock.now, **more)
        context = self.house.context
        context.commands.on_reply(
            Received(Topic(OFFICE, node, "reply"), reply.model_dump_json().encode(), lambda: None)
        )
        await context.writer.run(lambda uow: None)

    def rows(self, query: str, *values: object) -> list[Any]:
        with self.house.context.database.read() as session:
            return list(session.connection().exec_driver_sql(query, tuple(values)).all())

    async def withdraw(self, customer_id: str, who: str = "reception", reason: str = "客户要求") -> Any:
        body = {"customer_id": customer_id, "reason": reason}
        return await self.house.post(who, "/v1/withdrawals", body, uuid7())


@contextlib.asynccontextmanager
async def open_faces(directory: Path, clock: Clock | None = None, **config: Any) -> AsyncIterator[Faces]:
    """A kiosk with a camera at node `lobby`, a second kiosk without, a telephone; the broker counts as connected."""
    devices = {role: _device(role, role) for role in (*DEVICE_ROLES, "phone")}
    devices["kiosk"] = _device("kiosk", "kiosk", node="lobby", camera="cam-kiosk")
    devices["kiosk2"] = _device("kiosk", "kiosk2")
    with patch.object(Commands, "connected", PropertyMock(return_value=True)):
        async with open_house(directory, clock, devices=devices, **config) as house:
            yield Faces(house)


def _device(role: str, token: str, **more: Any) -> DeviceConfig:
    return DeviceConfig(role=role, token_sha256=token_hash(token), **more)  # type: ignore[arg-type]


@contextlib.asynccontextmanager
async def ready_faces(directory: Path, clock: Clock | None = None, **config: Any) -> AsyncIterator[Faces]:
    """And the node of the kiosk, which is also the vault, is there."""
    async with open_faces(directory, clock, **config) as faces:
        await faces.status()
        yield faces
