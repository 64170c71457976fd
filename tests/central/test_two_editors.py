"""Two people at one office or roster: the second is told, and nothing of the first is lost."""

from typing import Any

import pytest

from tests.central.head_office import HeadOffice, Outbox, minute
from tests.central.test_people import person

OFFICE, ROSTER = "/v1/offices/yunqi", "/v1/offices/yunqi/roster"


@pytest.fixture
async def opened(head_office: HeadOffice) -> HeadOffice:
    answer = await head_office.admin.put(OFFICE, json={"name": "云栖湖岸"})
    assert answer.status_code == 200, answer.text
    await head_office.edit(ROSTER, {"people": [person()]})
    return head_office


def bodies(path: str) -> tuple[dict[str, Any], dict[str, Any]]:
    if path == OFFICE:
        put = {"name": "云栖湖岸", "name_en": "Yunqi", "city": "杭州", "city_en": "Hangzhou"}
        return put, put | {"name_en": "Yunqi Lakeside"}
    return {"people": [person("A02")]}, {"people": [person("A03")]}


@pytest.mark.parametrize("path", [OFFICE, ROSTER])
async def test_of_two_who_read_the_same_the_second_is_told(opened: HeadOffice, path: str) -> None:
    seen = (await opened.admin.get(path)).headers["ETag"]
    one, other = bodies(path)
    first = await opened.edit(path, one, seen)
    second = await opened.edit(path, other, seen)
    assert (first.status_code, second.status_code) == (200, 412), second.text
    assert second.json()["code"] == "changed_meanwhile"
    assert (await opened.get(path)) == first.json()
    assert (await opened.edit(path, other, first.headers["ETag"])).status_code == 200


@pytest.mark.parametrize("path", [OFFICE, ROSTER])
async def test_a_change_that_names_nothing_read_is_refused(opened: HeadOffice, path: str) -> None:
    before = await opened.get(path)
    answer = await opened.admin.put(path, json=bodies(path)[0])
    assert (answer.status_code, answer.json()["code"]) == (428, "if_match_needed")
    assert await opened.get(path) == before


async def test_an_office_that_was_only_heard_of_is_entered_without_having_been_read(head_office: HeadOffice) -> None:
    await head_office.send([Outbox().event(minute())])
    assert (await head_office.admin.put(OFFICE, json={"name": "云栖湖岸"})).status_code == 200
    assert (await head_office.admin.put(OFFICE, json={"name": "云栖"})).status_code == 428


async def test_what_is_heard_of_an_office_is_no_change_of_it(opened: HeadOffice) -> None:
    seen = (await opened.admin.get(OFFICE)).headers["ETag"]
    await opened.send([Outbox().event(minute())])
    assert (await opened.edit(OFFICE, bodies(OFFICE)[0], seen)).status_code == 200


async def test_there_is_nothing_to_read_or_change_of_an_office_nobody_knows(head_office: HeadOffice) -> None:
    assert (await head_office.admin.get("/v1/offices/nowhere")).status_code == 404
    answer = await head_office.edit("/v1/offices/nowhere", {"name": "N"}, '"0"')
    assert (answer.status_code, answer.json()["code"]) == (412, "changed_meanwhile")
