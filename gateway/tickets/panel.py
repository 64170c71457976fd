"""The calling panel (叫号屏): when a visit is accepted its number is shown."""

from datetime import timedelta

from contracts.ids import uuid7
from contracts.messages import Command, PanelShow
from gateway.context import Context
from gateway.policy import store as policies
from gateway.tickets import store
from gateway.visits.tables import VisitRow
from gateway.writer import UnitOfWork

SHOW_WITHIN = timedelta(seconds=60)
"""A number shown later than this would call somebody who was already fetched."""
DIGITS = 10_000


def call(uow: UnitOfWork, context: Context, visit: VisitRow) -> None:
    """After the commit, tell the configured panel; offices without one have nothing to do."""
    _, policy = policies.current(uow.session)
    ticket = store.of_visit(uow.session, visit.visit_id)
    node, device = policy.panel_node, policy.panel_device
    if ticket is None or node is None or device is None:
        return
    shown = PanelShow(number=ticket.number % DIGITS, panel=policy.panel_number)
    command = Command(
        id=uuid7(), type="panel.show.v1", device=device, expires_at=uow.now + SHOW_WITHIN, data=shown.model_dump()
    )
    uow.after_commit(lambda: context.commands.send(node, command))
