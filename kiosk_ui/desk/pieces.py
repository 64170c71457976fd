"""What the sections are built of: a heading, an empty state that says something, a decision with its reason."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any

from nicegui import ui

from contracts.messages import PlacedReason
from kiosk_ui import design
from kiosk_ui.design.signin import text_input

if TYPE_CHECKING:
    from kiosk_ui.desk.page import DeskPage

REASON_LENGTH = 200


def heading(page: DeskPage, name: str) -> None:
    """The title of a section, and one sentence on what is done here."""
    with design.col("d-heading").style("gap:4px"):
        design.text(page.t(f"desk.tab.{name}"), "ac-h1", tag="h2")
        design.text(page.t(f"desk.{name}.about"), "ac-muted", tag="p")


def empty(words: str, icon_name: str, *, test: str = "") -> None:
    with design.box("d-empty", test=test):
        design.icon(icon_name)
        design.text(words)


def reasons(page: DeskPage, told: Sequence[PlacedReason]) -> list[str]:
    """One line for each, with its place."""
    sentences = [(each.at, page.t.reason(each.code, each.facts)) for each in told]
    return [page.t("desk.devices.placed", at=at, reason=said) if at else said for at, said in sentences]


def decision(
    page: DeskPage,
    dialog: ui.dialog,
    work: Callable[[str], Awaitable[Any]],
    *,
    label: str,
    said: str,
    kind: design.ButtonKind = "primary",
    ready: Callable[[], str] = lambda: "",
    most: int = REASON_LENGTH,
) -> None:
    """A reason and the button that decides. `ready` says what is still missing; on failure what was typed stays."""
    t = page.t
    reason = text_input("", t("desk.reason_hint"), test="reason", label=t("desk.reason"), long=True)
    error = design.text("", "ac-error", test="reason-error").props("role=alert")

    async def go() -> None:
        words = str(reason.value or "").strip()[:most]
        missing = ready() or ("" if words else t("codes.problem.reason_needed"))
        error.set_text(missing)
        if missing:
            return
        design.enable(button, False)
        if await page.act(lambda: work(words), said):
            dialog.close()
        elif not button.is_deleted:
            design.enable(button, True)

    button = design.button(label, go, kind=kind, classes="ac-btn-big", test="decide")
