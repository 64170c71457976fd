"""A wall page's frame: language and theme come from its address, so that a reload or a power cut changes nothing."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from nicegui import app, ui

from contracts.values import utc_now
from kiosk_ui import design
from kiosk_ui.charts.palette import ChartTheme, Palette, palette_of
from kiosk_ui.texts import LanguageCode, Texts

_MOUNT = "/wall"


@dataclass(frozen=True, slots=True)
class Frame:
    """Language, theme and texts of one page; `path` is where its switches lead back to."""

    path: str
    language: LanguageCode
    theme: ChartTheme
    t: Texts

    @property
    def palette(self) -> Palette:
        return palette_of(self.theme)

    def address(self, **changes: str) -> str:
        """This page's address with some of `lang` and `theme` changed."""
        return link(self.path, **({"lang": self.language, "theme": self.theme} | changes))

    def to(self, path: str) -> str:
        """Another page's address in the same language and theme."""
        return link(path, lang=self.language, theme=self.theme)


def link(path: str, **query: str) -> str:
    return f"{path}?{urlencode(query)}"


def install() -> None:
    """Serve the shared script; harmless when called by more than one feature."""
    if not any(getattr(route, "path", "") == _MOUNT for route in app.routes):
        app.add_static_files(_MOUNT, Path(__file__).parent, max_cache_age=3600)


def frame(path: str, lang: str, theme: str, *, title_key: str, default_theme: ChartTheme) -> Frame:
    """Begin a page. Values of the address that are not known fall back to Chinese and `default_theme`."""
    language: LanguageCode = "en" if lang == "en" else "zh-CN"
    chosen: ChartTheme = "dark" if theme == "dark" else "light" if theme == "light" else default_theme
    texts = Texts(language)
    design.shell(language, title=texts(title_key), theme=chosen)
    ui.add_head_html(f'<script src="{_MOUNT}/elapsed.js"></script>')
    sync_clock()
    return Frame(path, language, chosen, texts)


def sync_clock() -> None:
    """Tell the page the server's time."""
    ui.run_javascript(f"wall.sync({int(utc_now().timestamp() * 1000)})")


def switches(frame: Frame) -> None:
    """The two switches every wall page has: the other language, the other theme."""
    other_language = "en" if frame.language == "zh-CN" else "zh-CN"
    other_theme: ChartTheme = "light" if frame.theme == "dark" else "dark"
    with design.row().style("gap:8px"):
        _switch(frame.t("common.language_other"), "translate", frame.address(lang=other_language), "switch-language")
        symbol = "light_mode" if other_theme == "light" else "dark_mode"
        _switch(frame.t(f"common.{other_theme}"), symbol, frame.address(theme=other_theme), "switch-theme")


def _switch(label: str, symbol: str, href: str, test: str) -> None:
    element = design.link_button(label, href, kind="ghost", icon_name=symbol, test=test)
    element.classes("ac-btn-small")
