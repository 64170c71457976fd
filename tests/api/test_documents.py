"""Every operation of both APIs, asked what its OpenAPI document promises, as every role: never a 500, never a surprise.

The programs are real processes on real databases; ids that exist are mixed among invented ones.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from contracts.ids import uuid7
from tests.support.office import Office
from tests.support.processes import until

ROOT = Path(__file__).resolve().parents[2]
CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)
few = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@dataclass
class Api:
    """`tokens` by role; `known` gives ids that exist, by the name of the parameter."""

    url: str
    tokens: dict[str, str]
    known: dict[str, str]


def document(name: str) -> schemathesis.schemas.BaseSchema:
    return schemathesis.openapi.from_path(ROOT / "docs" / "contracts" / f"openapi-{name}.json")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    office = Office(tmp_path_factory.mktemp("api"))
    office.write_configs()
    try:
        office.start_broker()
        office.start_central()
        office.provision_central()
        office.start_gateway()
        with office.client(office.tokens["board"]) as board:
            until(lambda: len(board.get("/v1/floor").json()["rota"]) >= 4, seconds=40, what="the roster")
        yield office
    finally:
        office.stop()


@pytest.fixture(scope="module")
def gateway_api(office: Office) -> Api:
    tokens = {name: office.tokens[name] for name in ("kiosk", "board", "phone")}
    for role, staff_no in (("consultant", "A01"), ("manager", "M01"), ("admin", "ADM")):
        with office.sign_in(staff_no) as client:
            tokens[role] = client.headers["Authorization"].removeprefix("Bearer ")
            if role == "consultant":
                client.post("/v1/rota/sign-in").raise_for_status()
    key = uuid7()
    with office.kiosk() as kiosk:
        visit = kiosk.post("/v1/checkins", json={"phone": "13800112345"}, headers={"Idempotency-Key": key}).json()
    with office.client(tokens["manager"]) as manager:
        found = manager.get(f"/v1/visits/{visit['visit_id']}").json()
    known = {
        "visit_id": found["visit_id"],
        "customer_id": found["customer"]["customer_id"],
        "consultant_id": office.people[0].person_id,
        "key": key,
        "node": "lobby",
    }
    return Api(office.gateway_url, tokens, known)


@pytest.fixture(scope="module")
def central_api(office: Office) -> Api:
    tokens = {"admin": office.tokens["hq"], "manager": office.tokens["hq-manager"], "office": office.tokens["office"]}
    return Api(office.central_url, tokens, {"office": office.slug})


@document("gateway").parametrize()
@few
def test_the_gateway_answers_as_its_document_says(case: Case, gateway_api: Api) -> None:
    ask_as_everybody(case, gateway_api)


@document("central").parametrize()
@few
def test_central_answers_as_its_document_says(case: Case, central_api: Api) -> None:
    ask_as_everybody(case, central_api)


def ask_as_everybody(case: Case, api: Api) -> None:
    granted = set(case.operation.definition.raw["x-roles"])
    if case.method == "DELETE" and case.path == "/v1/sessions/current":
        granted = {"nobody"}  # it would end the sessions that the other questions are asked with
    for role in sorted(granted & set(api.tokens)) or ["nobody"]:
        token = api.tokens.get(role, "nobody's")
        answer = case.call(base_url=api.url, headers={"Authorization": f"Bearer {token}"}, timeout=15)
        case.validate_response(answer, checks=list(CHECKS))
        meet_what_exists(case, api)


def meet_what_exists(case: Case, api: Api) -> None:
    """The next question is about what is really there, where the operation names something of that kind."""
    for values in (case.path_parameters, case.query, case.body):
        if isinstance(values, dict):
            values.update({name: api.known[name] for name in values.keys() & api.known.keys()})
