"""The reception's page: signs in as the tablet does, streams greetings, reads the rest every few seconds."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, MutableMapping
from pathlib import Path
from typing import Any

from nicegui import Client, app, ui

from contracts.faces_api import GreetingList
from kiosk_ui import design
from kiosk_ui.clients.gateway import (
    GatewayClient,
    GatewayProblemError,
    GatewayUnreachableError,
    SignedOutError,
)
from kiosk_ui.config import ProjectSection
from kiosk_ui.context import AppContext
from kiosk_ui.reception import faces, people, withdrawals
from kiosk_ui.reception.desk import Shown
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
        self.forget()

    # ---- life of the page
    def forget(self) -> None:
        self.shown = Shown()

    def streams(self) -> list[Coroutine[Any, Any, None]]:
        return [self._stream(), self._poll()]

    async def _stream(self) -> None:
        while not self.client.is_deleted:
            try:
                async for message in self.gateway.stream(self.token, ["greetings"]):
                    if message.topic == "greetings" and message.body is not None:
                        self._take_greetings(GreetingList.model_validate(message.body))
                    self.tell_link("beat")
            except SignedOutError:
                self.signed_out()
                return
            except GatewayUnreachableError as error:
                _log.info("reception stream: %s", error)
                self.tell_link("down")
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
            self.signed_out()
            return
        except (GatewayUnreachableError, GatewayProblemError) as error:
            _log.info("reception: %s", error)
        if self.token and not self.client.is_deleted:
            with self.root:
                self.draw()

    async def act(self, work: Callable[[], Awaitable[Any]], said: str = "") -> bool:
        """As everywhere, and what was done is shown at once: no stream tells it here."""
        done = await super().act(work, said)
        if done:
            await self.refresh()
        return done

    # ---- drawing
    def draw_frame(self) -> None:
        with design.box("ac-head r-head", tag="header"):
            with design.box("ac-mark"):
                design.icon("support_agent")
            design.text(self.t("reception.title"), "ac-head-title", tag="h1")
            design.box("ac-grow")
            design.link_chip(self.t("common.online"), self.t("common.offline"))
            self.draw_tools()
        with design.box("r-body", tag="main"):
            with design.box("r-column"):
                self.parts["reviews"] = design.box("r-part").props("aria-live=polite")
                self.parts["greetings"] = design.box("r-part").props("aria-live=polite")
            with design.box("r-column"):
                self.parts["withdrawals"] = design.box("r-part")
                self.parts["faces"] = design.box("r-part")

    def draw(self) -> None:
        if not self.token:
            return
        shown = self.shown
        self.redraw("greetings", shown.greetings, lambda: people.greetings(self))
        self.redraw("reviews", shown.reviews, lambda: people.reviews(self))
        self.redraw("withdrawals", shown.withdrawals, lambda: withdrawals.draw(self))
        self.redraw("faces", shown.faces and shown.faces.model_dump(), lambda: faces.draw(self))
