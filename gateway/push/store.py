"""Pushes and preferences in the database."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.dialects.sqlite import insert
from sqlmodel import Session, col, select

from contracts.values import Phone
from gateway.keys import Keys
from gateway.push.domain import Preferences
from gateway.push.tables import PushPreferencesRow, PushRow

AT_ONCE = 20


def add(session: Session, row: PushRow) -> None:
    """Unless the same was queued for them before."""
    session.execute(insert(PushRow).values(**row.model_dump()).on_conflict_do_nothing())


def get(session: Session, push_id: str) -> PushRow | None:
    return session.get(PushRow, push_id)


def due(session: Session, channel: str, now: datetime) -> Sequence[PushRow]:
    """Oldest first."""
    query = select(PushRow).where(PushRow.channel == channel, PushRow.state == "pending", PushRow.next_at <= now)
    return session.exec(query.order_by(col(PushRow.next_at), col(PushRow.push_id)).limit(AT_ONCE)).all()


def dead(session: Session, *, cursor: str | None, limit: int) -> Sequence[PushRow]:
    """Newest first."""
    query = select(PushRow).where(PushRow.state == "dead").order_by(col(PushRow.push_id).desc()).limit(limit)
    return session.exec(query if cursor is None else query.where(PushRow.push_id < cursor)).all()


def forget_before(session: Session, at: datetime) -> None:
    session.exec(delete(PushRow).where(col(PushRow.created_at) < at))


def preferences(session: Session, person_ids: Iterable[str]) -> dict[str, Preferences]:
    """By person; who never chose has the defaults."""
    wanted = list(person_ids)
    rows = session.exec(select(PushPreferencesRow).where(col(PushPreferencesRow.person_id).in_(wanted)))
    found = {row.person_id: Preferences.model_validate_json(row.body) for row in rows}
    return {person_id: found.get(person_id, Preferences()) for person_id in wanted}


def choose(session: Session, keys: Keys, person_id: str, chosen: Preferences, phone: Phone | None) -> None:
    sealed = None if phone is None else keys.encrypt(phone, record=_record(person_id))
    session.merge(PushPreferencesRow(person_id=person_id, body=chosen.model_dump_json(), phone=sealed))


def phone_of(session: Session, keys: Keys, person_id: str) -> Phone | None:
    row = session.get(PushPreferencesRow, person_id)
    return None if row is None or row.phone is None else Phone(keys.decrypt(row.phone, record=_record(person_id)))


def _record(person_id: str) -> str:
    return f"push:{person_id}:phone"
