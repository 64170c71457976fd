"""Small parts that the desk's lists and cards share."""

from collections.abc import Callable

from nicegui.element import Element

from kiosk_ui import design


def section(title: str, count: int, icon_name: str) -> None:
    with design.row("r-section"):
        design.icon(icon_name)
        design.text(title, "ac-h2", tag="h2")
        if count:
            design.chip(str(count), "accent")


def empty(words: str, icon_name: str) -> Element:
    box = design.box("r-empty")
    with box:
        design.icon(icon_name)
        design.text(words)
    return box


def row_button(on_click: Callable[[], object], *, test: str) -> Element:
    """A line of a list: one large target, reached with the arrow keys too."""
    element = design.box("r-row-main", tag="button", test=test)
    element.props("type=button data-row")
    element.on("click", on_click, [])
    return element
