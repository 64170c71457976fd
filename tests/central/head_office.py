"""A head office for tests: configuration in a folder, the application in this process, and offices that send to it."""

import base64
import hashlib
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from central.app import create_app
from central.settings import load
from contracts.central_api import IngestAnswer
from contracts.events import Data, Event
from contracts.facts import CustomerRecorded, FootfallMinute, VisitRecorded
from contracts.ids import uuid7
from contracts.sealing import CustomerSecret, Sealer
from contracts.topics import gateway_source
from contracts.values import utc_now

OFFICES = ("yunqi", "linan")
NOON = datetime(2026, 11, 18, 4, 0, tzinfo=UTC)
"""A Wednesday, 12:00 in Shanghai."""


@dataclass(frozen=True)
class Person:
    """Someone who signs in at the console."""

    entry: str
    staff_no: str
    name: str
    role: str
    pin_hash: str


@dataclass
class Files:
    """Tokens and keys of one head office, written below `folder`."""

    folder: Path
    database: str
    port: int = 8200
    extra: str = ""
    people: list[Person] = field(default_factory=list)
    seals: dict[str, bytes] = field(default_factory=lambda: {office: os.urandom(32) for office in OFFICES})

    def token(self, who: str) -> str:
        return f"{who}-token-of-the-test"

    def write(self) -> Path:
        lines = [f'database = "{self.database}"', f'keys_file = "{self.folder}/central.keys"', self.extra]
        lines += ["[http]", f"port = {self.port}"]
        for role in ("admin", "manager"):
            lines += [f"[tokens.{role}]", f'role = "{role}"', self._hash(role)]
        for person in self.people:
            lines += [f"[people.{person.entry}]", f'staff_no = "{person.staff_no}"', f'name = "{person.name}"']
            lines += [f'role = "{person.role}"', f'pin_hash = "{person.pin_hash}"']
        for office, seal in self.seals.items():
            file = self.folder / f"{office}.seal"
            file.write_text(base64.b64encode(seal).decode())
            lines += [f"[office_tokens.{office}]", self._hash(office), f'seal_key_file = "{file}"']
        path = self.folder / "central.toml"
        path.write_text("\n".join(lines))
        return path

    def _hash(self, who: str) -> str:
        return f'token_sha256 = "{hashlib.sha256(self.token(who).encode()).hexdigest()}"'


class HeadOffice:
    """The running application and its clients."""

    def __init__(self, app: FastAPI, files: Files) -> None:
        self.app = app
        self.files = files
        self.runtime = app.state.runtime
        self.admin = self._client("admin")
        self.manager = self._client("manager")
        self.offices = {office: self._client(office) for office in OFFICES}
        self.nobody = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://central")

    def _client(self, who: str) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app, raise_app_exceptions=False),
            base_url="http://central",
            headers={"Authorization": f"Bearer {self.files.token(who)}"},
        )

    async def send(self, events: Sequence[Event | dict[str, Any]], office: str = "yunqi") -> IngestAnswer:
        body = [event.model_dump(mode="json") if isinstance(event, Event) else event for event in events]
        answer = await self.offices[office].post("/v1/ingest", json=body)
        assert answer.status_code == 200, answer.text
        return IngestAnswer.model_validate(answer.json())

    async def edit(self, path: str, body: dict[str, Any], seen: str | None = None) -> httpx.Response:
        """Reads what is there and puts another in its place at once; `seen` was read before."""
        seen = seen or (await self.admin.get(path)).headers["ETag"]
        return await self.admin.put(path, json=body, headers={"If-Match": seen})

    async def get(self, path: str, **query: Any) -> Any:
        answer = await self.admin.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def visits(self) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = (await self.get("/v1/visits"))["items"]
        return items

    async def reasons(self) -> list[str]:
        return [letter["reason"] for letter in (await self.get("/v1/dead-letters"))["items"]]


@asynccontextmanager
async def running(files: Files, *, clock: Callable[[], datetime] = utc_now) -> AsyncIterator[HeadOffice]:
    app = create_app(load(files.write()), clock=clock)
    async with app.router.lifespan_context(app):
        yield HeadOffice(app, files)


class Outbox:
    """One stream of an office's gateway: numbers what it is given."""

    def __init__(self, office: str = "yunqi") -> None:
        self.office = office
        self.stream = uuid7()
        self.next = 1

    def event(self, data: Data, *, sequence: int | None = None, **members: Any) -> Event:
        number = self.next if sequence is None else sequence
        self.next = number + 1
        source = members.pop("source", gateway_source(self.office))
        time = members.pop("time", NOON)
        return Event.of(data, source=source, time=time, stream=self.stream, sequence=number, **members)

    def visits(self, count: int) -> list[Event]:
        return [self.event(visit()) for _ in range(count)]


def visit(**members: Any) -> VisitRecorded:
    facts = {
        "visit_id": uuid7(),
        "revision": 1,
        "customer_id": None,
        "kind": "first",
        "party_size": 2,
        "purpose": "view_home",
        "state": "waiting",
        "opened_at": NOON,
        "source": "walk_in",
    }
    return VisitRecorded(**(facts | members))


def minute(at: datetime = NOON, *, count_in: int = 1, count_out: int = 0, **members: Any) -> FootfallMinute:
    facts = {"device": "door-main", "line": 1, "minute": at, "revision": 1}
    return FootfallMinute(**(facts | {"count_in": count_in, "count_out": count_out} | members))


def customer(
    seal: bytes, *, customer_id: str | None = None, phone: str = "+8613800112345", name: str = "陈小明", **members: Any
) -> CustomerRecorded:
    record = customer_id or uuid7()
    secret = CustomerSecret(phone=phone, name=name).model_dump_json()
    facts = {"customer_id": record, "revision": 1, "created_at": NOON - timedelta(days=1)}
    return CustomerRecorded(**(facts | {"sealed": Sealer(seal).seal(secret, record=record)} | members))
