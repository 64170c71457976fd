"""Alerts in the database."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, delete, or_, update
from sqlalchemy.dialects.sqlite import insert
from sqlmodel import Session, col, select

from contracts.alerts_api import AlertKind, Stage
from gateway.alerts.domain import Raised, stages_up_to
from gateway.alerts.tables import AlertRow
from gateway.asking import ask, given
from gateway.auth import Principal
from gateway.tickets.tables import TicketRow
from gateway.writer import UnitOfWork

LISTED = 50
_ADDED = (
    "alert_id",
    "visit_id",
    "recipient",
    "role",
    "person_id",
    "raised_at",
    "expires_at",
    "kind",
    "subject_id",
    "owner_id",
    "receiver_id",
    "silent_days",
    "step",
)
_ADD = (
    insert(AlertRow)
    .values(
        ticket_number=select(TicketRow.number).where(TicketRow.visit_id == given("visit_id")).scalar_subquery(),
        **{name: given(name) for name in _ADDED},
    )
    .on_conflict_do_nothing()
    .returning(col(AlertRow.alert_id))
)
_KINDS = select(AlertRow.kind).where(AlertRow.visit_id == given("visit")).distinct()


def add(uow: UnitOfWork, alert_id: str, raised: Raised, visit_id: str | None, expires_at: datetime) -> bool:
    """False when the same was told to the same recipient before."""
    to = raised.recipient
    stored = ask(
        uow.session,
        _ADD,
        alert_id=alert_id,
        visit_id=visit_id,
        recipient=to.person_id or to.role,
        role=to.role,
        person_id=to.person_id,
        raised_at=uow.now,
        expires_at=expires_at,
        **raised.model_dump(exclude={"recipient", "expires_at"}),
    )
    return stored.first() is not None


def known_kinds(session: Session, visit_id: str) -> frozenset[AlertKind]:
    return frozenset(ask(session, _KINDS, visit=visit_id).scalars())


def settle(uow: UnitOfWork, *, read_by: str | None = None, **which: str) -> None:
    """End the alerts of that subject or visit. `read_by`: it ended because its recipient acted on it."""
    query = select(AlertRow).where(col(AlertRow.settled_at).is_(None))
    for name, value in which.items():
        query = query.where(getattr(AlertRow, name) == value)
    found = uow.session.exec(query).all()
    for row in found:
        row.settled_at = uow.now
        uow.session.add(row)
    uow.session.flush()
    if read_by is not None:
        receive(uow, [row.alert_id for row in found if row.person_id == read_by], "read", read_by)
    tell(uow, {row.person_id for row in found})


def receive(uow: UnitOfWork, alert_ids: Iterable[str], stage: Stage, by: str) -> None:
    """Note how far these came; what is noted already keeps its time."""
    wanted = list(alert_ids)
    for reached in stages_up_to(stage):
        column = getattr(AlertRow, f"{reached}_at")
        noted: dict[str, object] = {f"{reached}_at": uow.now} | ({"read_by": by} if reached == "read" else {})
        uow.session.execute(
            update(AlertRow).where(col(AlertRow.alert_id).in_(wanted), col(column).is_(None)).values(**noted)
        )


def tell(uow: UnitOfWork, people: Iterable[str | None]) -> None:
    """Show the alerts of these people again; None stands for whoever has a role."""
    for person_id in set(people):
        uow.changed("alerts", person_id)


def of(principal: Principal) -> ColumnElement[bool]:
    """The alerts of that person and of their role; an admin's are the managers'."""
    role = "manager" if principal.role == "admin" else principal.role
    mine = col(AlertRow.recipient) == role
    return mine if principal.person_id is None else or_(mine, col(AlertRow.recipient) == principal.person_id)


def listed(session: Session, principal: Principal, since: datetime) -> Sequence[AlertRow]:
    """Newest first."""
    query = select(AlertRow).where(of(principal), AlertRow.raised_at >= since)
    return session.exec(
        query.order_by(col(AlertRow.raised_at).desc(), col(AlertRow.alert_id).desc()).limit(LISTED)
    ).all()


def own(session: Session, principal: Principal, alert_ids: Iterable[str]) -> set[str]:
    query = select(AlertRow.alert_id).where(col(AlertRow.alert_id).in_(list(alert_ids)), of(principal))
    return set(session.exec(query))


def page(session: Session, *, cursor: str | None, limit: int) -> Sequence[AlertRow]:
    """Newest first."""
    query = select(AlertRow).order_by(col(AlertRow.alert_id).desc()).limit(limit)
    return session.exec(query if cursor is None else query.where(AlertRow.alert_id < cursor)).all()


def unseen(session: Session, now: datetime) -> Sequence[AlertRow]:
    """Live alerts that were never shown to anybody, oldest first."""
    query = select(AlertRow).where(
        col(AlertRow.shown_at).is_(None), col(AlertRow.settled_at).is_(None), AlertRow.expires_at > now
    )
    return session.exec(query.order_by(col(AlertRow.raised_at), col(AlertRow.alert_id))).all()


def undelivered_to(session: Session, now: datetime) -> set[str | None]:
    """Whom something live has not reached; None stands for whoever has a role."""
    query = select(AlertRow.person_id).where(
        col(AlertRow.delivered_at).is_(None), col(AlertRow.settled_at).is_(None), AlertRow.expires_at > now
    )
    return set(session.exec(query.distinct()))


def forget_before(session: Session, at: datetime) -> None:
    session.exec(delete(AlertRow).where(col(AlertRow.raised_at) < at))
