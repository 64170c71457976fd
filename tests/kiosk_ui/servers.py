"""A small gateway and a small central over real HTTP and WebSocket, for the board and the console."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from fastapi import Depends, FastAPI, Header, Request, Response, WebSocket, WebSocketDisconnect
from fastapi.responses import JSONResponse

from contracts.central_api import (
    CentralCustomer,
    CentralSale,
    ConsultantFigures,
    FootfallSeries,
    Overview,
    Page,
    SalePost,
)
from contracts.floor_api import Floor
from contracts.ids import uuid7
from contracts.rest import Problem, Session, SessionRequest
from contracts.stream_api import StreamHello, StreamMessage
from contracts.values import utc_now
from tests.kiosk_ui.floors import floor, overview
from tests.support.processes import free_port, until

BOARD_TOKEN = "board-token"
ZHOU = SessionRequest(staff_no="H01", pin="2468")


class RefusedError(Exception):
    """Answered as a problem document."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.problem = Problem(title=code, status=status, code=code)


@dataclass
class FloorServer:
    """A gateway that only streams `floor`; `show` pushes a new one to every open stream."""

    floor: Floor = field(default_factory=lambda: floor(now=utc_now()))
    _queues: list[asyncio.Queue[None]] = field(default_factory=list)
    _loop: asyncio.AbstractEventLoop | None = None

    @property
    def streams(self) -> int:
        """How many are open now."""
        return len(self._queues)

    def show(self, shown: Floor) -> None:
        self.floor = shown
        assert self._loop is not None
        for queue in list(self._queues):
            self._loop.call_soon_threadsafe(queue.put_nowait, None)

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.websocket("/v1/stream")
        async def stream(socket: WebSocket) -> None:
            await socket.accept()
            hello = StreamHello.model_validate_json(await socket.receive_text())
            if hello.token != BOARD_TOKEN:
                await socket.close(4401)
                return
            self._loop = asyncio.get_running_loop()
            queue: asyncio.Queue[None] = asyncio.Queue()
            queue.put_nowait(None)
            self._queues.append(queue)
            try:
                while True:
                    await socket.send_text((await self._next(queue)).model_dump_json())
            except (WebSocketDisconnect, RuntimeError):
                self._queues.remove(queue)

        return app

    async def _next(self, queue: asyncio.Queue[None]) -> StreamMessage:
        """As the real one: silence is broken by pings, and who has gone is noticed by them."""
        try:
            await asyncio.wait_for(queue.get(), 1.0)
        except TimeoutError:
            return StreamMessage(kind="ping", at=utc_now())
        return StreamMessage(kind="changed", topic="floor", body=self.floor.model_dump(mode="json"), at=utc_now())


@dataclass
class CentralServer:
    """A central with two offices, one customer and one consultant each; keeps the sales it is given.

    `tokens` are the sessions it knows: `end_sessions` forgets them. `asked` is who asked for the overview.
    """

    customer_id: str = field(default_factory=uuid7)
    consultant_id: str = field(default_factory=uuid7)
    keys: list[str] = field(default_factory=list)
    sales: list[CentralSale] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    def end_sessions(self) -> None:
        self.tokens.clear()

    def app(self) -> FastAPI:
        door = FastAPI(dependencies=[Depends(self._signed_in)])

        @door.exception_handler(RefusedError)
        def refused(request: Request, error: RefusedError) -> Response:
            return JSONResponse(error.problem.model_dump(), error.problem.status)

        @door.post("/v1/sessions")
        def sign_in(body: SessionRequest) -> Session:
            if body != ZHOU:
                raise RefusedError(401, "bad_credentials")
            token = uuid7()
            self.tokens.add(token)
            return Session(token=token, role="manager", person_id=uuid7(), name="周敏", expires_at=utc_now())

        @door.delete("/v1/sessions/current", status_code=204)
        def sign_out(authorization: str = Header()) -> None:
            self.tokens.discard(authorization.removeprefix("Bearer "))

        self._figures(door)
        self._sales(door)
        return door

    def _signed_in(self, request: Request) -> None:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if (request.method, request.url.path) != ("POST", "/v1/sessions") and token not in self.tokens:
            raise RefusedError(401, "unauthenticated")

    def _figures(self, app: FastAPI) -> None:
        @app.get("/v1/overview")
        def get_overview(authorization: str = Header()) -> Overview:
            self.asked.append(authorization.removeprefix("Bearer "))
            return overview(now=utc_now())

        @app.get("/v1/footfall")
        def footfall(office: str, step: str) -> FootfallSeries:
            return FootfallSeries.model_validate({"office": office, "step": step, "points": []})

        @app.get("/v1/consultants")
        def consultants(office: str) -> list[ConsultantFigures]:
            counts = {"received": 4, "turns_offered": 5, "turns_lost": 1, "contracts": 1, "contract_fen": 250_000_000}
            return [ConsultantFigures(consultant_id=self.consultant_id, office=office, name="李明", **counts)]

        @app.get("/v1/customers")
        def customers(office: str) -> Page:
            one = CentralCustomer(
                customer_id=self.customer_id,
                office=office,
                name="陈**",
                phone="138****2345",
                owner_id=None,
                created_at=utc_now(),
            )
            return Page(items=[one.model_dump(mode="json")])

    def _sales(self, app: FastAPI) -> None:
        @app.get("/v1/visits")
        def visits() -> Page:
            return Page(items=[])

        @app.get("/v1/sales")
        def sales() -> Page:
            return Page(items=[sale.model_dump(mode="json") for sale in self.sales])

        @app.post("/v1/sales", status_code=201)
        def enter(sale: SalePost, idempotency_key: str = Header()) -> CentralSale:
            self.keys.append(idempotency_key)
            fields: dict[str, Any] = sale.model_dump() | {"at": sale.at or utc_now()}
            self.sales.append(CentralSale(fact_id=uuid7(), **fields))
            return self.sales[-1]


@contextmanager
def serving(app: FastAPI, port: int | None = None) -> Iterator[int]:
    """Runs the app in a thread of its own; yields its port."""
    port = port or free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until(lambda: server.started, seconds=10, what="the stand-in to listen")
    try:
        yield port
    finally:
        server.should_exit = True
        thread.join(10)
