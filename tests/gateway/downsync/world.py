"""A real head office and a real gateway in one process, with a line between them that a test draws by hand."""

import base64
import contextlib
import json
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from gateway.config import CentralConfig
from gateway.downsync.pull import DownSync
from gateway.policy import PolicyConfig
from gateway.uplink import store
from tests.central import head_office
from tests.central.agency import Agent, agent_of, open_offices
from tests.central.head_office import Files, HeadOffice
from tests.gateway.house import Clock, House, open_house

PHONE = "13800112345"


@dataclass
class World:
    """`sync` is the line: nothing comes down but by it. `ahead`: of the office's clock to head office's, now."""

    hq: HeadOffice
    house: House
    sync: DownSync
    clock: Clock
    ahead: list[timedelta]

    async def fetch(self) -> int:
        """Everything there is; answers in how many pages."""
        pages = 1
        while await self.sync.fetch():
            pages += 1
        return pages

    async def agent(self, staff_no: str = "Q01", channel_id: str = "") -> Agent:
        return await agent_of(self.hq, staff_no, channel_id)

    async def uplink(self) -> None:
        """All that the gateway recorded, as its sender would send it."""
        with self.house.context.database.read() as session:
            events = store.batch(session, "yunqi", limit=500, max_bytes=10**7)
        await self.hq.send(events)

    def rows(self, query: str) -> list[Any]:
        with self.house.context.database.read() as session:
            return list(session.connection().exec_driver_sql(query).all())

    async def verdicts(self, visit_id: str) -> list[Any]:
        found: list[Any] = (await self.house.get("m", f"/v1/visits/{visit_id}/explanation"))["verdicts"]
        return found


@contextlib.asynccontextmanager
async def world(
    folder: Path, policy: PolicyConfig | None = None, clock: Clock | None = None, *, ahead: timedelta = timedelta()
) -> AsyncIterator[World]:
    """`ahead`: how far the office's clock runs ahead of head office's at first."""
    clock, skew = clock or Clock(), [ahead]
    seal = os.urandom(32)
    if not (folder / "gateway.keys").exists():
        _write_keys(folder, seal)
    else:
        seal = base64.b64decode(json.loads((folder / "gateway.keys").read_text())["seal_key"])
    files = Files(folder, f"sqlite+aiosqlite:///{folder}/central.db", seals={"yunqi": seal, "linan": os.urandom(32)})
    token = folder / "office.token"
    token.write_text(files.token("yunqi"))
    config = CentralConfig(url="http://127.0.0.1:9", token_file=token, roster_seconds=600, down_seconds=600)
    async with (
        head_office.running(files, clock=lambda: clock() - skew[0]) as hq,
        open_house(folder, clock, policy, central=config) as house,
    ):
        await open_offices(hq)
        yield World(hq, house, DownSync(house.context, httpx.ASGITransport(hq.app)), clock, skew)


def _write_keys(folder: Path, seal: bytes) -> None:
    keys = {"data_key": os.urandom(32), "index_key": os.urandom(32), "seal_key": seal}
    file = folder / "gateway.keys"
    file.write_text(json.dumps({name: base64.b64encode(key).decode() for name, key in keys.items()}))
    file.chmod(0o600)
