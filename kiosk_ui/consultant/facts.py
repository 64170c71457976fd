"""Small pieces that alert, serving card and list share."""

from nicegui import ui

from contracts.gateway_api import VisitView
from kiosk_ui import design
from kiosk_ui.texts import Texts


def fact(label: str, value: str, *, test: str = "") -> ui.label:
    """A labelled value; returns the value's label."""
    with design.box("ac-panel t-fact"):
        design.text(label, "ac-small ac-muted")
        return design.text(value, "t-fact-value", test=test)


def kind_chip(t: Texts, visit: VisitView) -> None:
    tone: design.Tone = "accent" if visit.kind == "return" else "brand"
    design.chip(t(f"consultant.kind.{visit.kind}"), tone, icon_name="replay" if visit.kind == "return" else "fiber_new")


def visit_line(t: Texts, visit: VisitView) -> None:
    """How many, what for, which ticket."""
    with design.row("ac-wrap").style("gap:6px 16px"):
        for icon_name, words in (
            ("groups", t("consultant.person" if visit.party_size == 1 else "consultant.people", n=visit.party_size)),
            ("flag", t.code("consultant.purpose", visit.purpose)),
            ("confirmation_number", t("consultant.ticket", n=visit.ticket.number) if visit.ticket else ""),
        ):
            if words:
                with design.row().style("gap:6px"):
                    design.icon(icon_name, "ac-muted")
                    design.text(words, "ac-strong")


def advise(t: Texts, advice: str) -> ui.label:
    """What helps most now; returns the label, for when more becomes known."""
    with design.box("ac-note ac-note-accent", test="next-action"):
        design.icon("tips_and_updates")
        with design.col("ac-grow").style("gap:2px"):
            design.text(t("consultant.next.label"), "ac-small ac-strong")
            return design.text(advice)
