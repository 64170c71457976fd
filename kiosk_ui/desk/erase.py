"""Erasing a customer who asked for it: found by their number or name, confirmed by the last four digits, gone for good.

What goes and what stays is decided in ADR 058.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui.element import Element

from contracts.gateway_api import CustomerView
from contracts.identity_api import SearchPage, SearchRequest
from kiosk_ui import design
from kiosk_ui.clients.gateway import GatewayProblemError
from kiosk_ui.consultant.dialogs import open_dialog
from kiosk_ui.design.signin import text_input
from kiosk_ui.desk.pieces import empty, heading
from kiosk_ui.desk.shown import Shown

if TYPE_CHECKING:
    from kiosk_ui.desk.page import DeskPage

_TEXT_LENGTH = 60
_LAST_DIGITS = 4
_SAID_HERE = {"unreadable_search", "too_many_lookups"}
_GOES, _STAYS = ("identity", "words", "claims", "face"), ("decisions", "registrations", "backups")


async def read(page: DeskPage) -> None:
    """Nothing is read before somebody is looked for: every look-up is written down."""


def waiting(shown: Shown) -> int:
    return 0


def shows(shown: Shown) -> object:
    return None


def draw(page: DeskPage) -> None:
    t = page.t
    heading(page, "erase")
    design.note(t("desk.erase.warning"), "warn", icon_name="warning", test="erase-warning")
    with design.row():
        field = text_input("", t("desk.erase.hint"), test="erase-search", label=t("desk.erase.hint"))
        field.props("autocomplete=off").classes("ac-grow")
        find = design.button(t("desk.erase.find"), None, icon_name="search", test="erase-find")
    found = design.box("d-part").props("aria-live=polite")

    async def look() -> None:
        text = str(field.value or "").strip()[:_TEXT_LENGTH]
        if text:
            await _look(page, text, found)

    find.on("click", look)
    field.on("keydown.enter", look)


async def _look(page: DeskPage, text: str, place: Element) -> None:
    pages: list[SearchPage] = []
    complaint = ""

    async def ask() -> None:
        nonlocal complaint
        try:
            pages.append(await page.gateway.search(page.token, SearchRequest(text=text)))
        except GatewayProblemError as problem:
            if problem.code not in _SAID_HERE:
                raise
            complaint = problem.code

    await page.act(ask)
    if place.is_deleted:
        return
    place.clear()
    with place:
        if complaint:
            design.note(page.t.code("codes.problem", complaint), "warn", icon_name="search_off", test="erase-complaint")
        for found in pages:
            _results(page, found, place)


def _results(page: DeskPage, found: SearchPage, place: Element) -> None:
    if not found.items:
        empty(page.t("desk.erase.nobody"), "person_search", test="erase-nobody")
    for item in found.items:
        _result(page, item.customer, place)
    if found.next_cursor is not None:
        design.text(page.t("reception.search.more"), "ac-small ac-muted")


def _result(page: DeskPage, customer: CustomerView, place: Element) -> None:
    t = page.t
    with design.card("d-line", test="erase-row"):
        design.text((customer.name or "?")[:1], "ac-avatar")
        with design.col("ac-grow").style("gap:2px"):
            design.text(customer.name or t("consultant.anonymous"), "ac-strong")
            visits = t("desk.merges.visits", n=customer.visit_count)
            design.text(" · ".join(word for word in (customer.phone, visits) if word), "ac-small ac-muted")
        design.button(
            t("desk.erase.open"),
            lambda: _confirm(page, customer, place),
            kind="outline",
            icon_name="delete_forever",
            test="erase-open",
        )


def _confirm(page: DeskPage, customer: CustomerView, place: Element) -> None:
    t = page.t
    name = customer.name or t("consultant.anonymous")
    expected = customer.phone[-_LAST_DIGITS:] or t("desk.erase.word")
    with page.root, open_dialog(t("desk.erase.title", name=name), test="erase-dialog") as dialog:
        design.note(t("desk.erase.for_good"), "bad", icon_name="delete_forever")
        _list(page, "goes", _GOES)
        _list(page, "stays", _STAYS)
        asked = t("desk.erase.type_digits" if customer.phone else "desk.erase.type_word", expected=expected)
        design.text(asked, "ac-label")
        typed = text_input("", "", test="erase-typed", label=asked).props("autocomplete=off")
        error = design.text("", "ac-error", test="erase-error").props("role=alert")

        async def go() -> None:
            if str(typed.value or "").strip().casefold() != expected.casefold():
                error.set_text(asked)
                return
            design.enable(button, False)
            work = page.gateway.erase_customer
            if await page.act(lambda: work(page.token, customer.customer_id), t("desk.erase.done")):
                dialog.close()
                place.clear()
            elif not button.is_deleted:
                design.enable(button, True)

        button = design.button(
            t("desk.erase.confirm"),
            go,
            kind="danger",
            classes="ac-btn-big",
            icon_name="delete_forever",
            test="erase-go",
        )


def _list(page: DeskPage, name: str, items: tuple[str, ...]) -> None:
    design.text(page.t(f"desk.erase.{name}"), "ac-label")
    with design.box("d-erase-list", tag="ul"):
        for item in items:
            design.text(page.t(f"desk.erase.{name}_{item}"), tag="li")
