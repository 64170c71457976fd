"""Signing in with staff number and PIN."""

import asyncio
import secrets
from datetime import datetime

from sqlmodel import Session

from contracts.pins import check_pin, hash_pin
from contracts.rest import Session as SessionBody
from contracts.rest import SessionRequest
from gateway.auth import token_hash
from gateway.context import Context
from gateway.problems import ProblemError
from gateway.roster import store as roster
from gateway.roster.store import Person
from gateway.sessions import store
from gateway.sessions.domain import LOCK, SESSION, Tries, after_wrong, locked
from gateway.sessions.tables import SignInFailures
from gateway.writer import UnitOfWork

_NOBODY = hash_pin("0000")
"""Checked when the number is unknown, so that an unknown number takes as long as a wrong PIN."""


async def sign_in(context: Context, request: SessionRequest) -> SessionBody:
    """Raises ProblemError 401 `bad_credentials`, 429 `locked`."""
    stored, person = await asyncio.to_thread(_find, context, request.staff_no)
    right = await check_pin(request.pin, stored) and person is not None
    token = secrets.token_urlsafe(32)

    def work(uow: UnitOfWork) -> SessionBody | None:
        _refuse_when_locked(uow.session, request.staff_no, uow.now)
        if not right or person is None:
            _note_wrong(uow, request.staff_no)
            return None
        store.forget_failures(uow.session, request.staff_no)
        expires_at = uow.now + SESSION
        store.add(
            uow.session,
            token_sha256=token_hash(token),
            person_id=person.person_id,
            now=uow.now,
            expires_at=expires_at,
        )
        return SessionBody(
            token=token, role=person.role, person_id=person.person_id, name=person.name, expires_at=expires_at
        )

    session = await context.writer.run(work)
    if session is None:
        raise ProblemError(401, "bad_credentials", "unknown staff number or wrong PIN")
    return session


def _find(context: Context, staff_no: str) -> tuple[str, Person | None]:
    """Of a number that is locked nothing is looked at: each PIN weighed keeps everybody else waiting."""
    with context.database.read() as session:
        _refuse_when_locked(session, staff_no, context.clock())
        row = roster.by_staff_no(session, staff_no)
        if row is None:
            return _NOBODY, None
        return row.pin_hash, roster.get(session, context.keys, row.person_id)


def _tries(row: SignInFailures | None) -> Tries | None:
    return None if row is None else Tries(row.count, row.last_at, row.locked_until)


def _refuse_when_locked(session: Session, staff_no: str, now: datetime) -> None:
    if locked(_tries(store.failures(session, staff_no)), now):
        seconds = str(int(LOCK.total_seconds()))
        raise ProblemError(429, "locked", "too many wrong PINs for this number", headers={"Retry-After": seconds})


def _note_wrong(uow: UnitOfWork, staff_no: str) -> None:
    tries = after_wrong(_tries(store.failures(uow.session, staff_no)), uow.now)
    row = SignInFailures(staff_no=staff_no, count=tries.count, last_at=tries.last_at, locked_until=tries.locked_until)
    uow.session.merge(row)
