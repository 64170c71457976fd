"""Withdrawing for a customer who stands at the desk: found by the number they say, identified by a person, recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import ui
from nicegui.element import Element

from contracts.faces_api import CustomerFaceFile, FaceFileQuery, WithdrawalRequest
from contracts.ids import uuid7
from contracts.values import Phone
from kiosk_ui import design
from kiosk_ui.clients.gateway import GatewayProblemError
from kiosk_ui.consultant.dialogs import open_dialog, segment
from kiosk_ui.design.signin import text_input
from kiosk_ui.visitor import flow

if TYPE_CHECKING:
    from kiosk_ui.reception.page import ReceptionPage

_WAYS = ("document", "phone", "known")
_REASON_LENGTH = 200


def ask(page: ReceptionPage) -> None:
    t = page.t
    with page.root, open_dialog(t("reception.forget.title"), test="forget-dialog") as dialog:
        design.note(t("reception.forget.about"), icon_name="badge")
        design.text(t("reception.forget.phone"), "ac-label")
        with design.row():
            number = text_input(
                "", t("reception.forget.phone_hint"), test="forget-phone", label=t("reception.forget.phone")
            )
            number.props("inputmode=tel autocomplete=off").classes("ac-grow")
            find = design.button(t("reception.forget.find"), None, icon_name="search", test="forget-find")
        error = design.text("", "ac-error", test="forget-error").props("role=alert")
        found = design.box("r-part").props("aria-live=polite")

    async def look() -> None:
        error.set_text("")
        found.clear()
        digits = str(number.value or "")
        wrong = flow.phone_code(digits)
        if wrong is not None:
            error.set_text(t.code("visitor.error", wrong))
            return
        file = await _read(page, Phone.parse(digits), error)
        if file is not None and not found.is_deleted:
            with found:
                _show(page, dialog, file)

    find.on("click", look)
    number.on("keydown.enter", look)


async def _read(page: ReceptionPage, phone: Phone, error: ui.label) -> CustomerFaceFile | None:
    files: list[CustomerFaceFile] = []

    async def read() -> None:
        try:
            files.append(await page.gateway.face_file(page.token, FaceFileQuery(phone=phone)))
        except GatewayProblemError as problem:
            if problem.code != "nobody_by_that_number":
                raise
            error.set_text(page.t("reception.forget.nobody"))

    await page.act(read)
    return files[0] if files else None


def _show(page: ReceptionPage, dialog: ui.dialog, file: CustomerFaceFile) -> None:
    customer = file.customer
    with design.box("r-candidate", test="forget-customer"), design.row():
        design.text((customer.name or "?")[:1], "ac-avatar")
        with design.box():
            design.text(customer.name or customer.phone, "r-name")
            design.text(customer.phone, "ac-muted ac-num")
            design.text(_state(page, file), "ac-strong", test="forget-state")
    if file.templates_kept or any(one.state != "ended" for one in file.consents):
        _identify(page, dialog, customer.customer_id)


def _state(page: ReceptionPage, file: CustomerFaceFile) -> str:
    t = page.t
    live = next((one for one in file.consents if one.state != "ended"), None)
    if live is None:
        return t("reception.forget.rest" if file.templates_kept else "reception.forget.nothing")
    if live.state == "granted":
        return t("reception.forget.granted")
    return t("reception.forget.kept", until=page.project.local_date(live.until))


def _identify(page: ReceptionPage, dialog: ui.dialog, customer_id: str) -> None:
    """How it was made sure goes into the record, with who did it."""
    t, key, chosen = page.t, uuid7(), {"how": _WAYS[0]}
    design.text(t("reception.forget.how"), "ac-label")
    segment([(way, t(f"reception.forget.how_options.{way}")) for way in _WAYS], chosen, "how", test="forget-how")
    more = text_input("", t("reception.forget.more"), test="forget-more", label=t("reception.forget.more"))

    async def send() -> None:
        words = [t(f"reception.forget.how_options.{chosen['how']}"), str(more.value or "").strip()]
        reason = "：".join(word for word in words if word)[:_REASON_LENGTH]
        await page.gateway.withdraw(page.token, key, WithdrawalRequest(customer_id=customer_id, reason=reason))

    async def go() -> None:
        design.enable(button, False)
        if await page.act(send, t("reception.forget.started")):
            dialog.close()
        elif not button.is_deleted:
            design.enable(button, True)

    button: Element = design.button(
        t("reception.forget.confirm"), go, classes="ac-btn-big", icon_name="delete_sweep", test="forget-confirm"
    )
