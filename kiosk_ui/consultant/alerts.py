"""What the consultant is told: cards for a VIP, a long silent lead, a customer whose owner is away; and the day's list.

The page's script sounds once for each alert and says what somebody could see; a hidden page says nothing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nicegui import background_tasks, ui
from nicegui.element import Element
from nicegui.events import GenericEventArguments
from pydantic import ValidationError

from contracts.alerts_api import AlertList, AlertReceipt, AlertReceipts, AlertView, Stage
from contracts.values import utc_now
from kiosk_ui import design
from kiosk_ui.clients.gateway import GatewayProblemError, GatewayUnreachableError
from kiosk_ui.consultant import wording
from kiosk_ui.consultant.dialogs import open_dialog

if TYPE_CHECKING:
    from kiosk_ui.seat import SeatPage

SEEN_EVENT = "alerts_seen"
_ICONS = {
    "vip_return": "workspace_premium",
    "silent_return": "nights_stay",
    "owner_absent": "transfer_within_a_station",
    "offer": "notifications_active",
    "greeting": "waving_hand",
    "unanswered": "campaign",
    "ruling": "gavel",
}
_ANSWERED_ELSEWHERE = frozenset({"offer", "greeting"})
"""These have cards with answers of their own: looking at the list is no answer."""


@dataclass
class Alerts:
    """The alerts of one page. What is live and what was confirmed, the gateway knows."""

    page: SeatPage
    items: tuple[AlertView, ...] = ()
    unread: int = 0

    def listen(self) -> None:
        """Once for each page: from here on its script says what somebody can see."""
        ui.on(SEEN_EVENT, self._seen)
        ui.run_javascript(f"anchang.watchAlerts({json.dumps(SEEN_EVENT)})")

    def show(self, found: AlertList) -> None:
        """The newest state. Called again with the same one while something in it is not confirmed."""
        self.items, self.unread = tuple(found.items), found.unread
        self.page.redraw("badge", self.unread, self._badge)
        cards = [alert for alert in self.items if alert.live and alert.kind not in _ANSWERED_ELSEWHERE]
        self.page.redraw("alerts", [alert.alert_id for alert in cards], lambda: self._cards(cards))
        told = [self._told(alert) for alert in self.items if alert.live and alert.shown_at is None]
        ui.run_javascript(f"anchang.alerts({json.dumps(told, ensure_ascii=False)})")

    def _told(self, alert: AlertView) -> dict[str, Any]:
        """What the script needs; a notification over a locked screen names nobody."""
        own_card = alert.kind in _ANSWERED_ELSEWHERE
        return {
            "id": alert.alert_id,
            "card": alert.subject_id if own_card else alert.alert_id,
            "title": self.page.t(f"consultant.alert.{alert.kind}"),
            "body": "" if alert.ticket_number is None else self.page.t("consultant.ticket", n=alert.ticket_number),
        }

    async def _seen(self, event: GenericEventArguments) -> None:
        try:
            receipts = AlertReceipts.model_validate(event.args)
        except ValidationError:
            return  # not from our script: nothing is confirmed
        await self._confirm(receipts)

    async def _confirm(self, receipts: AlertReceipts) -> None:
        """Lost on the way, it is said again: the gateway delivers until it has it."""
        if not self.page.token:
            return
        try:
            await self.page.gateway.confirm_alerts(self.page.token, receipts)
        except (GatewayProblemError, GatewayUnreachableError):
            return

    def _read(self, *alerts: AlertView) -> None:
        stage: Stage = "read"
        items = [AlertReceipt(alert_id=alert.alert_id, stage=stage) for alert in alerts]
        if items:
            background_tasks.create(self._confirm(AlertReceipts(visible=True, items=items)), name="alerts read")

    # ---- drawing
    def _badge(self) -> None:
        t = self.page.t
        with design.button("", self._open, kind="ghost", icon_name="notifications", test="alerts-open") as bell:
            bell.classes("t-tool t-bell").props(f'aria-label="{t("consultant.alerts.title")}"')
            if self.unread:
                design.text(str(self.unread), "t-badge ac-num", tag="span", test="alerts-badge")
                design.text(t("consultant.alerts.unread", n=self.unread), "ac-sr", tag="span")

    def _cards(self, alerts: list[AlertView]) -> None:
        for alert in alerts:
            self._card(alert)

    def _card(self, alert: AlertView) -> None:
        t = self.page.t
        card = design.card(f"t-alert t-alert-{alert.kind}", test=f"alert-{alert.kind}")
        with card.props(f"data-alert={alert.alert_id}"):
            design.icon(_ICONS[alert.kind], "t-alert-icon")
            with design.col("ac-grow").style("gap:4px"):
                design.text(t(f"consultant.alert.{alert.kind}"), "t-alert-kind")
                with design.row("ac-wrap").style("align-items:baseline;gap:4px 12px"):
                    design.text(alert.customer_name or t("consultant.anonymous"), "t-name", tag="h2")
                    if alert.ticket_number is not None:
                        design.text(t("consultant.ticket", n=alert.ticket_number), "ac-strong")
                    self._since(alert)
                design.text(self._words(alert), "ac-muted")
            design.button(
                t("consultant.alerts.got_it"),
                lambda: self._got_it(card, alert),
                kind="outline",
                icon_name="check",
                test="alert-read",
            )

    def _got_it(self, card: Element, alert: AlertView) -> None:
        card.delete()
        self._read(alert)

    def _since(self, alert: AlertView) -> None:
        elapsed = int((utc_now() - alert.raised_at).total_seconds() * 1000)
        design.box("ac-strong ac-num ac-muted").props(f"data-elapsed={max(0, elapsed)}")

    def _words(self, alert: AlertView) -> str:
        t, me = self.page.t, self.page.name
        if alert.kind == "silent_return":
            return t("consultant.alert.silent_words", n=alert.silent_days or 0)
        if alert.kind == "owner_absent":
            mine = alert.owner_name == me
            key = "absent_me" if mine and alert.receiver_name else "absent_me_nobody" if mine else "absent_colleague"
            return t(f"consultant.alert.{key}", owner=alert.owner_name, receiver=alert.receiver_name)
        owner = alert.owner_name or t("consultant.unknown")
        return t(f"consultant.alert.{alert.kind}_words", owner=owner)

    def _open(self) -> None:
        """The day's alerts; opening it reads what has no answer of its own."""
        page, t, now = self.page, self.page.t, utc_now()
        with page.root, open_dialog(t("consultant.alerts.title"), test="alerts-dialog"):
            if not self.items:
                design.text(t("consultant.alerts.none"), "ac-muted")
            with design.box("t-alerts"):
                for alert in self.items:
                    self._line(alert, wording.ago(t, alert.raised_at, now))
        self._read(*(alert for alert in self.items if alert.live and alert.kind not in _ANSWERED_ELSEWHERE))

    def _line(self, alert: AlertView, when: str) -> None:
        t = self.page.t
        live = " t-alert-live" if alert.live else ""
        with design.box(f"t-alert-line t-alert-{alert.kind}{live}", test="alerts-line"):
            design.icon(_ICONS[alert.kind], "t-alert-icon")
            with design.box("ac-grow"):
                design.text(t(f"consultant.alert.{alert.kind}"), "ac-strong")
                ticket = "" if alert.ticket_number is None else t("consultant.ticket", n=alert.ticket_number)
                words = [alert.customer_name or t("consultant.anonymous"), ticket, when]
                design.text(" · ".join(word for word in words if word), "ac-small ac-muted")
            design.chip(t(f"consultant.alerts.{_state(alert)}"), "accent" if alert.live else "")


def _state(alert: AlertView) -> str:
    if alert.live:
        return "live"
    return "read" if alert.read_at is not None else "over"
