"""A stand-in gateway over real HTTP and WebSocket: routes and models of docs/api.md, its state open to the tests."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import uvicorn
from fastapi import FastAPI, Header, Request, Response, WebSocket, WebSocketDisconnect
from fastapi.responses import JSONResponse

from contracts.alerts_api import AlertList, AlertReceipts, AlertView
from contracts.checkin_api import AskableConsultant, CheckInForm, GateHint
from contracts.faces_api import Greeting
from contracts.floor_api import QueueEntry, QueueView
from contracts.gateway_api import (
    CheckInRequest,
    CheckInResult,
    CustomerView,
    DeclineRequest,
    Draft,
    FinishRequest,
    OfferView,
    Paper,
    TicketView,
    VisitView,
)
from contracts.ids import uuid7
from contracts.readings_api import Reading, ReadingList
from contracts.rest import FieldError
from contracts.rota_api import Me
from contracts.scans_api import ScanRefusal, ScanRequest
from contracts.stream_api import StreamHello, StreamMessage
from contracts.values import utc_now
from tests.kiosk_ui import bookings as booking_routes
from tests.kiosk_ui import customers as customer_routes
from tests.kiosk_ui import desk as desk_routes
from tests.kiosk_ui import faces as face_routes
from tests.kiosk_ui import judging as judging_routes
from tests.kiosk_ui import readings as reading_routes
from tests.kiosk_ui import rota as rota_routes
from tests.kiosk_ui import sessions as session_routes
from tests.kiosk_ui import wishes as wish_routes
from tests.kiosk_ui.bookings import Bookings
from tests.kiosk_ui.desk import Desk
from tests.kiosk_ui.face_samples import a_greeting
from tests.kiosk_ui.faces import KIOSK_TOKEN, MANAGER_TOKEN, PHONE_TOKEN, RECEPTION_TOKEN, TABLET_TOKEN, Faces
from tests.kiosk_ui.judging import Judging
from tests.kiosk_ui.samples import PERSON, a_problem, an_offer, no_work

_TOKENS = {KIOSK_TOKEN, TABLET_TOKEN, RECEPTION_TOKEN, MANAGER_TOKEN, PHONE_TOKEN}
_KIOSK_ONLY = ("/v1/drafts", "/v1/face-codes", "/v1/face-checkins")
_CHECK_IN = frozenset({KIOSK_TOKEN, RECEPTION_TOKEN, MANAGER_TOKEN})


@dataclass
class Office:
    """What the stand-in knows; tests read and change it, then call `changed`."""

    down: bool = False
    silent: bool = False
    refuse_streams: bool = False
    me_takes: float = 0
    refuse_phone: str | None = None
    drafts: dict[str, Draft] = field(default_factory=dict)
    checkins: dict[str, CheckInResult] = field(default_factory=dict)
    requests: list[CheckInRequest] = field(default_factory=list)
    asked: dict[str, CheckInRequest] = field(default_factory=dict)
    customers: dict[str, CustomerView] = field(default_factory=dict)
    patches: list[dict[str, Any]] = field(default_factory=list)
    revealed: list[str] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    called: dict[str, str] = field(default_factory=dict)
    form: CheckInForm = field(default_factory=CheckInForm)
    hints: list[GateHint] = field(default_factory=list)
    paper: Paper = "none"
    joined: bool = False
    readings: list[Reading] = field(default_factory=list)
    noted_cards: list[tuple[str, str]] = field(default_factory=list)
    askable: list[AskableConsultant] = field(default_factory=list)
    scans: list[ScanRequest] = field(default_factory=list)
    refuse_code: ScanRefusal = ""
    declined: list[str] = field(default_factory=list)
    finished: list[FinishRequest] = field(default_factory=list)
    streams: int = 0
    sockets: set[Any] = field(default_factory=set)
    me: Me = field(default_factory=lambda: no_work())
    faces: Faces = field(default_factory=Faces)
    bookings: Bookings = field(default_factory=Bookings)
    desk: Desk = field(default_factory=Desk)
    judging: Judging = field(default_factory=Judging)
    alerts: list[AlertView] = field(default_factory=list)
    receipts: list[AlertReceipts] = field(default_factory=list)
    listeners: dict[Any, tuple[str, list[str]]] = field(default_factory=dict)
    loop: asyncio.AbstractEventLoop | None = None

    def begin_again(self) -> None:
        """Forget everything; open streams stay."""
        kept = self.loop, self.sockets, self.listeners
        self.__init__()  # type: ignore[misc]
        self.loop, self.sockets, self.listeners = kept
        if self.loop is not None:
            asyncio.run_coroutine_threadsafe(self.push_greetings(), self.loop).result(5)
            asyncio.run_coroutine_threadsafe(self.push_alerts(), self.loop).result(5)
            asyncio.run_coroutine_threadsafe(self.push_floor(), self.loop).result(5)

    def cut(self) -> None:
        """Close every stream, as a restart of the gateway does."""

        async def close() -> None:
            for socket in list(self.sockets):
                await socket.close(1012)

        assert self.loop is not None
        asyncio.run_coroutine_threadsafe(close(), self.loop).result(5)

    def changed(self) -> None:
        """Push `me` to every open stream, from any thread."""
        assert self.loop is not None
        asyncio.run_coroutine_threadsafe(self.push("changed"), self.loop).result(5)

    def greet(self, **fields: Any) -> Greeting:
        """Somebody who asked for it is recognised: tell every screen, from any thread."""
        made = a_greeting(**fields)
        self.faces.greetings = [made, *self.faces.greetings]
        assert self.loop is not None
        asyncio.run_coroutine_threadsafe(self.push_greetings(), self.loop).result(5)
        return made

    def alert(self, **fields: Any) -> AlertView:
        """Tell the consultant something, from any thread."""
        now = utc_now()
        same = {"alert_id": uuid7(), "subject_id": uuid7(), "visit_id": uuid7(), "raised_at": now, "live": True}
        made = AlertView.model_validate(
            same | {"kind": "vip_return", "expires_at": now + timedelta(minutes=30), "ticket_number": 12} | fields
        )
        self.alerts = [made, *self.alerts]
        self.tell()
        return made

    def tell(self) -> None:
        """Deliver the alerts as they stand, once more."""
        assert self.loop is not None
        asyncio.run_coroutine_threadsafe(self.push_alerts(), self.loop).result(5)

    def show_floor(self, **fields: Any) -> None:
        """The floor as it is now, to every open stream, from any thread."""
        self.desk.floor = self.desk.floor.model_copy(update={"as_of": utc_now()} | fields)
        assert self.loop is not None
        asyncio.run_coroutine_threadsafe(self.push_floor(), self.loop).result(5)

    async def push_floor(self, kind: Any = "changed", only: Any = None) -> None:
        floor = self.desk.floor.model_dump(mode="json")
        await self._push("floor", lambda _: floor, kind, only)

    async def push_alerts(self, kind: Any = "changed", only: Any = None) -> None:
        alerts = AlertList(items=self.alerts, unread=sum(alert.live for alert in self.alerts)).model_dump(mode="json")
        await self._push("alerts", lambda _: alerts, kind, only)

    async def push_readings(self) -> None:
        readings = ReadingList(items=self.readings).model_dump(mode="json")
        await self._push("readings", lambda _: readings)

    async def push_greetings(self, kind: Any = "changed", only: Any = None) -> None:
        await self._push("greetings", self.faces.view_for, kind, only)

    async def push(self, kind: Any, only: Any = None) -> None:
        self.me = self.me.model_copy(update={"server_time": utc_now()})
        me = self.me.model_dump(mode="json")
        await self._push("offers", lambda _: me, kind, only)

    async def _push(self, topic: Any, body_for: Any, kind: Any = "changed", only: Any = None) -> None:
        """To every open stream of the topic, or to one: `body_for` takes whose it is, by token."""
        for socket, (token, topics) in list(self.listeners.items()):
            if topic in topics and only in {None, socket}:
                message = StreamMessage(kind=kind, topic=topic, body=body_for(token), at=utc_now())
                with suppress(RuntimeError, WebSocketDisconnect):  # it has just gone
                    await socket.send_text(message.model_dump_json())

    def read_code(self, text: str) -> None:
        """The reader beside the kiosk reads a code."""
        self.lay(Reading(reading_id=uuid7(), kind="code", at=utc_now(), text=text))

    def lay(self, reading: Reading) -> None:
        """A reader beside a screen has read something."""
        self.readings.append(reading)
        assert self.loop is not None
        asyncio.run_coroutine_threadsafe(self.push_readings(), self.loop).result(5)

    def rota(self, **fields: Any) -> None:
        """Change the consultant's own line of the rota."""
        assert self.me.rota is not None
        self.me = self.me.model_copy(update={"rota": self.me.rota.model_copy(update=fields)})

    def offer(self, **fields: Any) -> OfferView:
        """Put an offer on the tablet."""
        made = an_offer(**fields)
        self.me = self.me.model_copy(update={"offers": [*self.me.offers, made]})
        if self.loop is not None:
            self.changed()
        return made


def _reached(stage: str | None) -> dict[str, Any]:
    if stage == "read":
        return {"read_at": utc_now(), "live": False}
    return {"shown_at": utc_now()} if stage == "shown" else {}


def build(office: Office) -> FastAPI:
    app = FastAPI()

    @app.middleware("http")
    async def gate(request: Request, go_on: Any) -> Response:
        if office.down:
            return Response(status_code=503)
        path = request.url.path
        may = _CHECK_IN if path.startswith("/v1/checkins") and path != "/v1/checkins/form" else _TOKENS
        may = {KIOSK_TOKEN} if path.startswith(_KIOSK_ONLY) else may
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not path.startswith(("/v1/sessions", "/preview/")) and token not in may:
            return a_problem(401, "unauthorised")
        return await go_on(request)

    wish_routes.add_routes(app, lambda: office)
    booking_routes.add_routes(app, lambda: office)
    _visitor_routes(app, office)
    session_routes.add_routes(app, office)
    judging_routes.add_routes(app, lambda: office)
    rota_routes.add_routes(app, office)
    _offer_routes(app, office)
    reading_routes.add_routes(app, office)
    _stream_route(app, office)
    app.state.office = office
    face_routes.add_routes(
        app, lambda: office.faces, office.push_greetings
    )  # before the customers' own, which name any path
    desk_routes.add_routes(app, lambda: office.desk, office.push_floor)
    customer_routes.add_routes(app, office)
    return app


def _visitor_routes(app: FastAPI, office: Office) -> None:
    @app.put("/v1/drafts/{draft_id}")
    async def put_draft(draft_id: str, draft: Draft) -> Draft:
        office.drafts[draft_id] = draft
        return draft

    @app.get("/v1/drafts/{draft_id}", response_model=None)
    async def get_draft(draft_id: str) -> Draft | JSONResponse:
        return office.drafts.get(draft_id) or a_problem(404, "unknown_draft")

    @app.delete("/v1/drafts/{draft_id}", status_code=204)
    async def delete_draft(draft_id: str) -> None:
        office.drafts.pop(draft_id, None)

    @app.post("/v1/checkins", status_code=201, response_model=None)
    async def check_in(request: CheckInRequest, idempotency_key: str = Header()) -> CheckInResult | JSONResponse:
        if office.refuse_phone:
            return a_problem(422, "invalid", [FieldError(field="phone", code=office.refuse_phone)])
        if office.asked.setdefault(idempotency_key, request) != request:
            return a_problem(409, "idempotency_key_reused")
        if idempotency_key not in office.checkins:
            office.requests.append(request)
            number = 11 + len(office.requests)
            ticket = TicketView(
                ticket_id=uuid7(), number=number, state="waiting", ahead=1, wait_minutes=4, issued_at=utc_now()
            ).model_copy(update={"paper": office.paper})
            office.checkins[idempotency_key] = CheckInResult(
                visit_id=uuid7(), kind="first", ticket=ticket, face=office.faces.answer, hints=office.hints
            ).model_copy(update={"joined_existing": office.joined})
        return office.checkins[idempotency_key]

    @app.get("/v1/checkins/{key}", response_model=None)
    async def get_check_in(key: str) -> CheckInResult | JSONResponse:
        return office.checkins.get(key) or a_problem(404, "unknown_checkin")

    @app.get("/v1/queue")
    async def queue() -> QueueView:
        waiting, now = [], []
        for result in office.checkins.values():
            name = office.called.get(result.visit_id)
            ticket = result.ticket.model_copy(update={"state": "called", "ahead": 0}) if name else result.ticket
            ticket = ticket.model_copy(update={"paper": office.paper})
            (now if name else waiting).append(QueueEntry(ticket=ticket, visit_id=result.visit_id, called_to=name))
        return QueueView(now_serving=now, waiting=waiting)


def _offer_routes(app: FastAPI, office: Office) -> None:
    def settle(offer_id: str) -> OfferView | None:
        found = next((o for o in office.me.offers if o.offer_id == offer_id), None)
        office.me = office.me.model_copy(update={"offers": [o for o in office.me.offers if o.offer_id != offer_id]})
        return found

    @app.post("/v1/offers/{offer_id}/accept", response_model=None)
    async def accept(offer_id: str) -> VisitView | JSONResponse:
        offer = settle(offer_id)
        if offer is None:
            return a_problem(409, "offer_lost")
        visit = offer.visit.model_copy(
            update={"state": "serving", "accepted_at": utc_now(), "consultant_id": PERSON, "consultant_name": "李明"}
        )
        office.me = office.me.model_copy(update={"serving": [*office.me.serving, visit]})
        office.rota(state="serving")
        await office.push("changed")
        return visit

    @app.post("/v1/offers/{offer_id}/decline", status_code=204)
    async def decline(offer_id: str, request: DeclineRequest) -> None:
        settle(offer_id)
        office.declined.append(request.reason)
        await office.push("changed")

    @app.post("/v1/alerts/receipts", status_code=204)
    async def receipts(said: AlertReceipts) -> None:
        office.receipts.append(said)
        stages = {item.alert_id: item.stage for item in said.items}
        office.alerts = [alert.model_copy(update=_reached(stages.get(alert.alert_id))) for alert in office.alerts]
        if "read" in stages.values():
            await office.push_alerts()

    @app.post("/v1/visits/{visit_id}/finish")
    async def finish(visit_id: str, request: FinishRequest) -> VisitView:
        office.finished.append(request)
        visit = next(v for v in office.me.serving if v.visit_id == visit_id)
        closed = visit.model_copy(update={"state": "closed", "closed_at": utc_now()})
        office.me = office.me.model_copy(update={"serving": [], "recent": [closed, *office.me.recent]})
        office.rota(state="free", place=2)
        await office.push("changed")
        return closed


def _stream_route(app: FastAPI, office: Office) -> None:
    @app.websocket("/v1/stream")
    async def stream(socket: WebSocket) -> None:
        await socket.accept()
        hello = StreamHello.model_validate_json(await socket.receive_text())
        if office.refuse_streams:
            await socket.close(1012)
            return
        if hello.token not in _TOKENS or ("offers" in hello.topics and hello.token != TABLET_TOKEN):
            await socket.close(4401)
            return
        office.sockets.add(socket)
        office.listeners[socket] = (hello.token, list(hello.topics))
        office.streams += hello.token == TABLET_TOKEN
        try:
            if not office.silent:
                if "offers" in hello.topics:
                    await office.push("snapshot", only=socket)
                await office.push_greetings("snapshot", only=socket)
                await office.push_alerts("snapshot", only=socket)
                await office.push_floor("snapshot", only=socket)
            while not office.down:
                if not office.silent:
                    await socket.send_text(StreamMessage(kind="ping", at=utc_now()).model_dump_json())
                await asyncio.sleep(0.5)
            await socket.close(1012)
        except (WebSocketDisconnect, RuntimeError):
            return
        finally:
            office.sockets.discard(socket)
            office.listeners.pop(socket, None)


@contextmanager
def serving(office: Office) -> Iterator[str]:
    """Serve on a free port in a thread; yields the address."""
    server = uvicorn.Server(uvicorn.Config(build(office), port=0, log_level="warning", timeout_graceful_shutdown=1))

    async def run() -> None:
        office.loop = asyncio.get_running_loop()
        await server.serve()

    thread = threading.Thread(target=lambda: asyncio.run(run()), daemon=True)
    thread.start()
    started = threading.Event()
    for _ in range(500):
        if server.started:
            break
        started.wait(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)
