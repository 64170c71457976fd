"""A booking (预约) made at the office: its dialog, its facts, and its code as a picture to send or print."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import segno
from nicegui import ui
from nicegui.element import Element

from contracts.booking_code import BookingCode, grouped
from contracts.bookings_api import BookingRequest, BookingState, BookingView
from contracts.checkin_api import ProjectOption
from contracts.ids import uuid7
from contracts.values import Phone, utc_now
from kiosk_ui import design
from kiosk_ui.consultant.dialogs import open_dialog, segment
from kiosk_ui.design.signin import text_input
from kiosk_ui.seat.stepper import stepper
from kiosk_ui.texts import Texts
from kiosk_ui.visitor import flow, project

if TYPE_CHECKING:
    from kiosk_ui.seat import SeatPage

TONES: dict[BookingState, design.Tone] = {"expected": "brand", "arrived": "ok", "missed": "warn", "cancelled": ""}
Then = Callable[[], Awaitable[None]]
"""What the page does once the gateway has the booking."""
_MOST, _NAME_LENGTH = 50, 40


def facts(t: Texts, one: BookingView, sold: Sequence[ProjectOption]) -> list[str]:
    names = {each.project: project.named(each, t.language) for each in sold}
    said = [t("booking.desk.size", n=one.party_size)]
    if one.project in names:
        said.append(names[one.project])
    if one.consultant_name:
        said.append(t("booking.desk.with", name=one.consultant_name))
    return [*said, t("booking.desk.by", name=one.booked_by)]


def code(page: SeatPage, one: BookingView) -> None:
    """To be photographed, printed or read out: it holds nothing of the person."""
    t, read = page.t, BookingCode.parse(one.code)
    made = segno.make(one.code, error="m", micro=False)
    picture = made.svg_inline(border=3, omitsize=True, dark="#000", light="#fff")
    with page.root, open_dialog(t("booking.desk.code_title"), test="booking-dialog-code"), design.box("ac-code"):
        ui.html(picture, sanitize=False).classes("ac-qr").props(f'role=img aria-label="{t("booking.desk.code")}"')
        design.text(grouped(read.token) if read else "", "ac-code-words ac-num", test="booking-token")
        design.text(t("booking.desk.good_until", at=page.project.local(one.until)), "ac-muted")
        design.note(t("booking.desk.code_about"), icon_name="info")


class Book:
    """The dialog of a new booking. One idempotency key a dialog: sent twice, it is one.

    `names` are the consultants to choose from by id; without any the booking is for `myself`.
    """

    def __init__(
        self,
        page: SeatPage,
        sold: Sequence[ProjectOption],
        names: dict[str, str] | None = None,
        *,
        myself: str = "",
        then: Then | None = None,
    ) -> None:
        self.page, self.sold, self.names, self.myself, self.then, self.key = page, sold, names, myself, then, uuid7()
        self.chosen = {"project": ""}
        self.consultant: ui.select | None = None

    def open(self) -> None:
        t = self.page.t
        with self.page.root, open_dialog(t("booking.desk.new"), test="booking-dialog") as self.dialog:
            with design.row("ac-top ac-fields"):
                self.phone = self._field("phone", t("booking.desk.phone")).props("inputmode=tel autofocus")
                self.name = self._field("name", t("booking.desk.name"))
            with design.row("ac-top ac-fields"):
                self.day = self._field("day", t("booking.desk.day")).props("type=date")
                self.time = self._field("time", t("booking.desk.time")).props("type=time")
            self.day.set_value(self.page.project.local_date(utc_now()))
            design.text(t("reception.checkin.party"), "ac-label")
            self.party = stepper(self.page, most=_MOST, test="booking-party")
            if self.sold:
                design.text(t("reception.checkin.project"), "ac-label")
                named = [(each.project, project.named(each, t.language)) for each in self.sold]
                segment(named, self.chosen, "project", test="booking-project")
            if self.names is not None:
                self._whom(self.names)
            self.error = design.text("", "ac-error", test="booking-error").props("role=alert")
            self.button: Element = design.button(
                t("booking.desk.book"), self._go, classes="ac-btn-big", test="booking-confirm"
            )

    def _field(self, name: str, label: str) -> ui.input | ui.textarea:
        with design.box("ac-field ac-grow"):
            design.text(label, "ac-label")
            field = text_input("", "", test=f"booking-{name}", label=label)
        return field.props("autocomplete=off").on("keydown.enter", self._go)

    def _whom(self, names: dict[str, str]) -> None:
        t = self.page.t
        design.text(t("booking.desk.consultant"), "ac-label")
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
            consultant_id=(self.consultant.value if self.consultant is not None else self.myself) or None,
        )
        made: list[BookingView] = []

        async def send() -> None:
            made.append(await self.page.gateway.book(self.page.token, self.key, request))

        design.enable(self.button, False)
        if await self.page.act(send, t("booking.desk.booked")):
            self.dialog.close()
            code(self.page, made[0])
            if self.then is not None:
                await self.then()
        elif not self.button.is_deleted:
            design.enable(self.button, True)
