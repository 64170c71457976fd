"""Offers in the database. `record` is the only way a change leaves it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from contracts.events import TurnRecorded
from gateway.offers.tables import OfferRow
from gateway.writer import UnitOfWork


def get(session: Session, offer_id: str) -> OfferRow | None:
    return session.get(OfferRow, offer_id)


def pending_for(session: Session, *, visit_id: str | None = None, person_id: str | None = None) -> Sequence[OfferRow]:
    query = select(OfferRow).where(OfferRow.state == "pending").order_by(col(OfferRow.offer_id))
    if visit_id is not None:
        query = query.where(OfferRow.visit_id == visit_id)
    if person_id is not None:
        query = query.where(OfferRow.consultant_id == person_id)
    return session.exec(query).all()


def overdue(session: Session, now: datetime) -> Sequence[OfferRow]:
    query = select(OfferRow).where(OfferRow.state == "pending", OfferRow.expires_at <= now)
    return session.exec(query.order_by(col(OfferRow.expires_at))).all()


def next_deadline(session: Session) -> datetime | None:
    query = select(OfferRow.expires_at).where(OfferRow.state == "pending").order_by(col(OfferRow.expires_at)).limit(1)
    return session.exec(query).first()


def asked_before(session: Session, visit_ids: Iterable[str]) -> set[str]:
    """Which of these visits were offered to anybody yet."""
    wanted = list(visit_ids)
    query = select(OfferRow.visit_id).where(col(OfferRow.visit_id).in_(wanted), OfferRow.state != "withdrawn")
    return set(session.exec(query)) if wanted else set()


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
    offer.revision += 1
    uow.session.add(offer)
    uow.session.flush()
    same = {"offer_id", "visit_id", "consultant_id", "uses_turn", "offered_at", "decided_at", "rule", "revision"}
    uow.uplink(TurnRecorded.model_validate({**offer.model_dump(include=same), "outcome": offer.state}))
    uow.changed("offers", offer.consultant_id)
    uow.changed("floor")
