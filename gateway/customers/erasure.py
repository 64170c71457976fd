"""Erasing a customer's file (domain.md: a visitor can delete their data): what is personal goes, decisions stay.

Visits, calls, verdicts, rulings and appeals keep ids, rules, results and times. Words that people wrote go whole:
nobody can tell which of them name somebody.
"""

import json
from collections.abc import Collection, Iterator

from sqlalchemy import delete, update
from sqlmodel import Session, col, or_, select

from contracts.facts import AppealRecorded, CustomerErased, CustomerRecorded, FollowUpRecorded
from contracts.sealing import CustomerSecret
from gateway.appeals import store as appeals
from gateway.appeals.tables import AppealRow
from gateway.attribution import store as verdicts
from gateway.attribution.tables import AssignmentRow, BuyingPartyRow, ReferralRow, RegistrationRow, RulingRow
from gateway.auth import Principal
from gateway.bookings import store as bookings
from gateway.consents import service as consents
from gateway.context import Context
from gateway.customers import aliases, store
from gateway.customers.tables import CustomerRow, ErasureRow, MergeRow, NameReading
from gateway.downsync.tables import SyncConflictRow
from gateway.facts.tables import FollowUpRow
from gateway.identity.tables import StrongKeyRow
from gateway.keys import Keys
from gateway.problems import ProblemError
from gateway.uplink.tables import UplinkEvent
from gateway.visits.tables import SignalRow, VisitRow
from gateway.writer import UnitOfWork

HEAD_OFFICE = "head_office"


def erase(uow: UnitOfWork, context: Context, customer_id: str, principal: Principal) -> None:
    """Every file of that person, here and, by an event, at head office. Raises ProblemError 404."""
    if store.file(uow.session, customer_id) is None:
        raise ProblemError(404, "not_found", "no such customer")
    for each in aliases.group(uow.session, aliases.root(uow.session, customer_id)):
        if _forget(uow, context, each, principal.person_id or "", principal):
            uow.uplink(CustomerErased(customer_id=each, at=uow.now))
    uow.changed("offers")
    uow.changed("floor")


def erase_for_head_office(uow: UnitOfWork, context: Context, customer_id: str) -> None:
    """That very file, which was erased there. Told twice it changes nothing."""
    if _forget(uow, context, customer_id, HEAD_OFFICE, None):
        uow.changed("floor")


def _forget(uow: UnitOfWork, context: Context, customer_id: str, by: str, principal: Principal | None) -> bool:
    """False when it was erased before."""
    if store.is_erased(uow.session, customer_id):
        return False
    session = uow.session
    session.add(ErasureRow(customer_id=customer_id, at=uow.now, by=by))
    consents.erase(uow, context, customer_id, principal)
    row = store.file(session, customer_id)
    if row is not None:
        _claims(session, context.keys, row)
        _identity(session, context.keys, row)
    words = _words(session, context.keys, customer_id)
    _unsent(session, context.keys, {customer_id, *words})
    session.flush()
    return True


def _claims(session: Session, keys: Keys, row: CustomerRow) -> None:
    """Bookings and referrals go; a channel's registration stays and names nobody."""
    if row.phone_index is None:
        return
    bookings.forget_numbers(session, [row.phone_index])
    theirs = col(RegistrationRow.phone_index) == row.phone_index
    blank = {"phone_index": None, "phone37_index": keys.index("phone37", "")}
    session.exec(update(RegistrationRow).where(theirs).values(**blank))
    session.exec(delete(ReferralRow).where(col(ReferralRow.phone_index) == row.phone_index))


def _identity(session: Session, keys: Keys, row: CustomerRow) -> None:
    store.blank(keys, row)
    session.add(row)
    for table in (NameReading, StrongKeyRow, BuyingPartyRow):
        session.exec(delete(table).where(col(table.customer_id) == row.customer_id))
    session.exec(delete(SyncConflictRow).where(col(SyncConflictRow.item_id) == row.customer_id))


def _words(session: Session, keys: Keys, customer_id: str) -> set[str]:
    """What people wrote about them; answers the ids of the facts that it stood in."""
    visits = select(VisitRow.visit_id).where(VisitRow.customer_id == customer_id)
    facts = set(session.exec(select(FollowUpRow.fact_id).where(FollowUpRow.customer_id == customer_id)))
    session.exec(update(FollowUpRow).where(col(FollowUpRow.customer_id) == customer_id).values(note=None))
    session.exec(update(VisitRow).where(col(VisitRow.customer_id) == customer_id).values(note=None))
    session.exec(update(SignalRow).where(col(SignalRow.visit_id).in_(visits)).values(note=None))
    either = or_(MergeRow.kept_id == customer_id, MergeRow.merged_id == customer_id)
    for merge in session.exec(select(MergeRow).where(either)):
        merge.reason = merge.decision_reason = merge.end_reason = ""
        session.add(merge)
    for given in session.exec(select(AssignmentRow).where(AssignmentRow.customer_id == customer_id)):
        given.reason = keys.encrypt("", record=f"owner_assignment:{given.assignment_id}")
        session.add(given)
    for ruling in session.exec(select(RulingRow).where(col(RulingRow.visit_id).in_(visits))):
        ruling.reason = keys.encrypt("", record=verdicts.ruling_record(ruling.ruling_id))
        session.add(ruling)
    return facts | set(_appeals(session, keys, session.exec(visits).all()))


def _appeals(session: Session, keys: Keys, visit_ids: Collection[str]) -> Iterator[str]:
    """How an appeal was decided stays; neither side's words do."""
    for appeal in session.exec(select(AppealRow).where(col(AppealRow.visit_id).in_(visit_ids))):
        appeals.blank(keys, appeal)
        session.add(appeal)
        yield appeal.appeal_id


def _unsent(session: Session, keys: Keys, ids: Collection[str]) -> None:
    """What waits for head office keeps its place and says nothing."""
    nobody = CustomerSecret(phone=None, name="").model_dump_json()
    for event in session.exec(select(UplinkEvent).where(col(UplinkEvent.type).in_(tuple(_SEALED)))):
        data = json.loads(event.data)
        record = data[_SEALED[event.type]]
        if record not in ids:
            continue
        for part in ("sealed_note", "sealed_text", "sealed_reason"):
            if part in data:
                data[part] = ""
        if "sealed" in data:
            data["sealed"] = keys.sealer.seal(nobody, record=record)
        event.data = json.dumps(data, separators=(",", ":"))
        session.add(event)


_SEALED = {CustomerRecorded.TYPE: "customer_id", FollowUpRecorded.TYPE: "fact_id", AppealRecorded.TYPE: "appeal_id"}
