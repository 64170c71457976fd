"""The number pad of kiosk and tablet: drawn once by the server, answered at once by the page (design/base.js)."""

import html
import json
from collections.abc import Callable
from typing import Any, Literal

from nicegui import ui

_KEYS = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "clear", "0", "back")


def keypad(
    *,
    name: str,
    event: str,
    given: str,
    format_: Literal["phone", "pin", "code"],
    most: int,
    key_test: str = "key",
    labels: dict[str, str],
    on_change: Callable[[str], Any],
    on_enter: Callable[[str], Any],
) -> None:
    """`labels`: `typed` names the field, `placeholder` shows an example, `clear` and `back` name those keys.

    `on_change` hears every change with all digits, `on_enter` the Enter key of a keyboard or a reader.
    """
    keys = "".join(_key(key, labels, key_test) for key in _KEYS)
    field, example = html.escape(labels["typed"]), html.escape(labels["placeholder"])
    ui.html(
        f'<div id="{name}" class="ac-pad" data-empty="1">'
        f'<div class="ac-typed-box" role="group" aria-label="{field}">'
        f'<span class="ac-typed" data-test="{name}-typed" aria-live="polite"></span>'
        f'<span class="ac-caret"></span><span class="ac-example">{example}</span></div>'
        f'<div class="ac-keys">{keys}</div></div>',
        sanitize=False,
    ).classes("ac-pad-holder")
    ui.on(event, lambda e: on_change(_digits(e.args)))
    ui.on(f"{event}_enter", lambda e: on_enter(_digits(e.args)))
    arguments = ",".join(json.dumps(value) for value in (name, event, given, format_, most))
    ui.run_javascript(f"setTimeout(() => anchang.keypad({arguments}), 0)")


def _key(key: str, labels: dict[str, str], key_test: str) -> str:
    if key == "clear":
        inner, name = f'<span class="ac-key-word">{html.escape(labels["clear"])}</span>', labels["clear"]
    elif key == "back":
        inner, name = '<span class="ac-icon" aria-hidden="true">backspace</span>', labels["back"]
    else:
        inner, name = key, key
    return (
        f'<button type="button" class="ac-key" data-key="{key}" data-test="{key_test}-{key}" '
        f'aria-label="{html.escape(name)}">{inner}</button>'
    )


def _digits(arguments: Any) -> str:
    """What a browser sent: one text, or a list with one text; anything but digits is dropped."""
    first = arguments[0] if isinstance(arguments, list) and arguments else arguments
    return "".join(c for c in str(first)[:20] if c.isdigit() and c.isascii())
