"""Signals of fraud: figures beside what they are held against. They decide nothing, and nothing is decided here."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING

from nicegui import background_tasks

from contracts.fraud_api import FraudPage, FraudSignal
from contracts.gateway_api import VisitView
from contracts.values import utc_now
from kiosk_ui import design
from kiosk_ui.consultant.dialogs import open_dialog, segment
from kiosk_ui.desk.fraud_words import Bar, told
from kiosk_ui.desk.pieces import empty, heading
from kiosk_ui.desk.shown import Shown

if TYPE_CHECKING:
    from kiosk_ui.desk.page import DeskPage

PERIODS = (1, 7, 31)
"""Days that can be looked at; the gateway reads no more than 31 at once."""
_MOST = 200
_READ_SECONDS = 60.0


async def read(page: DeskPage) -> None:
    """Only while somebody looks, and once a minute: a month of an office is a long reading."""
    shown = page.shown
    if page.chosen.name != "fraud" or time.monotonic() < shown.fraud_due:
        return
    until = utc_now()
    days = shown.fraud_days
    found = await page.gateway.fraud_signals(page.token, until - timedelta(days=days), until, _MOST)
    if days == shown.fraud_days:
        shown.fraud, shown.fraud_due = found, time.monotonic() + _READ_SECONDS


def shows(shown: Shown) -> object:
    return shown.fraud_days, shown.fraud


def draw(page: DeskPage) -> None:
    t, found = page.t, page.shown.fraud
    heading(page, "fraud")
    chosen = {"days": str(page.shown.fraud_days)}

    def choose() -> None:
        page.shown.fraud_days, page.shown.fraud, page.shown.fraud_due = int(chosen["days"]), None, 0.0
        background_tasks.create(page.refresh(), name="signals of fraud")

    periods = [(str(days), t("fraud.period", n=days)) for days in PERIODS]
    segment(periods, chosen, "days", test="fraud-days", on_change=choose)
    design.note(t("fraud.decides_nothing"), icon_name="info", test="fraud-note")
    if found is None:
        empty(t("desk.reading"), "hourglass_empty")
        return
    looked = t("fraud.looked_at", visits=found.visits, n=found.registrations, version=found.policy_version)
    design.text(looked, "ac-muted", test="fraud-looked-at")
    if not found.items:
        empty(t("fraud.none"), "task_alt", test="fraud-none")
    for signal in found.items:
        _signal(page, signal, found)
    if found.next_cursor is not None:
        design.note(t("fraud.more", n=len(found.items)), icon_name="more_horiz")


def _signal(page: DeskPage, signal: FraudSignal, found: FraudPage) -> None:
    t, words = page.t, told(page.t, signal)
    with design.card("d-card", test="fraud-signal").props(f"data-code={signal.code}"):
        with design.row("ac-between ac-wrap"):
            design.text(words.title, "ac-strong d-name", tag="h3")
            design.text(page.project.local(signal.at), "ac-small ac-muted ac-num")
        design.text(_who(page, signal, found), "ac-muted", test="fraud-who")
        design.text(words.figures, test="fraud-figures")
        if words.bars:
            with design.box("d-bars"):
                for bar in words.bars:
                    _bar(bar)
        design.text(words.against, "ac-small ac-muted", test="fraud-against")
        if signal.visit_id is not None:
            visit_id = signal.visit_id

            async def look() -> None:
                await _visit(page, visit_id)

            with design.row():
                design.button(t("fraud.visit"), look, kind="outline", icon_name="search", test="fraud-visit")


def _who(page: DeskPage, signal: FraudSignal, found: FraudPage) -> str:
    t = page.t
    channels = [found.names.get(channel) or t("desk.appeals.a_channel") for channel in signal.channel_ids]
    agent = found.names.get(signal.agent_id or "")
    n = t("fraud.registrations", n=len(signal.registration_ids))
    return " · ".join(part for part in (*channels, agent, n) if part)


def _bar(bar: Bar) -> None:
    with design.box("d-bar"):
        design.text(bar.label, "ac-small")
        with design.box("d-bar-track"):
            design.box("d-bar-fill").style(f"width:{max(bar.part, 0.005):.1%}")
        design.text(bar.value, "ac-small ac-strong ac-num")


async def _visit(page: DeskPage, visit_id: str) -> None:
    """Which visit it was: masked, as everywhere."""
    seen: list[VisitView] = []

    async def read_visit() -> None:
        seen.append(await page.gateway.visit(page.token, visit_id))

    if not await page.act(read_visit):
        return
    visit, t = seen[0], page.t
    with page.root, open_dialog(t("fraud.visit_title"), test="fraud-visit-dialog"):
        customer = visit.customer
        who = (customer.name or customer.phone) if customer else t("fraud.nobody_known")
        number = "" if visit.ticket is None else t("consultant.ticket", n=visit.ticket.number)
        facts = (page.project.local(visit.opened_at), number, who)
        design.text(" · ".join(fact for fact in facts if fact), "ac-strong")
        design.text(t(f"verdicts.source.{visit.source}"))
        if visit.consultant_name:
            design.text(t("desk.parties.with", name=visit.consultant_name), "ac-muted")
