"""Who was told and has not looked, and what the devices sent that could not be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.alerts_api import ReceiptView
from contracts.floor_api import DeadLetterView
from contracts.values import utc_now
from kiosk_ui import design
from kiosk_ui.consultant import wording
from kiosk_ui.desk.pieces import empty, heading
from kiosk_ui.desk.shown import Shown

if TYPE_CHECKING:
    from kiosk_ui.desk.page import DeskPage

_SHOWN = 12


async def read(page: DeskPage) -> None:
    page.shown.receipts = (await page.gateway.receipts(page.token)).items
    page.shown.dead_letters = (await page.gateway.dead_letters(page.token)).items


def waiting(shown: Shown) -> int:
    return len(_unseen(shown))


def shows(shown: Shown) -> object:
    return shown.receipts[:_SHOWN], [r.alert_id for r in _unseen(shown)], shown.dead_letters[:_SHOWN]


def _unseen(shown: Shown) -> list[ReceiptView]:
    return [] if shown.floor is None else shown.floor.unseen


def draw(page: DeskPage) -> None:
    t, unseen = page.t, _unseen(page.shown)
    heading(page, "alerts")
    if not unseen:
        empty(t("desk.alerts.none"), "done_all", test="alerts-none")
    for receipt in unseen:
        _receipt(page, receipt, live=True)
    seen = [r for r in page.shown.receipts if r.alert_id not in {u.alert_id for u in unseen}][:_SHOWN]
    if seen:
        design.text(t("desk.alerts.earlier"), "ac-h2", tag="h3")
        for receipt in seen:
            _receipt(page, receipt, live=False)
    design.text(t("desk.alerts.dead"), "ac-h2", tag="h3")
    if not page.shown.dead_letters:
        empty(t("desk.alerts.none_dead"), "task_alt")
    for letter in page.shown.dead_letters[:_SHOWN]:
        _letter(page, letter)


def _receipt(page: DeskPage, receipt: ReceiptView, *, live: bool) -> None:
    t = page.t
    with design.card(f"d-line {'d-warn' if live else ''}", test="unseen" if live else "receipt"):
        design.icon("notifications_active" if live else "done_all", "d-icon")
        with design.col("ac-grow").style("gap:2px"):
            design.text(t(f"consultant.alert.{receipt.kind}"), "ac-strong")
            number = "" if receipt.ticket_number is None else t("consultant.ticket", n=receipt.ticket_number)
            who = receipt.recipient_name or t.code("desk.role", receipt.role)
            facts = (number, who, wording.ago(t, receipt.raised_at, utc_now()))
            design.text(" · ".join(word for word in facts if word), "ac-small ac-muted")
        stage = next((s for s in ("read", "shown", "delivered") if getattr(receipt, f"{s}_at")), "sent")
        design.chip(t(f"desk.alerts.{stage}"), "ok" if stage in {"read", "shown"} else "")
        if live:
            awake = "awake" if receipt.awake else "asleep"
            design.chip(t(f"desk.alerts.{awake}"), "" if receipt.awake else "bad", icon_name="tablet_mac")


def _letter(page: DeskPage, letter: DeadLetterView) -> None:
    t = page.t
    with design.card("d-line", test="dead-letter"):
        design.icon("mark_email_unread", "d-icon")
        with design.col("ac-grow").style("gap:2px"):
            design.text(t.code("desk.dead", letter.reason), "ac-strong")
            facts = (page.project.local(letter.received_at), letter.node or "", letter.event_type or letter.topic)
            design.text(" · ".join(word for word in facts if word), "ac-small ac-muted")
