"""The head office's console: pages `/console` and `/console/{office}`, for people who have signed in."""

from pathlib import Path

from nicegui import app, context, ui

from kiosk_ui.clients.central import CentralDoor
from kiosk_ui.console.detail import OfficePage
from kiosk_ui.console.feed import Feeds, OverviewFeed
from kiosk_ui.console.page import ConsolePage
from kiosk_ui.console.seat import Seat
from kiosk_ui.context import AppContext
from kiosk_ui.wall import page as wall

_STYLE = (Path(__file__).parent / "console.css").read_text(encoding="utf-8")


def register(app_context: AppContext) -> None:
    """Adds the pages. Does nothing on a process without central."""
    section = app_context.config.central
    if section is None:
        return
    door = CentralDoor(section.url)
    feeds = Feeds(door)
    wall.install()
    app.on_shutdown(door.close)

    @ui.page("/console")
    async def console(lang: str = "zh-CN", theme: str = "light") -> None:
        frame, seat = _enter(door, "/console", lang, theme)
        feed = await _watch(feeds, seat)
        if feed is None:
            seat.draw_sign_in(frame)
        else:
            ConsolePage(feed, frame, seat)

    @ui.page("/console/{office}")
    async def office(office: str, lang: str = "zh-CN", theme: str = "light") -> None:
        frame, seat = _enter(door, f"/console/{office}", lang, theme)
        feed = await _watch(feeds, seat)
        if feed is None:
            seat.draw_sign_in(frame)
        else:
            await OfficePage(feed, frame, office, seat).start()


def _enter(door: CentralDoor, path: str, lang: str, theme: str) -> tuple[wall.Frame, Seat]:
    frame = wall.frame(path, lang, theme, title_key="console.title", default_theme="light")
    ui.add_css(_STYLE)
    return frame, Seat(door, app.storage.user, frame.t)


async def _watch(feeds: Feeds, seat: Seat) -> OverviewFeed | None:
    """The person's feed for as long as the page lives; None when somebody has to sign in first."""
    if not seat.token:
        return None
    feed = feeds.watch(seat.token)
    context.client.on_delete(lambda: feeds.unwatch(seat.token))
    await feed.first_answer()
    if feed.state == "ended":
        seat.forget()
        return None
    return feed
