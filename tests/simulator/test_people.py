"""Simulated people against a stand-in gateway: they send what the API asks for, and one slip ends one deed only."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI, Header, WebSocket, WebSocketDisconnect

from contracts.facts_api import SaleRequest
from contracts.floor_api import QueueView
from contracts.gateway_api import CheckInRequest, Draft, FinishRequest
from contracts.ids import uuid7
from contracts.rest import SessionRequest
from contracts.stream_api import StreamHello
from contracts.values import utc_now
from simulator.devices.control import ControlError
from simulator.people.api import GatewayApi, RefusedError
from simulator.people.consultants import Consultant
from simulator.people.house import House
from simulator.people.settings import ConsultantSettings, PeopleSettings
from simulator.people.visitors import Visitors

DEADLINE = 20.0


class StandIn:
    """Takes check-ins, offers each to whoever is connected, and remembers what was sent."""

    def __init__(self) -> None:
        self.app = FastAPI()
        self.checkins: dict[str, CheckInRequest] = {}
        self.accepted: list[str] = []
        self.finished: list[str] = []
        self.sales: list[SaleRequest] = []
        self.keys: list[str] = []
        self._visits: dict[str, dict[str, Any]] = {}
        self._routes()

    def me(self) -> dict[str, Any]:
        offers = [self._offer(visit) for visit in self._visits.values() if visit["state"] == "offered"]
        serving = [visit for visit in self._visits.values() if visit["state"] == "serving"]
        person = "00000000-0000-7000-8000-000000000001"
        rota = {"consultant_id": person, "name": "陈", "state": "free", "place": 1}
        now = utc_now().isoformat()
        return {
            "person_id": person,
            "name": "陈",
            "role": "consultant",
            "rota": rota,
            "offers": offers,
            "serving": serving,
            "server_time": now,
        }

    def _offer(self, visit: dict[str, Any]) -> dict[str, Any]:
        return {
            "offer_id": visit["visit_id"],
            "consultant_id": "00000000-0000-7000-8000-000000000001",
            "state": "pending",
            "offered_at": visit["opened_at"],
            "expires_at": visit["opened_at"],
            "uses_turn": True,
            "rule": "rota.next",
            "visit": visit,
        }

    def _routes(self) -> None:
        app = self.app

        @app.post("/v1/sessions")
        async def session(body: SessionRequest) -> dict[str, Any]:
            person = "00000000-0000-7000-8000-000000000001"
            return {
                "token": body.staff_no,
                "role": "consultant",
                "person_id": person,
                "name": "陈",
                "expires_at": utc_now().isoformat(),
            }

        @app.put("/v1/drafts/{draft_id}")
        async def draft(draft_id: str, body: Draft) -> Draft:
            return body

        @app.post("/v1/checkins", status_code=201)
        async def check_in(body: CheckInRequest, idempotency_key: str = Header()) -> dict[str, Any]:
            self.checkins[idempotency_key] = body
            now = utc_now().isoformat()
            ticket = {"ticket_id": uuid7(), "number": len(self.checkins), "state": "waiting", "issued_at": now}
            customer = {
                "customer_id": uuid7(),
                "edition": "1",
                "name": "陈**",
                "phone": "199****0001",
                "visit_count": 1,
                "first_seen": now,
            }
            visit = {
                "visit_id": uuid7(),
                "kind": "first",
                "state": "offered",
                "party_size": body.party_size,
                "purpose": body.purpose,
                "opened_at": now,
                "customer": customer,
            }
            self._visits[visit["visit_id"]] = visit
            return {"visit_id": visit["visit_id"], "kind": "first", "ticket": ticket}

        @app.get("/v1/queue")
        async def queue() -> QueueView:
            now = utc_now()
            entries = [
                {
                    "ticket": {"ticket_id": uuid7(), "number": 1, "state": "serving", "issued_at": now},
                    "visit_id": visit["visit_id"],
                }
                for visit in self._visits.values()
                if visit["state"] != "closed"
            ]
            return QueueView.model_validate({"now_serving": entries, "waiting": []})

        @app.post("/v1/offers/{offer_id}/accept")
        async def accept(offer_id: str) -> dict[str, Any]:
            self.accepted.append(offer_id)
            self._visits[offer_id]["state"] = "serving"
            return self._visits[offer_id]

        @app.post("/v1/offers/{offer_id}/decline", status_code=204)
        async def decline(offer_id: str) -> None:
            self._visits[offer_id]["state"] = "closed"

        @app.post("/v1/visits/{visit_id}/finish")
        async def finish(visit_id: str, body: FinishRequest) -> dict[str, Any]:
            self.finished.append(visit_id)
            self._visits[visit_id]["state"] = "closed"
            return self._visits[visit_id]

        @app.post("/v1/sales", status_code=201)
        async def sale(body: SaleRequest, idempotency_key: str = Header()) -> dict[str, str]:
            self.sales.append(body)
            return {"fact_id": uuid7()}

        @app.websocket("/v1/stream")
        async def stream(socket: WebSocket) -> None:
            await socket.accept()
            StreamHello.model_validate(await socket.receive_json())
            try:
                while True:
                    message = {"kind": "changed", "topic": "offers", "body": self.me(), "at": utc_now().isoformat()}
                    await socket.send_json(message)
                    await asyncio.sleep(0.05)
            except (WebSocketDisconnect, RuntimeError):
                return


@pytest.fixture
def gateway() -> Iterator[tuple[StandIn, str]]:
    stand_in = StandIn()
    server = uvicorn.Server(uvicorn.Config(stand_in.app, host="127.0.0.1", port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            threading.Event().wait(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield stand_in, f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(DEADLINE)


class Wires:
    """Stands where the device socket is; remembers the orders. `broken`: the devices are away."""

    def __init__(self) -> None:
        self.orders: list[dict[str, Any]] = []
        self.broken = False

    async def order(self, **order: Any) -> dict[str, Any]:
        if self.broken:
            raise ControlError("away")
        self.orders.append(order)
        return {"ok": True}

    def people(self, way: str) -> int:
        return sum(order.get(way, 0) for order in self.orders if order["do"] == "cross")


def settings(url: str, tmp_path: Path) -> PeopleSettings:
    for name, text in (("token", "kiosk"), ("pin", "1234")):
        (tmp_path / name).write_text(text)
    return PeopleSettings(
        gateway_url=url,
        kiosk_token_file=tmp_path / "token",
        board_token_file=tmp_path / "token",
        control=tmp_path / "none",
        parties_per_hour=600,
        first_arrivals_seconds=(0.1,) * 10,
        walk_seconds=(0.0, 0.1),
        typing_seconds=(0.0, 0.1),
        stay_seconds=(0.1, 0.3),
        reaction_seconds=(0.0, 0.1),
        consultants=[ConsultantSettings(staff_no="A02", pin_file=tmp_path / "pin")],
    )


async def until(condition: Any) -> None:
    end = asyncio.get_running_loop().time() + DEADLINE
    while not condition():
        assert asyncio.get_running_loop().time() < end, "it did not happen in time"
        await asyncio.sleep(0.05)


async def test_visitors_check_in_and_a_consultant_accepts_and_finishes(
    gateway: tuple[StandIn, str], tmp_path: Path
) -> None:
    stand_in, url = gateway
    stopping = asyncio.Event()
    chosen = settings(url, tmp_path)
    wires = Wires()
    kiosk = GatewayApi(url, "kiosk")
    house = House(wires, "door-main", "hall", "button-1")  # type: ignore[arg-type]
    visitors = Visitors(chosen, house, kiosk, kiosk, stopping)
    consultant = Consultant(chosen, "A02", "1234", stopping)
    # the stand-in has no board: nobody was inside before
    visitors._find_those_inside = lambda: asyncio.sleep(0)  # type: ignore[method-assign]
    jobs = [asyncio.create_task(visitors.come_and_go()), asyncio.create_task(consultant.work())]
    try:
        await until(lambda: len(stand_in.finished) >= 3 and wires.people("out") > 0)
    finally:
        stopping.set()
        await asyncio.gather(*jobs)
        await kiosk.close()
    assert set(stand_in.finished) <= set(stand_in.accepted)
    assert wires.people("in") >= wires.people("out") > 0
    assert all(request.phone for request in stand_in.checkins.values())


async def test_a_refusal_names_its_code(gateway: tuple[StandIn, str]) -> None:
    _, url = gateway
    api = GatewayApi(url)
    with pytest.raises(RefusedError, match="404"):
        await api.floor()
    await api.close()


async def test_a_device_that_is_away_loses_the_crossing_and_stops_nobody() -> None:
    wires = Wires()
    wires.broken = True
    house = House(wires, "door-main", "hall", "button-1")  # type: ignore[arg-type]
    await house.enter(3)
    wires.broken = False
    await house.leave(1)
    assert (house.inside, wires.people("in"), wires.people("out")) == (2, 0, 1)
