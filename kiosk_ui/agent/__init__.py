"""The page of an agency's agent (经纪人), `/agent`: for people who have signed in at central as an agent."""

from pathlib import Path

from nicegui import app, ui

from kiosk_ui.agent.page import AgentPage
from kiosk_ui.clients.central import CentralDoor
from kiosk_ui.console.seat import Seat
from kiosk_ui.context import AppContext
from kiosk_ui.wall import page as wall

_STYLE = (Path(__file__).parent / "agent.css").read_text(encoding="utf-8")
_ROLES = frozenset({"agent"})


def register(app_context: AppContext) -> None:
    """Adds the page. Does nothing on a process without central."""
    section = app_context.config.central
    if section is None:
        return
    door = CentralDoor(section.url)
    wall.install()
    app.on_shutdown(door.close)

    @ui.page("/agent")
    async def agent(lang: str = "zh-CN", theme: str = "light") -> None:
        frame = wall.frame("/agent", lang, theme, title_key="agent.title", default_theme="light")
        ui.add_css(_STYLE)
        seat = Seat(door, app.storage.user, frame.t, feature="agent", roles=_ROLES)
        await AgentPage(frame, seat).open()
