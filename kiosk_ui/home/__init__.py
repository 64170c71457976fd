"""The page of doors, `/`: every screen of this process, for whom it is and how to get in."""

from pathlib import Path

from nicegui import ui

from kiosk_ui.context import AppContext
from kiosk_ui.home.doors import doors_of
from kiosk_ui.home.page import build
from kiosk_ui.wall import page as wall

_STYLE = (Path(__file__).parent / "home.css").read_text(encoding="utf-8")


def register(app_context: AppContext) -> None:
    wall.install()
    config = app_context.config

    @ui.page("/")
    def home(lang: str = "zh-CN", theme: str = "light") -> None:
        frame = wall.frame("/", lang, theme, title_key="home.title", default_theme="light")
        ui.add_css(_STYLE)
        build(frame, config, doors_of(config))
