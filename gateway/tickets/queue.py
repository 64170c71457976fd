"""The queue as kiosks and boards show it."""

from contracts.floor_api import QueueEntry, QueueView
from gateway.context import Context
from gateway.visits.views import Views


def read(context: Context) -> QueueView:
    with context.database.read() as session:
        views = Views.read(session, context)
        waiting = views.visits(views.line.waiting)
        serving = views.visits(views.line.serving)
    return QueueView(
        now_serving=[
            QueueEntry(ticket=v.ticket, visit_id=v.visit_id, called_to=v.consultant_name) for v in serving if v.ticket
        ],
        waiting=[QueueEntry(ticket=v.ticket, visit_id=v.visit_id) for v in waiting if v.ticket],
    )
