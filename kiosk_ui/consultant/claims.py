"""Customers of mine whom a colleague received before anybody knew whose they were: claimed back within the hours."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from nicegui.element import Element

from contracts.identity_api import ClaimableVisit
from contracts.values import utc_now
from kiosk_ui import design
from kiosk_ui.consultant.dialogs import open_dialog

if TYPE_CHECKING:
    from kiosk_ui.consultant.page import TabletPage


async def ask(page: TabletPage) -> None:
    found: list[ClaimableVisit] = []

    async def read() -> None:
        found.extend(await page.gateway.claimable(page.token))

    if not await page.act(read):
        return
    with page.root, open_dialog(page.t("claims.title"), test="claims-dialog"):
        _draw(page, design.col("ac-grow"), found)


def _draw(page: TabletPage, box: Element, found: list[ClaimableVisit]) -> None:
    t = page.t
    box.clear()
    with box:
        if not found:
            design.note(t("claims.none"), icon_name="task_alt", test="claims-none")
            return
        design.text(t("claims.about"), "ac-muted")
        for visit in found:
            rest = [each for each in found if each is not visit]
            _line(page, visit, partial(_draw, page, box, rest))


def _line(page: TabletPage, visit: ClaimableVisit, done: Callable[[], None]) -> None:
    t, customer = page.t, visit.customer
    hours = max(0, int((visit.open_until - utc_now()).total_seconds() // 3600))
    with design.card("t-claim", test="claim-line"):
        with design.col("ac-grow").style("gap:2px"):
            design.text(customer.name or customer.phone, "ac-strong t-claim-name")
            design.text(t("claims.came", at=page.project.local(visit.opened_at)), "ac-small ac-muted")
            until = t("claims.until", at=page.project.local(visit.open_until), n=hours)
            design.text(until, "ac-small ac-muted")
        design.button(t("claims.claim"), lambda: _claim(page, visit, done), icon_name="front_hand", test="claim")


async def _claim(page: TabletPage, visit: ClaimableVisit, done: Callable[[], None]) -> None:
    if await page.act(lambda: page.gateway.claim(page.token, visit.visit_id), page.t("claims.done")):
        done()
