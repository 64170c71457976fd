"""The visitor kiosk: check-in on a portrait touch screen, in Chinese or English, in about 30 seconds."""

from kiosk_ui.visitor.page import register

__all__ = ["register"]
