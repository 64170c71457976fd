"""Finding a customer's file by what the visitor says: name, pinyin, initials, last four digits or the whole number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.gateway_api import CustomerView
from contracts.identity_api import FoundCustomer, SearchRequest
from contracts.values import utc_now
from kiosk_ui import design
from kiosk_ui.clients.gateway import GatewayProblemError
from kiosk_ui.consultant import wording
from kiosk_ui.reception.pieces import empty, row_button
from kiosk_ui.reception.side import Found, OpenFile

if TYPE_CHECKING:
    from kiosk_ui.reception.page import ReceptionPage

_SAID_HERE = {"unreadable_search", "too_many_lookups"}
SEARCH_LENGTH = 60


async def look(page: ReceptionPage, typed: str) -> None:
    """Masked, strongest reason first. Who searched is written down at the gateway."""
    text = typed.strip()[:SEARCH_LENGTH]
    if not text:
        return

    async def ask() -> None:
        try:
            found = await page.gateway.search(page.token, SearchRequest(text=text))
        except GatewayProblemError as problem:
            if problem.code not in _SAID_HERE:
                raise
            page.put(Found(complaint=problem.code))
            return
        page.put(Found(items=tuple(found.items), more=found.next_cursor is not None))

    await page.act(ask)


def draw(page: ReceptionPage, found: Found) -> None:
    t = page.t
    if found.complaint:
        design.note(t.code("codes.problem", found.complaint), "warn", icon_name="search_off", test="search-complaint")
        return
    if not found.items:
        empty(t("reception.search.nobody"), "person_search")
        design.button(
            t("reception.checkin.open"), page.check_in, icon_name="how_to_reg", classes="r-wide", test="found-check-in"
        )
        return
    for item in found.items:
        _result(page, found, item)
    if found.more:
        design.text(t("reception.search.more"), "ac-small ac-muted")


def _result(page: ReceptionPage, found: Found, item: FoundCustomer) -> None:
    t, customer = page.t, item.customer

    def open_file() -> None:
        beside = tuple(other for other in found.items if other is not item)
        page.open_file(OpenFile(customer=customer, reasons=tuple(item.reasons), beside=beside))

    with design.box("r-row", test="found-row"), row_button(open_file, test="found-open"):
        design.text((customer.name or "?")[:1], "ac-avatar")
        with design.box("ac-grow r-row-who"):
            with design.row().style("gap:10px"):
                design.text(customer.name or t("consultant.anonymous"), "r-row-name ac-ellipsis")
                design.text(customer.phone, "ac-num r-fixed")
            design.text(" · ".join(facts(page, customer)), "ac-small ac-muted ac-ellipsis")
            with design.row("ac-wrap").style("gap:4px 6px"):
                for reason in item.reasons:
                    design.chip(t.code("reception.found_by", reason), "brand")


def facts(page: ReceptionPage, customer: CustomerView) -> list[str]:
    """What tells one file from another."""
    t = page.t
    said = [f"{t('consultant.visits')} {customer.visit_count}"]
    owner = wording.owned_by(t, customer)
    if owner:
        said.append(f"{t('consultant.owner')} {owner}")
    if customer.last_visit_at is not None:
        said.append(f"{t('consultant.last_visit')} {wording.ago(t, customer.last_visit_at, utc_now())}")
    return said
