"""An office that sells two projects: asked, kept with the visit, weighed, and told to head office."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from contracts.ids import uuid7
from gateway.config import ProjectConfig
from gateway.uplink import store
from tests.gateway.house import House, open_house
from tests.gateway.people import uid

PHONE = "13800112345"
LAKE = ProjectConfig(project="lake", name="湖岸一期", name_en="Lakeside I")
HILL = ProjectConfig(project="hill", name="山境")


@pytest.fixture
async def two(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path, projects=(LAKE, HILL)) as house:
        yield house


async def visit_of(house: House, arrived: Any) -> Any:
    return await house.get("reception", f"/v1/visits/{arrived['visit_id']}")


async def test_a_screen_asks_for_the_project_where_there_are_several(two: House) -> None:
    form = await two.get("kiosk", "/v1/checkins/form")
    assert [(p["project"], p["name"], p["name_en"]) for p in form["projects"]] == [
        ("lake", "湖岸一期", "Lakeside I"),
        ("hill", "山境", "山境"),
    ]


async def test_a_consultant_books_for_the_same_projects_and_checks_nobody_in(two: House) -> None:
    await two.sign_in("a")
    form = await two.get("a", "/v1/checkins/form")
    assert [each["project"] for each in form["projects"]] == ["lake", "hill"]
    assert (await two.call("a", "GET", "/v1/checkins/some-key")).status_code == 403


async def test_an_office_of_one_project_asks_nothing_and_its_visits_are_for_it(tmp_path: Path) -> None:
    async with open_house(tmp_path, projects=(LAKE,)) as house:
        assert (await house.get("kiosk", "/v1/checkins/form"))["projects"] == []
        assert (await visit_of(house, await house.check_in(PHONE)))["project"] == "lake"


async def test_ownership_in_one_project_is_none_in_the_other(two: House) -> None:
    await two.sign_in("a", "b")
    first = await two.check_in(PHONE, project="lake")
    await two.accept("a")
    await two.post("a", f"/v1/visits/{first['visit_id']}/finish", {"outcome": "toured"})
    two.clock.forward(hours=2)
    other = await visit_of(two, await two.check_in(PHONE, project="hill"))
    assert (other["project"], other["owner_id"]) == ("hill", None)
    await two.post("reception", f"/v1/visits/{other['visit_id']}/departure")
    two.clock.forward(hours=2)
    again = await visit_of(two, await two.check_in(PHONE, project="lake"))
    assert (again["project"], again["owner_id"]) == ("lake", uid("a"))


async def test_a_project_named_while_the_visit_goes_on_is_judged_with_it(two: House) -> None:
    await two.post("a", "/v1/calls", {"phone": PHONE, "project": "hill"}, uuid7())
    arrived = await two.check_in(PHONE)
    assert (await visit_of(two, arrived))["owner_id"] == uid("a")
    again = await two.post("reception", "/v1/checkins", {"phone": PHONE, "project": "lake"}, uuid7())
    told = await visit_of(two, again)
    assert (told["visit_id"], told["project"], told["owner_id"]) == (arrived["visit_id"], "lake", None)


@pytest.mark.parametrize(("who", "path"), [("kiosk", "/v1/checkins"), ("a", "/v1/calls")])
async def test_a_project_that_is_not_sold_here_is_refused(two: House, who: str, path: str) -> None:
    answer = await two.call(who, "POST", path, {"phone": PHONE, "project": "moon"}, uuid7())
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_project")
    assert await two.get("manager", "/v1/visits") == []


async def test_head_office_reads_the_project_of_visits_and_calls(two: House) -> None:
    await two.check_in(PHONE, project="lake")
    await two.post("a", "/v1/calls", {"phone": "13900116688", "project": "hill"}, uuid7())
    with two.context.database.read() as session:
        facts = store.batch(session, "yunqi", limit=500, max_bytes=10**7)
    told = {(f.type, f.data["project"]) for f in facts if f.type in ("visit.recorded.v1", "call.recorded.v1")}
    assert told == {("visit.recorded.v1", "lake"), ("call.recorded.v1", "hill")}


def test_a_project_is_listed_once(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="listed twice"):
        from gateway.config import GatewayConfig

        GatewayConfig(
            office="yunqi",
            office_name="云栖湖岸",
            database=tmp_path / "g.db",
            keys_file=tmp_path / "g.keys",
            projects=(LAKE, LAKE),
        )
