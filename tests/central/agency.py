"""Agencies and agents of a head office under test, signed in and ready to register."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx

from contracts.channels_api import RegistrationView
from contracts.down_api import DownItem, DownPage
from contracts.ids import uuid7
from tests.central.head_office import NOON, HeadOffice
from tests.support.pins import quick_hash

PIN = "2468"
PIN_HASH = quick_hash(PIN)


@dataclass
class Clock:
    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Agent:
    """A signed-in agent; `register` sends one registration."""

    hq: HeadOffice
    channel_id: str
    agent_id: str
    staff_no: str
    token: str = ""
    keys: int = field(default=0)

    async def call(self, method: str, path: str, **members: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}"} | members.pop("headers", {})
        return await self.hq.nobody.request(method, path, headers=headers, **members)

    async def sign_in(self) -> None:
        """Sessions end after twelve hours."""
        self.token = (await sign_in(self.hq, self.staff_no)).json()["token"]

    async def send(self, number: str, *, key: str = "", **members: Any) -> httpx.Response:
        self.keys += 1
        body = {"office": "yunqi", "number": number} | members
        headers = {"Idempotency-Key": key or f"{self.agent_id}-{self.keys}"}
        return await self.call("POST", "/v1/registrations", json=body, headers=headers)

    async def register(self, number: str, **members: Any) -> RegistrationView:
        answer = await self.send(number, **members)
        assert answer.status_code == 201, answer.text
        return RegistrationView.model_validate(answer.json())

    async def read(self, registration_id: str) -> RegistrationView:
        answer = await self.call("GET", f"/v1/registrations/{registration_id}")
        assert answer.status_code == 200, answer.text
        return RegistrationView.model_validate(answer.json())


async def open_offices(hq: HeadOffice) -> None:
    for office in ("yunqi", "linan"):
        await hq.admin.put(f"/v1/offices/{office}", json={"name": office})


async def put_channel(hq: HeadOffice, channel_id: str, **members: Any) -> None:
    body = {"name": "安家", "offices": ["yunqi"]} | members
    answer = await hq.admin.put(f"/v1/channels/{channel_id}", json=body)
    assert answer.status_code == 200, answer.text


async def put_agent(hq: HeadOffice, agent: Agent, **members: Any) -> httpx.Response:
    body = {"staff_no": agent.staff_no, "name": "何欣", "pin_hash": PIN_HASH} | members
    return await hq.admin.put(f"/v1/channels/{agent.channel_id}/agents/{agent.agent_id}", json=body)


async def sign_in(hq: HeadOffice, staff_no: str, pin: str = PIN) -> httpx.Response:
    return await hq.nobody.post("/v1/sessions", json={"staff_no": staff_no, "pin": pin})


async def agent_of(hq: HeadOffice, staff_no: str = "Q01", channel_id: str = "", offices: Any = ("yunqi",)) -> Agent:
    """A new agent, of a new channel unless one is named."""
    agent = Agent(hq, channel_id or uuid7(), uuid7(), staff_no)
    if not channel_id:
        await put_channel(hq, agent.channel_id, offices=list(offices))
    assert (await put_agent(hq, agent)).status_code == 200
    await agent.sign_in()
    return agent


async def down(hq: HeadOffice, after: str | None = None, office: str = "yunqi", limit: int = 500) -> DownPage:
    query = {"limit": str(limit)} | ({} if after is None else {"after": after})
    answer = await hq.offices[office].get(f"/v1/offices/{office}/down", params=query)
    assert answer.status_code == 200, answer.text
    return DownPage.model_validate(answer.json())


async def items(hq: HeadOffice, kind: str, office: str = "yunqi") -> list[DownItem]:
    return [item for item in (await down(hq, office=office)).items if item.kind == kind]
