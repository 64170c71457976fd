"""How every answer to an appeal is given: what was decided, the reason for it, and the button."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from nicegui import ui

from contracts.appeals_api import AppealDecision, AppealView
from kiosk_ui.desk.pieces import decision

if TYPE_CHECKING:
    from kiosk_ui.desk.page import DeskPage

REASON_LENGTH = 1000


def answer(
    page: DeskPage,
    dialog: ui.dialog,
    appeal: AppealView,
    made: Callable[[str], AppealDecision],
    *,
    label: str,
    said: str,
    ready: Callable[[], str] = lambda: "",
) -> None:
    """`made` is the decision for a reason; `label` and `said` are keys of texts, `ready` what is still missing."""

    async def work(reason: str) -> None:
        await page.gateway.decide_appeal(page.token, appeal, made(reason))

    decision(page, dialog, work, label=page.t(label), said=page.t(said), ready=ready, most=REASON_LENGTH)
