"""A call (来电) that left a number: a claim of who took it, so it is noted at once and with the time it was taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.identity_api import CallRequest, CallTaken
from contracts.ids import uuid7
from contracts.values import Phone
from kiosk_ui import design
from kiosk_ui.consultant.dialogs import open_dialog
from kiosk_ui.design.signin import text_input
from kiosk_ui.visitor import flow

if TYPE_CHECKING:
    from kiosk_ui.consultant.page import TabletPage

_NAME_LENGTH = 40


async def ask(page: TabletPage) -> None:
    t, key = page.t, uuid7()
    taken: list[CallTaken] = []
    with page.root, open_dialog(t("call.title"), test="call-dialog") as dialog:
        design.note(t("call.about"), icon_name="call")
        design.text(t("call.phone"), "ac-label")
        phone = text_input("", t("call.phone_hint"), test="call-phone", label=t("call.phone"))
        phone.props("inputmode=tel autocomplete=off")
        error = design.text("", "ac-error", test="call-error").props("role=alert")
        design.text(t("call.name"), "ac-label")
        name = text_input("", t("call.name_hint"), test="call-name", label=t("call.name"))

        async def send() -> None:
            request = CallRequest(phone=Phone.parse(str(phone.value)), name=str(name.value or "")[:_NAME_LENGTH])
            taken.append(await page.gateway.note_call(page.token, key, request))

        async def go() -> None:
            wrong = flow.phone_code(str(phone.value or ""))
            error.set_text("" if wrong is None else t.code("visitor.error", wrong))
            if wrong is not None:
                return
            design.enable(button, False)
            if await page.act(send):
                dialog.close()
                page.say(t(f"call.{taken[-1].owner}"))
            elif not button.is_deleted:
                design.enable(button, True)

        button = design.button(t("call.save"), go, classes="ac-btn-big", icon_name="check", test="call-save")
