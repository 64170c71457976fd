"""The tablet page: signed out it asks who you are; signed in it shows `Me`, redrawing only the parts that changed."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

from nicegui import Client, app, background_tasks, ui
from nicegui.element import Element

from contracts.faces_api import Greeting
from contracts.gateway_api import Me, RotaView
from contracts.rest import Session
from contracts.values import utc_now
from kiosk_ui import design
from kiosk_ui.clients.gateway import (
    GatewayClient,
    GatewayProblemError,
    GatewayUnreachableError,
    SignedOutError,
)
from kiosk_ui.config import ProjectSection
from kiosk_ui.consultant import greeting, offer, rota, serving, signin
from kiosk_ui.consultant.link import Link
from kiosk_ui.context import AppContext
from kiosk_ui.texts import LANGUAGES, LanguageCode, Texts

_log = logging.getLogger(__name__)
_HERE = Path(__file__).parent
_SEAT = "tablet"
"""Key of the session in the browser's server-side storage: the token never reaches the page or its address."""


def register(context: AppContext) -> None:
    """Serve `/tablet`. Nothing is served on a process without a gateway."""
    gateway = context.gateway
    if gateway is None:
        return
    app.add_static_files("/consultant", _HERE / "static", max_cache_age=3600)

    @ui.page("/tablet")
    async def tablet(client: Client) -> None:
        await TabletPage(client, gateway, app.storage.user, context.config.project).open()


class TabletPage:
    """One browser's tablet. Who is signed in is read once, when the page is built, and never from a shared context."""

    def __init__(
        self, client: Client, gateway: GatewayClient, storage: MutableMapping[str, Any], project: ProjectSection
    ) -> None:
        self.client, self.gateway, self.storage, self.project = client, gateway, storage, project
        chosen = storage.get("language", "zh-CN")
        language: LanguageCode = chosen if chosen in LANGUAGES else "zh-CN"
        self.theme: design.Theme = "dark" if storage.get("theme") == "dark" else "light"
        self.t: Texts = design.shell(language, title="Anchang", theme=self.theme)
        ui.add_head_html('<link rel="stylesheet" href="/consultant/tablet.css">')
        self.token: str = storage.get(_SEAT, {}).get("token", "")
        self.name: str = storage.get(_SEAT, {}).get("name", "")
        self.me: Me | None = None
        self.rota: RotaView | None = None
        self.root = design.box("t-page")
        self._link: asyncio.Task[None] | None = None
        self._shown: dict[str, object] = {}
        self._known_offers: set[str] = set()
        self.greetings: list[Greeting] = []
        self._known_greetings: set[str] = set()
        self.parts: dict[str, Element] = {}
        client.on_connect(self._listen)
        client.on_disconnect(self._stop)
        client.on_delete(self._stop)

    # ---- life of the page
    async def open(self) -> None:
        if not self.token:
            signin.draw(self)
            return
        self._frame()
        try:
            self.show(await self.gateway.me(self.token))
        except SignedOutError:
            self.signed_out()
            return
        except (GatewayUnreachableError, GatewayProblemError) as error:
            _log.info("tablet: %s", error)
        if self.client.has_socket_connection:
            self._listen()

    def _listen(self) -> None:
        """One stream while a browser is there to see it; each begins with a snapshot, so a gap costs nothing."""
        self._stop()
        if self.token:
            link = Link(self.gateway, self.token, self, gone=lambda: self.client.is_deleted)
            self._link = background_tasks.create(link.run(), name="tablet stream")

    def _stop(self) -> None:
        if self._link is not None:
            self._link.cancel()

    async def enter(self, session: Session) -> None:
        """Someone has signed in: keep the session on the server and draw their tablet."""
        self.token, self.name = session.token, session.name
        self.storage[_SEAT] = {"token": session.token, "name": session.name}
        await self.open()

    async def leave(self) -> None:
        try:
            await self.gateway.sign_out(self.token)
        except (GatewayUnreachableError, GatewayProblemError) as error:
            _log.info("sign-out: %s", error)
        self.signed_out()

    # ---- what the link tells (see link.Screen)
    def show(self, me: Me) -> None:
        """Draw what differs from what is shown; alerts first, they are waited for."""
        if self.me is not None and me.server_time < self.me.server_time:
            return  # a slow answer overtaken by the stream: drawing it would take a newer alert away
        self.me = me
        with self.root:
            pending = [o for o in me.offers if o.state == "pending"]
            if self._changed("offers", [(o.offer_id, o.state, greeting.evident(self, o)) for o in pending]):
                self._redraw("offers", lambda: offer.draw_all(self, pending))
                self._announce({o.offer_id for o in pending})
            if self._changed("serving", me.serving):
                self._redraw("serving", lambda: serving.draw_all(self, me.serving))
            status = me.rota.model_dump(exclude={"place"}) if me.rota else None
            if self._changed("status", (status, me.rota.place if me.rota else None)):
                self._redraw("status", lambda: rota.draw_status(self, me))
                background_tasks.create(self._refresh_rota(), name="tablet rota")
            self._draw_greetings()
            idle = not pending and not me.serving
            if self._changed("idle", (idle, me.rota.state if me.rota else None, me.recent if idle else None)):
                self._redraw("idle", lambda: serving.draw_idle(self, me) if idle else None)

    def show_greetings(self, greetings: list[Greeting]) -> None:
        """Who was recognised and waits to be greeted; below the alerts, so that none of those is covered."""
        self.greetings = greetings
        with self.root:
            self._draw_greetings()
            waiting = {g.greeting_id for g in greetings if g.state == "open"}
            if waiting - self._known_greetings:
                ui.run_javascript("anchang.chime()")
            self._known_greetings = waiting
        if self.me is not None:
            self.show(self.me)

    def _draw_greetings(self) -> None:
        waiting = [g for g in self.greetings if g.state == "open"]
        if self._changed("greetings", waiting):
            self._redraw("greetings", lambda: greeting.draw_all(self, waiting))

    def beat(self) -> None:
        with self.root:
            ui.run_javascript("anchang.beat()")

    def down(self) -> None:
        with self.root:
            ui.run_javascript("anchang.down()")

    def signed_out(self) -> None:
        self.storage.pop(_SEAT, None)
        self.token, self.me, self.rota = "", None, None
        self._stop()
        self._shown.clear()
        self._known_offers.clear()
        self._known_greetings.clear()
        self.greetings = []
        with self.root:
            signin.draw(self)

    # ---- acts
    async def act(self, work: Callable[[], Awaitable[Any]]) -> bool:
        """Do it at the gateway; say what went wrong in the person's language. True when it was done."""
        try:
            await work()
        except SignedOutError:
            self.signed_out()
            self.say(self.t("codes.problem.signed_out"), bad=True)
        except GatewayProblemError as error:
            self.say(self.problem(error), bad=True)
            await self.reload()
        except GatewayUnreachableError:
            self.say(self.t("codes.problem.unreachable"), bad=True)
        else:
            return True
        return False

    def problem(self, error: GatewayProblemError) -> str:
        found = self.t.code("codes.problem", error.code)
        return self.t("codes.problem.unexpected") if found == error.code else found

    async def reload(self) -> None:
        """Show what the gateway holds now."""
        try:
            self.show(await self.gateway.me(self.token))
        except (GatewayUnreachableError, GatewayProblemError) as error:
            _log.info("tablet: %s", error)

    def say(self, text: str, *, bad: bool = False) -> None:
        with self.root:
            design.toast(text, bad=bad)

    def set_choice(self, key: str, value: str) -> None:
        """Language or theme of this tablet; the page is rebuilt, nothing is kept in it anyway."""
        self.storage[key] = value
        ui.navigate.reload()

    # ---- drawing
    def _frame(self) -> None:
        self.root.clear()
        with self.root:
            _header(self)
            with design.box("t-body", tag="main"):
                with design.box("t-side"):
                    self.parts["status"] = design.box("t-part")
                    self.parts["rota"] = design.box("t-part")
                with design.box("t-main"):
                    self.parts["offers"] = design.box("t-part t-offers")
                    self.parts["offers"].props("aria-live=assertive")
                    self.parts["greetings"] = design.box("t-part")
                    self.parts["greetings"].props("aria-live=polite")
                    self.parts["serving"] = design.box("t-part")
                    self.parts["idle"] = design.box("t-part")

    def _changed(self, part: str, key: object) -> bool:
        if part in self._shown and self._shown[part] == key:
            return False
        self._shown[part] = key
        return True

    def _redraw(self, part: str, draw: Callable[[], object]) -> None:
        self.parts[part].clear()
        with self.parts[part]:
            draw()

    def _announce(self, pending: set[str]) -> None:
        if pending - self._known_offers:
            ui.run_javascript("anchang.chime()")
        self._known_offers = pending

    async def _refresh_rota(self) -> None:
        try:
            view = await self.gateway.rota(self.token)
        except (GatewayUnreachableError, GatewayProblemError) as error:
            _log.info("rota: %s", error)
            return
        if view != self.rota and not self.client.is_deleted and self.token:
            self.rota = view
            with self.root:
                self._redraw("rota", lambda: rota.draw_list(self, view, utc_now()))


def _header(page: TabletPage) -> None:
    t = page.t
    other: LanguageCode = "en" if t.language == "zh-CN" else "zh-CN"
    with design.box("ac-head t-head", tag="header"):
        with design.box("ac-mark"):
            design.icon("domain")
        design.text(t("consultant.title"), "ac-head-title", tag="h1")
        design.box("ac-grow")
        design.link_chip(t("common.online"), t("common.offline"))
        sound = design.button("", None, kind="outline", classes="ac-sound t-tool", test="sound")
        sound.on("click", js_handler="() => anchang.enableSound()")
        with sound:
            with design.box("t-sound-off", tag="span"):
                design.icon("notifications_off")
                design.text(t("consultant.sound_off"), tag="span")
            with design.box("t-sound-on", tag="span"):
                design.icon("notifications_active")
                design.text(t("consultant.sound_on"), tag="span")
        dark = page.theme == "dark"
        design.button(
            "",
            lambda: page.set_choice("theme", "light" if dark else "dark"),
            kind="ghost",
            icon_name="light_mode" if dark else "dark_mode",
            classes="t-tool",
            aria=t("common.light" if dark else "common.dark"),
            test="theme",
        )
        design.button(
            t("common.language_other"),
            lambda: page.set_choice("language", other),
            kind="ghost",
            classes="t-tool",
            test=f"language-{other}",
        )
        with design.box("t-who"):
            design.text(page.name[:1], "ac-avatar")
            design.text(page.name, "ac-strong ac-ellipsis", test="my-name")
        design.button(
            "",
            page.leave,
            kind="ghost",
            icon_name="logout",
            classes="t-tool",
            aria=t("consultant.sign_out"),
            test="sign-out",
        )
