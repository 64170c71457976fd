"""Deny by default, proven by walking every route."""

import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from fastapi import FastAPI

from central.access import roles
from tests.central.head_office import HeadOffice

EXPECTED = {
    "GET /healthz": "open",
    "GET /metrics": "open",
    "POST /v1/sessions": "open",
    "DELETE /v1/sessions/current": "manager admin agent",
    "POST /v1/ingest": "office",
    "GET /v1/ingest/ack": "office",
    "GET /v1/recovery": "office",
    "GET /v1/recovery/footfall": "office",
    "PUT /v1/offices/{office}": "admin",
    "GET /v1/offices": "manager admin",
    "GET /v1/offices/{office}": "manager admin",
    "PUT /v1/offices/{office}/roster": "admin",
    "GET /v1/offices/{office}/roster": "office admin",
    "GET /v1/overview": "manager admin",
    "GET /v1/footfall": "manager admin",
    "GET /v1/customers": "manager admin",
    "POST /v1/customers/search": "manager admin",
    "GET /v1/customer-lookups": "admin",
    "GET /v1/customers/{customer_id}": "manager admin",
    "POST /v1/customers/{customer_id}/reveal": "manager admin",
    "GET /v1/visits": "manager admin",
    "GET /v1/consultants": "manager admin",
    "GET /v1/sales": "manager admin",
    "POST /v1/sales": "manager admin",
    "POST /v1/follow-ups": "manager admin",
    "GET /v1/dead-letters": "admin",
    "PATCH /v1/customers/{customer_id}": "manager admin",
    "DELETE /v1/customers/{customer_id}": "manager admin",
    "PUT /v1/channels/{channel_id}": "admin",
    "GET /v1/channels": "manager admin",
    "PUT /v1/channels/{channel_id}/agents/{agent_id}": "admin",
    "GET /v1/channels/{channel_id}/agents": "manager admin",
    "PUT /v1/offices/{office}/projects/{project}": "admin",
    "GET /v1/offices/{office}/projects": "office manager admin",
    "PUT /v1/offices/{office}/policy": "admin",
    "GET /v1/offices/{office}/policy": "manager admin",
    "GET /v1/agent": "agent",
    "POST /v1/appeals": "agent",
    "GET /v1/agent/code": "agent",
    "POST /v1/registrations": "agent manager admin",
    "GET /v1/registrations": "agent manager admin",
    "GET /v1/registrations/{registration_id}": "agent manager admin",
    "POST /v1/registrations/{registration_id}/withdraw": "agent manager admin",
    "POST /v1/referrals": "manager admin",
    "GET /v1/referrals": "manager admin",
    "GET /v1/offices/{office}/down": "office",
}


def routes(app: FastAPI) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in app.openapi()["paths"].items():
        for method, facts in methods.items():
            yield method.upper(), path, facts


async def test_every_route_asks_for_exactly_the_roles_of_the_contract(head_office: HeadOffice) -> None:
    found = {f"{method} {path}": set(facts["x-roles"]) for method, path, facts in routes(head_office.app)}
    assert found == {route: set(allowed.split()) for route, allowed in EXPECTED.items()}


async def test_no_token_is_401_and_another_role_403_on_every_route(head_office: HeadOffice) -> None:
    clients = {"admin": head_office.admin, "manager": head_office.manager, "office": head_office.offices["yunqi"]}
    for method, path, facts in routes(head_office.app):
        url = re.sub(r"\{\w+_id\}", "0" * 8 + "-0000-7000-8000-" + "0" * 12, path.replace("{office}", "yunqi"))
        url = url.replace("{project}", "lake")
        nobody = await head_office.nobody.request(method, url)
        stranger = await head_office.nobody.request(method, url, headers={"Authorization": "Bearer wrong"})
        if "open" in facts["x-roles"]:
            assert nobody.status_code in (200, 422), path
            continue
        for refused in (nobody, stranger):
            assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated"), path
            assert refused.headers["content-type"] == "application/problem+json"
        for role, client in clients.items():
            answer = await client.request(method, url)
            assert (answer.status_code == 403) == (role not in facts["x-roles"]), (role, method, path)


async def test_a_route_that_names_no_roles_is_refused_to_everyone(head_office: HeadOffice) -> None:
    @head_office.app.get("/v1/forgotten")
    async def forgotten() -> dict[str, str]:
        return {"secret": "shown"}

    for client in (head_office.admin, head_office.manager, head_office.offices["yunqi"]):
        assert (await client.get("/v1/forgotten")).status_code == 403
    assert (await head_office.nobody.get("/v1/forgotten")).status_code == 401


async def test_an_office_reads_its_own_roster_only(head_office: HeadOffice) -> None:
    for office in ("yunqi", "linan"):
        await head_office.admin.put(f"/v1/offices/{office}", json={"name": office})
    assert (await head_office.offices["yunqi"].get("/v1/offices/yunqi/roster")).status_code == 200
    assert (await head_office.offices["yunqi"].get("/v1/offices/linan/roster")).status_code == 404


async def test_the_readable_page_names_every_route_and_loads_nothing_from_elsewhere(head_office: HeadOffice) -> None:
    page = (await head_office.nobody.get("/docs")).text
    assert all(route in page for route in EXPECTED)
    assert "http://" not in page and "https://" not in page


def test_admin_may_do_what_manager_may() -> None:
    assert roles("manager")["openapi_extra"]["x-roles"] == ["admin", "manager"]


@pytest.mark.parametrize("path", ["/v1/nothing", "/v1/customers/no-id"])
async def test_errors_are_problem_documents(head_office: HeadOffice, path: str) -> None:
    answer = await head_office.admin.get(path)
    assert answer.status_code in (404, 422)
    assert answer.headers["content-type"] == "application/problem+json"
    assert {"type", "title", "status", "code"} <= answer.json().keys()


@pytest.mark.parametrize("announced", [True, False])
@pytest.mark.parametrize("path", ["/v1/sessions", "/v1/ingest"])
async def test_a_body_too_large_is_refused_before_anyone_asks_who_sends_it(
    head_office: HeadOffice, path: str, announced: bool
) -> None:
    content = b"x" * 9_000_000 if announced else _in_pieces(9_000_000)
    answer = await head_office.offices["yunqi"].post(path, content=content)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


async def _in_pieces(size: int) -> AsyncIterator[bytes]:
    for _ in range(size // 100_000):
        yield b"x" * 100_000
