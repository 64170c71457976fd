"""My place in the rota and everybody else's."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal

from contracts.rota_api import AwayRequest, Me, RotaEntry, RotaView
from kiosk_ui import design
from kiosk_ui.consultant.dialogs import open_dialog, segment

if TYPE_CHECKING:
    from kiosk_ui.consultant.page import TabletPage

_TONES: dict[str, design.Tone] = {
    "free": "ok",
    "offered": "accent",
    "serving": "brand",
    "away": "warn",
    "signed_out": "",
}
_AWAY = ("lunch", "short_break", "company", "rest", "leave", "private")
_MINUTES = (0, 5, 10, 30, 60)
_KEPT = frozenset({"lunch", "short_break", "company"})
"""Absences whose missed turns are made up (domain.md, 补接); the office's policy has the last word."""


def draw_status(page: TabletPage, me: Me) -> None:
    t, entry = page.t, me.rota
    state = entry.state if entry else "signed_out"
    with design.card("t-status", test="status-card"):
        with design.row("ac-between"):
            design.text(t("consultant.rota.mine"), "ac-h3", tag="h2")
            design.chip(t(f"consultant.state.{state}"), _TONES[state], test="rota-state")
        if entry is None or state == "signed_out":
            _step(page, "sign-in", "consultant.rota.sign_in", "login")
            return
        _place(page, entry)
        if entry.away_until is not None and state == "away":
            left = int((entry.away_until - me.server_time).total_seconds() * 1000)
            with design.row():
                design.text(t("consultant.rota.until"), "ac-muted")
                design.box("ac-strong ac-num").props(f"data-countdown={max(0, left)}")
        if state == "away":
            _step(page, "back", "consultant.rota.back", "keyboard_return")
        else:
            with design.row():
                for label, icon_name, reason in (
                    ("lunch", "restaurant", "lunch"),
                    ("away", "directions_walk", "short_break"),
                ):
                    design.button(
                        t(f"consultant.rota.{label}"),
                        lambda reason=reason: _away(page, reason),
                        kind="outline",
                        icon_name=icon_name,
                        classes="ac-grow t-tight",
                        test=f"rota-{label}",
                    )
        _step(page, "sign-out", "consultant.rota.sign_out", "logout", kind="ghost")


def _place(page: TabletPage, entry: RotaEntry) -> None:
    t = page.t
    words = t("consultant.rota.place_none") if entry.place is None else t("consultant.rota.place", n=entry.place)
    if entry.place == 1 and entry.state == "free":
        words = t("consultant.rota.place_next")
    design.text(words, "t-place", test="rota-place")
    turns = t(
        "consultant.rota.turns", offered=entry.turns_offered, received=entry.turns_received, lost=entry.turns_lost
    )
    design.text(turns, "ac-small ac-muted")
    if entry.make_ups:
        design.chip(t("consultant.rota.make_ups", n=entry.make_ups), "accent")


def _step(
    page: TabletPage,
    step: Literal["sign-in", "sign-out", "back"],
    key: str,
    icon_name: str,
    *,
    kind: Literal["primary", "ghost"] = "primary",
) -> None:
    async def go() -> None:
        await page.act(lambda: page.gateway.rota_step(page.token, step))
        await page.refresh()

    classes = "t-wide ac-btn-big" if kind == "primary" else "t-wide ac-btn-small"
    design.button(page.t(key), go, kind=kind, icon_name=icon_name, classes=classes, test=f"rota-{step}")


def _away(page: TabletPage, given: str) -> None:
    t = page.t
    chosen = {"reason": given, "minutes": "30" if given == "lunch" else "10"}
    with page.root, open_dialog(t("consultant.away.title"), test="away-dialog") as dialog:
        segment(
            [(r, t(f"consultant.away.{r}")) for r in _AWAY],
            chosen,
            "reason",
            test="away",
            on_change=lambda: hint.set_text(_kept(page, chosen)),
        )
        hint = design.text(_kept(page, chosen), "ac-small ac-muted")
        design.text(t("consultant.away.minutes"), "ac-label")
        lengths = [(str(m), t("consultant.away.n", n=m) if m else t("consultant.away.none")) for m in _MINUTES]
        segment(lengths, chosen, "minutes", test="minutes")

        async def go() -> None:
            minutes = int(chosen["minutes"]) or None
            request = AwayRequest.model_validate({"reason": chosen["reason"], "minutes": minutes})
            if await page.act(lambda: page.gateway.away(page.token, request)):
                dialog.close()
            await page.refresh()

        design.button(t("consultant.away.confirm"), go, classes="ac-btn-big", test="away-confirm")


def _kept(page: TabletPage, chosen: dict[str, str]) -> str:
    return page.t("consultant.away.kept" if chosen["reason"] in _KEPT else "consultant.away.lost")


def draw_list(page: TabletPage, view: RotaView, now: datetime) -> None:
    """Everyone in the order of the rota, then those who are not in it."""
    t = page.t
    entries = sorted(view.entries, key=lambda e: (e.place is None, e.place or 0, e.state == "signed_out", e.name))
    with design.card("t-rota", test="rota-list"):
        design.text(t("consultant.rota.title"), "ac-h3", tag="h2")
        for entry in entries:
            mine = page.me is not None and entry.consultant_id == page.me.person_id
            with design.box(f"t-rota-line {'t-rota-me' if mine else ''}"):
                design.text(str(entry.place) if entry.place else "–", "t-rota-place ac-num")
                with design.box("ac-grow"):
                    name = f"{entry.name} · {t('consultant.rota.me')}" if mine else entry.name
                    design.text(name, "ac-strong ac-ellipsis")
                    if entry.make_ups:
                        design.text(t("consultant.rota.make_ups", n=entry.make_ups), "ac-tiny ac-muted")
                design.chip(t(f"consultant.state.{entry.state}"), _TONES[entry.state])
