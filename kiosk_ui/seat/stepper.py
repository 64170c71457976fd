"""A number that two large buttons change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kiosk_ui import design

if TYPE_CHECKING:
    from kiosk_ui.seat.page import SeatPage


@dataclass
class Number:
    """At least 1."""

    value: int = 1


def stepper(page: SeatPage, *, most: int, test: str) -> Number:
    """Draws it and returns what it holds."""
    number, t = Number(), page.t

    def step(by: int) -> None:
        number.value = min(most, max(1, number.value + by))
        shown.set_text(str(number.value))

    with design.row():
        less, more = t("reception.checkin.less"), t("reception.checkin.more")
        design.button("", lambda: step(-1), kind="outline", icon_name="remove", aria=less, test=f"{test}-less")
        shown = design.text("1", "ac-count ac-num", test=f"{test}-size").props("aria-live=polite")
        design.button("", lambda: step(1), kind="outline", icon_name="add", aria=more, test=f"{test}-more")
    return number
