"""New evidence about people: every visit of theirs is judged anew. Turns already given stay as they are."""

from collections.abc import Iterable

from gateway.attribution.service import judge_visit
from gateway.context import Context
from gateway.customers import aliases
from gateway.offers import service as offers
from gateway.visits import store as visits
from gateway.writer import UnitOfWork


def judge_again(uow: UnitOfWork, context: Context, customer_ids: Iterable[str]) -> None:
    """Visits over and under way alike, oldest first; who is offered a party or receives it goes on."""
    uow.session.flush()
    theirs = aliases.groups(uow.session, customer_ids)
    for visit in visits.of_customers(uow.session, list(theirs)):
        before = visit.source, visit.owner_id, visit.hints
        judge_visit(uow, context, visit)
        if before != (visit.source, visit.owner_id, visit.hints):
            visits.record(uow, visit)
    uow.session.flush()
    offers.dispatch(uow, context)
