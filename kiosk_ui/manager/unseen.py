"""Alerts that nobody has seen yet: what, for whom, how long, and whether their tablet is awake."""

from markupsafe import Markup

from contracts.alerts_api import ReceiptView
from kiosk_ui.manager.view import View, ticking
from kiosk_ui.wall.markup import div, icon, span, tag

SHOWN = 4
"""What fits beside each other on a wall; the rest is a count."""


def unseen(view: View) -> Markup:
    """Nothing at all when everything was seen. Oldest first."""
    found = view.floor.unseen
    if not found:
        return Markup("")
    rest = len(found) - SHOWN
    return div(
        span(icon("notifications_paused"), view.t("manager.unseen.title", n=len(found)), cls="head"),
        *(_one(view, alert) for alert in found[:SHOWN]),
        span(view.t("manager.rows.more", n=rest), cls="rest") if rest > 0 else None,
        cls="unseen",
        role="status",
        data_test="board-unseen",
    )


def _one(view: View, alert: ReceiptView) -> Markup:
    t = view.t
    ticket = "" if alert.ticket_number is None else f" {alert.ticket_number:03d}"
    name = alert.recipient_name or t(f"manager.unseen.role.{alert.role}")
    asleep = alert.recipient_id is not None and not alert.awake
    return div(
        tag("b", t(f"consultant.alert.{alert.kind}"), ticket),
        span(name, cls="who"),
        span(icon("bedtime"), t("manager.unseen.asleep"), cls="asleep") if asleep else None,
        ticking(alert.raised_at, view.now, warn=10, late=30),
        cls="one",
        data_test=f"board-unseen-{alert.kind}",
    )
