"""Offers in the database. `record` is the only way a change leaves it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlmodel import Session, col, func, select

from contracts.facts import TurnRecorded
from gateway.asking import among, ask, given, objects
from gateway.offers.tables import OfferRow
from gateway.writer import UnitOfWork

_PENDING = select(OfferRow).where(OfferRow.state == "pending").order_by(col(OfferRow.offer_id))
_PENDING_OF_VISIT = _PENDING.where(OfferRow.visit_id == given("visit"))
_PENDING_OF_PERSON = _PENDING.where(OfferRow.consultant_id == given("person"))
_NEXT_DEADLINE = select(func.min(OfferRow.expires_at)).where(OfferRow.state == "pending")
_ASKED_BEFORE = select(OfferRow.visit_id).where(
    col(OfferRow.visit_id).in_(among("visits")), OfferRow.state != "withdrawn"
)
_TOLD = ("offer_id", "visit_id", "consultant_id", "uses_turn", "offered_at", "decided_at", "rule", "revision")


def get(session: Session, offer_id: str) -> OfferRow | None:
    return session.get(OfferRow, offer_id)


def pending_for(session: Session, *, visit_id: str | None = None, person_id: str | None = None) -> Sequence[OfferRow]:
    """Of one visit, or of one person."""
    if visit_id is not None:
        return objects(session, _PENDING_OF_VISIT, visit=visit_id)
    return objects(session, _PENDING_OF_PERSON, person=person_id)


def overdue(session: Session, now: datetime) -> Sequence[OfferRow]:
    query = select(OfferRow).where(OfferRow.state == "pending", OfferRow.expires_at <= now)
    return session.exec(query.order_by(col(OfferRow.expires_at))).all()


def next_deadline(session: Session) -> datetime | None:
    deadline: datetime | None = ask(session, _NEXT_DEADLINE).scalar()
    return deadline


def asked_before(session: Session, visit_ids: Iterable[str]) -> set[str]:
    """Which of these visits were offered to anybody yet."""
    wanted = list(visit_ids)
    return set(ask(session, _ASKED_BEFORE, visits=wanted).scalars()) if wanted else set()


def accepted(session: Session, visit_id: str, person_id: str) -> OfferRow | None:
    """The offer by which this person received the visit, the latest one."""
    query = select(OfferRow).where(
        OfferRow.visit_id == visit_id, OfferRow.consultant_id == person_id, OfferRow.state == "accepted"
    )
    return session.exec(query.order_by(col(OfferRow.offer_id).desc()).limit(1)).first()


def of_visit(session: Session, visit_id: str) -> Sequence[OfferRow]:
    return session.exec(select(OfferRow).where(OfferRow.visit_id == visit_id).order_by(col(OfferRow.offer_id))).all()


def record(uow: UnitOfWork, offer: OfferRow) -> None:
    """Store the offer as it stands now, tell central, and draw the consultant's tablet and the board again."""
    is_new = offer not in uow.session
    offer.revision += 1
    uow.session.add(offer)
    if not is_new:
        uow.session.flush()  # before any new one: nobody has two pending
    same = {name: getattr(offer, name) for name in _TOLD}
    uow.uplink(TurnRecorded.model_validate({**same, "outcome": offer.state}))
    uow.changed("offers", offer.consultant_id)
    uow.changed("floor")
