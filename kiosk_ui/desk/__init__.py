"""The manager's desk, `/desk`: what waits for a decision, and what the office goes by."""

from kiosk_ui.desk.page import register

__all__ = ["register"]
