"""A booking's code, scanned or typed: what was booked is shown, and one touch checks in. The express lane."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from nicegui import ui
from nicegui.element import Element

from contracts.booking_code import ALPHABET
from contracts.checkin_api import AskableConsultant
from kiosk_ui import design
from kiosk_ui.clients.gateway import GatewayClient, GatewayProblemError
from kiosk_ui.design.signin import text_input
from kiosk_ui.visitor import flow, frame
from kiosk_ui.visitor.wishes import sheets

if TYPE_CHECKING:
    from kiosk_ui.visitor.page import KioskPage

_TRIED = "too_many_codes"


class BookingActs:
    """What the scanner or a typed code does."""

    def __init__(self, page: KioskPage, gateway: GatewayClient, token: str) -> None:
        self._page, self._gateway, self._token = page, gateway, token
        self._reading = False

    async def scanned(self, text: str) -> None:
        """On whichever page: a good code leads to what was booked, another to the number."""
        page = self._page
        refused = await self.read(text)
        if refused is None:
            return
        if refused and page.desk.draft.step == "home":
            await page.go("phone")
        if refused:
            with page.client:
                ui.run_javascript(f"anchang.toast({json.dumps(said(page, refused))}, true)")

    async def read(self, text: str) -> str | None:
        """Go on by the booking. Empty when that worked, else why not; None: one is being read, or the gateway is away,
        which is told."""
        text = text.strip()[: flow.CODE_LENGTH]
        if self._reading or not text:
            return None
        self._reading = True
        found: list[str] = []
        try:
            await self._page.attempt(lambda: self._weigh(text, found))
        finally:
            self._reading = False
        if not found or not found[0]:
            self._page.draw()
        return found[0] if found else None

    async def _weigh(self, text: str, found: list[str]) -> None:
        try:
            answer = await self._gateway.read_booking(self._token, text)
        except GatewayProblemError as error:
            if error.code != _TRIED:
                raise
            found.append(_TRIED)
            return
        if not answer.refused:
            await self._page.desk.booked(answer)
        found.append(answer.refused)


def said(page: KioskPage, refused: str) -> str:
    """Why a code checks nobody in, in the visitor's language."""
    return page.t.code("booking.refused", refused)


def draw(page: KioskPage) -> None:
    """What was booked: how many come and who receives them may be changed, the rest is as it is."""
    t, booked = page.t, page.desk.draft.booking
    if booked is None:
        raise RuntimeError("the page of a booking needs a booking")
    frame.progress(page)
    with design.box("k-body", tag="main"):
        name = booked.family_name
        title = t("booking.hello", name=f"{name}**") if name else t("booking.found")
        frame.heading(title, t("booking.why"))
        with design.box("k-review", test="booking-at"):
            design.text(t("booking.at", at=page.project.local(booked.at)) if booked.at else "", "k-purpose-name")
        _size(page)
        if booked.consultant is not None:
            _consultant(page, booked.consultant)
    last = page.desk.steps[-1] == "booking"
    frame.foot(
        page,
        t("booking.confirm") if last else t("visitor.party.next"),
        lambda: page.answered("booking"),
        test="booking-next",
    )


def _size(page: KioskPage) -> None:
    t = page.t

    def step(by: int) -> None:
        page.party(max(1, min(page.desk.draft.party_size + by, flow.MAX_PARTY)))
        show()

    def show() -> None:
        size = page.desk.draft.party_size
        number.set_text(str(size))
        unit.set_text(t("visitor.party.unit_one" if size == 1 else "visitor.party.unit"))
        design.enable(less, size > 1)
        design.enable(more, size < flow.MAX_PARTY)

    with design.box("k-stepper"):
        less = _round("remove", t("visitor.party.less"), lambda: step(-1), "booking-less")
        with design.box("k-stepper-value").props("aria-live=polite"):
            number = design.text("", "k-stepper-number", test="booking-size")
            unit = design.text("", "k-stepper-unit")
        more = _round("add", t("visitor.party.add"), lambda: step(1), "booking-more")
    show()


def _round(icon_name: str, name: str, on_click: Callable[[], None], test: str) -> Element:
    return design.button("", on_click, kind="outline", icon_name=icon_name, aria=name, test=test)


def _consultant(page: KioskPage, booked: AskableConsultant) -> None:
    """Only the visitor's word asks for somebody by name: touched, it is taken back or given again."""
    t = page.t
    tile = design.box("k-tile k-purpose k-booked", tag="button", test="booking-consultant").props("type=button")

    def touch() -> None:
        page.desk.later(asked_for=None if page.desk.draft.asked_for else booked)
        show()

    def show() -> None:
        on = page.desk.draft.asked_for is not None
        tile.classes(add="k-chosen") if on else tile.classes(remove="k-chosen")
        tile.props(f"aria-pressed={'true' if on else 'false'}")
        about.set_text(t("booking.with" if on else "booking.anybody"))

    with tile.on("click", touch, []):
        design.icon("support_agent", "k-purpose-icon")
        with design.box("k-purpose-words"):
            design.text(booked.name, "k-purpose-name")
            about = design.text("", "k-purpose-about")
        design.icon("check_circle", "k-purpose-tick")
    show()


def ask(page: KioskPage) -> None:
    """Wait for the scanner, or take what is typed."""
    t = page.t
    with sheets.sheet(page, "booking-sheet", "event_available", t("booking.have"), t("booking.sheet")):
        field = text_input("", "ABCD-EFGH-JKLM", test="booking-code", label=t("booking.field"))
        field.props(f"autocomplete=off autofocus spellcheck=false maxlength={flow.CODE_LENGTH}").classes("k-code")
        _letters(field, t("booking.back"))
        answer = design.box("k-code-said", test="booking-said").props("role=status")

        async def enter() -> None:
            refused = await page.bookings.read(str(field.value or ""))
            if refused and not answer.is_deleted:
                answer.clear()
                with answer:
                    design.icon("error", "k-code-bad")
                    design.text(said(page, refused), "ac-strong")

        field.on("keydown.enter", enter)
        with design.box("k-sheet-buttons"):
            design.button(t("common.close"), page.draw, kind="outline", classes="k-half", test="booking-close")
            design.button(t("booking.enter"), enter, classes="k-half", test="booking-enter")


def _letters(field: ui.input | ui.textarea, back: str) -> None:
    """A kiosk has no keyboard: every letter of a code is a touch."""

    def typed(letter: str) -> None:
        field.set_value(f"{field.value or ''}{letter}"[: flow.CODE_LENGTH])

    def erase() -> None:
        field.set_value(str(field.value or "")[:-1])

    with design.box("k-letters", test="booking-letters"):
        for letter in ALPHABET:
            design.button(letter, lambda letter=letter: typed(letter), kind="outline", test=f"letter-{letter}")
        design.button("", erase, kind="outline", icon_name="backspace", aria=back, test="letter-back")
