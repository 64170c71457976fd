"""The consultant's tablet: the live alert, the customer, the rota."""

from kiosk_ui.context import AppContext


def register(context: AppContext) -> None: ...
