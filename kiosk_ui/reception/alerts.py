"""That somebody at the desk could see a call: confirmed by the page that draws it, so that it is not told for ever."""

import json

from nicegui import ui

from contracts.alerts_api import AlertList
from kiosk_ui.consultant.alerts import Alerts

_CALL = "unanswered"


class DeskAlerts(Alerts):
    """Only calls: each has its card among the parties, and ends when somebody is given the party."""

    def show(self, found: AlertList) -> None:
        calls = [alert for alert in found.items if alert.kind == _CALL and alert.live and alert.shown_at is None]
        told = [{**self._told(alert), "card": alert.visit_id} for alert in calls]
        ui.run_javascript(f"anchang.alerts({json.dumps(told, ensure_ascii=False)})")
