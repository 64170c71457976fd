"""Whose customer somebody is where the office sells several projects: in each, as claims are per project."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from contracts.ids import uuid7
from contracts.policy import PolicyConfig
from gateway.config import ProjectConfig
from gateway.policy import store as policies
from tests.gateway.house import House, open_house
from tests.gateway.people import uid

PHONE = "13800112345"
LAKE = ProjectConfig(project="lake", name="湖岸一期", name_en="Lakeside I")
HILL = ProjectConfig(project="hill", name="山境")


@pytest.fixture
async def two(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path, projects=(LAKE, HILL)) as house:
        yield house


async def call(house: House, who: str, project: str, phone: str = PHONE) -> str:
    taken = await house.post(who, "/v1/calls", {"phone": phone, "project": project}, uuid7())
    return str(taken["customer_id"])


async def received(house: House, who: str, project: str) -> Any:
    """Seen by `who`, the only one there, and gone again; two hours later."""
    await house.sign_in(who)
    visit = await house.check_in(PHONE, project=project)
    seen = await house.accept(who)
    await house.post(who, f"/v1/visits/{visit['visit_id']}/finish", {"outcome": "toured"})
    await house.post(who, "/v1/rota/sign-out")
    house.clock.forward(hours=2)
    return seen["customer"]["customer_id"]


async def owners(house: House, customer_id: str, who: str = "reception") -> dict[str, str | None]:
    file = await house.get(who, f"/v1/customers/{customer_id}")
    return {each["project"]["project"]: each["owner_id"] for each in file["owners"]}


async def test_a_file_names_the_owner_in_each_project(two: House) -> None:
    customer_id = await received(two, "a", "lake")
    assert await owners(two, customer_id) == {"lake": uid("a"), "hill": None}
    await received(two, "b", "hill")
    assert await owners(two, customer_id) == {"lake": uid("a"), "hill": uid("b")}


async def test_projects_and_owners_are_named_as_people_read_them(two: House) -> None:
    customer_id = await call(two, "a", "lake")
    file = await two.get("reception", f"/v1/customers/{customer_id}")
    assert file["owners"][0]["project"] == {"project": "lake", "name": "湖岸一期", "name_en": "Lakeside I"}
    assert [each["owner_name"] for each in file["owners"]] == [file["owner_name"], None]


async def test_a_search_names_them_too(two: House) -> None:
    await call(two, "a", "lake")
    (found,) = (await two.post("reception", "/v1/customers/search", {"text": PHONE}))["items"]
    assert [each["owner_id"] for each in found["customer"]["owners"]] == [uid("a"), None]


async def test_ownership_lapses_in_each_project_by_itself(two: House) -> None:
    customer_id = await call(two, "a", "lake")
    two.clock.forward(days=10)
    await two.new_session("b")
    await call(two, "b", "hill")
    two.clock.forward(days=6)
    assert await owners(two, customer_id) == {"lake": None, "hill": uid("b")}


async def test_a_relative_s_claim_counts_in_its_project(two: House) -> None:
    mine, hers = await call(two, "a", "lake"), await call(two, "b", "hill", "13800112346")
    linked = await two.call("reception", "PUT", f"/v1/customers/{mine}/party/{hers}", {"relation": "spouse"})
    assert linked.status_code == 200, linked.text
    assert await owners(two, mine) == await owners(two, hers) == {"lake": uid("a"), "hill": uid("b")}


async def test_who_owns_them_in_one_project_reads_the_file_whoever_received_them_last(two: House) -> None:
    customer_id = await received(two, "a", "lake")
    await received(two, "b", "hill")
    assert (await two.get("m", f"/v1/customers/{customer_id}"))["owner_id"] == uid("b")
    for who, status in (("a", 200), ("b", 200), ("c", 403)):
        assert (await two.call(who, "GET", f"/v1/customers/{customer_id}")).status_code == status


async def test_claims_of_the_company_have_one_owner(two: House) -> None:
    customer_id = await call(two, "a", "lake")
    company = PolicyConfig(claim_scope="company")
    await two.context.writer.run(lambda uow: policies.adopt(uow.session, company, uow.now))
    assert await owners(two, customer_id) == {}


async def test_an_office_of_one_project_names_one_owner(house: House) -> None:
    customer_id = await call(house, "a", "")
    assert await owners(house, customer_id) == {}
    assert (await house.get("reception", f"/v1/customers/{customer_id}"))["owner_id"] == uid("a")
