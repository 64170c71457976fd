"""What does not work now, and what goes on without it. Silent while all is well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.gateway_api import RuleNote
from kiosk_ui import design

if TYPE_CHECKING:
    from kiosk_ui.reception.page import ReceptionPage

_DESK_ALARMS = ("unregistered", "sensor")
"""Alarms of the floor that the reception can do something about."""


def state(page: ReceptionPage) -> object:
    """All that the banner shows."""
    floor = page.shown.floor
    if page.cut or floor is None:
        return page.cut
    link = floor.link
    away = link.configured and not link.online
    return (False, away, link.pending if away else 0, [alarm.model_dump() for alarm in _alarms(page)])


def draw(page: ReceptionPage) -> None:
    t, floor = page.t, page.shown.floor
    if page.cut:
        design.note(
            t("reception.banner.cut"),
            "bad",
            icon_name="cloud_off",
            title=t("reception.banner.cut_title"),
            test="banner-cut",
        )
        return
    if floor is None:
        return
    link = floor.link
    if link.configured and not link.online:
        heard = page.project.local(link.last_ack_at) if link.last_ack_at else t("reception.banner.never")
        design.note(
            t("reception.banner.alone", pending=link.pending),
            "warn",
            icon_name="sync_problem",
            title=t("reception.banner.alone_title", at=heard),
            test="banner-alone",
        )
    for alarm in _alarms(page):
        said = t("reception.banner.hour", hour=alarm.facts.get("hour", ""), reason=t.code("codes.reason", alarm.reason))
        design.note(said, "warn", icon_name="rule", title=t.code("codes.rule", alarm.rule), test=f"alarm-{alarm.rule}")


def _alarms(page: ReceptionPage) -> list[RuleNote]:
    """The newest of each: an older hour cannot be mended any more."""
    floor = page.shown.floor
    newest = {} if floor is None else {alarm.rule: alarm for alarm in floor.alarms if alarm.rule in _DESK_ALARMS}
    return list(newest.values())


def strip(page: ReceptionPage) -> None:
    """Who is next and how full the house is, in one line."""
    t, floor = page.t, page.shown.floor
    if floor is None:
        return
    free = [entry for entry in floor.rota if entry.state == "free"]
    first = min((entry for entry in free if entry.place is not None), key=lambda e: e.place or 0, default=None)
    with design.row("ac-wrap r-strip", test="strip"):
        words = t("reception.strip.next", name=first.name) if first else t("reception.strip.nobody")
        design.chip(words, "brand" if first else "warn", icon_name="person", test="strip-next")
        design.text(t("reception.strip.free", n=len(free)), "ac-muted ac-num")
        design.text(t("reception.strip.inside", n=floor.occupancy), "ac-muted ac-num")


def strip_state(page: ReceptionPage) -> object:
    floor = page.shown.floor
    return floor and ([(e.name, e.state, e.place) for e in floor.rota], floor.occupancy)
