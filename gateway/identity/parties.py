"""Buying parties: who is linked to whom, by whom and since when. Every link is new evidence for their visits."""

from sqlmodel import Session, select

from contracts.identity_api import PartyLink, PartyView
from contracts.ids import uuid7
from gateway.attribution.again import judge_again
from gateway.attribution.tables import BuyingPartyRow
from gateway.auth import Principal
from gateway.context import Context
from gateway.customers import aliases, shown
from gateway.customers import store as customers
from gateway.problems import ProblemError
from gateway.roster import store as roster
from gateway.writer import UnitOfWork


def link(
    uow: UnitOfWork, context: Context, principal: Principal, first_id: str, other_id: str, request: PartyLink
) -> None:
    """Linking twice is linking once; another relation replaces the one before.

    Raises ProblemError 404, 422 `same_person`, 409 `not_the_first`, `in_another_party`.
    """
    first, other = _person(uow.session, first_id), _person(uow.session, other_id)
    if first == other:
        raise ProblemError(422, "same_person", "nobody is related to themselves")
    by = principal.person_id or principal.device_id or ""
    party = _own(uow.session, first)
    if party is not None and party.relation != "self":
        raise ProblemError(409, "not_the_first", "link to the first of this buying party")
    if party is None:
        party = BuyingPartyRow(customer_id=first, party_id=uuid7(), relation="self", linked_at=uow.now, linked_by=by)
        uow.session.add(party)
    theirs = _own(uow.session, other)
    if theirs is not None and theirs.party_id != party.party_id:
        raise ProblemError(409, "in_another_party", "unlink them from their buying party first")
    if theirs is None:
        theirs = BuyingPartyRow(
            customer_id=other, party_id=party.party_id, relation=request.relation, linked_at=uow.now, linked_by=by
        )
    elif theirs.relation == request.relation:
        return
    theirs.relation = request.relation
    uow.session.add(theirs)
    judge_again(uow, context, [row.customer_id for row in _members(uow.session, party.party_id)])


def unlink(uow: UnitOfWork, context: Context, customer_id: str) -> None:
    """That person buys alone from now on; unlinking twice is unlinking once.

    Raises ProblemError 404, 409 `first_of_party`.
    """
    own = _own(uow.session, _person(uow.session, customer_id))
    if own is None:
        return
    members = _members(uow.session, own.party_id)
    if own.relation == "self" and len(members) > 1:
        raise ProblemError(409, "first_of_party", "the others are related to this person: unlink them first")
    uow.session.delete(own)
    left = [row for row in members if row.customer_id != own.customer_id]
    if len(left) == 1:
        uow.session.delete(left[0])
    judge_again(uow, context, [row.customer_id for row in members])


def read(context: Context, customer_id: str) -> PartyView:
    """Raises ProblemError 404."""
    with context.database.read() as session:
        own = _own(session, _person(session, customer_id))
        rows = [] if own is None else _members(session, own.party_id)
        names = roster.names(session, context.keys)
        files = customers.by_ids(session, (row.customer_id for row in rows))
        return PartyView.model_validate(
            {
                "members": [
                    {
                        "customer": shown.view(session, context, files[row.customer_id], names),
                        "relation": row.relation,
                        "linked_at": row.linked_at,
                        "linked_by": names.get(row.linked_by, row.linked_by),
                    }
                    for row in rows
                    if row.customer_id in files
                ]
            }
        )


def _person(session: Session, customer_id: str) -> str:
    found = customers.get(session, customer_id)
    if found is None:
        raise ProblemError(404, "not_found", "no such customer")
    return found.customer_id


def _own(session: Session, customer_id: str) -> BuyingPartyRow | None:
    """The link of that person, on whichever of their files it was made."""
    found = (session.get(BuyingPartyRow, each) for each in aliases.group(session, customer_id))
    return next((row for row in found if row is not None), None)


def _members(session: Session, party_id: str) -> list[BuyingPartyRow]:
    """The first of the party, then the others in the order they were linked."""
    session.flush()
    rows = session.exec(select(BuyingPartyRow).where(BuyingPartyRow.party_id == party_id)).all()
    return sorted(rows, key=lambda row: (row.relation != "self", row.linked_at, row.customer_id))
