"""Who may do what. Deny by default: a route that names no roles is refused to everyone."""

import hashlib
from dataclasses import dataclass
from typing import Annotated, Any, Literal, cast

from fastapi import Depends, Request

from central.channels import repository as channels
from central.problems import ProblemError, not_found
from central.sessions import repository as sessions
from central.settings import HeadOfficePerson, Settings, credential_of
from contracts.openapi import ROLES_KEY

Who = Literal["admin", "manager", "office", "agent"]
_OPEN = "open"


@dataclass(frozen=True, slots=True)
class Caller:
    """`office` is set for an office's token only: it may speak for that office and no other.

    `agent_id` is set for an agent who signed in.
    """

    name: str
    role: Who
    office: str | None = None
    agent_id: str | None = None


class Access:
    """Bearer tokens of the configuration, known by their SHA-256 only, and the people who may sign in."""

    def __init__(self, settings: Settings) -> None:
        self._people = settings.people
        self._callers = {t.token_sha256: Caller(name, t.role) for name, t in settings.tokens.items()}
        self._callers |= {t.token_sha256: Caller(o, "office", o) for o, t in settings.office_tokens.items()}

    def configured(self, token: str) -> Caller | None:
        """Whose token of the configuration this is."""
        return self._callers.get(token_hash(token))

    def signed_in(self, person: str, credential: str) -> Caller | None:
        """None when the person has been taken out since, or given another PIN."""
        known = self._people.get(person)
        return Caller(person, known.role) if known is not None and known.credential == credential else None

    def person_of(self, staff_no: str) -> tuple[str, HeadOfficePerson | None]:
        """The entry's name and the person; ("", None) for an unknown number."""
        found = ((name, person) for name, person in self._people.items() if person.staff_no == staff_no)
        return next(found, ("", None))


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def bearer(authorization: str) -> str:
    """The token of an Authorization header; empty when there is none."""
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def roles(*allowed: Who) -> dict[str, Any]:
    """Keyword arguments of a route: who may call it. `admin` may do what `manager` may."""
    granted = {*allowed, "admin"} if "manager" in allowed else set(allowed)
    return {"openapi_extra": {ROLES_KEY: sorted(granted)}}


def open_route() -> dict[str, Any]:
    return {"openapi_extra": {ROLES_KEY: [_OPEN]}}


async def guard(request: Request) -> None:
    """Runs before every route of the application."""
    route = request.scope.get("route")
    allowed = (getattr(route, "openapi_extra", None) or {}).get(ROLES_KEY, [])
    if _OPEN in allowed:
        return
    caller = await _identify(request)
    if caller is None:
        raise ProblemError(401, "unauthenticated", headers={"WWW-Authenticate": "Bearer"})
    if caller.role not in allowed:
        raise ProblemError(403, "forbidden", f"the role {caller.role} may not do this")
    request.state.caller = caller


async def _identify(request: Request) -> Caller | None:
    runtime = request.app.state.runtime
    access: Access = runtime.access
    token = bearer(request.headers.get("authorization", ""))
    if not token:
        return None
    known = access.configured(token)
    if known is not None:
        return known
    async with runtime.database.read() as session:
        row = await sessions.find(session, token_hash(token), runtime.clock())
        if row is None or row.agent_id is None:
            return None if row is None else access.signed_in(row.person, row.credential)
        working = await channels.working(session, row.agent_id)
    if working is None or credential_of(working[0].pin_hash) != row.credential:
        return None
    return Caller(row.agent_id, "agent", agent_id=row.agent_id)


def _caller(request: Request) -> Caller:
    return cast(Caller, request.state.caller)


def _office(request: Request) -> str:
    """The office a token speaks for. Raises ProblemError 403 for a person's token."""
    office = _caller(request).office
    if office is None:
        raise ProblemError(403, "forbidden", "only an office's token may do this")
    return office


def _agent(request: Request) -> str:
    """Raises ProblemError 403 for anybody who is no agent."""
    agent_id = _caller(request).agent_id
    if agent_id is None:
        raise ProblemError(403, "forbidden", "only a signed-in agent may do this")
    return agent_id


def own_office(caller: Caller, office: str) -> None:
    """An office's token reads its own office only; others seem not to exist. Raises ProblemError 404."""
    if caller.office is not None and caller.office != office:
        raise not_found("office")


CallerDep = Annotated[Caller, Depends(_caller)]
OfficeDep = Annotated[str, Depends(_office)]
AgentDep = Annotated[str, Depends(_agent)]
