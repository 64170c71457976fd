"""Signing in to head office with staff number and PIN."""

import logging
import secrets

from central.access import token_hash
from central.database import Database
from central.problems import ProblemError
from central.runtime import Runtime
from central.sessions import repository
from central.sessions.domain import FORGET, SESSION, Tries, after_wrong, locked_seconds
from central.sessions.tables import SignedIn
from central.settings import HeadOfficePerson
from contracts.pins import check_pin, hash_pin
from contracts.rest import Session, SessionRequest

log = logging.getLogger(__name__)
_NOBODY = hash_pin("0000")
"""Checked when the number is unknown, so that an unknown number takes as long as a wrong PIN."""


async def sign_in(runtime: Runtime, request: SessionRequest) -> Session:
    """Raises ProblemError 401 `bad_credentials`, 429 `locked`."""
    async with runtime.database.read() as session:
        _refuse_when_locked(await repository.tries(session, request.staff_no), runtime)
    name, person = runtime.access.person_of(request.staff_no)
    stored = _NOBODY if person is None else person.pin_hash
    right = await check_pin(request.pin, stored)
    made = await _decide(runtime, request.staff_no, name, person if right else None)
    if made is None:
        log.warning("sign-in refused", extra={"known": person is not None})
        raise ProblemError(401, "bad_credentials", "unknown staff number or wrong PIN")
    log.info("signed in", extra={"person_id": made.person_id, "role": made.role})
    return made


async def _decide(runtime: Runtime, staff_no: str, name: str, person: HeadOfficePerson | None) -> Session | None:
    """One try, in one transaction: locked, wrong (None) or a new session."""
    now = runtime.clock()
    async with runtime.database.write() as session:
        await repository.forget_old(session, expired=now, failed_before=now - FORGET)
        known = await repository.lock(session, staff_no, now)
        _refuse_when_locked(known, runtime)
        if person is None:
            await repository.note(session, staff_no, after_wrong(known, now))
            return None
        await repository.forget_failures(session, staff_no)
        token, expires_at = secrets.token_urlsafe(32), now + SESSION
        session.add(
            SignedIn(token_sha256=token_hash(token), person=name, credential=person.credential, expires_at=expires_at)
        )
    return Session(
        token=token, role=person.role, person_id=person.person_id_of(name), name=person.name, expires_at=expires_at
    )


def _refuse_when_locked(tries: Tries | None, runtime: Runtime) -> None:
    seconds = locked_seconds(tries, runtime.clock())
    if seconds:
        raise ProblemError(429, "locked", "too many wrong PINs for this number", headers={"Retry-After": str(seconds)})


async def sign_out(database: Database, token: str) -> None:
    """Forget a person's token. A token of the configuration belongs there and stays."""
    async with database.write() as session:
        await repository.remove(session, token_hash(token))
