"""Calls and merges, told back to the office that recorded them: to a gateway restored or made anew (ADR 044)."""

import contextlib
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from contracts.down_api import MergeDown
from contracts.ids import uuid7
from gateway.downsync import merges, service
from gateway.downsync.pull import DownSync
from tests.central.agency import down
from tests.gateway.downsync.world import PHONE, World, world
from tests.gateway.house import House, open_house
from tests.gateway.people import uid

OTHER = "13800112346"
MERGES = "SELECT merge_id, state, revision, kept_id, merged_id FROM customer_merges"


@pytest.fixture
async def both(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as found:
        yield found


async def call(house: House, who: str, phone: str) -> str:
    return str((await house.post(who, "/v1/calls", {"phone": phone}, uuid7()))["customer_id"])


async def merged(house: House) -> Any:
    """One person who rang consultant a with two numbers: two files made one."""
    files = {"kept_id": await call(house, "a", PHONE), "merged_id": await call(house, "a", OTHER)}
    return await house.post("m", "/v1/merges", {**files, "reason": "出示了两个号码"}, uuid7())


async def end(house: House, merge: Any) -> None:
    path, body = f"/v1/merges/{merge['merge_id']}/end", {"reason": "是两个人"}
    answer = await house.call("m", "POST", path, body, uuid7(), f'"{merge["revision"]}"')
    assert answer.is_success, answer.text


@contextlib.asynccontextmanager
async def anew(both: World, folder: Path) -> AsyncIterator[World]:
    """A gateway of the same office on a new disk, with the office's keys; it has fetched all there is."""
    _with_the_keys(folder)
    central = both.house.context.config.central
    async with open_house(folder, both.clock, None, central=central) as house:
        found = World(both.hq, house, DownSync(house.context, httpx.ASGITransport(both.hq.app)), both.clock, both.ahead)
        await found.fetch()
        yield found


async def owner_at_a_visit(house: House, phone: str) -> Any:
    visit = await house.check_in(phone)
    return (await house.get("m", f"/v1/visits/{visit['visit_id']}"))["owner_id"]


async def test_a_gateway_made_anew_knows_the_claims_of_calls(both: World, tmp_path: Path) -> None:
    await call(both.house, "a", PHONE)
    await both.uplink()
    async with anew(both, tmp_path / "anew") as new:
        assert new.rows("SELECT * FROM calls") == both.rows("SELECT * FROM calls")
        assert await owner_at_a_visit(new.house, PHONE) == uid("a")


async def test_a_gateway_made_anew_reads_merged_files_as_one(both: World, tmp_path: Path) -> None:
    merge = await merged(both.house)
    await both.uplink()
    async with anew(both, tmp_path / "anew") as new:
        assert new.rows(MERGES) == both.rows(MERGES)
        file = await new.house.get("reception", f"/v1/customers/{merge['merged']['customer_id']}")
        assert file["customer_id"] == merge["kept"]["customer_id"]


async def test_a_merge_that_ended_is_none_at_a_gateway_made_anew(both: World, tmp_path: Path) -> None:
    merge = await merged(both.house)
    await end(both.house, merge)
    await both.uplink()
    async with anew(both, tmp_path / "anew") as new:
        file = await new.house.get("reception", f"/v1/customers/{merge['merged']['customer_id']}")
        assert file["customer_id"] == merge["merged"]["customer_id"]


async def test_what_the_office_hears_again_changes_nothing(both: World) -> None:
    await merged(both.house)
    visit = await both.house.check_in(PHONE)
    before = both.rows("SELECT * FROM customer_merges"), both.rows("SELECT * FROM calls")
    said = await both.verdicts(visit["visit_id"])
    await both.uplink()
    await both.fetch()
    assert (both.rows("SELECT * FROM customer_merges"), both.rows("SELECT * FROM calls")) == before
    assert await both.verdicts(visit["visit_id"]) == said
    assert both.rows("SELECT kind FROM down_items WHERE fault != ''") == []


async def test_another_office_hears_of_neither(both: World) -> None:
    await merged(both.house)
    await both.uplink()
    assert {item.kind for item in (await down(both.hq)).items} >= {"call", "merge"}
    assert (await down(both.hq, office="linan")).items == []


async def test_after_a_restore_the_newer_word_on_a_merge_stands(both: World) -> None:
    """The copy was made before the merge ended, and head office heard of the end."""
    merge = await merged(both.house)
    told = MergeDown(
        merge_id=merge["merge_id"],
        revision=merge["revision"] + 1,
        kept_id=merge["kept"]["customer_id"],
        merged_id=merge["merged"]["customer_id"],
        state="ended",
        at=both.clock.now,
    )
    assert await both.house.context.writer.run(lambda uow: set(merges.bring_back(uow, told)))
    assert [row[1] for row in both.rows(MERGES)] == ["ended"]
    older = told.model_copy(update={"state": "merged", "revision": merge["revision"]})
    assert not await both.house.context.writer.run(lambda uow: merges.bring_back(uow, older))
    assert [row[1] for row in both.rows(MERGES)] == ["ended"]


async def test_a_merge_that_would_make_a_chain_stays_out(both: World) -> None:
    merge, third = await merged(both.house), await call(both.house, "b", "13800112347")
    told = MergeDown(
        merge_id=uuid7(),
        revision=9,
        kept_id=third,
        merged_id=merge["kept"]["customer_id"],
        state="merged",
        at=both.clock.now,
    )
    assert not await both.house.context.writer.run(lambda uow: merges.bring_back(uow, told))
    assert len(both.rows(MERGES)) == 1


async def test_a_call_that_comes_back_after_a_restore_is_evidence_of_the_visits_since(both: World) -> None:
    """Recorded in the minute that the copy does not have."""
    await call(both.house, "a", PHONE)
    await both.uplink()
    await both.house.context.writer.run(lambda uow: _lose_the_call(uow))
    both.clock.forward(minutes=5)
    visit = await both.house.check_in(PHONE)
    await both.fetch()
    assert [one["owner_id"] for one in await both.verdicts(visit["visit_id"])] == [None, uid("a")]


async def test_all_fetched_anew_keeps_calls_and_merges(both: World) -> None:
    await merged(both.house)
    await both.uplink()
    await both.fetch()
    before = both.rows(MERGES), both.rows("SELECT * FROM calls")
    await both.house.context.writer.run(service.begin_again)
    await both.fetch()
    assert (both.rows(MERGES), both.rows("SELECT * FROM calls")) == before


def _with_the_keys(folder: Path) -> None:
    folder.mkdir()
    shutil.copy(folder.parent / "gateway.keys", folder)


def _lose_the_call(uow: Any) -> None:
    uow.session.connection().exec_driver_sql("DELETE FROM calls")
