"""People of the office as the database keeps them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete
from sqlmodel import Session, col, select

from contracts.rest import Role, Roster, RosterEntry
from gateway.keys import Keys
from gateway.roster.tables import PersonRow
from gateway.sessions.tables import SessionRow
from gateway.tables import GatewayState

_VERSION = "roster_version"


@dataclass(frozen=True, slots=True)
class Person:
    """One member of staff, name in the clear. `active` is false once they left."""

    person_id: str
    staff_no: str
    name: str
    role: Role
    active: bool
    skills: tuple[str, ...]
    team: str


def get(session: Session, keys: Keys, person_id: str) -> Person | None:
    row = session.get(PersonRow, person_id)
    return None if row is None else _person(row, keys)


def people(session: Session, keys: Keys, *, role: Role | None = None, active_only: bool = True) -> list[Person]:
    """Ordered by staff number."""
    query = select(PersonRow).order_by(PersonRow.staff_no)
    if active_only:
        query = query.where(col(PersonRow.active))
    if role is not None:
        query = query.where(PersonRow.role == role)
    return [_person(row, keys) for row in session.exec(query)]


def names(session: Session, keys: Keys) -> dict[str, str]:
    """Name by person id, former staff included."""
    return {person.person_id: person.name for person in people(session, keys, active_only=False)}


def by_staff_no(session: Session, staff_no: str) -> PersonRow | None:
    return session.exec(select(PersonRow).where(PersonRow.staff_no == staff_no, col(PersonRow.active))).one_or_none()


def version(session: Session) -> int:
    """0 before the first roster."""
    row = session.get(GatewayState, _VERSION)
    return 0 if row is None else int(row.value)


def replace(session: Session, keys: Keys, roster: Roster, now: datetime) -> None:
    """Make `roster` the office's. Who is not in it any more stays known, and inactive; another PIN ends the sessions
    that the one before opened."""
    listed = {entry.person_id for entry in roster.people}
    known = {row.person_id: row for row in session.exec(select(PersonRow))}
    anew = [e.person_id for e in roster.people if e.person_id in known and known[e.person_id].pin_hash != e.pin_hash]
    session.exec(delete(SessionRow).where(col(SessionRow.person_id).in_(anew)))
    for row in known.values():
        if row.person_id not in listed:
            row.active, row.left_at = False, row.left_at or now
    for entry in roster.people:
        left = None if entry.active else (known[entry.person_id].left_at if entry.person_id in known else None) or now
        session.merge(_row(entry, keys, left))
    session.merge(GatewayState(key=_VERSION, value=str(roster.version)))


def _row(entry: RosterEntry, keys: Keys, left_at: datetime | None) -> PersonRow:
    return PersonRow(
        person_id=entry.person_id,
        staff_no=entry.staff_no,
        name_encrypted=keys.encrypt(entry.name, record=_record(entry.person_id)),
        role=entry.role,
        pin_hash=entry.pin_hash,
        active=entry.active,
        left_at=left_at,
        skills=list(entry.skills),
        team=entry.team,
        started_on=entry.started_on,
    )


def _person(row: PersonRow, keys: Keys) -> Person:
    name = keys.decrypt(row.name_encrypted, record=_record(row.person_id))
    return Person(row.person_id, row.staff_no, name, _role(row.role), row.active, tuple(row.skills), row.team)


def _record(person_id: str) -> str:
    return f"person:{person_id}"


def _role(text: str) -> Role:
    roles: Sequence[Role] = ("consultant", "reception", "manager", "admin")
    return next(role for role in roles if role == text)
