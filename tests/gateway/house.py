"""A whole gateway in one process: the real application, real SQLite, a clock that a test can turn."""

import contextlib
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from contracts.ids import uuid7
from gateway.app import Outside, create_app
from gateway.config import BrokerConfig, DeviceConfig, GatewayConfig
from gateway.context import Context
from gateway.policy import PolicyConfig
from tests.gateway.files import lay_down
from tests.gateway.people import uid
from tests.support.pins import quick_hash

PIN = "2580"
PIN_HASH = quick_hash(PIN)
MORNING = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
"""10:00 on a Saturday in Shanghai."""
DEVICE_ROLES = ("kiosk", "board", "reception", "manager", "admin")
STAFF = {"a": "consultant", "b": "consultant", "c": "consultant", "m": "manager"}


@dataclass
class Clock:
    """Runs from `MORNING` by itself only when told."""

    now: datetime = MORNING

    def __call__(self) -> datetime:
        self.now += timedelta(microseconds=10)
        return self.now

    def forward(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass
class House:
    """Devices are called by their role, people by their letter."""

    app: FastAPI
    http: httpx.AsyncClient
    clock: Clock
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def context(self) -> Context:
        context: Context = self.app.state.context
        return context

    async def call(
        self, who: str, method: str, path: str, body: Any = None, key: str | None = None, seen: str | None = None
    ) -> httpx.Response:
        """`seen`: the ETag that a change was made on."""
        if who in STAFF and who not in self.tokens:
            await self.new_session(who)
        headers = {"Authorization": f"Bearer {self.tokens.get(who, who)}"}
        if key is not None:
            headers["Idempotency-Key"] = key
        if seen is not None:
            headers["If-Match"] = seen
        return await self.http.request(method, path, json=body, headers=headers)

    async def new_session(self, letter: str) -> None:
        """Sessions last 12 hours of the clock."""
        signed_in = await self.http.post("/v1/sessions", json={"staff_no": letter, "pin": PIN})
        assert signed_in.status_code == 200, signed_in.text
        self.tokens[letter] = signed_in.json()["token"]

    async def get(self, who: str, path: str) -> Any:
        answer = await self.call(who, "GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(self, who: str, path: str, body: Any = None, key: str | None = None) -> Any:
        answer = await self.call(who, "POST", path, body, key)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    async def edit_customer(self, who: str, customer_id: str, **change: Any) -> httpx.Response:
        """Reads the file and changes it at once."""
        read = await self.call(who, "GET", f"/v1/customers/{customer_id}")
        return await self.call(who, "PATCH", f"/v1/customers/{customer_id}", change, seen=read.headers["ETag"])

    async def check_in(self, phone: str | None = None, **more: Any) -> Any:
        key = more.pop("key", None) or uuid7()
        return await self.post("kiosk", "/v1/checkins", {"phone": phone, **more}, key)

    async def sign_in(self, *letters: str) -> None:
        for letter in letters:
            await self.post(letter, "/v1/rota/sign-in")

    async def offer_of(self, letter: str) -> Any:
        """The one pending offer on that tablet, None without any."""
        offers = (await self.get(letter, "/v1/me"))["offers"]
        assert len(offers) <= 1
        return offers[0] if offers else None

    async def accept(self, letter: str) -> Any:
        offer = await self.offer_of(letter)
        assert offer is not None, f"no offer for {letter}"
        return await self.post(letter, f"/v1/offers/{offer['offer_id']}/accept")


@contextlib.asynccontextmanager
async def open_house(
    directory: Path,
    clock: Clock | None = None,
    policy: PolicyConfig | None = None,
    *,
    outside_central: httpx.AsyncBaseTransport | None = None,
    **config: Any,
) -> AsyncIterator[House]:
    """Opening the same directory again is a restart. `config` replaces parts of the configuration."""
    clock = clock or Clock()
    lay_down(directory / "gateway.db")
    app = create_app(
        _config(directory, policy or PolicyConfig(), config), Outside(clock=clock, central=outside_central)
    )
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway") as http,
    ):
        house = House(app, http, clock)
        await _staff(house)
        yield house


def _config(directory: Path, policy: PolicyConfig, more: dict[str, Any]) -> GatewayConfig:
    values: dict[str, Any] = {
        "office": "yunqi",
        "office_name": "云栖湖岸",
        "database": directory / "gateway.db",
        "keys_file": directory / "gateway.keys",
        "broker": BrokerConfig(port=1, retry_seconds=0.05),
        "devices": {
            role: DeviceConfig(role=role, token_sha256=hashlib.sha256(role.encode()).hexdigest())
            for role in DEVICE_ROLES
        },
        "policy": policy,
    }
    return GatewayConfig(**(values | more))


async def _staff(house: House) -> None:
    people = [
        {
            "person_id": uid(letter),
            "staff_no": letter,
            "name": f"顾问{letter}" if role == "consultant" else "经理",
            "role": role,
            "pin_hash": PIN_HASH,
        }
        for letter, role in STAFF.items()
    ]
    answer = await house.call("admin", "PUT", "/v1/roster", {"office": "yunqi", "version": 1, "people": people})
    assert answer.status_code in (200, 409), answer.text
