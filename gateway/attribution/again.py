"""New evidence about people: every visit of theirs is judged anew. Turns already given stay as they are."""

from collections.abc import Iterable

from sqlmodel import Session, col, select

from gateway.attribution.service import judge_visit
from gateway.attribution.tables import BuyingPartyRow
from gateway.context import Context
from gateway.customers import aliases
from gateway.offers import service as offers
from gateway.visits import store as visits
from gateway.writer import UnitOfWork


def judge_again(uow: UnitOfWork, context: Context, customer_ids: Iterable[str]) -> None:
    """Visits over and under way alike, of them and of who buys with them, oldest first; who is offered a party or
    receives it goes on."""
    uow.session.flush()
    for visit in visits.of_customers(uow.session, with_family(uow.session, customer_ids)):
        before = visit.source, visit.owner_id, visit.hints
        judge_visit(uow, context, visit)
        if before != (visit.source, visit.owner_id, visit.hints):
            visits.record(uow, visit)
    uow.session.flush()
    offers.dispatch(uow, context)


def with_family(session: Session, customer_ids: Iterable[str]) -> set[str]:
    """Every file of those people and of who buys with them."""
    people = set(aliases.groups(session, customer_ids))
    parties = select(BuyingPartyRow.party_id).where(col(BuyingPartyRow.customer_id).in_(people))
    family = session.exec(select(BuyingPartyRow.customer_id).where(col(BuyingPartyRow.party_id).in_(parties)))
    return people | set(aliases.groups(session, family.all()))
