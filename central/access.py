"""Who may do what. Deny by default: a route that names no roles is refused to everyone."""

import hashlib
from dataclasses import dataclass
from typing import Annotated, Any, Literal, cast

from fastapi import Depends, Request

from central.problems import ProblemError, not_found
from central.settings import Settings

Who = Literal["admin", "manager", "office"]
_ROLES = "x-roles"
_OPEN = "open"


@dataclass(frozen=True, slots=True)
class Caller:
    """`office` is set for an office's token only: it may speak for that office and no other."""

    name: str
    role: Who
    office: str | None = None


class Access:
    """Bearer tokens, known by their SHA-256 only."""

    def __init__(self, settings: Settings) -> None:
        self._callers = {t.token_sha256: Caller(name, t.role) for name, t in settings.tokens.items()}
        self._callers |= {t.token_sha256: Caller(o, "office", o) for o, t in settings.office_tokens.items()}

    def identify(self, authorization: str) -> Caller:
        """Raises ProblemError 401."""
        scheme, _, token = authorization.partition(" ")
        caller = self._callers.get(hashlib.sha256(token.strip().encode()).hexdigest())
        if scheme.lower() != "bearer" or caller is None:
            raise ProblemError(401, "unauthenticated", headers={"WWW-Authenticate": "Bearer"})
        return caller


def roles(*allowed: Who) -> dict[str, Any]:
    """Keyword arguments of a route: who may call it. `admin` may do what `manager` may."""
    granted = {*allowed, "admin"} if "manager" in allowed else set(allowed)
    return {"openapi_extra": {_ROLES: sorted(granted)}}


def open_route() -> dict[str, Any]:
    return {"openapi_extra": {_ROLES: [_OPEN]}}


async def guard(request: Request) -> None:
    """Runs before every route of the application."""
    route = request.scope.get("route")
    allowed = (getattr(route, "openapi_extra", None) or {}).get(_ROLES, [])
    if _OPEN in allowed:
        return
    caller = request.app.state.runtime.access.identify(request.headers.get("authorization", ""))
    if caller.role not in allowed:
        raise ProblemError(403, "forbidden", f"the role {caller.role} may not do this")
    request.state.caller = caller


def _caller(request: Request) -> Caller:
    return cast(Caller, request.state.caller)


def _office(request: Request) -> str:
    """The office a token speaks for. Raises ProblemError 403 for a person's token."""
    office = _caller(request).office
    if office is None:
        raise ProblemError(403, "forbidden", "only an office's token may do this")
    return office


def own_office(caller: Caller, office: str) -> None:
    """An office's token reads its own office only; others seem not to exist. Raises ProblemError 404."""
    if caller.office is not None and caller.office != office:
        raise not_found("office")


CallerDep = Annotated[Caller, Depends(_caller)]
OfficeDep = Annotated[str, Depends(_office)]
