"""Who was told and has not looked, and what the devices sent that could not be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.alerts_api import PushDeadLetter, ReceiptView
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
    page.shown.pushes = (await page.gateway.push_dead_letters(page.token)).items
    page.shown.dead_letters = (await page.gateway.dead_letters(page.token)).items


def waiting(shown: Shown) -> int:
    return len(_unseen(shown)) + len(shown.pushes)


def shows(shown: Shown) -> object:
    return shown.receipts[:_SHOWN], [r.alert_id for r in _unseen(shown)], shown.pushes, shown.dead_letters[:_SHOWN]


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
    design.text(t("desk.push.title"), "ac-h2", tag="h3")
    if not page.shown.pushes:
        empty(t("desk.push.none"), "task_alt")
    for push in page.shown.pushes:
        _push(page, push)
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


def _push(page: DeskPage, push: PushDeadLetter) -> None:
    t = page.t
    with design.card("d-line d-warn", test="push"):
        design.icon("send_to_mobile", "d-icon")
        with design.col("ac-grow").style("gap:2px"):
            design.text(t(f"consultant.alert.{push.kind}"), "ac-strong")
            number = "" if push.ticket_number is None else t("consultant.ticket", n=push.ticket_number)
            facts = t("desk.push.facts", channel=push.channel, n=push.attempts, error=push.error)
            words = (number, wording.ago(t, push.created_at, utc_now()), facts)
            design.text(" · ".join(word for word in words if word), "ac-small ac-muted")

        async def again() -> None:
            await page.act(lambda: page.gateway.resend_push(page.token, push.push_id), t("desk.push.resent"))

        design.button(t("desk.push.resend"), again, kind="outline", test="push-resend")


def _letter(page: DeskPage, letter: DeadLetterView) -> None:
    t = page.t
    with design.card("d-line", test="dead-letter"):
        design.icon("mark_email_unread", "d-icon")
        with design.col("ac-grow").style("gap:2px"):
            design.text(t.code("desk.dead", letter.reason), "ac-strong")
            facts = (page.project.local(letter.received_at), letter.node or "", letter.event_type or letter.topic)
            design.text(" · ".join(word for word in facts if word), "ac-small ac-muted")
