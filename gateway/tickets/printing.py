"""The printed ticket (小票): ordered once when the number is drawn, and what became of it is told where people look.

An order that nobody answers before it expires is unsure, like one whose printer cannot say: never sent again (ADR 074).
"""

from datetime import timedelta

from contracts.ids import uuid7
from contracts.messages import Command, Reply, TicketPrint, TicketPrinted
from gateway.config import TicketPrinterConfig
from gateway.context import Context
from gateway.localtime import local_day
from gateway.nodes.tables import Node
from gateway.policy import store as policies
from gateway.tickets import store
from gateway.tickets.tables import TicketRow
from gateway.writer import UnitOfWork

PRINT = "ticket.print.v1"
PRINT_WITHIN = timedelta(seconds=20)
"""Whoever drew the number stands there; a ticket later than this is found by somebody else."""
_NOTHING_CAME_OUT = frozenset({"offline", "paper_out", "cover_open", "error", "expired", "busy"})


def at_kiosk(uow: UnitOfWork, context: Context, kiosk: str | None, visit_id: str) -> None:
    """A number was drawn at this screen."""
    _order(uow, context, visit_id, [p for p in context.config.ticket_printers if kiosk in p.kiosks])


def at_button(uow: UnitOfWork, context: Context, source: str, visit_id: str) -> None:
    """A ticket button was pressed; `source` is its event's. Who pressed it has no other paper."""
    _, _, _, _, node, _, device = source.split("/")
    button = f"{node}/{device}"
    _order(uow, context, visit_id, [p for p in context.config.ticket_printers if button in p.buttons])


def on_reply(uow: UnitOfWork, reply: Reply) -> None:
    ticket = store.of_print(uow.session, reply.command_id)
    if ticket is None or ticket.paper not in ("sent", "unsure"):
        return
    if reply.ok:
        confirmed = TicketPrinted.model_validate(reply.data or {"confirmed": True}).confirmed
        _became(uow, ticket, "printed" if confirmed else "unsure", "" if confirmed else "unconfirmed")
    else:
        failed = reply.error in _NOTHING_CAME_OUT or reply.error.startswith("unknown device")
        _became(uow, ticket, "failed" if failed else "unsure", reply.error)


def is_due(context: Context) -> bool:
    if not context.config.ticket_printers:
        return False
    with context.database.read() as session:
        return bool(store.unanswered(session, context.clock()))


def give_up(uow: UnitOfWork) -> None:
    """Orders that expired without a word: the ticket, or only the answer, may be lost."""
    for ticket in store.unanswered(uow.session, uow.now):
        _became(uow, ticket, "unsure", "no_answer")


def _order(uow: UnitOfWork, context: Context, visit_id: str, printers: list[TicketPrinterConfig]) -> None:
    ticket = store.of_visit(uow.session, visit_id) if printers else None
    if ticket is None or ticket.paper != "none":
        return
    printer = printers[0]
    if not _reachable(uow, context, printer.node):
        _became(uow, ticket, "failed", "broker_away")
        return
    order = Command(
        id=uuid7(),
        type=PRINT,
        device=printer.device,
        expires_at=uow.now + PRINT_WITHIN,
        data=_content(uow, context, printer, ticket).model_dump(),
    )
    ticket.print_command, ticket.paper_until = order.id, order.expires_at
    _became(uow, ticket, "sent", "")
    uow.after_commit(lambda: context.commands.send(printer.node, order))


def _reachable(uow: UnitOfWork, context: Context, node: str) -> bool:
    known = uow.session.get(Node, node)
    return context.commands.connected and (known is None or known.online)


def _content(uow: UnitOfWork, context: Context, printer: TicketPrinterConfig, ticket: TicketRow) -> TicketPrint:
    _, policy = policies.current(uow.session)
    zone = context.timezone
    line = store.Line.read(uow.session, day=local_day(uow.now, zone), now=uow.now, policy=policy)
    view = line.view(ticket)
    qr = printer.qr.replace("{ticket_id}", ticket.ticket_id).replace("{number}", str(ticket.number))
    return TicketPrint(
        number=ticket.number,
        office=context.config.office_name[:40],
        office_en=(context.config.office_name_en or "")[:60],
        ahead=view.ahead,
        wait_minutes=view.wait_minutes,
        local_time=uow.now.astimezone(zone).strftime("%Y-%m-%d %H:%M"),
        qr=qr[:200],
    )


def _became(uow: UnitOfWork, ticket: TicketRow, paper: str, reason: str) -> None:
    ticket.paper, ticket.paper_reason = paper, reason[:60]
    uow.session.add(ticket)
    uow.changed("queue")
    uow.changed("floor")
