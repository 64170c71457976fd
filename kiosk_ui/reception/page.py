"""The reception's page: signs in as the tablet does, streams greetings, reads the rest every few seconds."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

from nicegui import Client, app, background_tasks, ui
from nicegui.element import Element

from contracts.faces_api import GreetingList
from contracts.rest import Session, SessionRequest
from kiosk_ui import design
from kiosk_ui.clients.gateway import (
    GatewayClient,
    GatewayProblemError,
    GatewayUnreachableError,
    SignedOutError,
)
from kiosk_ui.config import ProjectSection
from kiosk_ui.context import AppContext
from kiosk_ui.design.signin import sign_in_form
from kiosk_ui.reception import faces, people, withdrawals
from kiosk_ui.reception.desk import Shown
from kiosk_ui.texts import LANGUAGES, LanguageCode, Texts

_log = logging.getLogger(__name__)
_HERE = Path(__file__).parent
_SEAT, _LAST_STAFF_NO = "reception", "staff_no"
_ROLES = {"reception", "manager", "admin"}
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


class ReceptionPage:
    """One browser of the reception. Everything shown is the gateway's, with the signed-in person's token."""

    def __init__(
        self, client: Client, gateway: GatewayClient, storage: MutableMapping[str, Any], project: ProjectSection
    ) -> None:
        self.client, self.gateway, self.storage, self.project = client, gateway, storage, project
        chosen = storage.get("language", "zh-CN")
        language: LanguageCode = chosen if chosen in LANGUAGES else "zh-CN"
        self.theme: design.Theme = "dark" if storage.get("theme") == "dark" else "light"
        self.t: Texts = design.shell(language, title="Anchang", theme=self.theme)
        ui.add_head_html('<link rel="stylesheet" href="/reception-static/reception.css">')
        seat = storage.get(_SEAT, {})
        self.token: str = seat.get("token", "")
        self.name: str = seat.get("name", "")
        self.role: str = seat.get("role", "")
        self.shown = Shown()
        self.root = design.box("r-page")
        self._parts: dict[str, Element] = {}
        self._drawn: dict[str, object] = {}
        self._tasks: list[asyncio.Task[None]] = []
        client.on_connect(self._listen)
        client.on_disconnect(self._stop)
        client.on_delete(self._stop)

    # ---- life of the page
    async def open(self) -> None:
        self._drawn.clear()
        self.root.clear()
        with self.root:
            if not self.token:
                staff_no = self.storage.get(_LAST_STAFF_NO, "")
                sign_in_form(self.t, "reception", staff_no=staff_no, sign_in=self._sign_in)
                return
            self._frame()
        await self.refresh()
        if self.client.has_socket_connection:
            self._listen()

    def _listen(self) -> None:
        self._stop()
        if self.token:
            self._tasks = [
                background_tasks.create(self._stream(), name="reception stream"),
                background_tasks.create(self._poll(), name="reception poll"),
            ]

    def _stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        self._tasks = []

    async def _sign_in(self, request: SessionRequest) -> str | None:
        try:
            session = await self.gateway.sign_in(request)
        except GatewayProblemError as error:
            return self.problem(error)
        except GatewayUnreachableError:
            return self.t("codes.problem.unreachable")
        if session.role not in _ROLES:
            return self.t("reception.signin.not_yours")
        self._seat(session)
        self.storage[_LAST_STAFF_NO] = request.staff_no
        await self.open()
        return None

    def _seat(self, session: Session) -> None:
        self.token, self.name, self.role = session.token, session.name, session.role
        self.storage[_SEAT] = {"token": session.token, "name": session.name, "role": session.role}

    async def leave(self) -> None:
        try:
            await self.gateway.sign_out(self.token)
        except (GatewayUnreachableError, GatewayProblemError) as error:
            _log.info("sign-out: %s", error)
        await self._signed_out()

    async def _signed_out(self) -> None:
        self.storage.pop(_SEAT, None)
        self.token, self.shown = "", Shown()
        self._stop()
        await self.open()

    # ---- what the gateway tells
    async def _stream(self) -> None:
        while not self.client.is_deleted:
            try:
                async for message in self.gateway.stream(self.token, ["greetings"]):
                    if message.topic == "greetings" and message.body is not None:
                        self._take_greetings(GreetingList.model_validate(message.body))
                    self._say_link("beat")
            except SignedOutError:
                await self._signed_out()
                return
            except GatewayUnreachableError as error:
                _log.info("reception stream: %s", error)
                self._say_link("down")
            await asyncio.sleep(_PAUSE_SECONDS)

    def _take_greetings(self, found: GreetingList) -> None:
        before = {g.greeting_id for g in self.shown.greetings}
        self.shown.greetings = found.items
        new = {g.greeting_id for g in found.items if g.state == "open"} - before
        with self.root:
            if new:
                ui.run_javascript("anchang.chime()")
            self.draw()

    async def _poll(self) -> None:
        while not self.client.is_deleted:
            await asyncio.sleep(_POLL_SECONDS)
            await self.refresh()

    async def refresh(self) -> None:
        """Read everything but the greetings, and draw what differs."""
        try:
            self.shown.reviews = await self.gateway.reviews(self.token)
            self.shown.withdrawals = await self.gateway.withdrawals(self.token)
            self.shown.faces = await self.gateway.faces(self.token)
        except SignedOutError:
            await self._signed_out()
            return
        except (GatewayUnreachableError, GatewayProblemError) as error:
            _log.info("reception: %s", error)
        if self.token and not self.client.is_deleted:
            with self.root:
                self.draw()

    def _say_link(self, what: str) -> None:
        with self.root:
            ui.run_javascript(f"anchang.{what}()")

    # ---- acts
    async def act(self, work: Callable[[], Awaitable[Any]], said: str = "") -> bool:
        """Do it at the gateway; say what went wrong in the person's language. True when it was done."""
        try:
            await work()
        except SignedOutError:
            await self._signed_out()
            return False
        except GatewayProblemError as error:
            self.say(self.problem(error), bad=True)
            await self.refresh()
            return False
        except GatewayUnreachableError:
            self.say(self.t("codes.problem.unreachable"), bad=True)
            return False
        if said:
            self.say(said)
        await self.refresh()
        return True

    def problem(self, error: GatewayProblemError) -> str:
        found = self.t.code("codes.problem", error.code)
        return self.t("codes.problem.unexpected") if found == error.code else found

    def say(self, text: str, *, bad: bool = False) -> None:
        with self.root:
            design.toast(text, bad=bad)

    def _choose(self, key: str, value: str) -> None:
        self.storage[key] = value
        ui.navigate.reload()

    # ---- drawing
    def _frame(self) -> None:
        self._header()
        with design.box("r-body", tag="main"):
            with design.box("r-column"):
                self._parts["reviews"] = design.box("r-part").props("aria-live=polite")
                self._parts["greetings"] = design.box("r-part").props("aria-live=polite")
            with design.box("r-column"):
                self._parts["withdrawals"] = design.box("r-part")
                self._parts["faces"] = design.box("r-part")

    def draw(self) -> None:
        """Each part only when what it shows has changed: a hand may be on it."""
        if not self.token:
            return
        shown = self.shown
        parts: dict[str, tuple[object, Callable[[], None]]] = {
            "greetings": (shown.greetings, lambda: people.greetings(self)),
            "reviews": (shown.reviews, lambda: people.reviews(self)),
            "withdrawals": (shown.withdrawals, lambda: withdrawals.draw(self)),
            "faces": (shown.faces and shown.faces.model_dump(), lambda: faces.draw(self)),
        }
        for name, (content, draw) in parts.items():
            if name not in self._drawn or self._drawn[name] != content:
                self._drawn[name] = content
                self._parts[name].clear()
                with self._parts[name]:
                    draw()

    def _header(self) -> None:
        t, dark = self.t, self.theme == "dark"
        other: LanguageCode = "en" if t.language == "zh-CN" else "zh-CN"
        with design.box("ac-head r-head", tag="header"):
            with design.box("ac-mark"):
                design.icon("support_agent")
            design.text(t("reception.title"), "ac-head-title", tag="h1")
            design.box("ac-grow")
            design.link_chip(t("common.online"), t("common.offline"))
            design.button(
                "",
                lambda: self._choose("theme", "light" if dark else "dark"),
                kind="ghost",
                icon_name="light_mode" if dark else "dark_mode",
                aria=t("common.light" if dark else "common.dark"),
                test="theme",
            )
            design.button(
                t("common.language_other"),
                lambda: self._choose("language", other),
                kind="ghost",
                test=f"language-{other}",
            )
            design.text(self.name[:1], "ac-avatar")
            design.text(self.name, "ac-strong", test="my-name")
            design.button(
                "", self.leave, kind="ghost", icon_name="logout", aria=t("consultant.sign_out"), test="sign-out"
            )
