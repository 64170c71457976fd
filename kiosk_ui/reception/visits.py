"""Today's parties: who waits since when, whom nobody accepted, who is with whom, who has left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from nicegui.element import Element

from contracts.gateway_api import VisitView
from contracts.values import utc_now
from kiosk_ui import design
from kiosk_ui.consultant import wording
from kiosk_ui.reception import acts
from kiosk_ui.reception.desk import LISTS, ListName, began_waiting, readiest
from kiosk_ui.reception.pieces import empty, row_button

if TYPE_CHECKING:
    from kiosk_ui.reception.page import ReceptionPage

_ICONS = {"waiting": "hourglass_top", "serving": "handshake", "left": "logout"}
_QUICK = 3
"""Free consultants that a call names: one touch to give the party to them."""


def who(page: ReceptionPage, visit: VisitView) -> str:
    return wording.customer_name(page.t, visit)


def since(page: ReceptionPage, visit: VisitView) -> str:
    return page.project.local(began_waiting(visit))[-5:]


def elapsed(visit: VisitView, classes: str) -> None:
    """A clock that goes on without the server."""
    passed = int((utc_now() - began_waiting(visit)).total_seconds() * 1000)
    design.box(classes).props(f"data-elapsed={max(0, passed)}")


# ---- calls
def draw_calls(page: ReceptionPage) -> None:
    for visit in page.shown.escalated():
        _call(page, visit)


def _call(page: ReceptionPage, visit: VisitView) -> None:
    t = page.t
    mine = visit.escalation == "reception"
    with design.card(f"r-call {'r-call-mine' if mine else ''}", test="call").props(
        f'data-visit={visit.visit_id} data-alert={visit.visit_id} role="alert"'
    ):
        design.icon("campaign", "r-call-icon")
        with design.col("ac-grow").style("gap:2px"):
            with design.row("ac-wrap").style("gap:2px 12px;align-items:baseline"):
                number = visit.ticket.number if visit.ticket else 0
                design.text(t("reception.call.title", n=number, name=who(page, visit)), "r-name", test="call-title")
                elapsed(visit, "r-call-clock ac-num")
            asked = page.shown.asked.get(visit.visit_id)
            words = [t(f"reception.call.{'reception' if mine else 'manager'}")]
            if asked:
                words.insert(0, t("reception.call.asked", names=t("verdict.list").join(asked)))
            design.text(" · ".join(words), "ac-muted", test="call-words")
        with design.row("ac-wrap r-call-buttons"):
            free = [entry for entry in readiest(page.shown.rota) if entry.state == "free"][:_QUICK]
            for entry in free:
                design.button(
                    t("reception.call.give", name=entry.name),
                    lambda entry=entry: acts.assign(page, visit, entry.consultant_id),
                    kind="outline",
                    test="call-give",
                )
            design.button(t("reception.assign.open"), lambda: acts.assign(page, visit), test="call-assign")


# ---- the lists
def draw_tabs(page: ReceptionPage) -> None:
    """Where there is room, waiting and being received stand side by side, and the tabs choose between now and past."""
    t = page.t
    for name in LISTS:
        found, chosen = page.shown.visits(name), page.list_name == name
        people = sum(visit.party_size for visit in found)
        tab = design.button(
            t(f"reception.lists.{name}"),
            lambda name=name: page.choose_list(name),
            kind="outline",
            icon_name=_ICONS[name],
            classes=f"r-tab {'ac-on' if chosen else ''}",
            test=f"list-{name}",
        )
        tab.props(f"aria-pressed={'true' if chosen else 'false'}")
        with tab:
            design.text(str(len(found)), "r-tab-count ac-num", tag="span", test=f"count-{name}")
            design.text(t("reception.lists.people", n=people), "ac-sr", tag="span")


def rows(page: ReceptionPage, name: ListName) -> Iterator[tuple[str, object, Callable[[], Element]]]:
    """A list's rows, each with all that it shows; without any, what to say instead."""
    found = page.shown.visits(name)
    if not found:
        known = page.shown.floor is not None
        words = page.t(f"reception.lists.no_{name}" if known else "reception.unknown")
        yield "", known, partial(empty, words, "task_alt" if known else "sync")
    for visit in found:
        shows = (
            visit.model_dump(exclude={"ticket", "customer"}),
            visit.ticket and (visit.ticket.number, visit.ticket.paper),
            who(page, visit),
            page.shown.called(visit),
            page.side.shows("visit", visit.visit_id),
        )
        yield visit.visit_id, shows, partial(_row, page, visit)


def _row(page: ReceptionPage, visit: VisitView) -> Element:
    t = page.t
    chosen = " r-chosen" if page.side.shows("visit", visit.visit_id) else ""
    row = design.box(f"r-row r-row-{visit.state}{chosen}", test="visit-row").props(f"data-visit={visit.visit_id}")
    with row:
        with row_button(lambda: page.open_visit(visit.visit_id), test="visit-open"):
            design.text(str(visit.ticket.number) if visit.ticket else "–", "r-ticket ac-num")
            with design.box("ac-grow r-row-who"):
                with design.row().style("gap:8px"):
                    design.text(who(page, visit), "r-row-name ac-ellipsis")
                    people = "consultant.person" if visit.party_size == 1 else "consultant.people"
                    design.text(t(people, n=visit.party_size), "ac-small r-fixed")
                design.text(" · ".join(_facts(page, visit)), "ac-small ac-muted ac-ellipsis")
            _state(page, visit)
        if visit.state != "closed":
            design.button(
                t("reception.assign.short"),
                lambda: acts.assign(page, visit),
                kind="ghost",
                classes="r-row-act",
                aria=t("reception.assign.of", n=visit.ticket.number if visit.ticket else ""),
                test="row-assign",
            )
    return row


def _facts(page: ReceptionPage, visit: VisitView) -> list[str]:
    t = page.t
    facts = [t(f"consultant.kind.{visit.kind}"), t.code("consultant.purpose", visit.purpose)]
    if visit.state == "closed":
        ended = page.project.local(visit.closed_at)[-5:] if visit.closed_at else ""
        return [*facts, t("reception.lists.from_to", since=page.project.local(visit.opened_at)[-5:], until=ended)]
    if visit.ticket and visit.ticket.paper in ("unsure", "failed"):
        facts.insert(0, t("reception.lists.no_paper"))
    facts.append(t("reception.lists.since", at=since(page, visit)))
    if visit.owner_name:
        facts.append(f"{t('consultant.owner')} {visit.owner_name}")
    return facts


def _state(page: ReceptionPage, visit: VisitView) -> None:
    t = page.t
    with design.box("r-row-state"):
        if visit.state == "closed":
            reason = f"reception.mark.reasons.{visit.non_customer}" if visit.non_customer else ""
            ended = t(reason) if reason else t.code("reception.ended", visit.close_reason or "")
            design.text(ended, "ac-small ac-muted")
            return
        if visit.state == "serving":
            design.text(visit.consultant_name or t("verdict.colleague"), "ac-strong ac-ellipsis", test="row-with")
            return
        elapsed(visit, "r-clock ac-num")
        name = page.shown.called(visit)
        if visit.escalation is not None:
            design.text(t("reception.state.nobody"), "ac-small ac-bad ac-strong")
        elif name:
            design.text(t("reception.state.called", name=name), "ac-small ac-muted ac-ellipsis")
        else:
            design.text(t(f"reception.state.{visit.state}"), "ac-small ac-muted")
