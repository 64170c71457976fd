"""Three good pictures: the preview on the kiosk's own loopback, hints in the visitor's language, and the end of it."""

from __future__ import annotations

import html
import json
from typing import TYPE_CHECKING

from nicegui import ui

from contracts.faces_api import EnrolmentView
from kiosk_ui import design
from kiosk_ui.visitor import flow, frame
from kiosk_ui.visitor.faces import consent, rules

if TYPE_CHECKING:
    from kiosk_ui.visitor.page import KioskPage

_HINTS = ("no_face", "several_faces", "closer", "farther", "straight", "still", "light", "hold")

_STAGE = """<div id="k-enrol" class="k-enrol" data-picture="wait" data-test="enrol-stage" data-words="{words}">
<div class="k-ring"><svg viewBox="0 0 100 100" aria-hidden="true"></svg>
<div class="k-lens"><div class="k-lens-none"><span class="ac-icon" aria-hidden="true">photo_camera_front</span>
<span data-test="enrol-fallback">{no_picture}</span></div><img data-test="enrol-preview" alt="{picture}"></div></div>
<div class="k-hint" role="status" aria-live="polite" data-test="enrol-hint">{waiting}</div>
<div class="k-shots" data-test="enrol-shots"></div></div>"""
"""Filled by enrol.js: the picture once its address is known, the ring with the pictures taken, the hint."""


def draw(page: KioskPage) -> None:
    view = page.faces.view
    with design.box("k-body k-enrol-body", tag="main"):
        consent.strip(page)
        failed = view is not None and view.state == "failed"
        if view is not None and failed:
            _failed(page, view.reason)
        else:
            _prepare(page)
    if view is not None and failed:
        _failed_foot(page, view.reason)
        return
    with design.box("k-foot", tag="footer"):
        design.button(
            page.t("faces.enrol.cancel"),
            page.faces.cancel,
            kind="outline",
            icon_name="close",
            classes="k-only",
            test="enrol-cancel",
        )
    ui.run_javascript("kioskEnrol.stop(); kioskEnrol.show(0, 3, '', 'asked')")
    page.faces.run()


def _prepare(page: KioskPage) -> None:
    t = page.t
    with design.box("k-heading k-middle"):
        design.text(t("faces.enrol.title"), "k-title", tag="h1")
        design.text(t("faces.enrol.why"), "k-why", tag="p")
    ui.html(_stage(page), sanitize=False).classes("k-enrol-holder")


def _stage(page: KioskPage) -> str:
    t = page.t
    words = {hint: t(f"faces.hint.{hint}") for hint in _HINTS}
    words |= {name: t(f"faces.enrol.{name}") for name in ("looking", "storing", "waiting", "count")}
    return _STAGE.format(
        words=html.escape(json.dumps(words, ensure_ascii=False)),
        no_picture=html.escape(t("faces.enrol.no_picture")),
        picture=html.escape(t("faces.enrol.picture")),
        waiting=html.escape(t("faces.enrol.waiting")),
    )


def show(page: KioskPage, view: EnrolmentView, *, new_preview: bool) -> None:
    """What the gateway knows. The pictures and the hints are between the browser and the camera beside it."""
    url = rules.on_this_machine(view.preview_url) if new_preview else ""
    with page.root:
        ui.run_javascript(f"kioskEnrol.show({view.shots}, {view.of}, {json.dumps(url)}, {json.dumps(view.state)})")


def say_waiting(page: KioskPage) -> None:
    if not page.client.is_deleted:
        with page.root:
            ui.run_javascript("kioskEnrol.waiting()")


def _failed(page: KioskPage, reason: str) -> None:
    t = page.t
    known = t.code("faces.failed", reason)
    with design.box("k-failed", test="enrol-failed"):
        design.icon("sentiment_neutral", "k-failed-icon")
        known_already = reason == rules.ALREADY_KNOWN
        title = t("faces.failed.known_title" if known_already else "faces.failed.title")
        design.text(title, "k-title", tag="h1")
        words = t("faces.failed.other") if known == reason else known
        design.text(words, "k-why", tag="p", test="enrol-reason")
        design.text(t("faces.failed.known_ticket" if known_already else "faces.failed.ticket"), "k-why", tag="p")


def _failed_foot(page: KioskPage, reason: str) -> None:
    t = page.t
    if reason == rules.ALREADY_KNOWN:
        with design.box("k-foot", tag="footer"):
            design.button(
                t("faces.failed.known_leave"),
                page.faces.leave_known,
                icon_name="confirmation_number",
                classes="k-only",
                test="enrol-leave",
            )
        return
    with design.box("k-foot k-foot-pair", tag="footer"):
        design.button(t("faces.failed.leave"), page.faces.cancel, kind="outline", classes="k-half", test="enrol-leave")
        design.button(
            t("faces.failed.again"),
            page.faces.try_again,
            kind="outline",
            icon_name="refresh",
            classes="k-half",
            test="enrol-again",
        )


def enrolled(page: KioskPage) -> None:
    """Done: what happens next time, until when, and how it ends."""
    t, text = page.t, page.faces.text
    with design.box("k-body k-enrolled", tag="main"):
        consent.strip(page)
        with design.box("k-done-head"):
            design.icon("check_circle", "k-done-icon")
            design.text(t("faces.enrolled.title"), "k-title", tag="h1", test="enrolled-title")
            design.text(t("faces.enrolled.text"), "k-why", tag="p")
        with design.box("k-facts"):
            _fact("waving_hand", t("faces.enrolled.next_title"), t("faces.enrolled.next"))
            days = text.retention_days if text else None
            kept = t("faces.enrolled.until", days=days) if days else t("faces.enrolled.until_unknown")
            _fact("schedule", t("faces.enrolled.until_title"), kept)
            _fact("delete_sweep", t("faces.enrolled.withdraw_title"), t("faces.enrolled.withdraw"))
            _fact("dialpad", t("faces.enrolled.other_title"), t("faces.enrolled.other"))
    with design.box("k-foot k-foot-done", tag="footer"):
        frame.returning(page, flow.ENROLLED_SECONDS)
        design.button(
            t("faces.enrolled.ticket"),
            page.to_ticket,
            icon_name="confirmation_number",
            classes="k-back",
            test="enrolled-ticket",
        )


def _fact(icon_name: str, title: str, words: str) -> None:
    with design.box("k-section"):
        design.icon(icon_name, "k-section-icon")
        with design.box("k-section-words"):
            design.text(title, "k-section-title", tag="h2")
            design.text(words, "k-section-text", tag="p")
