"""Building blocks: plain HTML with our classes, light on the wire, real buttons for keyboards and screen readers."""

from collections.abc import Callable
from typing import Any, Literal, TypeVar

from nicegui import ui
from nicegui.element import Element

Tone = Literal["", "ok", "warn", "bad", "brand", "accent"]
ButtonKind = Literal["primary", "outline", "accent", "ghost", "danger", "plain"]
E = TypeVar("E", bound=Element)


def box(classes: str = "", *, tag: str = "div", test: str = "") -> Element:
    """A container; use it as a context manager."""
    element = ui.element(tag).classes(classes)
    return mark(element, test) if test else element


def row(classes: str = "", *, test: str = "") -> Element:
    return box(f"ac-row {classes}", test=test)


def col(classes: str = "", *, test: str = "") -> Element:
    return box(f"ac-col {classes}", test=test)


def grid(columns: int, classes: str = "") -> Element:
    return box(f"ac-grid {classes}").style(f"--ac-cols:{columns}")


def card(classes: str = "", *, test: str = "") -> Element:
    return box(f"ac-card {classes}", tag="section", test=test)


def text(content: str, classes: str = "", *, tag: str = "div", test: str = "") -> ui.label:
    """Text; its `.text` may be set later. `tag` gives headings their meaning (h1, h2, p, span)."""
    label = ui.label(content).classes(classes)
    label.tag = tag
    return mark(label, test) if test else label


def icon(name: str, classes: str = "") -> ui.label:
    """A Material icon by name, decorative: say the meaning in text beside it."""
    label = ui.label(name).classes(f"ac-icon {classes}")
    label._props["aria-hidden"] = "true"
    return label


def button(
    label: str,
    on_click: Callable[..., Any] | None = None,
    *,
    kind: ButtonKind = "primary",
    icon_name: str = "",
    classes: str = "",
    test: str = "",
    aria: str = "",
) -> Element:
    """A real `<button>`. `test` becomes `data-test` and the marker for tests; `aria` names an icon-only button."""
    element = ui.element("button").classes(f"ac-btn ac-btn-{kind} {classes}")
    element._props["type"] = "button"
    if aria:
        element._props["aria-label"] = aria
    if test:
        mark(element, test)
    with element:
        if icon_name:
            icon(icon_name)
        if label:
            ui.label(label)
    if on_click is not None:
        element.on("click", on_click, [])
    return element


def link_button(label: str, href: str, *, kind: ButtonKind = "outline", icon_name: str = "", test: str = "") -> Element:
    """An `<a>` that looks like a button."""
    element = ui.element("a").classes(f"ac-btn ac-btn-{kind}")
    element._props["href"] = href
    if test:
        mark(element, test)
    with element:
        if icon_name:
            icon(icon_name)
        ui.label(label)
    return element


def sound_button(off: str, on: str, classes: str = "") -> Element:
    """Browsers sound only after a tap: this is that tap. `off` and `on` say how it stands (design/base.js)."""
    made = button("", kind="outline", classes=f"ac-sound {classes}", test="sound")
    made.on("click", js_handler="() => anchang.enableSound()")
    with made:
        for state, symbol, words in (("off", "notifications_off", off), ("on", "notifications_active", on)):
            with box(f"ac-sound-{state}", tag="span"):
                icon(symbol)
                text(words, tag="span")
    return made


def enable(element: Element, on: bool) -> None:
    """Enable or disable a button made by `button`."""
    if on:
        element.props(remove="disabled")
    else:
        element.props("disabled")


def chip(content: str, tone: Tone = "", *, icon_name: str = "", test: str = "") -> Element:
    element = box(f"ac-chip {f'ac-chip-{tone}' if tone else ''}", tag="span", test=test)
    with element:
        if icon_name:
            icon(icon_name)
        ui.label(content)
    return element


def note(content: str, tone: Tone = "", *, icon_name: str = "info", title: str = "", test: str = "") -> Element:
    """A message with an icon: something to know (brand), mind (warn) or mend (bad)."""
    element = box(f"ac-note {f'ac-note-{tone}' if tone else ''}", test=test)
    element._props["role"] = "alert" if tone == "bad" else "status"
    with element:
        icon(icon_name)
        with col("ac-grow").style("gap:2px"):
            if title:
                text(title, "ac-strong")
            text(content)
    return element


def stat(
    label: str, value: str, *, unit: str = "", foot: str = "", tone: Tone = "", icon_name: str = "", test: str = ""
) -> Element:
    """A figure: what it is, how much, and `foot`: compared with what, or what to do. `tone` colours the foot."""
    element = card("ac-stat", test=test)
    with element:
        with box("ac-stat-head"):
            ui.label(label)
            if icon_name:
                icon(icon_name)
        with box("ac-row").style("gap:0;align-items:baseline"):
            text(value, "ac-stat-value", test=f"{test}-value" if test else "")
            if unit:
                text(unit, "ac-stat-unit")
        text(foot, f"ac-stat-foot {f'ac-tone-{tone}' if tone else ''}")
    return element


def link_chip(online: str, offline: str) -> Element:
    """The connection's state; begins offline, and heartbeats (`beat`) keep it online for 12 s each."""
    element = box("ac-chip ac-link", tag="span", test="link-state")
    element._props["data-state"] = "offline"
    element._props["role"] = "status"
    with element:
        with box("ac-onl", tag="span"):
            icon("wifi")
            ui.label(online)
        with box("ac-off", tag="span"):
            icon("wifi_off")
            ui.label(offline)
    return element


def mark(element: E, name: str) -> E:
    """Give an element its stable name: `data-test` in the page, `.mark()` for NiceGUI's own tests."""
    element._props["data-test"] = name
    element.mark(name)
    return element
