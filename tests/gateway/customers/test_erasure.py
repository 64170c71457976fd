"""A customer's file erased, at the office or at head office: real databases, a line by hand, the bytes of both."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from contracts.ids import uuid7
from gateway.downsync import service
from tests.central.agency import items
from tests.gateway.downsync.world import PHONE, World, world
from tests.gateway.people import uid

TEXT, REASON, NOTE = "王先生三周前就由我接待", "与王先生的微信记录属实", "王先生嫌总价高"
AT_THE_OFFICE = [
    ("customers", ("phone", "phone_index", "phone37_index", "last4_index", "name", "name_index", "details")),
    ("name_readings", ("reading_index",)),
    ("registrations", ("phone_index",)),
    ("follow_ups", ("note",)),
    ("appeals", ("text", "reason")),
    ("rulings", ("reason",)),
]
AT_HEAD_OFFICE = [
    ("customer", ("name_encrypted", "phone_encrypted", "phone_index")),
    ("registration", ("number_encrypted", "phone_index", "phone37_index")),
    ("follow_up", ("note_encrypted",)),
    ("appeal", ("text_encrypted", "reason_encrypted")),
]


class Known:
    """A customer whom an agent registered too late, consultant a received, and both argued about."""

    def __init__(self, both: World, folder: Path, customer_id: str, visit_id: str) -> None:
        self.both, self.folder, self.customer_id, self.visit_id = both, folder, customer_id, visit_id

    async def stored(self) -> set[bytes]:
        """What of the person lies in the two databases now."""
        office = (v for table, names in AT_THE_OFFICE for v in self._at_the_office(table, names))
        company = [v for table, names in AT_HEAD_OFFICE for v in await self._at_head_office(table, names)]
        sealed = (row[0].split('"sealed":"')[1][:60] for row in self.both.rows(_SENT))
        return {v.encode() if isinstance(v, str) else bytes(v) for v in (*office, *company, *sealed) if v}

    def found(self, needles: set[bytes]) -> int:
        """How many of them are in either file, or the log beside it."""
        files = [file.read_bytes() for name in ("gateway.db", "central.db") for file in self.folder.glob(f"{name}*")]
        return sum(any(needle in content for content in files) for needle in needles)

    def _at_the_office(self, table: str, names: tuple[str, ...]) -> Iterator[Any]:
        for row in self.both.rows(f"SELECT {', '.join(names)} FROM {table}"):
            yield from row

    async def _at_head_office(self, table: str, names: tuple[str, ...]) -> list[Any]:
        async with self.both.hq.app.state.runtime.database.read() as session:
            connection = await session.connection()
            rows = (await connection.exec_driver_sql(f"SELECT {', '.join(names)} FROM {table}")).all()
        return [value for row in rows for value in row]

    async def erase_at_the_office(self) -> None:
        answer = await self.both.house.call("m", "DELETE", f"/v1/customers/{self.customer_id}")
        assert answer.status_code == 204, answer.text
        await self.both.uplink()
        await self.both.fetch()
        await self.leave_no_copy()

    async def erase_at_head_office(self) -> None:
        answer = await self.both.hq.manager.delete(f"/v1/customers/{self.customer_id}")
        assert answer.status_code == 204, answer.text
        await self.both.fetch()
        await self.leave_no_copy()

    async def leave_no_copy(self) -> None:
        await self.both.hq.app.state.runtime.database.leave_no_copy()
        self.both.house.context.database.leave_no_copy()


_SENT = "SELECT data FROM uplink_events WHERE type = 'customer.recorded.v1'"


@pytest.fixture
async def known(tmp_path: Path) -> AsyncIterator[Known]:
    async with world(tmp_path) as both:
        house, agent = both.house, await both.agent()
        made = await agent.register(PHONE)
        await both.fetch()
        await house.sign_in("a")
        visit = await house.check_in(PHONE, name="王建国")
        seen = await house.accept("a")
        customer_id = seen["customer"]["customer_id"]
        note = {"customer_id": customer_id, "channel": "call", "reached": True, "note": NOTE}
        await house.post("a", "/v1/follow-ups", note, uuid7())
        await both.uplink()
        verdict = (await agent.read(made.registration_id)).verdicts[-1]
        body = {"registration_id": made.registration_id, "verdict_id": verdict.verdict_id, "text": TEXT}
        answer = await agent.call("POST", "/v1/appeals", json=body, headers={"Idempotency-Key": uuid7()})
        assert answer.status_code == 201, answer.text
        await both.fetch()
        (appeal,) = await house.get("m", "/v1/appeals")
        ruling = {"source": "channel", "channel_id": agent.channel_id, "claim_id": made.registration_id}
        decision = {"outcome": "upheld", "reason": REASON, "ruling": ruling}
        path = f"/v1/appeals/{appeal['appeal_id']}/decision"
        assert (await house.call("m", "POST", path, decision, seen='"1"')).status_code == 200
        await both.uplink()
        yield Known(both, tmp_path, customer_id, visit["visit_id"])


@pytest.mark.parametrize("way", ["erase_at_the_office", "erase_at_head_office"])
async def test_nothing_of_the_person_is_left_in_either_file(known: Known, way: str) -> None:
    stored = await known.stored()
    await known.leave_no_copy()
    assert (len(stored) >= 18, known.found(stored)) == (True, len(stored))
    await getattr(known, way)()
    assert known.found(stored) == 0


@pytest.mark.parametrize("way", ["erase_at_the_office", "erase_at_head_office"])
async def test_what_was_decided_stays(known: Known, way: str) -> None:
    both = known.both
    verdicts = await both.verdicts(known.visit_id)
    (before,) = await both.house.get("m", "/v1/appeals")
    await getattr(known, way)()
    assert await both.verdicts(known.visit_id) == verdicts
    (after,) = await both.house.get("m", "/v1/appeals")
    assert (before["text"], before["reason"]) == (TEXT, REASON)
    assert after == before | {"text": "", "reason": ""}
    async with both.hq.app.state.runtime.database.read() as session:
        rows = (await (await session.connection()).exec_driver_sql("SELECT state, result FROM appeal")).all()
        assert [(state, "appeal_upheld" in str(result)) for state, result in rows] == [("upheld", True)]


async def test_an_erased_file_is_nobody_s_and_the_number_is_a_new_one(known: Known) -> None:
    await known.erase_at_the_office()
    house = known.both.house
    for who in ("a", "reception", "m"):
        assert (await house.call(who, "GET", f"/v1/customers/{known.customer_id}")).status_code == 404
    assert (await house.post("reception", "/v1/customers/search", {"text": PHONE}))["items"] == []
    house.clock.forward(days=1)
    for who in "am":
        await house.new_session(who)
    again = await house.get("m", f"/v1/visits/{(await house.check_in(PHONE))['visit_id']}")
    assert (again["kind"], again["customer"]["customer_id"] != known.customer_id) == ("first", True)


async def test_what_comes_late_brings_nothing_back(known: Known) -> None:
    """Head office erased the file while the office, without a line, went on writing it down."""
    answer = await known.both.hq.manager.delete(f"/v1/customers/{known.customer_id}")
    assert answer.status_code == 204
    house = known.both.house
    await house.edit_customer("a", known.customer_id, needs="三房")
    note = {"customer_id": known.customer_id, "channel": "call", "reached": True, "note": NOTE}
    await house.post("a", "/v1/follow-ups", note, uuid7())
    await known.both.uplink()
    assert (await known.both.hq.manager.get(f"/v1/customers/{known.customer_id}")).status_code == 404
    async with known.both.hq.app.state.runtime.database.read() as session:
        rows = (await (await session.connection()).exec_driver_sql("SELECT note_encrypted FROM follow_up")).all()
    assert {row[0] for row in rows} == {None}


async def test_a_merged_person_is_erased_with_every_file(known: Known) -> None:
    house = known.both.house
    call = {"phone": "13800112346"}
    other = (await house.post("a", "/v1/calls", call, uuid7()))["customer_id"]
    files = {"kept_id": known.customer_id, "merged_id": other, "reason": "王先生换号"}
    await house.post("m", "/v1/merges", files, uuid7())
    await known.erase_at_the_office()
    assert known.both.rows("SELECT phone, phone_index, name_index FROM customers") == [(None, None, None)] * 2
    assert known.both.rows("SELECT reason FROM customer_merges") == [("",)]


async def test_head_office_that_no_longer_knows_a_file_erases_nothing(known: Known) -> None:
    """Restored from an old copy, it has fewer files than the office; only its own word erases one."""
    async with known.both.hq.app.state.runtime.database.write() as session:
        for table in ("customer", "down_change WHERE kind = 'customer'"):
            await (await session.connection()).exec_driver_sql(f"DELETE FROM {table}")
    await known.both.house.context.writer.run(service.begin_again)
    await known.both.fetch()
    assert (await known.both.house.get("m", f"/v1/customers/{known.customer_id}"))["visit_count"] == 1


async def test_erasing_twice_is_erasing_once(known: Known) -> None:
    await known.erase_at_the_office()
    answer = await known.both.house.call("m", "DELETE", f"/v1/customers/{known.customer_id}")
    assert answer.status_code == 204
    assert known.both.rows('SELECT customer_id, "by" FROM customer_erasures') == [(known.customer_id, uid("m"))]
    assert [item.deleted for item in await items(known.both.hq, "customer")] == [True]


@pytest.mark.parametrize("who", ["a", "reception", "manager", "kiosk", "board"])
async def test_only_a_manager_in_person_erases(known: Known, who: str) -> None:
    answer = await known.both.house.call(who, "DELETE", f"/v1/customers/{known.customer_id}")
    assert answer.status_code == 403
