"""What the reception does with a party: give it to somebody, hand it over."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from nicegui import ui
from nicegui.element import Element

from contracts.gateway_api import AssignRequest, HandOverRequest, VisitView
from contracts.rota_api import RotaEntry
from kiosk_ui import design
from kiosk_ui.consultant import wording
from kiosk_ui.consultant.dialogs import open_dialog, segment
from kiosk_ui.design.signin import text_input
from kiosk_ui.reception.desk import readiest

if TYPE_CHECKING:
    from kiosk_ui.reception.page import ReceptionPage

REASON_LENGTH = 200
_ASSIGN_REASONS = ("nobody", "asked_for", "language", "manager", "other")
_HAND_OVER_REASONS = ("colleague", "asked_for", "other")


def assign(page: ReceptionPage, visit: VisitView, consultant_id: str = "") -> None:
    """Past the rota, with a reason that is kept with the decision."""

    async def send(chosen: str, reason: str) -> None:
        await page.gateway.assign(page.token, visit.visit_id, AssignRequest(consultant_id=chosen, reason=reason))

    first = _ASSIGN_REASONS[0] if visit.escalation is not None else _ASSIGN_REASONS[1]
    _Give(page, visit, "assign", _ASSIGN_REASONS, send, chosen=consultant_id, reason=first).open()


def hand_over(page: ReceptionPage, visit: VisitView) -> None:
    """The visitor turned out to be a colleague's: whoever received them is at the head of the rota again."""

    async def send(chosen: str, reason: str) -> None:
        await page.gateway.hand_over(page.token, visit.visit_id, HandOverRequest(consultant_id=chosen, reason=reason))

    _Give(page, visit, "hand_over", _HAND_OVER_REASONS, send, reason=_HAND_OVER_REASONS[0]).open()


class _Give:
    """A dialog that asks to whom and why."""

    def __init__(
        self,
        page: ReceptionPage,
        visit: VisitView,
        what: str,
        reasons: tuple[str, ...],
        send: Callable[[str, str], Awaitable[Any]],
        *,
        reason: str,
        chosen: str = "",
    ) -> None:
        self.page, self.visit, self.what, self.reasons, self.send = page, visit, what, reasons, send
        self.chosen = {"to": chosen, "why": reason}

    def open(self) -> None:
        page, t = self.page, self.page.t
        number = self.visit.ticket.number if self.visit.ticket else "–"
        title = t(f"reception.{self.what}.title", n=number, name=wording.customer_name(t, self.visit))
        with page.root, open_dialog(title, test="give-dialog") as dialog:
            if self.what == "hand_over":
                design.note(t("reception.hand_over.about"), icon_name="info")
            design.text(t("reception.assign.to"), "ac-label")
            self._people()
            design.text(t("reception.assign.why"), "ac-label")
            words = [(code, t(f"reception.why.{code}")) for code in self.reasons]
            segment(words, self.chosen, "why", test="give-why")
            more = text_input("", t("reception.assign.more"), test="give-more", label=t("reception.assign.more"))
            error = design.text("", "ac-error", test="give-error").props("role=alert")
            self._button(dialog, more, error)

    def _people(self) -> None:
        but = self.visit.consultant_id if self.visit.state == "serving" else None
        found = readiest(self.page.shown.rota, but=but)
        if not self.chosen["to"] and found and found[0].state == "free":
            self.chosen["to"] = found[0].consultant_id
        with design.box("r-people"):
            segment([(e.consultant_id, self._line(e)) for e in found], self.chosen, "to", test="give-to")

    def _line(self, entry: RotaEntry) -> str:
        state = self.page.t(f"reception.consultant.{entry.state}")
        return f"{entry.name} · {state}"

    def _button(self, dialog: ui.dialog, more: ui.input | ui.textarea, error: ui.label) -> None:
        page, t = self.page, self.page.t

        async def go() -> None:
            added, why = str(more.value or "").strip(), self.chosen["why"]
            if not self.chosen["to"]:
                error.set_text(t("reception.assign.nobody_chosen"))
                return
            if why == "other" and not added:
                error.set_text(t("codes.problem.reason_needed"))
                return
            words = [added] if why == "other" else [t(f"reception.why.{why}"), added]
            reason = "：".join(word for word in words if word)[:REASON_LENGTH]
            design.enable(button, False)
            if await page.act(lambda: self.send(self.chosen["to"], reason), t(f"reception.{self.what}.done")):
                dialog.close()
            elif not button.is_deleted:
                design.enable(button, True)

        button: Element = design.button(
            t(f"reception.{self.what}.confirm"), go, classes="ac-btn-big", test="give-confirm"
        )
        more.on("keydown.enter", go)
