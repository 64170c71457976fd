"""Today's visits as the rota sees them: who received them, and nothing of who came."""

from sqlmodel import Session

from contracts.gateway_api import TurnVisit
from gateway.context import Context
from gateway.localtime import local_day
from gateway.roster import store as roster
from gateway.tickets import store as tickets
from gateway.visits import store as visits


def of_today(session: Session, context: Context) -> list[TurnVisit]:
    """Newest first."""
    rows = sorted(visits.of_day(session, local_day(context.clock(), context.timezone)), key=lambda v: v.opened_at)
    names = roster.names(session, context.keys)
    issued = tickets.of_visits(session, (row.visit_id for row in rows))
    same = {"visit_id", "opened_at", "kind", "state", "party_size"}
    return [
        TurnVisit.model_validate(
            {
                **row.model_dump(include=same),
                "ticket_number": issued[row.visit_id].number if row.visit_id in issued else None,
                "consultant_name": names.get(row.consultant_id or "", ""),
            }
        )
        for row in reversed(rows)
    ]
