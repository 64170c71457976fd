"""Signing in with staff number and PIN: people of head office, and agents of channels."""

import logging
import secrets
from dataclasses import dataclass
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from central.access import token_hash
from central.channels import repository as channels
from central.channels.views import name_of
from central.database import Database
from central.problems import ProblemError
from central.runtime import Runtime
from central.sessions import repository
from central.sessions.domain import FORGET, SESSION, Tries, after_wrong, locked_seconds
from central.sessions.tables import SignedIn
from central.settings import credential_of
from contracts.pins import check_pin, hash_pin
from contracts.rest import Session, SessionRequest

log = logging.getLogger(__name__)
_NOBODY = hash_pin("0000")
"""Checked when the number is unknown, so that an unknown number takes as long as a wrong PIN."""


@dataclass(frozen=True, slots=True)
class _Account:
    """Who signs in with a number: `entry` of the configuration for head office, `agent_id` for an agent."""

    role: Literal["admin", "manager", "agent"]
    person_id: str
    name: str
    pin_hash: str
    entry: str = ""
    agent_id: str | None = None


async def sign_in(runtime: Runtime, request: SessionRequest) -> Session:
    """Raises ProblemError 401 `bad_credentials`, 429 `locked`."""
    async with runtime.database.read() as session:
        _refuse_when_locked(await repository.tries(session, request.staff_no), runtime)
        account = await _account_of(runtime, session, request.staff_no)
    right = await check_pin(request.pin, _NOBODY if account is None else account.pin_hash)
    made = await _decide(runtime, request.staff_no, account if right else None)
    if made is None:
        log.warning("sign-in refused", extra={"known": account is not None})
        raise ProblemError(401, "bad_credentials", "unknown staff number or wrong PIN")
    log.info("signed in", extra={"person_id": made.person_id, "role": made.role})
    return made


async def _account_of(runtime: Runtime, session: AsyncSession, staff_no: str) -> _Account | None:
    entry, person = runtime.access.person_of(staff_no)
    if person is not None:
        return _Account(person.role, person.person_id_of(entry), person.name, person.pin_hash, entry=entry)
    agent = await channels.agent_by_staff_no(session, staff_no)
    if agent is None or await channels.working(session, agent.agent_id) is None:
        return None
    name = name_of(runtime.vault, agent)
    return _Account("agent", agent.agent_id, name, agent.pin_hash, agent_id=agent.agent_id)


async def _decide(runtime: Runtime, staff_no: str, account: _Account | None) -> Session | None:
    """One try, in one transaction: locked, wrong (None) or a new session."""
    now = runtime.clock()
    async with runtime.database.write() as session:
        await repository.forget_old(session, expired=now, failed_before=now - FORGET)
        known = await repository.lock(session, staff_no, now)
        _refuse_when_locked(known, runtime)
        if account is None:
            await repository.note(session, staff_no, after_wrong(known, now))
            return None
        await repository.forget_failures(session, staff_no)
        token, expires_at = secrets.token_urlsafe(32), now + SESSION
        session.add(
            SignedIn(
                token_sha256=token_hash(token),
                person=account.entry,
                agent_id=account.agent_id,
                credential=credential_of(account.pin_hash),
                expires_at=expires_at,
            )
        )
    return Session(
        token=token, role=account.role, person_id=account.person_id, name=account.name, expires_at=expires_at
    )


def _refuse_when_locked(tries: Tries | None, runtime: Runtime) -> None:
    seconds = locked_seconds(tries, runtime.clock())
    if seconds:
        raise ProblemError(429, "locked", "too many wrong PINs for this number", headers={"Retry-After": str(seconds)})


async def sign_out(database: Database, token: str) -> None:
    """Forget a person's token. A token of the configuration belongs there and stays."""
    async with database.write() as session:
        await repository.remove(session, token_hash(token))
