"""Visits in the database. `record` is the only way a change leaves it: revision, uplink fact, screens."""

from collections.abc import Collection, Sequence
from datetime import time
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from contracts.facts import VisitRecorded
from gateway.asking import among, ask, ask_stored, given, objects
from gateway.customers import aliases
from gateway.tickets.tables import TicketRow
from gateway.visits.domain import LastVisit, closes_at
from gateway.visits.tables import SignalRow, VisitRow
from gateway.writer import UnitOfWork

_LAST = (
    select(VisitRow)
    .with_only_columns(
        col(VisitRow.visit_id),
        col(VisitRow.state),
        col(VisitRow.opened_at),
        col(VisitRow.closed_at),
        col(VisitRow.close_reason),
        col(VisitRow.waiting_since),
    )
    .where(col(VisitRow.customer_id).in_(among("files")))
    .order_by(col(VisitRow.opened_at).desc())
    .limit(1)
)
_IN_STATE = (
    select(VisitRow)
    .where(col(VisitRow.state).in_(among("states")), VisitRow.state != "closed")
    .order_by(col(VisitRow.waiting_since), col(VisitRow.visit_id))
)
_TICKET_NUMBER = select(TicketRow.number).where(TicketRow.visit_id == given("visit"))


def get(session: Session, visit_id: str) -> VisitRow | None:
    return session.get(VisitRow, visit_id)


def last_of(session: Session, customer_id: str, closing_time: time, zone: ZoneInfo) -> LastVisit | None:
    """The person's latest visit, on whichever of their files, and when the office closes on it while it is open."""
    row = ask(session, _LAST, files=aliases.group(session, customer_id)).first()
    if row is None:
        return None
    due = None if row.state == "closed" else closes_at(row.waiting_since, closing_time, zone)
    return LastVisit(row.visit_id, row.state, row.opened_at, row.closed_at, row.close_reason, due)


def of_customers(session: Session, customer_ids: Collection[str]) -> Sequence[VisitRow]:
    """Of those very files, oldest first."""
    query = select(VisitRow).where(col(VisitRow.customer_id).in_(customer_ids))
    return session.exec(query.order_by(col(VisitRow.opened_at), col(VisitRow.visit_id))).all()


def in_state(session: Session, *states: str) -> Sequence[VisitRow]:
    """Open visits, longest waiting first."""
    return objects(session, _IN_STATE, states=states)


def of_day(session: Session, day: str) -> Sequence[VisitRow]:
    return session.exec(select(VisitRow).where(VisitRow.day == day)).all()


def served_by(session: Session, consultant_id: str) -> Sequence[VisitRow]:
    query = select(VisitRow).where(VisitRow.consultant_id == consultant_id, VisitRow.state == "serving")
    return session.exec(query.order_by(col(VisitRow.accepted_at))).all()


def closed_by(session: Session, consultant_id: str, day: str, limit: int = 10) -> Sequence[VisitRow]:
    """What the consultant finished that day, newest first."""
    query = select(VisitRow).where(
        VisitRow.consultant_id == consultant_id, VisitRow.day == day, VisitRow.state == "closed"
    )
    return session.exec(query.order_by(col(VisitRow.closed_at).desc()).limit(limit)).all()


def marks_of_day(session: Session, day: str) -> Sequence[SignalRow]:
    """People at the door who were marked as no customers, newest first."""
    query = select(SignalRow).where(SignalRow.day == day, SignalRow.kind == "mark", col(SignalRow.about).is_(None))
    return session.exec(query.order_by(col(SignalRow.at).desc(), col(SignalRow.signal_id).desc())).all()


def page(
    session: Session, *, state: str | None, cursor: str | None, limit: int, customer_id: str | None = None
) -> Sequence[VisitRow]:
    """Newest first; `cursor` is the last visit id of the page before. Of a customer: on whichever of their files."""
    query = select(VisitRow).order_by(col(VisitRow.visit_id).desc()).limit(limit)
    if state is not None:
        query = query.where(VisitRow.state == state)
    if cursor is not None:
        query = query.where(VisitRow.visit_id < cursor)
    if customer_id is not None:
        query = query.where(col(VisitRow.customer_id).in_(aliases.group(session, customer_id)))
    return session.exec(query).all()


def record(uow: UnitOfWork, visit: VisitRow) -> None:
    """Store the visit as it stands now, tell central, and have the screens drawn again."""
    visit.revision += 1
    uow.session.add(visit)
    uow.uplink(fact(visit, ask_stored(uow.session, _TICKET_NUMBER, visit=visit.visit_id).scalar()))
    uow.changed("floor")
    uow.changed("queue")
    if visit.consultant_id is not None:
        uow.changed("offers", visit.consultant_id)


def fact(visit: VisitRow, ticket_number: int | None) -> VisitRecorded:
    same = {name: getattr(visit, name) for name in _SAME}
    return VisitRecorded.model_validate({**same, "ticket_number": ticket_number})


_SAME = (
    "visit_id",
    "revision",
    "customer_id",
    "kind",
    "party_size",
    "purpose",
    "state",
    "opened_at",
    "accepted_at",
    "closed_at",
    "close_reason",
    "source",
    "owner_id",
    "consultant_id",
    "project",
)
