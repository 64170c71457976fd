"""The verdicts that concern one consultant and are still open to appeal, each as they may read it."""

from datetime import timedelta

from sqlmodel import Session

from contracts.periods import end_of
from contracts.verdicts_api import OwnVerdict
from gateway.attribution import store as verdicts
from gateway.attribution.seen import Reader, concerns, seen_by
from gateway.attribution.tables import VerdictRow
from gateway.context import Context
from gateway.customers import store as customers
from gateway.policy import store as policies
from gateway.tickets import store as tickets
from gateway.visits import store as visits
from gateway.visits.tables import VisitRow

_LONGEST = timedelta(days=31)
"""Older verdicts are not listed, however long an office leaves them open to appeal."""


def own(context: Context, person_id: str) -> list[OwnVerdict]:
    """The newest verdict of each visit, newest first."""
    now = context.clock()
    with context.database.read() as session:
        newest = {row.visit_id: row for row in verdicts.between(session, now - _LONGEST, now)}
        found = [_own(session, context, row, person_id) for row in newest.values()]
    return sorted((one for one in found if one is not None), key=lambda one: one.made_at, reverse=True)


def _own(session: Session, context: Context, row: VerdictRow, person_id: str) -> OwnVerdict | None:
    policy = policies.at(session, row.policy_version)
    until = end_of(row.made_at, policy.appeal_days, policy.day_count, context.timezone)
    visit = visits.get(session, row.visit_id)
    if visit is None or until < context.clock():
        return None
    seen = seen_by(Reader("consultant", person_id), verdicts.said(row), verdicts.weighed(row))
    if not concerns(seen):
        return None
    issued = tickets.of_visits(session, [visit.visit_id]).get(visit.visit_id)
    return OwnVerdict(
        **seen.model_dump(),
        **row.model_dump(include={"verdict_id", "visit_id", "made_at", "policy_version"}),
        appeal_until=until,
        opened_at=visit.opened_at,
        ticket_number=None if issued is None else issued.number,
        customer=_customer(session, context, visit, person_id),
    )


def _customer(session: Session, context: Context, visit: VisitRow, person_id: str) -> str:
    """Masked, and only for who may see the file."""
    if visit.customer_id is None or person_id not in {visit.owner_id, visit.consultant_id}:
        return ""
    file = customers.get(session, visit.customer_id)
    if file is None:
        return ""
    shown = customers.view(session, context.keys, file, {})
    return shown.name or shown.phone
