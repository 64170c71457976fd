"""Whose visit it is may turn out otherwise. A customer is taken off a visit or put on it, with a new verdict.

Nothing is merged and nothing is lost: earlier verdicts stay, the customer's own count and owner are what they would be.
"""

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session

from contracts.ids import uuid7
from gateway.attribution.holders import owner_now
from gateway.attribution.service import judge_visit
from gateway.context import Context
from gateway.customers import aliases
from gateway.customers import store as customers
from gateway.customers.tables import CustomerRow
from gateway.localtime import local_day
from gateway.offers import service as offers
from gateway.policy import store as policies
from gateway.tickets import store as tickets
from gateway.visits import book, service, store
from gateway.visits.assembly import NO_NUMBER
from gateway.visits.book import Sign
from gateway.visits.domain import kind_of_visit
from gateway.visits.tables import VisitRow
from gateway.writer import UnitOfWork


def is_untouched(visit: VisitRow) -> bool:
    """Nobody has received the party since it last arrived: all that happened was that it was offered."""
    return visit.state in ("waiting", "offered")


def forget_customer(uow: UnitOfWork, context: Context, visit: VisitRow) -> None:
    """The visit is nobody's we know: an unknown party. Without a customer it stays as it is."""
    _detach(uow, context, visit)
    book.told(uow, context, visit, "named", "unnamed")
    _judge_anew(uow, context, visit)


def adopt_customer(uow: UnitOfWork, context: Context, visit: VisitRow, customer: CustomerRow, *, by: str = "") -> None:
    """The visit is this customer's: counted on their file, and offered anew while nobody received it.

    `by`: the person who said so.
    """
    if visit.customer_id in aliases.group(uow.session, customer.customer_id):
        return
    _detach(uow, context, visit)
    visit.kind = kind_of_visit(known_customer=True, earlier_visits=customers.figures(uow.session, customer).visits)
    visit.customer_id = customer.customer_id
    book.told(uow, context, visit, "named", "named", by=by)
    if visit.non_customer is None:
        service.count_visit(uow, context, customer, visit.opened_at)
    _judge_anew(uow, context, visit)


def close_mistaken(uow: UnitOfWork, context: Context, visit: VisitRow, reason: str) -> None:
    """Nobody was there: the visit ends, counts for no one, and whoever was asked is free again."""
    service.close(uow, context, visit, reason)
    _detach(uow, context, visit)
    book.told(uow, context, visit, "mistaken", "mistaken", reason=reason)
    book.release(uow, context, visit)
    _judge_anew(uow, context, visit)
    offers.dispatch(uow, context)


def undo_reopening(
    uow: UnitOfWork, context: Context, visit: VisitRow, closed_at: datetime, reason: str, consultant_id: str | None
) -> None:
    """The party had not come back: its visit ended when it did. Whoever is received now has a visit of their own."""
    stranger = visit.consultant_id if visit.state == "serving" else None
    since = visit.waiting_since
    if visit.state != "closed":
        offers.withdraw(uow, visit.visit_id)
    visit.state, visit.closed_at, visit.close_reason = "closed", closed_at, reason
    visit.consultant_id, visit.returning_to = consultant_id, None
    ticket = tickets.of_visit(uow.session, visit.visit_id)
    if ticket is not None:
        ticket.state = "done" if consultant_id is not None else "cancelled"
        uow.session.add(ticket)
    book.told(uow, context, visit, "not_back", "had_left")
    book.release(uow, context, visit, returned_only=True)
    store.record(uow, visit)
    uow.session.flush()
    if stranger is not None:
        _receive_stranger(uow, context, visit, stranger, since)
    offers.dispatch(uow, context)


def _receive_stranger(
    uow: UnitOfWork, context: Context, taken_for: VisitRow, consultant_id: str, since: datetime
) -> None:
    version, _ = policies.current(uow.session)
    day = local_day(uow.now, context.timezone)
    visit = VisitRow(
        visit_id=uuid7(),
        day=day,
        kind="unknown",
        state="waiting",
        party_size=1,
        purpose=taken_for.purpose,
        language=taken_for.language,
        opened_at=since,
        arrived_at=since,
        waiting_since=since,
        policy_version=version,
    )
    uow.session.add(visit)
    tickets.issue(uow.session, visit.visit_id, day, uow.now)
    book.arrived(uow, context, visit, Sign("reception", since), NO_NUMBER, None, visit.party_size)
    service.begin_serving(uow, context, visit, consultant_id)


def _detach(uow: UnitOfWork, context: Context, visit: VisitRow) -> None:
    customer = customers.file(uow.session, visit.customer_id) if visit.customer_id else None
    visit.customer_id, visit.kind = None, "unknown"
    uow.session.add(visit)
    uow.session.flush()
    if customer is not None and visit.non_customer is None:
        uncount(uow, context, customer)


def _judge_anew(uow: UnitOfWork, context: Context, visit: VisitRow) -> None:
    owner = visit.owner_id
    judge_visit(uow, context, visit)
    again = is_untouched(visit) and visit.owner_id != owner
    if again and visit.state == "offered":
        offers.withdraw(uow, visit.visit_id)
        visit.state = "waiting"
    store.record(uow, visit)
    if again:
        offers.dispatch(uow, context, newcomer=visit)


def uncount(uow: UnitOfWork, context: Context, customer: CustomerRow) -> None:
    """One visit fewer; the latest that remains says when they were here last and who owns them."""
    remaining = _as_customers(uow.session, [customer.customer_id])
    customer.visit_count = max(0, customer.visit_count - 1)
    customer.last_visit_at = remaining[-1].opened_at if remaining else None
    theirs = aliases.group(uow.session, customer.customer_id)
    speaking = customers.file(uow.session, theirs[0]) or customer
    visits = _as_customers(uow.session, theirs)
    speaking.owner_id = visits[-1].owner_id if visits else _between_visits(uow.session, context, speaking)
    for file in {id(f): f for f in (customer, speaking)}.values():
        customers.record(uow, context.keys, file)


def _as_customers(session: Session, customer_ids: Collection[str]) -> list[VisitRow]:
    """Oldest first, without those on which they were no customers."""
    return [visit for visit in store.of_customers(session, customer_ids) if visit.non_customer is None]


def _between_visits(session: Session, context: Context, customer: CustomerRow) -> str | None:
    """Who owns them by a call or a manager's word."""
    owner = owner_now(session, context, customer.customer_id)
    return None if owner is None or owner.ended else owner.consultant_id
