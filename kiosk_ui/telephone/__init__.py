"""`/phone`: the demo's telephone. It shows the messages that the simulated sender did not send."""

from kiosk_ui.telephone.page import register

__all__ = ["register"]
