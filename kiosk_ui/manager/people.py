"""Who waits, who is with whom, and whose turn is next."""

from markupsafe import Markup

from contracts.gateway_api import VisitView
from contracts.rota_api import RotaEntry
from kiosk_ui.manager.figures import by_waiting_time, waiting_since
from kiosk_ui.manager.view import View, empty, panel, party, ticking
from kiosk_ui.wall.markup import Child, div, icon, span

_STATE_ICON = {
    "free": "check_circle",
    "offered": "notifications_active",
    "serving": "forum",
    "away": "free_breakfast",
    "signed_out": "logout",
}
_STATE_ORDER = {"offered": 0, "free": 1, "serving": 2, "away": 3, "signed_out": 4}
MAX_ROWS, MAX_ROTA_ROWS = 4, 10
"""Rows a wall can show of a list; the rest is a count, so that nothing scrolls out of sight."""


def queue(view: View) -> Markup:
    parties = by_waiting_time(view.floor)
    target = view.targets
    rows: list[Child] = [
        div(
            party(view, visit),
            span(_called(view, visit), cls="called"),
            ticking(
                waiting_since(visit), view.now, warn=target.wait_seconds, late=target.wait_late_seconds, cls="wait"
            ),
            cls="entry",
            data_test=f"board-queue-{visit.visit_id}",
        )
        for visit in parties[:MAX_ROWS]
    ]
    if not rows:
        rows = [empty(view.t("manager.queue.empty"), "sentiment_satisfied")]
    return panel(
        view.t("manager.panel.queue"),
        div(*rows, cls="entries"),
        note=_note(view, len(parties)),
    )


def _note(view: View, waiting: int) -> str:
    """Beside the heading, where a full list cannot push it out of sight."""
    order = view.t("manager.panel.queue_note")
    return f"{order} · {view.t('manager.rows.more', n=waiting - MAX_ROWS)}" if waiting > MAX_ROWS else order


def _called(view: View, visit: VisitView) -> str:
    if visit.state == "offered":
        name = _offered_to(view, visit) or visit.consultant_name
        return view.t("manager.queue.offered", name=name) if name else view.t("manager.queue.calling")
    return (
        view.t("manager.queue.for_owner", name=visit.owner_name)
        if visit.owner_name
        else view.t("manager.queue.next_free")
    )


def _offered_to(view: View, visit: VisitView) -> str | None:
    return next((e.name for e in view.floor.rota if e.state == "offered" and e.visit_id == visit.visit_id), None)


def serving(view: View) -> Markup:
    visits = sorted(view.floor.serving, key=lambda visit: visit.accepted_at or visit.opened_at)
    rows: list[Child] = [
        div(
            span(visit.consultant_name or "—", cls="consultant"),
            icon("arrow_forward", "dim"),
            party(view, visit),
            ticking(visit.accepted_at or visit.opened_at, view.now, cls="wait"),
            cls="entry",
            data_test=f"board-serving-{visit.visit_id}",
        )
        for visit in visits[:MAX_ROWS]
    ]
    if not rows:
        rows = [empty(view.t("manager.serving.empty"), "event_available")]
    return panel(
        view.t("manager.panel.serving"),
        div(*rows, _rest(view, len(visits)), cls="entries"),
        note=view.t("manager.panel.serving_note", n=len(visits)),
    )


def rota(view: View) -> Markup:
    entries = sorted(view.floor.rota, key=lambda e: (_STATE_ORDER[e.state], e.place or 99, e.name))
    present = sum(entry.state != "signed_out" for entry in entries)
    rows: list[Child] = [_rota_row(view, entry) for entry in entries[:MAX_ROTA_ROWS]] if present else []
    if not rows:
        rows = [empty(view.t("manager.rota.empty"), "person_off")]
    free = sum(entry.state == "free" for entry in entries)
    return panel(
        view.t("manager.panel.rota"),
        div(*rows, _rest(view, len(entries) if present else 0, MAX_ROTA_ROWS), cls="entries rota"),
        note=view.t("manager.panel.rota_note", free=free, present=present),
    )


def _rota_row(view: View, entry: RotaEntry) -> Markup:
    following = entry.place == 1 and entry.state == "free"
    return div(
        span("" if entry.place is None else str(entry.place), cls="place"),
        div(
            span(entry.name, cls="who"),
            span(_state(view, entry), cls="sub"),
        ),
        span(view.t("manager.rota.next"), cls="next") if following else icon(_STATE_ICON[entry.state]),
        span(
            view.t("manager.rota.turns", received=entry.turns_received, offered=entry.turns_offered),
            span(view.t("manager.rota.lost", n=entry.turns_lost), cls="lost") if entry.turns_lost else None,
            span(view.t("manager.rota.make_ups", n=entry.make_ups), cls="make-up") if entry.make_ups else None,
            cls="turns",
        ),
        cls="entry following" if following else "entry",
        data_state=entry.state,
        data_test=f"board-rota-{entry.consultant_id}",
    )


def _state(view: View, entry: RotaEntry) -> str:
    if entry.state != "away" or entry.away_reason is None:
        return view.t(f"manager.state.{entry.state}")
    reason = view.t(f"manager.away.{entry.away_reason}")
    return (
        f"{reason} · {view.t('manager.rota.until', until=view.clock(entry.away_until))}" if entry.away_until else reason
    )


def _rest(view: View, total: int, shown: int = MAX_ROWS) -> Markup | None:
    return div(view.t("manager.rows.more", n=total - shown), cls="more") if total > shown else None
