"""The consent screen: the office's text word for word, and two buttons that are equal in every respect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import ui

from contracts.faces_api import ConsentSection
from kiosk_ui import design
from kiosk_ui.visitor.faces import rules

if TYPE_CHECKING:
    from kiosk_ui.visitor.page import KioskPage

ICONS = {
    "what": "face",
    "why": "waving_hand",
    "how_long": "schedule",
    "where": "lock",
    "voluntary": "thumbs_up_down",
    "withdraw": "delete_sweep",
    "children": "child_care",
}


def offer(page: KioskPage) -> None:
    """On the last page, below the ticket: what one may hear about, or what was just decided."""
    t, draft, result = page.t, page.desk.draft, page.desk.result
    if result is None:
        return
    if draft.refused:
        _said(t("faces.offer.refused"), "sentiment_satisfied", "face-refused")
    elif result.face == "enrolled":
        _said(t("faces.offer.enrolled"), "verified_user", "face-enrolled")
    elif rules.offered(result, draft):
        with design.box("k-face-offer", test="face-offer"):
            design.icon("face", "k-face-icon")
            with design.box("k-face-words"):
                design.text(t("faces.offer.title"), "k-face-title")
                design.text(t("faces.offer.text"), "k-face-text")
            design.button(
                t("faces.offer.open"), page.faces.open, kind="outline", classes="k-face-open", test="face-open"
            )


def _said(words: str, icon_name: str, test: str) -> None:
    with design.box("k-face-said", test=test).props("role=status"):
        design.icon(icon_name)
        design.text(words)


def strip(page: KioskPage) -> None:
    """On every face step: the ticket that stays valid, and the way on without a face until it is done."""
    t, result = page.t, page.desk.result
    with design.box("k-strip"):
        design.icon("confirmation_number")
        with design.box("k-strip-words"):
            number = f"{result.ticket.number:03d}" if result else "—"
            design.text(t("faces.strip.ticket", number=number), "ac-strong", test="strip-ticket")
            design.text(t("faces.strip.other"))
        view = page.faces.view
        if page.desk.draft.step == "enrolled" or (view is not None and view.reason == rules.ALREADY_KNOWN):
            return
        leave = page.faces.cancel if page.desk.draft.step == "enrol" else page.to_ticket
        design.button(
            t("faces.strip.leave"),
            leave,
            kind="outline",
            icon_name="no_photography",
            classes="k-strip-leave",
            test="face-skip",
        )


def draw(page: KioskPage) -> None:
    t, text = page.t, page.faces.text
    with design.box("k-body k-consent", tag="main"):
        strip(page)
        if text is None:
            design.text(t("faces.consent.loading"), "k-why")
            return
        with design.box("k-heading"):
            design.text(text.title, "k-title", tag="h1", test="consent-title")
            design.text(text.summary, "k-why", tag="p", test="consent-summary")
        if page.faces.said:
            with design.box("k-said", test="consent-said").props("role=alert"):
                design.icon("info")
                design.text(t.code("faces.said", page.faces.said))
        with design.box("k-sections", test="consent-sections").props("tabindex=0"):
            for section in text.sections:
                _section(page, section)
        with design.box("k-more", test="consent-more"):
            design.icon("expand_more")
            design.text(t("faces.consent.more"))
    ui.run_javascript("kioskRead.watch('.k-sections')")
    _foot(page, text.yes, text.no)


def _section(page: KioskPage, section: ConsentSection) -> None:
    with design.box(f"k-section k-section-{section.code}", tag="section", test=f"consent-{section.code}"):
        design.icon(ICONS[section.code], "k-section-icon")
        with design.box("k-section-words"):
            design.text(section.title, "k-section-title", tag="h2")
            design.text(section.text, "k-section-text", tag="p")
        if section.code == "children":
            _child(page)


def _child(page: KioskPage) -> None:
    """Beside the words about children: the guardian's way, or who decides now."""
    t, who = page.t, rules.guardian(page.desk.draft)
    if who is None:
        design.button(
            t("faces.child.open"),
            lambda: page.go("guardian"),
            kind="outline",
            classes="k-strip-leave",
            test="under-14",
        )
        return
    with design.box("k-child"):
        words = t("faces.child.by", relation=t(f"faces.relation.{who.relation}"), tail=who.phone[-4:])
        design.text(words, "ac-strong", test="guardian-line")
        design.button(
            t("faces.child.undo"), page.faces.not_a_child, kind="ghost", classes="k-link", test="guardian-undo"
        )


def _foot(page: KioskPage, yes: str, no: str) -> None:
    """Same class, same size, no icon on either: neither answer is nudged."""
    with design.box("k-foot k-foot-choice", tag="footer"):
        design.text(page.t("faces.consent.equal"), "k-choice-note")
        with design.box("k-choices"):
            design.button(no, lambda: page.faces.answer(yes=False), classes="k-choice", test="consent-no")
            design.button(yes, lambda: page.faces.answer(yes=True), classes="k-choice", test="consent-yes")
