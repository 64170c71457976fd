"""Recognition at a glance: what is kept, by whose consent, and whether each node may match now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.faces_api import FaceNodeView, FacesOverview
from contracts.values import utc_now
from kiosk_ui import design
from kiosk_ui.reception.pieces import empty, section

if TYPE_CHECKING:
    from kiosk_ui.reception.page import ReceptionPage


def draw(page: ReceptionPage) -> None:
    t, found = page.t, page.shown.faces
    section(t("reception.faces.title"), 0, "face")
    if found is None:
        empty(t("reception.faces.unknown"), "sync")
        return
    for alarm in found.alarms:
        design.note(t.code("codes.faces", alarm), "warn", icon_name="warning", test=f"faces-alarm-{alarm}")
    if not found.available:
        reason = t.code("codes.faces", found.reason) if found.reason else t("reception.faces.off")
        design.note(reason, icon_name="info", title=t("reception.faces.off"), test="faces-off")
    with design.card("r-faces", test="faces-overview"):
        with design.box("r-counts"):
            for name, value in _counts(found):
                with design.box("r-count"):
                    design.text(str(value), "r-number", test=f"faces-{name}")
                    design.text(t(f"reception.faces.{name}"), "ac-small ac-muted")
        for node in found.nodes:
            _node(page, node)
        design.text(
            t(
                "reception.faces.terms",
                version=found.text_version,
                days=found.retention_days,
                limit=found.count_alarm_at,
            ),
            "ac-small ac-muted",
        )


def _counts(found: FacesOverview) -> list[tuple[str, int]]:
    return [
        ("active", found.active),
        ("granted", found.granted),
        ("refused", found.refused_today),
        ("ended", found.ended_last_30_days),
        ("pending", found.withdrawals_pending),
    ]


def _node(page: ReceptionPage, node: FaceNodeView) -> None:
    t, status = page.t, node.faces
    state = "offline" if not node.online else "matching" if status.matching else "paused"
    with design.box(f"r-node r-node-{state}", test=f"faces-node-{node.node}").props(f"data-state={state}"):
        design.icon({"offline": "cloud_off", "matching": "check_circle", "paused": "pause_circle"}[state])
        with design.col("ac-grow").style("gap:0"):
            with design.row("ac-wrap").style("gap:2px 10px"):
                design.text(node.node, "ac-strong")
                if status.vault:
                    design.chip(t("reception.faces.vault", n=status.people), "brand", icon_name="lock")
                design.text(" · ".join([status.engine, *status.cameras]), "ac-small ac-muted")
            design.text(_words(page, node, state), "ac-small ac-muted")


def _words(page: ReceptionPage, node: FaceNodeView, state: str) -> str:
    t, status = page.t, node.faces
    if state == "paused" and status.reason:
        return f"{t('reception.faces.paused')} · {t.code('codes.faces', status.reason)}"
    words = t(f"reception.faces.{state}")
    if state == "matching" and status.lease_until is not None:
        minutes = max(0, int((status.lease_until - utc_now()).total_seconds() // 60))
        words = f"{words} · {t('reception.faces.lease', n=minutes)}"
    return words
