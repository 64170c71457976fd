"""Who is expected today (预约): the list, a new booking, and its code as a picture to send or print."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import segno
from nicegui import ui
from nicegui.element import Element

from contracts.booking_code import BookingCode, grouped
from contracts.bookings_api import BookingCheckIn, BookingRequest, BookingState, BookingView
from contracts.gateway_api import CheckInResult
from contracts.ids import uuid7
from contracts.values import Phone, utc_now
from kiosk_ui import design
from kiosk_ui.consultant.dialogs import open_dialog, segment
from kiosk_ui.design.signin import text_input
from kiosk_ui.reception.pieces import empty, section
from kiosk_ui.reception.stepper import stepper
from kiosk_ui.visitor import flow, project

if TYPE_CHECKING:
    from kiosk_ui.reception.page import ReceptionPage

_TONES: dict[BookingState, design.Tone] = {"expected": "brand", "arrived": "ok", "missed": "warn", "cancelled": ""}
_MOST, _NAME_LENGTH = 50, 40


def draw(page: ReceptionPage) -> None:
    t, found = page.t, page.shown.bookings
    section(t("booking.desk.title"), sum(one.state == "expected" for one in found), "event_available")
    design.button(
        t("booking.desk.new"),
        lambda: _Book(page).open(),
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
            design.chip(t(f"booking.state.{one.state}"), _TONES[one.state], test="booking-state")
        design.text(" · ".join(_facts(page, one)), "ac-small ac-muted")
        if one.state == "expected":
            with design.row("ac-wrap r-acts"):
                design.button(t("booking.desk.arrive"), lambda: _check_in(page, one), test="booking-arrive")
                design.button(t("booking.desk.code"), lambda: code(page, one), kind="outline", test="booking-show")
                design.button(t("booking.desk.cancel"), lambda: _cancel(page, one), kind="ghost", test="booking-cancel")
        elif one.visit_id is not None:
            visit_id = one.visit_id
            design.button(
                t("booking.desk.visit"), lambda: page.open_visit(visit_id), kind="outline", test="booking-visit"
            )


def _facts(page: ReceptionPage, one: BookingView) -> list[str]:
    t = page.t
    sold = {each.project: each for each in (page.shown.form.projects if page.shown.form else [])}
    said = [t("booking.desk.size", n=one.party_size)]
    if one.project in sold:
        said.append(project.named(sold[one.project], t.language))
    if one.consultant_name:
        said.append(t("booking.desk.with", name=one.consultant_name))
    return [*said, t("booking.desk.by", name=one.booked_by)]


def code(page: ReceptionPage, one: BookingView) -> None:
    """To be photographed, printed or read out: it holds nothing of the person."""
    t, read = page.t, BookingCode.parse(one.code)
    made = segno.make(one.code, error="m", micro=False)
    picture = made.svg_inline(border=3, omitsize=True, dark="#000", light="#fff")
    with page.root, open_dialog(t("booking.desk.code_title"), test="booking-dialog-code"), design.box("r-code"):
        ui.html(picture, sanitize=False).classes("r-qr").props(f'role=img aria-label="{t("booking.desk.code")}"')
        design.text(grouped(read.token) if read else "", "r-name ac-num", test="booking-token")
        design.text(t("booking.desk.good_until", at=page.project.local(one.until)), "ac-muted")
        design.note(t("booking.desk.code_about"), icon_name="info")


async def _cancel(page: ReceptionPage, one: BookingView) -> None:
    await page.act(lambda: page.gateway.cancel_booking(page.token, one.booking_id), page.t("booking.desk.cancelled"))


async def _check_in(page: ReceptionPage, one: BookingView) -> None:
    key, arrived = uuid7(), list[CheckInResult]()
    request = BookingCheckIn(booking_id=one.booking_id, language=page.t.language, party_size=one.party_size)

    async def send() -> None:
        arrived.append(await page.gateway.redeem_booking(page.token, key, request))

    if await page.act(send):
        page.open_visit(arrived[0].visit_id)


class _Book:
    """The dialog of a new booking. One idempotency key a dialog: sent twice, it is one."""

    def __init__(self, page: ReceptionPage) -> None:
        self.page, self.key = page, uuid7()
        self.sold = [] if page.shown.form is None else page.shown.form.projects
        self.chosen = {"project": ""}

    def open(self) -> None:
        t = self.page.t
        with self.page.root, open_dialog(t("booking.desk.new"), test="booking-dialog") as self.dialog:
            with design.row("ac-top r-fields"):
                self.phone = self._field("phone", t("booking.desk.phone")).props("inputmode=tel autofocus")
                self.name = self._field("name", t("booking.desk.name"))
            with design.row("ac-top r-fields"):
                self.day = self._field("day", t("booking.desk.day")).props("type=date")
                self.time = self._field("time", t("booking.desk.time")).props("type=time")
            self.day.set_value(self.page.project.local_date(utc_now()))
            design.text(t("reception.checkin.party"), "ac-label")
            self.party = stepper(self.page, most=_MOST, test="booking-party")
            if self.sold:
                design.text(t("reception.checkin.project"), "ac-label")
                named = [(each.project, project.named(each, t.language)) for each in self.sold]
                segment(named, self.chosen, "project", test="booking-project")
            self._whom()
            self.error = design.text("", "ac-error", test="booking-error").props("role=alert")
            self.button: Element = design.button(
                t("booking.desk.book"), self._go, classes="ac-btn-big", test="booking-confirm"
            )

    def _field(self, name: str, label: str) -> ui.input | ui.textarea:
        with design.box("ac-field ac-grow"):
            design.text(label, "ac-label")
            field = text_input("", "", test=f"booking-{name}", label=label)
        return field.props("autocomplete=off").on("keydown.enter", self._go)

    def _whom(self) -> None:
        t = self.page.t
        design.text(t("booking.desk.consultant"), "ac-label")
        names = {e.consultant_id: e.name for e in sorted(self.page.shown.rota, key=lambda entry: entry.name)}
        self.consultant = ui.select(names, with_input=True, clearable=True).classes("ac-q-input")
        self.consultant.props(f'outlined hide-bottom-space aria-label="{t("booking.desk.consultant")}"')
        design.mark(self.consultant, "booking-consultant")

    def _at(self) -> datetime | None:
        """None while day or time are not filled in."""
        zone = ZoneInfo(self.page.project.time_zone)
        try:
            return datetime.fromisoformat(f"{self.day.value}T{self.time.value}").replace(tzinfo=zone)
        except ValueError:
            return None

    async def _go(self) -> None:
        t, digits, at = self.page.t, str(self.phone.value or "").strip(), self._at()
        wrong = flow.phone_code(digits)
        if wrong is not None or at is None:
            self.error.set_text(t.code("visitor.error", wrong) if wrong is not None else t("booking.desk.when"))
            return
        request = BookingRequest(
            phone=Phone.parse(digits),
            name=str(self.name.value or "")[:_NAME_LENGTH],
            at=at,
            party_size=self.party.value,
            project=self.chosen["project"],
            consultant_id=self.consultant.value or None,
        )
        made: list[BookingView] = []

        async def send() -> None:
            made.append(await self.page.gateway.book(self.page.token, self.key, request))

        design.enable(self.button, False)
        if await self.page.act(send, t("booking.desk.booked")):
            self.dialog.close()
            code(self.page, made[0])
        elif not self.button.is_deleted:
            design.enable(self.button, True)
