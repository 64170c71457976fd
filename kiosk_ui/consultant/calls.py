"""A call (来电) that left a number: a claim of who took it, so it is noted at once and with the time it was taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.identity_api import CallRequest
from contracts.ids import uuid7
from contracts.values import Phone
from kiosk_ui.consultant import numbers

if TYPE_CHECKING:
    from kiosk_ui.consultant.page import TabletPage


async def ask(page: TabletPage) -> None:
    key = uuid7()

    async def send(phone: Phone, name: str) -> str:
        taken = await page.gateway.note_call(page.token, key, CallRequest(phone=phone, name=name))
        return page.t(f"call.{taken.owner}")

    await numbers.ask(page, "call", send)
