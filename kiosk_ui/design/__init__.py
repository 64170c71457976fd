"""The one design system of every screen: tokens, page shell, building blocks. README.md shows how to use it."""

from kiosk_ui.design.page import Theme, install, set_language, shell, toast
from kiosk_ui.design.widgets import (
    box,
    button,
    card,
    chip,
    col,
    enable,
    grid,
    icon,
    link_button,
    link_chip,
    mark,
    note,
    row,
    stat,
    text,
)

__all__ = [
    "Theme",
    "box",
    "button",
    "card",
    "chip",
    "col",
    "enable",
    "grid",
    "icon",
    "install",
    "link_button",
    "link_chip",
    "mark",
    "note",
    "row",
    "set_language",
    "shell",
    "stat",
    "text",
    "toast",
]
