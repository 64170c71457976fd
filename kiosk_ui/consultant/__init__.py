"""The consultant's tablet: the live alert, the customer being served, the rota. All of it drawn from `GET /v1/me`."""

from kiosk_ui.consultant.page import register

__all__ = ["register"]
