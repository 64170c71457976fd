"""The reception's desk: who waits and who nobody accepted, found at once, and what only a person may decide."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, MutableMapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from nicegui import Client, app, background_tasks, ui

from contracts.alerts_api import AlertList
from contracts.faces_api import GreetingList
from contracts.floor_api import Floor
from contracts.gateway_api import CustomerView
from contracts.readings_api import ReadingList
from contracts.stream_api import StreamMessage
from contracts.values import utc_now
from kiosk_ui.clients.gateway import (
    GatewayClient,
    GatewayProblemError,
    GatewayUnreachableError,
    SignedOutError,
)
from kiosk_ui.config import ProjectSection
from kiosk_ui.context import AppContext
from kiosk_ui.reception import (
    banner,
    bookings,
    cards,
    checkin,
    conflicts,
    faces,
    frame,
    opened,
    people,
    visits,
    withdrawals,
)
from kiosk_ui.reception.alerts import DeskAlerts
from kiosk_ui.reception.desk import LISTS, ListName, Shown, left_today
from kiosk_ui.reception.rows import Rows
from kiosk_ui.reception.side import Opened, OpenFile, OpenVisit, Side, Tab
from kiosk_ui.seat import SeatPage

_log = logging.getLogger(__name__)
_HERE = Path(__file__).parent
_POLL_SECONDS, _PAUSE_SECONDS = 2.0, 1.0


def register(context: AppContext) -> None:
    """Serve `/reception`. Nothing is served on a process without a gateway."""
    gateway = context.gateway
    if gateway is None:
        return
    app.add_static_files("/reception-static", _HERE / "static", max_cache_age=3600)

    @ui.page("/reception")
    async def reception(client: Client) -> None:
        await ReceptionPage(client, gateway, app.storage.user, context.config.project).open()


class ReceptionPage(SeatPage):
    """One browser of the reception. Everything shown is the gateway's, with the signed-in person's token."""

    seat, texts, frame, style = "reception", "reception", "r-page", "/reception-static/reception.css"
    roles = frozenset({"reception", "manager", "admin"})

    def __init__(
        self, client: Client, gateway: GatewayClient, storage: MutableMapping[str, Any], project: ProjectSection
    ) -> None:
        super().__init__(client, gateway, storage, project)
        self.lists: dict[ListName, Rows] = {}
        self.alerts = DeskAlerts(self)
        self.forget()
        frame.listen(self)
        self.alerts.listen()

    # ---- life of the page
    def forget(self) -> None:
        self.shown, self.side = Shown(), Side()
        self.list_name: ListName = "waiting"
        self.cut = False
        self.rung: set[str] = set()

    def streams(self) -> list[Coroutine[Any, Any, None]]:
        return [self._stream(), self._poll()]

    async def _stream(self) -> None:
        while not self.client.is_deleted:
            try:
                async for message in self.gateway.stream(self.token, ["floor", "greetings", "alerts", "readings"]):
                    self._take(message)
                    self.tell_link("beat")
            except SignedOutError:
                self.signed_out()
                return
            except GatewayUnreachableError as error:
                _log.info("reception stream: %s", error)
                self.tell_link("down")
            await asyncio.sleep(_PAUSE_SECONDS)

    def tell_link(self, what: str) -> None:
        super().tell_link(what)
        if self.cut != (what == "down"):
            self.cut = what == "down"
            with self.root:
                self.draw()

    def _take(self, message: StreamMessage) -> None:
        if message.body is None:
            return
        with self.root:
            if message.topic == "greetings":
                self._take_greetings(GreetingList.model_validate(message.body))
            elif message.topic == "floor":
                self._take_floor(Floor.model_validate(message.body))
            elif message.topic == "alerts":
                self.alerts.show(AlertList.model_validate(message.body))
            elif message.topic == "readings":
                self._take_readings(ReadingList.model_validate(message.body))
            self.draw()

    def _take_readings(self, found: ReadingList) -> None:
        self.shown.cards = [reading for reading in found.items if reading.kind == "id_card"]

    def _take_greetings(self, found: GreetingList) -> None:
        before = {g.greeting_id for g in self.shown.greetings}
        self.shown.greetings = found.items
        if {g.greeting_id for g in found.items if g.state == "open"} - before:
            ui.run_javascript("anchang.chime()")

    def _take_floor(self, floor: Floor) -> None:
        before, self.shown.floor = self.shown.floor, floor
        known = set() if before is None else _open_ids(before)
        called = {visit.visit_id for visit in self.shown.escalated()}
        self._ring({visit.visit_id for visit in self.shown.escalated() if visit.escalation == "manager"})
        moved = known ^ _open_ids(floor)
        if before is None or moved or called - set(self.shown.asked):
            background_tasks.create(self._catch_up(), name="reception behind the floor")
        top = self.side.top
        if isinstance(top, OpenVisit):
            now = self.shown.visit(top.visit.visit_id)
            if now is None or frame.course(now) != frame.course(top.visit):
                background_tasks.create(self._renew_visit(top.visit.visit_id), name="reception visit")

    def _ring(self, of_manager: set[str]) -> None:
        """Once for each call that is still the manager's; the reception's own sound with their alerts."""
        if of_manager - self.rung:
            ui.run_javascript("anchang.chime()")
        self.rung = of_manager

    async def _catch_up(self) -> None:
        """What the floor does not tell: who has left, and who was asked about a party that nobody accepted."""
        called = [visit.visit_id for visit in self.shown.escalated()]
        try:
            closed = await self.gateway.visits(self.token, "closed")
            marked = await self.gateway.marked_people(self.token)
            asked = {visit_id: await frame.asked(self, visit_id) for visit_id in called}
        except (GatewayUnreachableError, GatewayProblemError) as error:
            _log.info("reception: %s", error)
            return
        self.shown.marked = marked
        self.shown.left = left_today(closed, utc_now(), self.project.local_date)
        self.shown.asked = asked
        self._draw_again()

    async def _poll(self) -> None:
        while not self.client.is_deleted:
            await asyncio.sleep(_POLL_SECONDS)
            await self.refresh()

    async def refresh(self) -> None:
        """Read what no stream tells, and draw what differs."""
        try:
            self.shown.reviews = await self.gateway.reviews(self.token)
            self.shown.merges = await self.gateway.merges(self.token, "proposed")
            self.shown.conflicts = await self.gateway.conflicts(self.token)
            self.shown.withdrawals = await self.gateway.withdrawals(self.token)
            self.shown.faces = await self.gateway.faces(self.token)
            self.shown.bookings = (await self.gateway.bookings(self.token)).items
            self._take_readings(await self.gateway.readings(self.token))
            if self.shown.form is None:
                self.shown.form = await self.gateway.check_in_form(self.token)
        except SignedOutError:
            self.signed_out()
            return
        except (GatewayUnreachableError, GatewayProblemError) as error:
            _log.info("reception: %s", error)
        self._draw_again()

    async def act(self, work: Callable[[], Awaitable[Any]], said: str = "") -> bool:
        """As everywhere, and what was done is shown at once: no stream tells all of it."""
        done = await super().act(work, said)
        if done:
            await self.refresh()
            background_tasks.create(self._catch_up(), name="reception after an act")
        return done

    # ---- what is opened
    async def check_in(self, customer: CustomerView | None = None) -> None:
        await checkin.ask(self, customer)

    def choose_list(self, name: ListName) -> None:
        self.list_name = name
        self._draw_again()

    def choose_tab(self, tab: Tab) -> None:
        self.side.choose(tab)
        self._draw_again()

    def put(self, one: Opened) -> None:
        self.side.put(one)
        self._draw_again()
        with self.root:
            ui.run_javascript("receptionDesk.first()")

    def renew(self, one: Opened) -> None:
        if self.side.renew(one):
            self._draw_again()

    def open_file(self, one: OpenFile) -> None:
        self.put(one)
        background_tasks.create(self._read_file(one), name="reception file")

    async def _read_file(self, one: OpenFile) -> None:
        try:
            visited = await self.gateway.visits_of(self.token, one.key)
            party = await self.gateway.buying_party(self.token, one.key)
        except (GatewayUnreachableError, GatewayProblemError) as error:
            _log.info("reception file: %s", error)
            return
        self.renew_file(one.key, visits=tuple(visited), party=tuple(party.members))

    def renew_file(self, customer_id: str, **now: Any) -> None:
        """What is known of a file by now; what else was read of it meanwhile stays."""
        for one in self.side.opened:
            if isinstance(one, OpenFile) and one.key == customer_id:
                self.renew(replace(one, **now))

    def open_visit(self, visit_id: str) -> None:
        background_tasks.create(self._open_visit(visit_id), name="reception visit")

    def close_opened(self) -> None:
        if not self.side.close():
            self.side.choose("now")
        self._draw_again()
        with self.root:
            ui.run_javascript("receptionDesk.back()")

    async def _open_visit(self, visit_id: str) -> None:
        found: list[OpenVisit] = []

        async def read() -> None:
            found.append(await self._read_visit(visit_id))

        if await super().act(read):
            self.put(found[0])

    async def _renew_visit(self, visit_id: str) -> None:
        try:
            self.renew(await self._read_visit(visit_id))
        except (GatewayUnreachableError, GatewayProblemError) as error:
            _log.info("reception visit: %s", error)

    async def _read_visit(self, visit_id: str) -> OpenVisit:
        explanation = await self.gateway.explanation(self.token, visit_id)
        return OpenVisit(await self.gateway.visit(self.token, visit_id), explanation)

    # ---- drawing
    def draw_frame(self) -> None:
        frame.draw(self)

    def _draw_again(self) -> None:
        if self.token and not self.client.is_deleted:
            with self.root:
                self.draw()

    def draw(self) -> None:
        if not self.token:
            return
        shown = self.shown
        self.redraw("banner", banner.state(self), lambda: banner.draw(self))
        self.redraw("strip", banner.strip_state(self), lambda: banner.strip(self))
        self.redraw("calls", frame.calls(self), lambda: visits.draw_calls(self))
        counts = [(name, [v.party_size for v in shown.visits(name)]) for name in LISTS]
        self.redraw("list-tabs", (self.list_name, counts), lambda: visits.draw_tabs(self))
        for name, rows in self.lists.items():
            rows.show(visits.rows(self, name))
        frame.choose(self)
        self.redraw(
            "side-tabs", (self.side.tab, self.side.top is None, frame.todo(self)), lambda: frame.side_tabs(self)
        )
        self.redraw("cards", cards.shown(self), lambda: cards.draw(self))
        opened.draw(self)
        self.redraw("greetings", shown.greetings, lambda: people.greetings(self))
        self.redraw("reviews", (shown.reviews, shown.merges), lambda: people.reviews(self))
        self.redraw("conflicts", shown.conflicts, lambda: conflicts.draw(self))
        self.redraw("bookings", (shown.bookings, shown.form), lambda: bookings.draw(self))
        self.redraw("withdrawals", shown.withdrawals, lambda: withdrawals.draw(self))
        self.redraw("faces", shown.faces and shown.faces.model_dump(), lambda: faces.draw(self))


def _open_ids(floor: Floor) -> set[str]:
    return {visit.visit_id for visit in (*floor.waiting, *floor.serving)}
