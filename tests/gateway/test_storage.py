"""The disk is full while somebody checks in: they are told to try again, and the same try counts once."""

from typing import Any

from contracts.ids import uuid7
from gateway.writer import UnitOfWork
from tests.gateway.house import House

FULL, ROOM = "PRAGMA max_page_count=1", "PRAGMA max_page_count=1000000"
"""SQLite takes the pages there are: whatever needs another one finds the disk full."""


async def pragma(house: House, text: str) -> None:
    def work(uow: UnitOfWork) -> None:
        uow.session.connection().exec_driver_sql(text)

    await house.context.writer.run(work)


async def until_full(house: House) -> Any:
    """The first answer that is none: what free pages there are is used up before."""
    for n in range(200):
        answer = await house.call("kiosk", "POST", "/v1/checkins", {"phone": f"1380011{n:04d}"}, uuid7())
        if answer.status_code != 201:
            return answer
    raise AssertionError("the disk never filled")


async def test_a_full_disk_is_said_as_such_and_the_same_try_counts_once_there_is_room(house: House) -> None:
    await pragma(house, FULL)
    refused = await until_full(house)
    assert (refused.status_code, refused.json()["code"]) == (503, "storage_unavailable")
    assert refused.headers["Retry-After"] == "5"
    key = uuid7()
    assert (await house.call("kiosk", "POST", "/v1/checkins", {"phone": "13900112345"}, key)).status_code == 503
    await pragma(house, ROOM)
    answers = [await house.call("kiosk", "POST", "/v1/checkins", {"phone": "13900112345"}, key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 200]
