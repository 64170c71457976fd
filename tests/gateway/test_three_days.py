"""Three simulated days without central, then sync: every total there equals the simulated truth (issue 4).

A real gateway and a real head office in one process, a clock of the test's own, a node on a real broker. The truth is
kept by whoever simulates the visitors, never read from either program.
"""

import base64
import contextlib
import json
import os
import random
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from contracts.events import DoorCrossing
from gateway import features
from gateway.config import BrokerConfig
from gateway.uplink import sender
from tests.central.head_office import Files, HeadOffice
from tests.central.head_office import running as head_office
from tests.gateway.house import Clock, House, open_house
from tests.gateway.running import FakeNode, eventually

ZONE = ZoneInfo("Asia/Shanghai")
OPENS = datetime(2026, 11, 18, 1, 0, tzinfo=UTC)
"""Wednesday, 09:00 in Shanghai."""
DAYS, VISITS = 3, 40
STEP = timedelta(minutes=15)
CONSULTANTS = "abc"

pytestmark = pytest.mark.timeout(240)


class Line(httpx.AsyncBaseTransport):
    """The cable to head office, which can be cut."""

    def __init__(self, office: HeadOffice) -> None:
        self.cut = True
        self._there = httpx.ASGITransport(office.app)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.cut:
            raise httpx.ConnectError("cut", request=request)
        return await self._there.handle_async_request(request)


@dataclass
class Truth:
    """What was simulated, by local day and by the hour (UTC) in which it happened."""

    of_day: dict[str, Counter[str]] = field(default_factory=dict)
    doors: Counter[tuple[str, str]] = field(default_factory=Counter)
    visits_by_hour: Counter[str] = field(default_factory=Counter)
    known: list[str] = field(default_factory=list)

    def add(self, at: datetime, **figures: int) -> None:
        self.of_day.setdefault(local(at), Counter()).update(figures)

    def crossed(self, at: datetime, way: str, people: int) -> None:
        self.doors[hour(at), way] += people
        self.add(at, **{f"count_{way}": people})


def local(at: datetime) -> str:
    return at.astimezone(ZONE).date().isoformat()


def hour(at: datetime) -> str:
    return at.replace(minute=0, second=0, microsecond=0).isoformat()


@dataclass
class Days:
    """Visitors, consultants and a door, driven through the gateway's own API and broker."""

    house: House
    node: FakeNode
    truth: Truth = field(default_factory=Truth)
    chance: random.Random = field(default_factory=lambda: random.Random(4))
    next_up: int = 0

    async def day(self, number: int) -> None:
        self.house.clock.now = OPENS + timedelta(days=number)
        await self.house.sign_in(*await self.signed(CONSULTANTS))
        assert (await self.house.get("board", "/v1/floor"))["occupancy"] == 0  # each day begins at 0
        newcomers: list[str] = []
        for index in range(VISITS):
            self.house.clock.forward(seconds=STEP.total_seconds())
            await self.visit(number, index, newcomers, stays=index >= VISITS - 2)
        self.truth.known += newcomers
        await self.node.acked(self.node.sequence, seconds=30)
        await self.evening(number)

    async def signed(self, letters: str) -> str:
        """Sessions are over after a night."""
        for letter in letters:
            await self.house.new_session(letter)
        return letters

    async def visit(self, number: int, index: int, newcomers: list[str], *, stays: bool) -> None:
        """One party: in, offered, accepted, perhaps a sale, out. Who `stays` is still there at closing time."""
        now, size = self.house.clock.now, self.chance.randint(1, 4)
        returns = bool(self.truth.known) and index % 5 == 0
        phone = self.truth.known.pop() if returns else f"139{number}{index:07d}"
        if not returns:
            newcomers.append(phone)
        self.cross(size, 0)
        result = await self.house.check_in(phone, party_size=size)
        assert result["kind"] == ("return" if returns else "first")
        assert result["ticket"]["number"] == index + 1  # tickets begin again each day
        kind = "return_visits" if returns else "first_visits"
        self.truth.add(now, visits=1, registered_people=size, **{kind: 1})
        self.truth.visits_by_hour[hour(now)] += 1
        letter, visit = await self.accepted()
        assert visit["visit_id"] == result["visit_id"]
        await self.sells(letter, visit, index)
        if not stays:
            await self.house.post(letter, f"/v1/visits/{visit['visit_id']}/finish", {"outcome": "toured"})
            self.cross(0, size)

    async def accepted(self) -> tuple[str, Any]:
        """Whose tablet rings accepts; the rota goes round, so the next one is asked first."""
        for turn in range(len(CONSULTANTS)):
            letter = CONSULTANTS[(self.next_up + turn) % len(CONSULTANTS)]
            offer = await self.house.offer_of(letter)
            if offer is not None:
                self.next_up = CONSULTANTS.index(letter) + (1 if offer["uses_turn"] else 0)
                return letter, await self.house.post(letter, f"/v1/offers/{offer['offer_id']}/accept")
        raise AssertionError("nobody was offered the visit")

    async def sells(self, letter: str, visit: Any, index: int) -> None:
        customer, key = visit["customer"]["customer_id"], f"{visit['visit_id']}-key"
        if index % 10 == 3:
            note = {"customer_id": customer, "channel": "meeting", "note": "三房"}
            await self.house.post(letter, "/v1/follow-ups", note, key)
        if index % 20 == 7:
            amount = 100_000_000 + index
            sale = {"customer_id": customer, "kind": "contract", "amount_fen": amount, "visit_id": visit["visit_id"]}
            await self.house.post(letter, "/v1/sales", sale, key)
            self.truth.add(self.house.clock.now, contracts=1, contract_fen=amount)

    def cross(self, came: int, left: int) -> None:
        now = self.house.clock.now
        self.node.send(self.node.event(DoorCrossing(count_in=came, count_out=left), time=now))
        self.truth.crossed(now, "in" if came else "out", came or left)

    async def evening(self, number: int) -> None:
        """The office's own report before closing, the closing at 21:00, and midnight."""
        today = self.truth.of_day[local(self.house.clock.now)]
        floor = await self.house.get("board", "/v1/floor")
        assert floor["link"]["online"] is False and floor["link"]["pending"] > VISITS * number
        for name in ("count_in", "count_out", "registered_people", "first_visits", "return_visits"):
            assert floor[name] == today[name], name
        assert sum(each["visits"] for each in floor["hours"]) == VISITS
        assert len(floor["serving"]) == 2
        left_open = floor["serving"][0]["visit_id"]
        told = await self.house.get("manager", f"/v1/visits/{left_open}/explanation")
        assert told["verdicts"] and told["turns"]
        self.house.clock.now = OPENS + timedelta(days=number, hours=12)  # 21:00 exactly

        async def closed() -> bool:
            return not (await self.house.get("board", "/v1/floor"))["serving"]

        await eventually(closed, what="closing time to close what was left open")
        visit = await self.house.get("reception", f"/v1/visits/{left_open}")
        assert (visit["state"], visit["close_reason"]) == ("closed", "office_closed")


@pytest.fixture
async def three_days(
    tmp_path: Path, broker_port: int, node: FakeNode, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Days, HeadOffice, Line]]:
    monkeypatch.setattr(sender, "FIRST_WAIT_SECONDS", 0.5)
    monkeypatch.setattr(sender, "LONGEST_WAIT_SECONDS", 0.5)
    monkeypatch.setattr(features, "HOUSEKEEPING_SECONDS", 0.5)
    clock = Clock(OPENS)
    files = Files(tmp_path, f"sqlite+aiosqlite:///{tmp_path}/central.db")
    async with contextlib.AsyncExitStack() as stack:
        central = await stack.enter_async_context(head_office(files, clock=clock))
        there = await central.admin.put("/v1/offices/yunqi", json={"name": "云栖湖岸", "time_zone": "Asia/Shanghai"})
        assert there.is_success, there.text
        line = Line(central)
        config = configuration(tmp_path, files, broker_port)
        house = await stack.enter_async_context(open_house(tmp_path, clock, outside_central=line, **config))
        await eventually(lambda: house.context.commands.connected)
        yield Days(house, node), central, line


def configuration(folder: Path, files: Files, broker_port: int) -> dict[str, Any]:
    token = folder / "central.token"
    token.write_text(files.token("yunqi"))
    keys = {"data_key": os.urandom(32), "index_key": os.urandom(32), "seal_key": files.seals["yunqi"]}
    file = folder / "gateway.keys"
    file.write_text(json.dumps({name: base64.b64encode(key).decode() for name, key in keys.items()}))
    file.chmod(0o600)
    return {
        "broker": BrokerConfig(port=broker_port),
        "central": {"url": "http://central", "token_file": token, "roster_seconds": 3600},
    }


async def everything(central: HeadOffice, path: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        page = await central.get(path, **({"cursor": cursor} if cursor else {}))
        items += page["items"]
        cursor = page["next_cursor"]
    return items


async def test_three_days_offline_then_sync(three_days: tuple[Days, HeadOffice, Line]) -> None:
    days, central, line = three_days
    for number in range(DAYS):
        await days.day(number)
    assert (await central.get("/v1/visits"))["items"] == []  # the cut was real
    line.cut = False

    async def drained() -> bool:
        link = (await days.house.get("board", "/v1/floor"))["link"]
        return bool(link["online"] and link["pending"] == 0)

    await eventually(drained, seconds=60, what="the uplink to drain")
    truth = days.truth
    [office] = (await central.get("/v1/overview", days=DAYS))["offices"]
    figures = {day["date"]: day for day in office["days"]}
    for day, expected in truth.of_day.items():
        assert {name: figures[day][name] for name in expected} == dict(expected)
    await counts_by_the_hour_agree(central, truth)
    visits = await everything(central, "/v1/visits")
    assert len(visits) == len({visit["visit_id"] for visit in visits}) == DAYS * VISITS
    assert Counter(hour(datetime.fromisoformat(v["opened_at"])) for v in visits) == truth.visits_by_hour
    assert Counter(visit["source"] for visit in visits) == {"walk_in": DAYS * VISITS}
    assert {visit["state"] for visit in visits} == {"closed"}
    assert len(await everything(central, "/v1/sales")) == sum(day["contracts"] for day in truth.of_day.values())
    assert await central.reasons() == []


async def counts_by_the_hour_agree(central: HeadOffice, truth: Truth) -> None:
    span = {"from": OPENS.isoformat(), "to": (OPENS + timedelta(days=DAYS)).isoformat()}
    points = (await central.get("/v1/footfall", office="yunqi", step="hour", **span))["points"]
    known: Counter[tuple[str, str]] = Counter()
    for point in points:
        at = hour(datetime.fromisoformat(point["at"]).astimezone(UTC))
        known[at, "in"] += point["count_in"]
        known[at, "out"] += point["count_out"]
    assert {key: people for key, people in known.items() if people} == dict(truth.doors)
