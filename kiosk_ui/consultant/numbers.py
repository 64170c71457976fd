"""A number and, if somebody knows it, a name: asked in one way for a call and for who checked in without one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from contracts.gateway_api import LateNumber, VisitView
from contracts.values import Phone
from kiosk_ui import design
from kiosk_ui.consultant.dialogs import open_dialog
from kiosk_ui.design.signin import text_input
from kiosk_ui.visitor import flow

if TYPE_CHECKING:
    from kiosk_ui.consultant.page import TabletPage
    from kiosk_ui.reception.page import ReceptionPage

_NAME_LENGTH = 40


async def add(page: TabletPage | ReceptionPage, visit: VisitView) -> None:
    """Whose visit it is, learnt late (补登号码)."""

    async def send(phone: Phone, name: str) -> str:
        await page.gateway.add_number(page.token, visit.visit_id, LateNumber(phone=phone, name=name))
        return page.t("number.done")

    await ask(page, "number", send)


async def ask(page: TabletPage | ReceptionPage, what: str, send: Callable[[Phone, str], Awaitable[str]]) -> None:
    """`what` names the texts of the dialog; `send` answers what is said when it is done."""
    t, told = page.t, [""]
    with page.root, open_dialog(t(f"{what}.title"), test=f"{what}-dialog") as dialog:
        design.note(t(f"{what}.about"), icon_name="call" if what == "call" else "person_add")
        design.text(t(f"{what}.phone"), "ac-label")
        phone = text_input("", t("number.phone_hint"), test=f"{what}-phone", label=t(f"{what}.phone"))
        phone.props("inputmode=tel autocomplete=off")
        error = design.text("", "ac-error", test=f"{what}-error").props("role=alert")
        design.text(t("number.name"), "ac-label")
        name = text_input("", t("number.name_hint"), test=f"{what}-name", label=t("number.name"))

        async def work() -> None:
            told[0] = await send(Phone.parse(str(phone.value)), str(name.value or "").strip()[:_NAME_LENGTH])

        async def go() -> None:
            wrong = flow.phone_code(str(phone.value or ""))
            error.set_text("" if wrong is None else t.code("visitor.error", wrong))
            if wrong is not None:
                return
            design.enable(button, False)
            if await page.act(work):
                dialog.close()
                page.say(told[0])
            elif not button.is_deleted:
                design.enable(button, True)

        button = design.button(t(f"{what}.save"), go, classes="ac-btn-big", icon_name="check", test=f"{what}-save")
