"""The head office's console: pages `/console` and `/console/{office}`, fed by one poll of central."""

from pathlib import Path

from nicegui import app, background_tasks, context, ui

from kiosk_ui.clients.central import CentralClient
from kiosk_ui.config import read_secret
from kiosk_ui.console.detail import OfficePage
from kiosk_ui.console.feed import OverviewFeed
from kiosk_ui.console.page import ConsolePage
from kiosk_ui.context import AppContext
from kiosk_ui.wall import page as wall

_STYLE = (Path(__file__).parent / "console.css").read_text(encoding="utf-8")


def register(app_context: AppContext) -> None:
    """Adds the pages and the task behind them. Does nothing on a process without central."""
    section = app_context.config.central
    if section is None:
        return
    central = CentralClient(section.url, read_secret(section.token_file))
    feed = OverviewFeed(central)
    wall.install()
    app.on_startup(lambda: background_tasks.create(feed.run(), name="overview feed"))
    app.on_shutdown(central.close)

    @ui.page("/console")
    def console(lang: str = "zh-CN", theme: str = "light") -> None:
        frame = wall.frame("/console", lang, theme, title_key="console.title", default_theme="light")
        ui.add_css(_STYLE)
        _watch(feed)
        ConsolePage(feed, frame)

    @ui.page("/console/{office}")
    async def office(office: str, lang: str = "zh-CN", theme: str = "light") -> None:
        frame = wall.frame(f"/console/{office}", lang, theme, title_key="console.title", default_theme="light")
        ui.add_css(_STYLE)
        _watch(feed)
        await OfficePage(feed, central, frame, office).start()


def _watch(feed: OverviewFeed) -> None:
    feed.watch()
    context.client.on_delete(feed.unwatch)
