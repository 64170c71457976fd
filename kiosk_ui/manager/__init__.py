"""The office manager's floor board: page `/board`, fed by one stream of the gateway."""

from pathlib import Path

from nicegui import app, background_tasks, ui

from kiosk_ui.config import read_secret
from kiosk_ui.context import AppContext
from kiosk_ui.manager.feed import FloorFeed
from kiosk_ui.manager.page import BoardPage
from kiosk_ui.wall import page as wall

_STYLE = (Path(__file__).parent / "board.css").read_text(encoding="utf-8")


def register(app_context: AppContext) -> None:
    """Adds the page and the task behind it. Does nothing on a process without a gateway."""
    gateway, section = app_context.gateway, app_context.config.gateway
    if gateway is None or section is None:
        return
    token = read_secret(section.board_token_file)
    feed = FloorFeed(lambda: gateway.stream(token, ["floor"]))
    wall.install()
    app.on_startup(lambda: background_tasks.create(feed.run(), name="floor feed"))

    @ui.page("/board")
    def board(lang: str = "zh-CN", theme: str = "dark") -> None:
        frame = wall.frame("/board", lang, theme, title_key="manager.title", default_theme="dark")
        ui.add_css(_STYLE)
        BoardPage(feed, app_context.config.board, frame, app_context.config.project.name(frame.language))
