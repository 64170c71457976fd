"""The last page: the number, how long, and who is coming; it leaves by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.floor_api import QueueView
from contracts.gateway_api import CheckInResult, Paper, TicketView
from contracts.scans_api import ScanAnswer
from kiosk_ui import design
from kiosk_ui.visitor import flow, frame
from kiosk_ui.visitor.faces import consent
from kiosk_ui.visitor.wishes import sheets

if TYPE_CHECKING:
    from kiosk_ui.visitor.page import KioskPage


def done(page: KioskPage) -> None:
    result, t = page.desk.result, page.t
    if result is None:
        raise RuntimeError("the result page needs a result")
    with design.box("k-body k-done", tag="main"):
        with design.box("k-done-head"):
            design.icon("check_circle", "k-done-icon")
            design.text(t("visitor.done.title"), "k-title", tag="h1")
            if result.joined_existing:
                design.text(t("visitor.done.joined"), "k-why")
        with design.box("k-ticket"):
            design.text(t("visitor.done.number"), "k-ticket-label")
            design.text(f"{result.ticket.number:03d}", "k-ticket-number", test="ticket-number")
            page.ticket_facts = design.box("k-ticket-facts")
        page.host_line = design.box("k-host", test="ticket-host")
        scan = result.agent or page.desk.draft.scan
        if scan is not None:
            _agent(page, scan)
        consent.offer(page)
        page.seat_line = design.box("k-sit", test="ticket-paper")
    with design.box("k-foot k-foot-done", tag="footer"):
        frame.returning(page, flow.RESULT_SECONDS)
        design.button(
            t("visitor.done.home"), page.reset, kind="outline", icon_name="home", classes="k-back", test="done-home"
        )
    page.ticket_shown = None
    _facts(page, result.ticket, _host(page, result))


def _agent(page: KioskPage, scan: ScanAnswer) -> None:
    """A refused code is told here too: the reception can take a fresh one."""
    with design.box(f"k-agent {'k-agent-refused' if scan.refused else ''}", test="ticket-agent"):
        design.icon("error" if scan.refused else "handshake")
        words = sheets.said(page.t, scan)
        design.text(page.t("visitor.done.agent_refused", why=words) if scan.refused else words)


def show_queue(page: KioskPage, queue: QueueView) -> None:
    """Keep the last page true while it is shown: called to whom, or how many are still ahead."""
    result = page.desk.result
    if result is None:
        return
    for entry in queue.now_serving:
        if entry.ticket.ticket_id == result.ticket.ticket_id:
            host = page.t("visitor.done.host_known", name=entry.called_to) if entry.called_to else _host(page, result)
            _facts(page, entry.ticket, host)
            return
    for entry in queue.waiting:
        if entry.ticket.ticket_id == result.ticket.ticket_id:
            _facts(page, entry.ticket, _host(page, result))
            return


def _host(page: KioskPage, result: CheckInResult) -> str:
    if result.consultant_name is None:
        asked = page.desk.draft.asked_for
        return page.t("visitor.done.host_later", name=asked.name) if asked else page.t("visitor.done.host_soon")
    return page.t("visitor.done.host_owner", name=result.consultant_name)


def _facts(page: KioskPage, ticket: TicketView, host: str) -> None:
    shown = (ticket.state, ticket.ahead, ticket.wait_minutes, ticket.paper, host)
    if page.ticket_shown == shown:
        return
    page.ticket_shown = shown
    t = page.t
    called = ticket.state != "waiting"
    page.ticket_facts.clear()
    with page.ticket_facts:
        if called or ticket.ahead == 0:
            turn = t("visitor.done.turn_now" if called else "visitor.done.turn_next")
            _fact(t("visitor.done.turn"), turn, "", "ticket-ahead")
        else:
            _fact(t("visitor.done.ahead"), str(ticket.ahead), t("visitor.done.ahead_unit"), "ticket-ahead")
        label, wait, unit = _wait(page, ticket, called=called)
        _fact(label, wait, unit, "ticket-wait")
    page.host_line.clear()
    with page.host_line:
        design.icon("support_agent", "k-host-icon")
        with design.box("k-host-words"):
            design.text(t("visitor.done.host"), "ac-muted")
            design.text(host, "k-host-name")
    _paper(page, ticket.paper)


def _paper(page: KioskPage, paper: Paper) -> None:
    """Where to wait; or, when no ticket came out, that the number has to be kept in another way."""
    missing = paper in ("unsure", "failed")
    here, gone = ("k-paper", "k-sit") if missing else ("k-sit", "k-paper")
    page.seat_line.classes(add=here, remove=gone)
    page.seat_line.clear()
    with page.seat_line:
        design.icon("photo_camera" if missing else "weekend" if paper == "none" else "receipt_long")
        design.text(page.t("visitor.done.sit" if paper == "none" else f"visitor.done.paper_{paper}"))


def _wait(page: KioskPage, ticket: TicketView, *, called: bool) -> tuple[str, str, str]:
    """Label, value and unit that read as one sentence."""
    t = page.t
    if called or ticket.wait_minutes == 0:
        return t("visitor.done.wait"), t("visitor.done.wait_now"), ""
    if ticket.wait_minutes is None:
        return t("visitor.done.wait_open"), t("visitor.done.wait_unknown"), ""
    return t("visitor.done.wait"), str(ticket.wait_minutes), t("visitor.done.wait_unit")


def _fact(label: str, value: str, unit: str, test: str) -> None:
    with design.box("k-fact"):
        design.text(label, "k-fact-label")
        with design.box("k-fact-line"):
            design.text(value, "k-fact-value", test=test)
            if unit:
                design.text(unit, "k-fact-unit")
