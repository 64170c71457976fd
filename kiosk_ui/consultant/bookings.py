"""Bookings of mine (预约): who comes to me on a day, their code, withdrawing one, and a new one for myself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui.element import Element

from contracts.bookings_api import BookingView
from contracts.checkin_api import ProjectOption
from contracts.values import utc_now
from kiosk_ui import design
from kiosk_ui.consultant import book
from kiosk_ui.consultant.dialogs import open_dialog
from kiosk_ui.design.signin import text_input

if TYPE_CHECKING:
    from kiosk_ui.consultant.page import TabletPage


async def ask(page: TabletPage) -> None:
    sold: list[ProjectOption] = []

    async def read() -> None:
        sold.extend((await page.gateway.check_in_form(page.token)).projects)

    if await page.act(read):
        await _Mine(page, sold).open()


class _Mine:
    """The dialog: one day at a time, today to begin with."""

    def __init__(self, page: TabletPage, sold: list[ProjectOption]) -> None:
        self.page, self.sold = page, sold

    async def open(self) -> None:
        t = self.page.t
        with self.page.root, open_dialog(t("booking.mine.title"), test="bookings-dialog"):
            design.text(t("booking.desk.day"), "ac-label")
            self.day = text_input("", "", test="bookings-day", label=t("booking.desk.day")).props("type=date")
            self.day.set_value(self.page.project.local_date(utc_now()))
            self.day.on("update:model-value", self.read)
            self.list: Element = design.box("t-picks").props("aria-live=polite")
            myself = self.page.me.person_id if self.page.me else ""
            design.button(
                t("booking.desk.new"),
                lambda: book.Book(self.page, self.sold, myself=myself, then=self.read).open(),
                icon_name="add",
                classes="ac-btn-big",
                test="booking-new",
            )
        await self.read()

    async def read(self) -> None:
        found: list[BookingView] = []

        async def ask_gateway() -> None:
            day = str(self.day.value or "") or None
            found.extend((await self.page.gateway.bookings(self.page.token, day)).items)

        if not await self.page.act(ask_gateway) or self.list.is_deleted:
            return
        self.list.clear()
        with self.list:
            if not found:
                design.note(self.page.t("booking.mine.none"), icon_name="event_busy", test="bookings-none")
            for one in found:
                self._line(one)

    def _line(self, one: BookingView) -> None:
        t, page = self.page.t, self.page
        with design.card("t-claim", test="booking-row").props(f"data-state={one.state}"):
            with design.col("ac-grow").style("gap:2px"):
                who = f"{page.project.clock_time(one.at)} · {one.name or t('consultant.anonymous')} {one.phone}"
                design.text(who, "ac-strong t-claim-name ac-num")
                design.text(" · ".join(book.facts(t, one, self.sold)), "ac-small ac-muted")
            design.chip(t(f"booking.state.{one.state}"), book.TONES[one.state], test="booking-state")
            if one.state == "expected":
                with design.row("ac-wrap"):
                    design.button(
                        t("booking.desk.code"), lambda: book.code(page, one), kind="outline", test="booking-show"
                    )
                    design.button(
                        t("booking.desk.cancel"), lambda: self._cancel(one), kind="ghost", test="booking-cancel"
                    )

    async def _cancel(self, one: BookingView) -> None:
        page = self.page
        work = page.gateway.cancel_booking
        if await page.act(lambda: work(page.token, one.booking_id), page.t("booking.desk.cancelled")):
            await self.read()
