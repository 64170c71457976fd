"""Bookings in the database: who booked is encrypted, found again by keyed digests."""

from collections.abc import Collection, Sequence
from datetime import datetime

from pydantic import BaseModel
from sqlalchemy import delete
from sqlmodel import Session, col, select

from contracts.ids import uuid7
from contracts.values import Phone
from gateway.bookings.tables import BookingRow, BookingTryRow
from gateway.keys import Keys
from gateway.writer import UnitOfWork


class Person(BaseModel):
    """Who comes, as they gave it when they booked."""

    phone: Phone
    name: str


def get(session: Session, booking_id: str) -> BookingRow | None:
    return session.get(BookingRow, booking_id)


def by_token(session: Session, keys: Keys, token: str) -> BookingRow | None:
    wanted = keys.index("booking", token)
    return session.exec(select(BookingRow).where(BookingRow.code_index == wanted)).first()


def of_day(session: Session, day: str) -> Sequence[BookingRow]:
    """Earliest first."""
    query = select(BookingRow).where(BookingRow.day == day)
    return session.exec(query.order_by(col(BookingRow.at), col(BookingRow.booking_id))).all()


def of_numbers(session: Session, phone_indexes: Collection[str]) -> Sequence[BookingRow]:
    """Newest first."""
    query = select(BookingRow).where(col(BookingRow.phone_index).in_(phone_indexes))
    return session.exec(query.order_by(col(BookingRow.at).desc(), col(BookingRow.booking_id))).all()


def seal(keys: Keys, booking_id: str, text: str) -> bytes:
    return keys.encrypt(text, record=_record(booking_id))


def person(keys: Keys, row: BookingRow) -> Person:
    return Person.model_validate_json(keys.decrypt(row.person, record=_record(row.booking_id)))


def code(keys: Keys, row: BookingRow) -> str:
    return keys.decrypt(row.code, record=_record(row.booking_id))


def forget_numbers(session: Session, phone_indexes: Collection[str]) -> None:
    """The person's file is deleted: their bookings go with it."""
    session.exec(delete(BookingRow).where(col(BookingRow.phone_index).in_(phone_indexes)))


def forget_before(session: Session, at: datetime) -> None:
    """Bookings whose code expired before `at`, and wrong codes read before then."""
    session.exec(delete(BookingRow).where(col(BookingRow.until) < at))
    session.exec(delete(BookingTryRow).where(col(BookingTryRow.at) < at))


def note_wrong(uow: UnitOfWork, screen: str) -> None:
    uow.session.add(BookingTryRow(try_id=uuid7(), screen=screen, at=uow.now))


def wrong_at(session: Session, screen: str, since: datetime) -> Sequence[datetime]:
    query = select(BookingTryRow.at).where(BookingTryRow.screen == screen, col(BookingTryRow.at) > since)
    return session.exec(query).all()


def _record(booking_id: str) -> str:
    return f"booking:{booking_id}"
