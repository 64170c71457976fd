"""A drawn telephone with the simulated messages, newest first. Served in a demo with a phone token only."""

import asyncio
import logging
from pathlib import Path

from nicegui import Client, background_tasks, ui
from nicegui.element import Element

from contracts.faces_api import SimulatedMessage
from kiosk_ui import design
from kiosk_ui.clients.gateway import GatewayClient, GatewayProblemError, GatewayUnreachableError
from kiosk_ui.config import ProjectSection, read_secret
from kiosk_ui.context import AppContext
from kiosk_ui.wall import page as wall

_log = logging.getLogger(__name__)
_STYLE = (Path(__file__).parent / "telephone.css").read_text(encoding="utf-8")
_POLL_SECONDS = 1.0


def register(app_context: AppContext) -> None:
    """Nothing is served without a gateway, outside a demo, or without the telephone's own token."""
    gateway, demo = app_context.gateway, app_context.config.demo
    if gateway is None or demo is None or demo.phone_token_file is None:
        return
    token = read_secret(demo.phone_token_file)
    wall.install()

    @ui.page("/phone")
    def phone(client: Client, lang: str = "zh-CN", theme: str = "light") -> None:
        frame = wall.frame("/phone", lang, theme, title_key="telephone.title", default_theme="light")
        ui.add_css(_STYLE)
        Telephone(client, gateway, token, app_context.config.project, frame).start()


class Telephone:
    """One open telephone; asks once a second while somebody looks."""

    def __init__(
        self, client: Client, gateway: GatewayClient, token: str, project: ProjectSection, frame: wall.Frame
    ) -> None:
        self._client, self._gateway, self._token = client, gateway, token
        self._project, self._frame = project, frame
        self._shown: list[SimulatedMessage] | None = None
        self._screen: Element
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        t = self._frame.t
        with design.box("p-page", tag="main"):
            with design.row("ac-between p-bar"):
                design.link_button(t("telephone.back"), self._frame.to("/"), kind="ghost", icon_name="apps")
                wall.switches(self._frame)
            with design.box("p-phone"):
                with design.box("p-speaker"):
                    pass
                with design.box("p-glass"):
                    with design.box("p-head"):
                        design.icon("sms")
                        design.text(t("telephone.messages"), "ac-h2", tag="h1")
                    design.chip(t("telephone.simulated"), "warn", icon_name="science", test="phone-simulated")
                    self._screen = design.box("p-list", test="phone-list").props("aria-live=polite")
        self._client.on_connect(self._look)
        self._client.on_disconnect(self._stop)
        self._client.on_delete(self._stop)

    def _look(self) -> None:
        self._stop()
        self._task = background_tasks.create(self._poll(), name="telephone")

    def _stop(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _poll(self) -> None:
        while not self._client.is_deleted:
            try:
                found = await self._gateway.simulated_messages(self._token)
            except (GatewayUnreachableError, GatewayProblemError) as error:
                _log.info("telephone: %s", error)
            else:
                if found != self._shown:
                    self._shown = found
                    self._draw(found)
            await asyncio.sleep(_POLL_SECONDS)

    def _draw(self, messages: list[SimulatedMessage]) -> None:
        self._screen.clear()
        with self._screen:
            if not messages:
                design.text(self._frame.t("telephone.none"), "p-none")
            for message in messages:
                with design.box("p-message", test="phone-message"):
                    with design.row("ac-between"):
                        design.text(message.to, "ac-strong ac-num")
                        design.text(self._project.local(message.at)[-5:], "ac-small ac-muted")
                    design.text(message.text, "p-text", test="phone-text")
