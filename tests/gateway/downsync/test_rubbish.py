"""A head office that sends rubbish, and a disk that is full for a while: nothing of it ends the line for good."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from contracts.down_api import DownItem, DownPage
from contracts.ids import uuid7
from contracts.rest import Roster
from contracts.values import utc_now
from gateway.config import CentralConfig
from gateway.uplink import sender
from gateway.writer import UnitOfWork
from tests.gateway.central import FakeCentral
from tests.gateway.house import House, open_house
from tests.gateway.running import eventually

FULL = "PRAGMA max_page_count=1"
"""SQLite takes the pages there are: whatever needs another one finds the disk full."""
ROOM = "PRAGMA max_page_count=1000000"


class Sending(FakeCentral):
    """Answers the down-sync with `items`, everything in one page."""

    def __init__(self) -> None:
        super().__init__()
        self.items: list[DownItem] = []
        self.more = False
        self.asked = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if not request.url.path.endswith("/down"):
            return await super().handle_async_request(request)
        self.asked += 1
        page = DownPage(
            office="yunqi", cursor=f"x.{len(self.items)}", more=self.more, server_time=utc_now(), items=self.items
        )
        return httpx.Response(200, text=page.model_dump_json())


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(sender, "FIRST_WAIT_SECONDS", 0.02)
    monkeypatch.setattr(sender, "LONGEST_WAIT_SECONDS", 0.05)
    monkeypatch.setattr(sender, "IDLE_SECONDS", 0.05)
    yield


def line(folder: Path, central: Sending) -> dict[str, Any]:
    token = folder / "central.token"
    token.write_text("office-token\n")
    config = CentralConfig(url="http://central.test", token_file=token, roster_seconds=0.05, down_seconds=0.05)
    return {"central": config, "outside_central": central}


def agent(**body: Any) -> DownItem:
    """Nobody can open what is sealed in it: a fault that is shown."""
    made = uuid7()
    members = {"agent_id": made, "channel_id": uuid7(), "channel_name": "安家", "active": True, "sealed": "AAAA"}
    return DownItem(kind="agent", id=made, revision=1, body=members | body)


def appeal_of_the_year_one(house: House) -> DownItem:
    made = uuid7()
    body = {
        "appeal_id": made,
        "verdict_id": uuid7(),
        "channel_id": uuid7(),
        "agent_id": uuid7(),
        "filed_at": "0001-01-01T00:00:00Z",
        "sealed": house.context.keys.sealer.seal("不服", record=made),
    }
    return DownItem(kind="appeal", id=made, revision=1, body=body)


async def pragma(house: House, text: str) -> None:
    def work(uow: UnitOfWork) -> None:
        uow.session.connection().exec_driver_sql(text)

    await house.context.writer.run(work)


def rows(house: House, query: str) -> list[Any]:
    with house.context.database.read() as session:
        return [tuple(row) for row in session.connection().exec_driver_sql(query).all()]


async def test_a_thing_that_no_rule_foresaw_is_a_fault_and_keeps_no_other_from_the_office(tmp_path: Path) -> None:
    central = Sending()
    async with open_house(tmp_path, **line(tmp_path, central)) as house:
        central.items = [appeal_of_the_year_one(house), agent()]
        await eventually(lambda: len(rows(house, "SELECT 1 FROM down_items")) == 2)
        assert rows(house, "SELECT kind, fault FROM down_items ORDER BY kind") == [
            ("agent", "sealed_with_another_key"),
            ("appeal", "not_understood"),
        ]


async def test_a_page_that_promises_more_and_goes_nowhere_is_not_asked_for_without_end(tmp_path: Path) -> None:
    central = Sending()
    central.more = True
    async with open_house(tmp_path, **line(tmp_path, central)) as house:
        await eventually(lambda: central.asked >= 3)
        assert rows(house, "SELECT cursor FROM down_state") == [("x.0",)]
        before = central.asked
        await house.check_in("13800112345")
        assert central.asked - before < 20


async def test_a_disk_that_was_full_for_a_while_ends_neither_down_sync_nor_uplink_nor_roster(tmp_path: Path) -> None:
    central = Sending()
    async with open_house(tmp_path, **line(tmp_path, central)) as house:
        await eventually(lambda: rows(house, "SELECT 1 FROM down_state"))
        await pragma(house, FULL)
        central.items = [agent(channel_name="安" * 900) for _ in range(200)]
        central.roster = Roster.model_validate(
            {
                "office": "yunqi",
                "version": 7,
                "people": [
                    {"person_id": uuid7(), "staff_no": f"s{n}", "name": "岳山", "role": "consultant", "pin_hash": "x"}
                    for n in range(300)
                ],
            }
        )
        asked, pulled = central.asked, len(central.roster_answers)
        await eventually(lambda: central.asked > asked + 3 and len(central.roster_answers) > pulled + 3)
        assert rows(house, "SELECT count(*) FROM down_items") == [(0,)]
        await pragma(house, ROOM)
        await eventually(lambda: rows(house, "SELECT count(*) FROM down_items") == [(200,)])
        await eventually(lambda: rows(house, "SELECT count(*) FROM people WHERE active") == [(300,)])
        await house.check_in("13800112345")
        await eventually(lambda: central.of_type("visit.recorded.v1"))
