"""Checking a party in by hand, with a number or without. One idempotency key a dialog: sent twice, it is one."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from nicegui import ui
from nicegui.element import Element

from contracts.checkin_api import CheckInForm
from contracts.gateway_api import CheckInRequest, CheckInResult, CustomerView
from contracts.ids import uuid7
from contracts.values import Phone
from kiosk_ui import design
from kiosk_ui.clients.gateway import GatewayProblemError, GatewayUnreachableError
from kiosk_ui.consultant.dialogs import open_dialog, segment
from kiosk_ui.design.signin import text_input
from kiosk_ui.reception.desk import readiest
from kiosk_ui.seat.stepper import stepper
from kiosk_ui.visitor import flow, project
from kiosk_ui.visitor.wishes import sheets

if TYPE_CHECKING:
    from kiosk_ui.reception.page import ReceptionPage

_log = logging.getLogger(__name__)
_PURPOSES = ("view_home", "return_visit", "appointment", "contract", "other")
_MOST = 50
_NAME_LENGTH = 40


async def ask(page: ReceptionPage, customer: CustomerView | None = None) -> None:
    """Of a customer whose file was found, or of somebody new."""
    try:
        form = await page.gateway.check_in_form(page.token)
    except (GatewayUnreachableError, GatewayProblemError) as error:
        _log.info("reception: %s", error)
        form = CheckInForm()
    _CheckIn(page, customer, form).open()


class _CheckIn:
    def __init__(self, page: ReceptionPage, customer: CustomerView | None, form: CheckInForm) -> None:
        self.page, self.customer, self.form, self.key = page, customer, form, uuid7()
        self.chosen = {"purpose": _PURPOSES[0], "project": "", **dict.fromkeys(flow.QUESTIONS, "")}

    def open(self) -> None:
        t = self.page.t
        with self.page.root, open_dialog(t("reception.checkin.title"), test="checkin-dialog") as dialog:
            self.body = design.box("r-part")
            with self.body:
                self._known() if self.customer else self._who()
                self._how_many()
                design.text(t("reception.checkin.purpose"), "ac-label")
                purposes = [(code, t(f"consultant.purpose.{code}")) for code in _PURPOSES]
                segment(purposes, self.chosen, "purpose", test="checkin-purpose")
                if self.form.projects:
                    self._project()
                self._whom()
                self._brought_by()
                if self.form.gate_questions:
                    self._gate()
                self.error = design.text("", "ac-error", test="checkin-error").props("role=alert")
                self.button: Element = design.button(
                    t("reception.checkin.confirm"), self._go, classes="ac-btn-big", test="checkin-confirm"
                )
        self.dialog = dialog

    # ---- fields
    def _known(self) -> None:
        with design.row("r-candidate", test="checkin-customer").style("flex-direction:row"):
            design.text((self.customer.name or "?")[:1] if self.customer else "", "ac-avatar")
            with design.box():
                design.text(self.customer.name if self.customer else "", "r-name r-break")
                design.text(self.customer.phone if self.customer else "", "ac-num ac-muted")

    def _who(self) -> None:
        t = self.page.t
        with design.row("ac-top ac-fields"):
            with design.box("ac-field ac-grow"):
                design.text(t("reception.checkin.phone"), "ac-label")
                hint = t("reception.checkin.phone_hint")
                self.phone = text_input("", hint, test="checkin-phone", label=t("reception.checkin.phone"))
                self.phone.props("inputmode=tel autocomplete=off autofocus")
            with design.box("ac-field ac-grow"):
                design.text(t("reception.checkin.name"), "ac-label")
                self.name = text_input("", "", test="checkin-name", label=t("reception.checkin.name"))
                self.name.props("autocomplete=off")
        for field in (self.phone, self.name):
            field.on("keydown.enter", self._go)

    def _how_many(self) -> None:
        design.text(self.page.t("reception.checkin.party"), "ac-label")
        self.party = stepper(self.page, most=_MOST, test="party")

    def _whom(self) -> None:
        t = self.page.t
        design.text(t("reception.checkin.asked_for"), "ac-label")
        names = {e.consultant_id: e.name for e in sorted(self.page.shown.rota, key=lambda entry: entry.name)}
        first = readiest(self.page.shown.rota)
        hint = t("reception.checkin.anybody", name=first[0].name if first else "–")
        self.asked_for = ui.select(names, with_input=True, clearable=True).classes("ac-q-input")
        self.asked_for.props(f'outlined hide-bottom-space placeholder="{hint}"')
        self.asked_for.props(f'aria-label="{t("reception.checkin.asked_for")}"')
        design.mark(self.asked_for, "checkin-asked-for")

    def _brought_by(self) -> None:
        """A scanner types it, and presses Enter after it."""
        t = self.page.t
        design.text(t("reception.checkin.agent"), "ac-label")
        hint = t("reception.checkin.agent_hint")
        self.agent = text_input("", hint, test="checkin-agent", label=t("reception.checkin.agent"))
        self.agent.props(f"autocomplete=off spellcheck=false maxlength={flow.CODE_LENGTH}")

    def _project(self) -> None:
        t = self.page.t
        design.text(t("reception.checkin.project"), "ac-label")
        sold = [(each.project, project.named(each, t.language)) for each in self.form.projects]
        segment(sold, self.chosen, "project", test="checkin-project")

    def _gate(self) -> None:
        t = self.page.t
        design.text(t("gate.desk"), "ac-label")
        for question in flow.QUESTIONS:
            with design.row("ac-between").props("role=group"):
                design.text(t(f"gate.form.{question}"))
                segment([(a, t(f"gate.{a}")) for a in ("yes", "no")], self.chosen, question, test=f"gate-{question}")

    # ---- sending
    async def _go(self) -> None:
        digits = "" if self.customer else str(self.phone.value or "").strip()
        wrong = flow.phone_code(digits) if digits else None
        if wrong is not None:
            self.error.set_text(self.page.t.code("visitor.error", wrong))
            return
        request = CheckInRequest.model_validate(
            {
                "language": self.page.t.language,
                "phone": Phone.parse(digits) if digits else None,
                "customer_id": self.customer.customer_id if self.customer else None,
                "name": "" if self.customer else str(self.name.value or "")[:_NAME_LENGTH],
                "agent_code": str(self.agent.value or "")[: flow.CODE_LENGTH],
                "party_size": self.party.value,
                "purpose": self.chosen["purpose"],
                "project": self.chosen["project"],
                "gate": {q: self.chosen[q] == "yes" for q in flow.QUESTIONS if self.chosen[q]},
                "asked_for": self.asked_for.value or None,
            }
        )
        design.enable(self.button, False)
        answers: list[CheckInResult] = []

        async def send() -> None:
            answers.append(await self.page.gateway.check_in(self.page.token, self.key, request))

        if await self.page.act(send):
            self._done(answers[0])
        elif not self.button.is_deleted:
            design.enable(self.button, True)

    def _search(self) -> None:
        self.dialog.close()
        ui.run_javascript("setTimeout(receptionDesk.back, 300)")  # the dialog gives the focus back first

    def _done(self, result: CheckInResult) -> None:
        """What the visitor is told: the number, how long, and with whom."""
        t = self.page.t
        self.body.clear()
        with self.body, design.col("ac-center r-done").style("align-items:center"):
            joined = "reception.checkin.joined" if result.joined_existing else "reception.checkin.number"
            design.text(t(joined), "ac-muted")
            design.text(str(result.ticket.number), "r-done-number ac-num", test="checkin-number")
            words = [t("reception.checkin.ahead", n=result.ticket.ahead)]
            if result.ticket.wait_minutes is not None:
                words.append(t("reception.checkin.wait", n=result.ticket.wait_minutes))
            if result.consultant_name:
                words.append(t("reception.checkin.with", name=result.consultant_name))
            design.text(" · ".join(words), "ac-strong", test="checkin-words")
            if result.agent is not None:
                tone: design.Tone = "warn" if result.agent.refused else "ok"
                design.note(
                    sheets.said(t, result.agent), tone, icon_name="handshake", title=t("reception.checkin.brought")
                )
            for hint in result.hints:
                design.note(t(f"gate.hint.{hint}"), "warn", icon_name="person_search", test="checkin-hint")
            if result.hints:
                design.button(t("gate.search"), self._search, kind="outline", icon_name="search", test="checkin-search")
            close = design.button(
                t("common.close"), self.dialog.close, classes="ac-btn-big r-wide", test="checkin-close"
            )
            close.props("autofocus")
        ui.run_javascript("setTimeout(() => document.querySelector('[data-test=\"checkin-close\"]')?.focus(), 50)")
        self.page.open_visit(result.visit_id)
