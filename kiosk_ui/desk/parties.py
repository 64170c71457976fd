"""Parties that nobody accepted, and everybody else who waits or is received: given to somebody, with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.gateway_api import AssignRequest, VisitView
from contracts.rota_api import RotaEntry
from contracts.values import utc_now
from kiosk_ui import design
from kiosk_ui.consultant import wording
from kiosk_ui.consultant.dialogs import open_dialog, segment
from kiosk_ui.desk.pieces import decision, empty, heading
from kiosk_ui.desk.shown import Shown

if TYPE_CHECKING:
    from kiosk_ui.desk.page import DeskPage

_STATES = ("free", "offered", "serving", "away", "signed_out")


async def read(page: DeskPage) -> None:
    page.shown.floor = await page.gateway.floor(page.token)


def waiting(shown: Shown) -> int:
    return 0 if shown.floor is None else sum(visit.escalation is not None for visit in shown.floor.waiting)


def shows(shown: Shown) -> object:
    floor = shown.floor
    return floor and (floor.waiting, floor.serving, [(e.consultant_id, e.state) for e in floor.rota])


def draw(page: DeskPage) -> None:
    t, floor = page.t, page.shown.floor
    heading(page, "parties")
    if floor is None:
        empty(t("desk.reading"), "hourglass_empty")
        return
    order = sorted(floor.waiting, key=lambda v: (v.escalation is None, v.waiting_since or v.opened_at))
    if not order:
        empty(t("desk.parties.none"), "task_alt", test="parties-none")
    for visit in order:
        _party(page, visit)
    if floor.serving:
        design.text(t("desk.parties.serving"), "ac-h2", tag="h3")
        for visit in floor.serving:
            _party(page, visit)


def _party(page: DeskPage, visit: VisitView) -> None:
    t = page.t
    classes = "d-line d-urgent" if visit.escalation else "d-line"
    with design.card(classes, test="party").props(f"data-visit={visit.visit_id}"):
        design.text(f"{visit.ticket.number:03d}" if visit.ticket else "–", "d-number ac-num")
        with design.col("ac-grow").style("gap:2px"):
            with design.row("ac-wrap").style("gap:4px 10px"):
                design.text(wording.customer_name(t, visit), "ac-strong")
                design.chip(t(f"consultant.kind.{visit.kind}"), "accent" if visit.kind == "return" else "brand")
                if visit.escalation:
                    design.chip(t(f"desk.parties.{visit.escalation}"), "bad", icon_name="campaign")
            design.text(_facts(page, visit), "ac-small ac-muted")
        if visit.state != "serving":
            since = visit.waiting_since or visit.opened_at
            elapsed = max(0, int((utc_now() - since).total_seconds() * 1000))
            design.box("d-clock ac-num").props(f"data-elapsed={elapsed}")
        design.button(
            t("desk.parties.reassign" if visit.state == "serving" else "desk.parties.assign"),
            lambda: _assign(page, visit),
            kind="outline" if visit.state == "serving" else "primary",
            test="assign",
        )


def _facts(page: DeskPage, visit: VisitView) -> str:
    t = page.t
    size = t("consultant.person" if visit.party_size == 1 else "consultant.people", n=visit.party_size)
    who = t("desk.parties.with", name=visit.consultant_name) if visit.consultant_name else ""
    owner = t("desk.parties.owner", name=visit.owner_name) if visit.owner_name else ""
    return " · ".join(word for word in (size, t.code("consultant.purpose", visit.purpose), who, owner) if word)


def _assign(page: DeskPage, visit: VisitView) -> None:
    t, floor = page.t, page.shown.floor
    people = sorted(
        (e for e in (floor.rota if floor else []) if e.consultant_id != visit.consultant_id),
        key=lambda e: (_STATES.index(e.state), e.place or 99, e.name),
    )
    with page.root, open_dialog(t("desk.parties.who", name=wording.customer_name(t, visit)), test="assign-dialog") as d:
        chosen = {"to": ""}
        names = [(e.consultant_id, _label(page, e)) for e in people]
        segment(names, chosen, "to", test="assign-to", on_change=lambda: then.set_text(_then(page, people, chosen)))
        then = design.text(_then(page, people, chosen), "d-then", test="assign-then").props("role=status")

        async def work(reason: str) -> None:
            assignment = AssignRequest(consultant_id=chosen["to"], reason=reason)
            await page.gateway.assign(page.token, visit.visit_id, assignment)

        decision(
            page,
            d,
            work,
            label=t("desk.parties.confirm"),
            said=t("desk.parties.done"),
            ready=lambda: "" if chosen["to"] else t("desk.parties.choose"),
        )


def _label(page: DeskPage, entry: RotaEntry) -> str:
    place = f" {entry.place}" if entry.place else ""
    return f"{entry.name} · {page.t(f'consultant.state.{entry.state}')}{place}"


def _then(page: DeskPage, people: list[RotaEntry], chosen: dict[str, str]) -> str:
    """What an override does to the order, before it is decided."""
    t, policy = page.t, page.shown.policy
    entry = next((e for e in people if e.consultant_id == chosen["to"]), None)
    if entry is None:
        return t("desk.parties.then_nobody")
    turn = "uses" if policy is not None and policy.policy.override_uses_turn else "free"
    return t(f"desk.parties.then_{turn}", name=entry.name)
