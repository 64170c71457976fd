"""What every page of a signed-in person at the gateway has in common: the seat, its language and theme, its acts."""

from kiosk_ui.seat.page import SeatPage

__all__ = ["SeatPage"]
