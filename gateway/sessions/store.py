"""Sessions and wrong tries as the database keeps them."""

from datetime import datetime

from sqlalchemy import delete
from sqlmodel import Session, col

from gateway.keys import Keys
from gateway.roster import store as roster
from gateway.roster.store import Person
from gateway.sessions.tables import SessionRow, SignInFailures


def find_signed_in(session: Session, keys: Keys, token_sha256: str, now: datetime) -> Person | None:
    """The active person whose unexpired token this is."""
    row = session.get(SessionRow, token_sha256)
    if row is None or row.expires_at <= now:
        return None
    person = roster.get(session, keys, row.person_id)
    return person if person is not None and person.active else None


def add(session: Session, *, token_sha256: str, person_id: str, now: datetime, expires_at: datetime) -> None:
    row = SessionRow(token_sha256=token_sha256, person_id=person_id, created_at=now, expires_at=expires_at)
    session.add(row)


def remove(session: Session, token_sha256: str) -> None:
    session.exec(delete(SessionRow).where(col(SessionRow.token_sha256) == token_sha256))


def forget_expired(session: Session, now: datetime) -> None:
    session.exec(delete(SessionRow).where(col(SessionRow.expires_at) <= now))


def failures(session: Session, staff_no: str) -> SignInFailures | None:
    return session.get(SignInFailures, staff_no)


def forget_failures(session: Session, staff_no: str) -> None:
    session.exec(delete(SignInFailures).where(col(SignInFailures.staff_no) == staff_no))


def forget_failures_before(session: Session, at: datetime) -> None:
    session.exec(delete(SignInFailures).where(col(SignInFailures.last_at) < at))
