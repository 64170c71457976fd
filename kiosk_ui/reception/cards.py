"""An identity card read at the desk: whose file it stands on, and one touch to note it on the file that is open.

Neither page nor screen ever holds the number: the gateway shows it masked and notes it itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.gateway_api import CustomerView
from contracts.readings_api import Reading
from kiosk_ui import design
from kiosk_ui.reception.side import OpenFile, OpenVisit

if TYPE_CHECKING:
    from kiosk_ui.reception.page import ReceptionPage


def shown(page: ReceptionPage) -> object:
    """All that the cards show."""
    customer = _opened(page)
    return [card.model_dump() for card in page.shown.cards], customer and customer.customer_id


def draw(page: ReceptionPage) -> None:
    for card in page.shown.cards:
        _card(page, card)


def _card(page: ReceptionPage, card: Reading) -> None:
    t = page.t
    with design.card("r-greeting", test="id-card"):
        design.icon("badge")
        with design.col("ac-grow").style("gap:2px"):
            design.text(t("reception.card.read", name=card.name_masked), "r-name", test="id-card-name")
            known = [_named(page, each) for each in card.customers]
            words = t("reception.card.known", names=t("verdict.list").join(known)) if known else t("reception.card.new")
            design.text(f"{card.number_masked} · {words}", "ac-muted ac-num")
        for each in card.customers:
            design.button(
                t("reception.card.open", name=_named(page, each)),
                lambda each=each: page.open_file(OpenFile(customer=each, reasons=("id_number",))),
                test="id-card-open",
            )
        _note(page, card)
        design.button(t("reception.card.aside"), lambda: _put_aside(page, card), kind="ghost", test="id-card-aside")


def _note(page: ReceptionPage, card: Reading) -> None:
    customer = _opened(page)
    if customer is None or customer.customer_id in {each.customer_id for each in card.customers}:
        return

    async def note() -> None:
        await page.act(
            lambda: page.gateway.note_card(page.token, card.reading_id, customer.customer_id),
            page.t("reception.card.noted"),
        )

    design.button(page.t("reception.card.note", name=_named(page, customer)), note, test="id-card-note")


async def _put_aside(page: ReceptionPage, card: Reading) -> None:
    await page.act(lambda: page.gateway.used_reading(page.token, card.reading_id))


def _opened(page: ReceptionPage) -> CustomerView | None:
    """Whose file or visit is on top."""
    top = page.side.top
    if isinstance(top, OpenFile):
        return top.customer
    return top.visit.customer if isinstance(top, OpenVisit) else None


def _named(page: ReceptionPage, customer: CustomerView) -> str:
    return customer.name or customer.phone or page.t("consultant.anonymous")
