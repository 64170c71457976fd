"""Who is calling, and what they may do. Everything is denied unless a route says otherwise.

A bearer token belongs to a device of the configuration (kiosk, board…) or to a person who signed in.
"""

import hashlib
import hmac
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from starlette.routing import BaseRoute

from contracts.rest import Role
from gateway.context import Context, context_of
from gateway.problems import ProblemError

OPEN_MARK = "_anchang_open"
ROLES_MARK = "_anchang_roles"


@dataclass(frozen=True, slots=True)
class Principal:
    """A caller: a person (`person_id`) or a device (`device_id`), never both."""

    role: Role
    person_id: str | None
    device_id: str | None
    name: str


def token_hash(token: str) -> str:
    """Tokens are 256 random bits, so one SHA-256 is enough to store them by."""
    return hashlib.sha256(token.encode()).hexdigest()


def bearer(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def identify(context: Context, token: str) -> Principal | None:
    """Whose token it is; None when it is nobody's, has expired, or its person has left."""
    digest = token_hash(token)
    return _device(context, digest) or _person(context, digest)


def _device(context: Context, digest: str) -> Principal | None:
    for device_id, device in context.config.devices.items():
        if hmac.compare_digest(device.token_sha256, digest):
            return Principal(device.role, None, device_id, device_id)
    return None


def _person(context: Context, digest: str) -> Principal | None:
    from gateway.sessions.store import find_signed_in  # the store needs this module's Principal

    with context.database.read() as session:
        person = find_signed_in(session, context.keys, digest, context.clock())
    return None if person is None else Principal(person.role, person.person_id, None, person.name)


async def _identified(context: Context, token: str) -> Principal | None:
    """The same without a thread for a device, which is known without the database."""
    digest = token_hash(token)
    return _device(context, digest) or await run_in_threadpool(_person, context, digest)


def may(principal: Principal, *roles: Role) -> bool:
    """`admin` may do what `manager` may."""
    return principal.role in roles or (principal.role == "admin" and "manager" in roles)


def require(*roles: Role) -> Callable[..., Awaitable[Principal]]:
    """A dependency that answers 401 without a valid token and 403 to other roles; no roles means any person."""
    allowed = roles or ("consultant", "reception", "manager", "admin")

    async def dependency(request: Request) -> Principal:
        token = bearer(request)
        principal = None if token is None else await _identified(context_of(request), token)
        if principal is None:
            raise ProblemError(401, "unauthorized", "send a valid bearer token", headers={"WWW-Authenticate": "Bearer"})
        if not may(principal, *allowed):
            raise ProblemError(403, "forbidden", f"this needs one of: {', '.join(allowed)}")
        return principal

    setattr(dependency, ROLES_MARK, allowed)
    return dependency


def open_route(endpoint: Callable[..., Any]) -> Callable[..., Any]:
    """Mark an endpoint as callable without a token."""
    setattr(endpoint, OPEN_MARK, True)
    return endpoint


def is_open(route: RouteContext) -> bool:
    return bool(getattr(route.endpoint, OPEN_MARK, False))


def granted(route: RouteContext) -> set[Role]:
    """Who may call: what every `require` among the route's dependencies, its own or its router's, lets pass."""
    found: list[set[Role]] = []
    pending = list(route.dependant.dependencies)
    while pending:
        dependant = pending.pop()
        allowed: set[Role] = set(getattr(dependant.call, ROLES_MARK, ()))
        if allowed:
            found.append(allowed | {"admin"} if "manager" in allowed else allowed)
        pending.extend(dependant.dependencies)
    return set.intersection(*found) if found else set()


def routes(among: Sequence[BaseRoute]) -> list[RouteContext]:
    """Every HTTP route of the API, those of included routers too; the OpenAPI document itself is not one."""
    return [found for found in iter_route_contexts(among) if isinstance(found.original_route, APIRoute)]


def deny_by_default(among: Sequence[BaseRoute]) -> None:
    """A route that neither names its roles nor says that it is open is a mistake. Raises RuntimeError."""
    for route in routes(among):
        if not (is_open(route) or granted(route)):
            raise RuntimeError(f"{route.path} says neither who may call it nor that it is open")
