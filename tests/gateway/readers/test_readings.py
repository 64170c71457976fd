"""Codes and identity cards read beside a screen: opened by the gateway alone, shown to that screen, and not kept."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from contracts.boxes import read_public_key
from contracts.events import CodeRead
from contracts.ids import uuid7
from contracts.readings import ReadingContent, seal
from contracts.topics import device_source
from contracts.values import utc_now
from gateway.readers.shelf import CARD_STANDS, CODE_STANDS, Lying, Shelf
from tests.gateway.running import FakeNode, Gateway, configured, eventually, in_files_of, running
from tests.gateway.test_live import stream, until

NUMBER, NAME = "330106199003071236", "赵小云"
READER = device_source("yunqi", "lobby", "reader-1")


@pytest.fixture
async def office(tmp_path: Path, broker_port: int) -> AsyncIterator[Gateway]:
    async with running(configured(tmp_path, broker_port)) as opened:
        yield opened


def sealed(office: Gateway, screen: str = "kiosk", **content: str) -> CodeRead:
    key = read_public_key(office.context.keys.reader_key)
    return seal(ReadingContent(**content), key, screen=screen)


async def told(office: Gateway, node: FakeNode, read: CodeRead, **more: Any) -> None:
    node.send(node.event(read, source=READER, **more))
    await node.acked(node.sequence)


async def lying(office: Gateway, role: str = "kiosk") -> list[dict[str, Any]]:
    return list((await office.client(role).get("/v1/readings")).json()["items"])


async def customer(office: Gateway, phone: str) -> str:
    headers = {"Idempotency-Key": uuid7()}
    answer = await office.client("reception").post("/v1/checkins", json={"phone": phone, "name": NAME}, headers=headers)
    visit = (await office.client("reception").get(f"/v1/visits/{answer.json()['visit_id']}")).json()
    return str(visit["customer"]["customer_id"])


async def test_a_code_is_shown_at_its_own_screen_and_used_once(office: Gateway, node: FakeNode) -> None:
    await told(office, node, sealed(office, text="AB-12345"))
    (reading,) = await eventually(lambda: lying(office))
    assert (reading["kind"], reading["text"]) == ("code", "AB-12345")
    assert await lying(office, "reception") == []
    path = f"/v1/readings/{reading['reading_id']}"
    assert (await office.client("reception").delete(path)).status_code == 404
    assert (await office.client("kiosk").delete(path)).status_code == 204
    assert await lying(office) == []
    assert (await office.client("board").get("/v1/readings")).status_code == 403


async def test_the_screen_is_told_at_once_and_no_other_screen_is(office: Gateway, node: FakeNode) -> None:
    async with stream(office, "kiosk-token", "readings") as mine, stream(office, "reception-token", "readings") as desk:
        await until(mine, "readings", lambda body: body["items"] == [])
        await told(office, node, sealed(office, text="AB-12345"))
        body = await until(mine, "readings", lambda body: body["items"])
        await told(office, node, sealed(office, "reception", text="CD-67890"))
        other = await until(desk, "readings", lambda body: body["items"])
    assert [item["text"] for item in (*body["items"], *other["items"])] == ["AB-12345", "CD-67890"]


async def test_nothing_of_a_reading_stays_in_the_database(office: Gateway, node: FakeNode, tmp_path: Path) -> None:
    read = sealed(office, "reception", number=NUMBER, name=NAME)
    await told(office, node, read)
    await eventually(lambda: lying(office, "reception"))
    ((data,),) = office.rows("SELECT data FROM events WHERE type = 'code.read.v1'")
    assert '"sealed":""' in data
    assert not in_files_of(tmp_path, NUMBER) and not in_files_of(tmp_path, read.sealed)


async def test_an_identity_card_finds_its_file_and_names_a_customer_without_showing_the_number(
    office: Gateway, node: FakeNode
) -> None:
    desk = office.client("reception")
    known = await customer(office, "13800112345")
    await told(office, node, sealed(office, "reception", number=NUMBER, name=NAME))
    (reading,) = await eventually(lambda: lying(office, "reception"))
    assert (reading["number_masked"], reading["customers"]) == ("33************1236", [])
    noted = await desk.post(f"/v1/readings/{reading['reading_id']}/id-number", json={"customer_id": known})
    assert noted.status_code == 200 and noted.json() == {"also_on": []}
    assert office.rows("SELECT source FROM strong_keys WHERE kind = 'id_number'") == [("reader",)]

    await told(office, node, sealed(office, "reception", number=NUMBER.lower(), name=NAME))
    (again,) = await eventually(lambda: lying(office, "reception"))
    assert [file["customer_id"] for file in again["customers"]] == [known]
    assert NUMBER not in str(again) and NAME not in str(again["name_masked"])


@pytest.mark.parametrize("number", ["330106199003071235", "330106199013071236"])
async def test_a_card_whose_number_cannot_be_is_shown_to_nobody(office: Gateway, node: FakeNode, number: str) -> None:
    await told(office, node, sealed(office, "reception", number=number, name=NAME))
    await told(office, node, sealed(office, "reception", text="AB-12345"))
    found = await eventually(lambda: lying(office, "reception"))
    assert [reading["kind"] for reading in found] == ["code"]


async def test_a_reading_told_late_is_nobodys(office: Gateway, node: FakeNode) -> None:
    await told(office, node, sealed(office, text="AB-12345"), time=utc_now() - timedelta(minutes=3))
    await told(office, node, sealed(office, text="CD-67890"))
    assert [reading["text"] for reading in await eventually(lambda: lying(office))] == ["CD-67890"]


async def test_a_reading_sealed_to_another_key_or_for_no_screen_is_a_dead_letter(
    office: Gateway, node: FakeNode
) -> None:
    moved = sealed(office, text="AB-12345").model_copy(update={"screen": "reception"})
    await told(office, node, moved)
    await told(office, node, sealed(office, "kiosk-9", text="AB-12345"))
    assert office.rows("SELECT count(*) FROM dead_letters") == [(2,)]
    assert await lying(office) == [] == await lying(office, "reception")


def test_readings_go_by_themselves_and_the_oldest_makes_room() -> None:
    shelf, now = Shelf(), utc_now()
    shelf.put(Lying(uuid7(), "kiosk", now, ReadingContent(text="AB-12345")))
    shelf.put(Lying(uuid7(), "kiosk", now, ReadingContent(number=NUMBER)))
    assert [len(shelf.at("kiosk", now + after)) for after in (CODE_STANDS / 2, CODE_STANDS, CARD_STANDS)] == [2, 1, 0]
    for _ in range(20):
        shelf.put(Lying(uuid7(), "kiosk", now, ReadingContent(text="AB-12345")))
    assert len(shelf.at("kiosk", now)) == 8
