"""Who is expected today (预约): the list, checking them in, and a new booking."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.bookings_api import BookingCheckIn, BookingView
from contracts.checkin_api import ProjectOption
from contracts.gateway_api import CheckInResult
from contracts.ids import uuid7
from kiosk_ui import design
from kiosk_ui.consultant import book
from kiosk_ui.reception.pieces import empty, section

if TYPE_CHECKING:
    from kiosk_ui.reception.page import ReceptionPage


def draw(page: ReceptionPage) -> None:
    t, found = page.t, page.shown.bookings
    section(t("booking.desk.title"), sum(one.state == "expected" for one in found), "event_available")
    design.button(
        t("booking.desk.new"),
        lambda: _new(page),
        kind="outline",
        icon_name="add",
        classes="r-wide",
        test="booking-new",
    )
    if not found:
        empty(t("booking.desk.none"), "event_busy")
    for one in found:
        _row(page, one)


def _row(page: ReceptionPage, one: BookingView) -> None:
    t = page.t
    with design.card("r-withdrawal", test="booking-row").props(f"data-state={one.state}"):
        with design.row("ac-between ac-wrap"):
            with design.row().style("gap:10px"):
                design.text(page.project.clock_time(one.at), "r-name ac-num")
                design.text(one.name or t("consultant.anonymous"), "ac-strong ac-ellipsis")
                design.text(one.phone, "ac-num r-fixed")
            design.chip(t(f"booking.state.{one.state}"), book.TONES[one.state], test="booking-state")
        design.text(" · ".join(book.facts(page.t, one, _sold(page))), "ac-small ac-muted")
        if one.state == "expected":
            with design.row("ac-wrap r-acts"):
                design.button(t("booking.desk.arrive"), lambda: _check_in(page, one), test="booking-arrive")
                design.button(t("booking.desk.code"), lambda: book.code(page, one), kind="outline", test="booking-show")
                design.button(t("booking.desk.cancel"), lambda: _cancel(page, one), kind="ghost", test="booking-cancel")
        elif one.visit_id is not None:
            visit_id = one.visit_id
            design.button(
                t("booking.desk.visit"), lambda: page.open_visit(visit_id), kind="outline", test="booking-visit"
            )


def _new(page: ReceptionPage) -> None:
    names = {e.consultant_id: e.name for e in sorted(page.shown.rota, key=lambda entry: entry.name)}
    book.Book(page, _sold(page), names).open()


def _sold(page: ReceptionPage) -> list[ProjectOption]:
    return [] if page.shown.form is None else page.shown.form.projects


async def _cancel(page: ReceptionPage, one: BookingView) -> None:
    await page.act(lambda: page.gateway.cancel_booking(page.token, one.booking_id), page.t("booking.desk.cancelled"))


async def _check_in(page: ReceptionPage, one: BookingView) -> None:
    key, arrived = uuid7(), list[CheckInResult]()
    request = BookingCheckIn(booking_id=one.booking_id, language=page.t.language, party_size=one.party_size)

    async def send() -> None:
        arrived.append(await page.gateway.redeem_booking(page.token, key, request))

    if await page.act(send):
        page.open_visit(arrived[0].visit_id)
