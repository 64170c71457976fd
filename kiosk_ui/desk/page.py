"""The desk's page: a list of what waits on the left, the chosen one beside it; read anew every few seconds."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, MutableMapping
from pathlib import Path
from typing import Any

from nicegui import Client, app, ui

from kiosk_ui import design
from kiosk_ui.clients.gateway import GatewayClient, GatewayProblemError, GatewayUnreachableError, SignedOutError
from kiosk_ui.config import ProjectSection
from kiosk_ui.context import AppContext
from kiosk_ui.desk.sections import BY_NAME, SECTIONS, Section
from kiosk_ui.desk.shown import Shown
from kiosk_ui.seat import SeatPage

_log = logging.getLogger(__name__)
_HERE = Path(__file__).parent
_POLL_SECONDS = 3.0
_CHOSEN = "desk_section"


def register(context: AppContext) -> None:
    """Serve `/desk`. Nothing is served on a process without a gateway."""
    gateway = context.gateway
    if gateway is None:
        return
    app.add_static_files("/desk-static", _HERE / "static", max_cache_age=3600)

    @ui.page("/desk")
    async def desk(client: Client) -> None:
        await DeskPage(client, gateway, app.storage.user, context.config.project).open()


class DeskPage(SeatPage):
    """One browser of a manager. Everything shown and decided is the gateway's, with the signed-in person's token."""

    seat, texts, frame, style = "desk", "desk", "d-page", "/desk-static/desk.css"
    roles = frozenset({"manager", "admin"})

    def __init__(
        self, client: Client, gateway: GatewayClient, storage: MutableMapping[str, Any], project: ProjectSection
    ) -> None:
        super().__init__(client, gateway, storage, project)
        self.forget()

    # ---- life of the page
    def forget(self) -> None:
        self.shown = Shown()

    def streams(self) -> list[Coroutine[Any, Any, None]]:
        return [self._poll()]

    async def _poll(self) -> None:
        while not self.client.is_deleted:
            await self.refresh()
            await asyncio.sleep(_POLL_SECONDS)

    async def refresh(self) -> None:
        """Read every section, for the figures beside their names, and draw what differs."""
        try:
            for section in SECTIONS:
                await section.read(self)
        except SignedOutError:
            self.signed_out()
            return
        except (GatewayUnreachableError, GatewayProblemError) as error:
            _log.info("desk: %s", error)
            self.tell_link("down" if isinstance(error, GatewayUnreachableError) else "beat")
        else:
            self.tell_link("beat")
        if self.token and not self.client.is_deleted:
            with self.root:
                self.draw()

    async def act(self, work: Callable[[], Awaitable[Any]], said: str = "") -> bool:
        """As everywhere, and what was done is shown at once."""
        done = await super().act(work, said)
        if done:
            await self.refresh()
        return done

    # ---- drawing
    @property
    def chosen(self) -> Section:
        return BY_NAME.get(self.storage.get(_CHOSEN, ""), SECTIONS[0])

    def choose(self, name: str) -> None:
        self.storage[_CHOSEN] = name
        with self.root:
            self.draw()

    def draw_frame(self) -> None:
        with design.box("ac-head d-head", tag="header"):
            with design.box("ac-mark"):
                design.icon("gavel")
            design.text(self.t("desk.title"), "ac-head-title", tag="h1")
            design.box("ac-grow")
            design.link_chip(self.t("common.online"), self.t("common.offline"))
            self.draw_tools()
        with design.box("d-body"):
            self.parts["nav"] = design.box("d-nav", tag="nav").props(f'aria-label="{self.t("desk.title")}"')
            self.parts["main"] = design.box("d-main", tag="main").props("aria-live=polite")

    def draw(self) -> None:
        if not self.token or "main" not in self.parts:
            return
        section = self.chosen
        figures = [s.waiting(self.shown) for s in SECTIONS]
        self.redraw("nav", (section.name, figures), self._nav)
        self.redraw("main", (section.name, section.shows(self.shown)), lambda: section.draw(self))

    def _nav(self) -> None:
        for section in SECTIONS:
            count = section.waiting(self.shown)
            chosen = section is self.chosen
            button = design.button(
                "",
                lambda name=section.name: self.choose(name),
                kind="ghost",
                icon_name=section.icon,
                classes=f"d-tab {'ac-on' if chosen else ''}",
                test=f"tab-{section.name}",
            )
            if chosen:
                button.props("aria-current=page")
            with button:
                design.text(self.t(f"desk.tab.{section.name}"), "ac-grow d-tab-name", tag="span")
                if count:
                    design.text(str(count), "d-count ac-num", tag="span", test=f"count-{section.name}")
