"""The tablet page: signed out it asks who you are; signed in it shows `Me`, redrawing only the parts that changed."""

import logging
from collections.abc import Coroutine, MutableMapping
from pathlib import Path
from typing import Any

from nicegui import Client, app, background_tasks, ui

from contracts.alerts_api import AlertList
from contracts.faces_api import Greeting
from contracts.rota_api import Me, RotaView
from contracts.values import utc_now
from kiosk_ui import design
from kiosk_ui.clients.gateway import (
    GatewayClient,
    GatewayProblemError,
    GatewayUnreachableError,
    SignedOutError,
)
from kiosk_ui.config import ProjectSection
from kiosk_ui.consultant import greeting, offer, rota, serving, tools
from kiosk_ui.consultant.alerts import Alerts
from kiosk_ui.consultant.link import Link
from kiosk_ui.context import AppContext
from kiosk_ui.seat import SeatPage

_log = logging.getLogger(__name__)
_HERE = Path(__file__).parent


def register(context: AppContext) -> None:
    """Serve `/tablet`. Nothing is served on a process without a gateway."""
    gateway = context.gateway
    if gateway is None:
        return
    app.add_static_files("/consultant", _HERE / "static", max_cache_age=3600)

    @ui.page("/tablet")
    async def tablet(client: Client) -> None:
        await TabletPage(client, gateway, app.storage.user, context.config.project).open()


class TabletPage(SeatPage):
    """One browser's tablet."""

    seat, texts, frame, style = "tablet", "consultant", "t-page", "/consultant/tablet.css"

    def __init__(
        self, client: Client, gateway: GatewayClient, storage: MutableMapping[str, Any], project: ProjectSection
    ) -> None:
        super().__init__(client, gateway, storage, project)
        self.forget()
        self.alerts.listen()

    # ---- life of the page
    def forget(self) -> None:
        self.me: Me | None = None
        self.rota: RotaView | None = None
        self.greetings: list[Greeting] = []
        self.alerts = Alerts(self)

    def streams(self) -> list[Coroutine[Any, Any, None]]:
        return [Link(self.gateway, self.token, self, gone=lambda: self.client.is_deleted).run()]

    async def refresh(self) -> None:
        try:
            self.show(await self.gateway.me(self.token))
        except SignedOutError:
            self.signed_out()
        except (GatewayUnreachableError, GatewayProblemError) as error:
            _log.info("tablet: %s", error)

    # ---- what the link tells (see link.Screen)
    def show(self, me: Me) -> None:
        """Draw what differs from what is shown; alerts first, they are waited for."""
        if self.me is not None and me.server_time < self.me.server_time:
            return  # a slow answer overtaken by the stream: drawing it would take a newer alert away
        self.me = me
        with self.root:
            pending = [o for o in me.offers if o.state == "pending"]
            shown = [(o.offer_id, o.state, greeting.evident(self, o)) for o in pending]
            self.redraw("offers", shown, lambda: offer.draw_all(self, pending))
            self.redraw("serving", me.serving, lambda: serving.draw_all(self, me.serving))
            if self.redraw("status", me.rota and me.rota.model_dump(), lambda: rota.draw_status(self, me)):
                background_tasks.create(self._refresh_rota(), name="tablet rota")
            self._draw_greetings()
            self.redraw("tools", None, lambda: tools.draw(self))
            idle = not pending and not me.serving
            rests = (idle, me.rota.state if me.rota else None, me.recent if idle else None)
            self.redraw("idle", rests, lambda: serving.draw_idle(self, me) if idle else None)

    def show_greetings(self, greetings: list[Greeting]) -> None:
        """Who was recognised and waits to be greeted; below the alerts, so that none of those is covered."""
        self.greetings = greetings
        with self.root:
            self._draw_greetings()
        if self.me is not None:
            self.show(self.me)

    def show_alerts(self, alerts: AlertList) -> None:
        """What this person is told; the sound and the receipts go by it, once for each alert."""
        with self.root:
            self.alerts.show(alerts)

    def _draw_greetings(self) -> None:
        waiting = [g for g in self.greetings if g.state == "open"]
        self.redraw("greetings", waiting, lambda: greeting.draw_all(self, waiting))

    def beat(self) -> None:
        self.tell_link("beat")

    def down(self) -> None:
        self.tell_link("down")

    # ---- drawing
    def draw_frame(self) -> None:
        self._header()
        with design.box("t-body", tag="main"):
            with design.box("t-side"):
                self.parts["status"] = design.box("t-part")
                self.parts["tools"] = design.box("t-part")
                self.parts["rota"] = design.box("t-part")
            with design.box("t-main"):
                self.parts["offers"] = design.box("t-part t-offers")
                self.parts["offers"].props("aria-live=assertive")
                self.parts["alerts"] = design.box("t-part")
                self.parts["alerts"].props("aria-live=polite")
                self.parts["greetings"] = design.box("t-part")
                self.parts["greetings"].props("aria-live=polite")
                self.parts["serving"] = design.box("t-part")
                self.parts["idle"] = design.box("t-part")

    async def _refresh_rota(self) -> None:
        try:
            view = await self.gateway.rota(self.token)
        except (GatewayUnreachableError, GatewayProblemError) as error:
            _log.info("rota: %s", error)
            return
        if not self.client.is_deleted and self.token:
            self.rota = view
            with self.root:
                self.redraw("rota", view, lambda: rota.draw_list(self, view, utc_now()))

    def _header(self) -> None:
        t = self.t
        with design.box("ac-head t-head", tag="header"):
            with design.box("ac-mark"):
                design.icon("domain")
            design.text(t("consultant.title"), "ac-head-title", tag="h1")
            design.box("ac-grow")
            design.link_chip(t("common.online"), t("common.offline"))
            self.parts["badge"] = design.box("t-part")
            design.sound_button(t("common.sound_off"), t("common.sound_on"), "t-tool")
            self.draw_tools("t-tool")
