"""Deny by default: every route is walked."""

import re
from collections.abc import AsyncIterator

import pytest
from fastapi import APIRouter, FastAPI

from gateway import auth
from gateway.app import create_app
from tests.gateway.running import Gateway

OPEN = {("GET", "/healthz"), ("GET", "/metrics"), ("GET", "/docs"), ("GET", "/openapi.json"), ("POST", "/v1/sessions")}


def walked_routes(app: FastAPI) -> set[tuple[str, str]]:
    """From the router itself, and from the document it gives of itself."""
    found = {(method, str(route.path)) for route in auth.routes(app.routes) for method in route.methods or ()}
    for path, operations in app.openapi()["paths"].items():
        found |= {(method.upper(), path) for method in operations}
    return found | {("GET", "/openapi.json")}


async def test_no_route_answers_without_a_token_except_the_open_ones(gateway: Gateway) -> None:
    app = create_app(gateway.config)
    walked = walked_routes(app)
    assert walked >= OPEN
    assert len(walked) > 12
    for method, path in sorted(walked - OPEN):
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic a2lvc2s="}):
            answer = await gateway.client().request(method, re.sub(r"\{[^}]+\}", "x", path), headers=headers)
            assert answer.status_code == 401, f"{method} {path} answered {answer.status_code}"
            assert answer.headers["content-type"] == "application/problem+json"


async def test_the_open_routes_answer(gateway: Gateway) -> None:
    for method, path in sorted(OPEN - {("POST", "/v1/sessions")}):
        assert (await gateway.client().request(method, path)).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/v1/nodes", {"reception", "manager", "admin"}),
        ("GET", "/v1/dead-letters", {"manager", "admin"}),
        ("DELETE", "/v1/sessions/current", {"reception", "manager", "admin"}),
    ],
)
async def test_each_role_may_what_the_route_says(gateway: Gateway, method: str, path: str, allowed: set[str]) -> None:
    for role in ("kiosk", "board", "reception", "manager", "admin"):
        answer = await gateway.client(role).request(method, path)
        assert (answer.status_code != 403) == (role in allowed), role


def test_a_route_that_forgot_to_say_who_may_call_it_does_not_start() -> None:
    app, router = FastAPI(), APIRouter()

    @router.get("/forgotten")
    def forgotten() -> None: ...

    app.include_router(router)
    with pytest.raises(RuntimeError, match="/forgotten"):
        auth.deny_by_default(app.routes)


async def test_unknown_paths_methods_and_bodies_are_problems(gateway: Gateway) -> None:
    manager = gateway.client("manager")
    for answer, status, code in (
        (await manager.get("/v1/nothing"), 404, "not_found"),
        (await manager.post("/v1/nodes"), 405, "method_not_allowed"),
        (await manager.get("/v1/dead-letters?limit=many"), 422, "invalid"),
        (await manager.post("/v1/sessions", content=b"x" * 2_000_000), 413, "too_large"),
        (await manager.post("/v1/sessions", content=_unannounced(2_000_000)), 413, "too_large"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (status, code)


async def _unannounced(size: int) -> AsyncIterator[bytes]:
    """A body sent in pieces, without a Content-Length."""
    for _ in range(size // 100_000):
        yield b"x" * 100_000
