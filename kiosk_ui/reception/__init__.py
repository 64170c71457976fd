"""`/reception`: greetings now, questions only a person may answer, deletions, and the state of recognition."""

from kiosk_ui.reception.page import register

__all__ = ["register"]
