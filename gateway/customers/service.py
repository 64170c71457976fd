"""Who may see a customer's file, and what is done with it. Need to know: the owner, and whoever serves them now."""

from sqlmodel import Session

from contracts.gateway_api import CustomerPatch, CustomerView
from gateway import etags
from gateway.auth import Principal
from gateway.context import Context
from gateway.customers import aliases, shown, store
from gateway.customers.store import Details
from gateway.customers.tables import CustomerRow
from gateway.identity import alike, lookups
from gateway.problems import ProblemError
from gateway.roster import store as roster
from gateway.visits import store as visits
from gateway.writer import UnitOfWork


def accessible(session: Session, context: Context, principal: Principal, customer_id: str) -> CustomerRow:
    """Raises ProblemError 404, or 403 `not_your_customer` to a consultant who neither owns nor serves them.

    Who owns them in one of the office's projects does.
    """
    customer = store.get(session, customer_id)
    if customer is None or store.is_erased(session, customer.customer_id):
        raise ProblemError(404, "not_found", "no such customer")
    if principal.role != "consultant" or customer.owner_id == principal.person_id:
        return customer
    theirs = aliases.group(session, customer.customer_id)
    serving = visits.served_by(session, principal.person_id or "")
    if any(visit.customer_id in theirs for visit in serving):
        return customer
    if not shown.owns(session, context, customer.customer_id, principal.person_id or ""):
        raise ProblemError(403, "not_your_customer", "only the owner and who serves them now may see this file")
    return customer


def read(context: Context, principal: Principal, customer_id: str, *, revealed: bool = False) -> CustomerView:
    with context.database.read() as session:
        customer = accessible(session, context, principal, customer_id)
        return shown.view(session, context, customer, roster.names(session, context.keys), revealed=revealed)


def log_reveal(
    uow: UnitOfWork, context: Context, principal: Principal, person_id: str, customer_id: str
) -> ProblemError | None:
    """Committed before the number is shown. Returns the refusal of who looked up too much, as `lookups.note` does."""
    accessible(uow.session, context, principal, customer_id)
    refusal = lookups.note(uow, context, principal, ["reveal"], customer_id, 1)
    if refusal is None:
        store.log_reveal(uow, customer_id, person_id)
    return refusal


def patch(
    uow: UnitOfWork, context: Context, principal: Principal, customer_id: str, change: CustomerPatch, seen: str
) -> None:
    """Raises ProblemError 412 when name, needs or tags were written since the caller read them."""
    customer = accessible(uow.session, context, principal, customer_id)
    etags.check(seen, store.edition(customer))
    known = store.secrets(context.keys, customer)
    if change.name is not None:
        store.rename(context.keys, customer, change.name)
    details = Details(
        needs=known.details.needs if change.needs is None else change.needs,
        tags=known.details.tags if change.tags is None else list(dict.fromkeys(change.tags)),
    )
    store.describe(context.keys, customer, details)
    store.record(uow, context.keys, customer)
    if change.name is not None:
        alike.ask(uow, context, customer)
    uow.changed("offers")
    uow.changed("floor")
