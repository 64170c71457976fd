"""Files as a screen shows them, with their owners: one, or one in each project that the office sells."""

from collections.abc import Collection, Iterable

from sqlmodel import Session

from contracts.gateway_api import CustomerView, ProjectOwner
from gateway.attribution import holders
from gateway.context import Context
from gateway.customers import store
from gateway.customers.tables import CustomerRow
from gateway.policy import store as policies


def views(
    session: Session, context: Context, rows: Collection[CustomerRow], names: dict[str, str]
) -> dict[str, CustomerView]:
    """A page of files, masked, by the id of each."""
    return _with_owners(session, context, store.views(session, context.keys, rows, names), names)


def view(
    session: Session, context: Context, row: CustomerRow, names: dict[str, str], *, revealed: bool = False
) -> CustomerView:
    """One file, masked unless `revealed`."""
    card = store.view(session, context.keys, row, names, revealed=revealed)
    return _with_owners(session, context, {row.customer_id: card}, names)[row.customer_id]


def owns(session: Session, context: Context, customer_id: str, person_id: str) -> bool:
    """Whether that consultant owns the customer in one of several projects."""
    wanted = _projects(session, context)
    found = holders.in_projects(session, context, [customer_id], wanted) if wanted else {}
    return any(person_id in owners.values() for owners in found.values())


def _with_owners(
    session: Session, context: Context, cards: dict[str, CustomerView], names: dict[str, str]
) -> dict[str, CustomerView]:
    wanted = _projects(session, context)
    if not wanted or not cards:
        return cards
    found = holders.in_projects(session, context, list(cards), wanted)
    return {
        each: card.model_copy(update={"owners": list(_owners(context, found[each], names))})
        for each, card in cards.items()
    }


def _owners(context: Context, found: dict[str, str | None], names: dict[str, str]) -> Iterable[ProjectOwner]:
    for option in context.config.sold:
        owner_id = found[option.project]
        yield ProjectOwner(project=option, owner_id=owner_id, owner_name=names.get(owner_id or ""))


def _projects(session: Session, context: Context) -> list[str]:
    """Those that each have an owner of their own; none where one owner is all there is to say."""
    sold = [option.project for option in context.config.sold]
    return sold if sold and policies.current(session)[1].claim_scope == "project" else []
