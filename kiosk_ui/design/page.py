"""The page shell: style sheet, fonts, language, light or dark. `install` once per process, `shell` once per page."""

import json
from pathlib import Path
from typing import Literal

from nicegui import app, ui

from kiosk_ui.design import tokens
from kiosk_ui.texts import LanguageCode, Texts

Theme = Literal["light", "dark", "auto"]
_HERE = Path(__file__).parent
_MOUNT = "/design"


def install() -> None:
    """Serve the design files and put them into every page's head."""
    app.add_static_files(_MOUNT, _HERE, max_cache_age=3600)
    ui.add_head_html(
        f'<link rel="stylesheet" href="{_MOUNT}/fonts/noto-sans-sc.css">'
        f"<style>{tokens.style_sheet()}</style>"
        f'<link rel="stylesheet" href="{_MOUNT}/base.css">'
        f'<script src="{_MOUNT}/base.js"></script>',
        shared=True,
    )


def shell(language: LanguageCode, *, title: str, theme: Theme = "auto") -> Texts:
    """Set language, title and theme of the page being built; returns its texts."""
    ui.page_title(title)
    ui.dark_mode({"light": False, "dark": True, "auto": None}[theme])
    ui.add_head_html(f"<script>anchang.language({json.dumps(language)})</script>")
    return Texts(language)


def toast(text: str, *, bad: bool = False) -> None:
    """A short message at the foot of the page, announced to screen readers."""
    ui.run_javascript(f"anchang.toast({json.dumps(text)}, {json.dumps(bad)})")
