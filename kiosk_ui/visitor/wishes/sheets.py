"""The one quiet line on the party page, and the two sheets that it opens."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from nicegui import ui

from contracts.checkin_api import AskableConsultant
from contracts.scans_api import ScanAnswer
from kiosk_ui import design
from kiosk_ui.design.signin import text_input
from kiosk_ui.texts import Texts
from kiosk_ui.visitor import flow

if TYPE_CHECKING:
    from kiosk_ui.visitor.page import KioskPage


def line(page: KioskPage) -> None:
    """Says what was added, or that something may be."""
    t, draft = page.t, page.desk.draft
    asked = draft.asked_for
    with design.box("k-wishes"):
        label, icon_name = _agent_line(t, draft.scan)
        design.button(
            label, lambda: agent(page), kind="ghost", icon_name=icon_name, classes="k-wish", test="wish-agent"
        )
        design.button(
            t("visitor.wish.consultant") if asked is None else t("visitor.wish.consultant_chosen", name=asked.name),
            page.wishes.look_for_consultants,
            kind="ghost",
            icon_name="person_search" if asked is None else "check_circle",
            classes="k-wish",
            test="wish-consultant",
        )


def said(t: Texts, scan: ScanAnswer) -> str:
    """What became of a code, in the reader's language."""
    if scan.refused:
        return t.code("scan.refused", scan.refused)
    return t("scan.good", agent=scan.agent_name, channel=scan.channel_name)


def tell(page: KioskPage, scan: ScanAnswer) -> None:
    """In passing, on whichever page the scanner was used."""
    with page.client:
        ui.run_javascript(f"anchang.toast({json.dumps(said(page.t, scan))}, {json.dumps(bool(scan.refused))})")


def agent(page: KioskPage) -> None:
    """Wait for the scanner, or take what is typed. Touching nothing changes nothing."""
    t = page.t
    with sheet(page, "agent-sheet", "qr_code_scanner", t("visitor.agent.title"), t("visitor.agent.why")):
        field = text_input("", "AC1.…", test="agent-code", label=t("visitor.agent.field"))
        field.props(f"autocomplete=off autofocus spellcheck=false maxlength={flow.CODE_LENGTH}").classes("k-code")
        answer = design.box("k-code-said", test="agent-said").props("role=status")
        before = page.desk.draft.scan

        def show(scan: ScanAnswer) -> None:
            answer.clear()
            with answer:
                design.icon(
                    "error" if scan.refused else "check_circle", "k-code-bad" if scan.refused else "k-code-good"
                )
                with design.box():
                    design.text(said(t, scan), "ac-strong")
                    if scan.refused:
                        design.text(t("visitor.agent.refused"), "k-code-about")

        async def enter() -> None:
            found = await page.wishes.code(str(field.value or ""))
            if page.trouble:
                page.draw()
            elif found is not None:
                field.set_value("")
                show(found)

        field.on("keydown.enter", enter)
        if before is not None:
            show(before)
        with design.box("k-sheet-buttons"):
            design.button(t("visitor.agent.enter"), enter, kind="outline", classes="k-half", test="agent-enter")
            design.button(t("visitor.agent.done"), page.draw, classes="k-half", test="agent-done")


def consultants(page: KioskPage) -> None:
    """Names of who is here today, and the way out first."""
    t, here = page.t, page.wishes.askable
    why = t("visitor.consultant.why") if here else t("visitor.consultant.none")
    with sheet(page, "consultant-sheet", "person_search", t("visitor.consultant.title"), why):
        with design.box("k-names"):
            for each in here:
                _name(page, each)
        design.button(
            t("visitor.consultant.anybody"),
            lambda: page.wishes.ask_for(None),
            kind="outline",
            classes="k-wide",
            test="ask-anybody",
        )


def _name(page: KioskPage, consultant: AskableConsultant) -> None:
    chosen = page.desk.draft.asked_for == consultant
    tile = design.box(f"k-tile k-name {'k-chosen' if chosen else ''}", tag="button", test="ask-name")
    tile.props(f"type=button aria-pressed={'true' if chosen else 'false'}")
    tile.on("click", lambda: page.wishes.ask_for(consultant), [])
    with tile:
        design.icon("person")
        design.text(consultant.name)


def _agent_line(t: Texts, scan: ScanAnswer | None) -> tuple[str, str]:
    if scan is None:
        return t("visitor.wish.agent"), "qr_code_scanner"
    if scan.refused:
        return t("visitor.wish.agent_refused"), "error"
    return t("visitor.wish.agent_good", agent=scan.agent_name), "check_circle"


@contextmanager
def sheet(page: KioskPage, test: str, icon_name: str, title: str, why: str) -> Iterator[Any]:
    """Over the page, which stays as it is; drawing the page again takes it away."""
    with page.root, design.box("k-overlay", test=test) as overlay, design.box("k-sheet k-wish-sheet"):
        overlay.props("role=dialog aria-modal=true")
        overlay._props["aria-label"] = title
        design.icon(icon_name, "k-sheet-icon")
        design.text(title, "k-title", tag="h2")
        design.text(why, "k-why", tag="p")
        yield overlay
    ui.run_javascript("setTimeout(() => document.querySelector('.k-wish-sheet input')?.focus(), 60)")
