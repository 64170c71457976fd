"""Group commit: units share a transaction, never a mistake; nothing is told before the COMMIT."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from contracts.events import DeviceState
from gateway.database import Database
from gateway.tables import GatewayState
from gateway.writer import UnitOfWork, Writer


@pytest.fixture
async def writer(tmp_path: Path) -> AsyncIterator[Writer]:
    database = Database(tmp_path / "gateway.db")
    database.migrate()
    made = Writer(database, "/offices/yunqi/gateway")
    made.start()
    yield made
    await made.stop()
    database.close()


def keys(writer: Writer) -> set[str]:
    with writer.database.read() as session:
        rows = session.connection().exec_driver_sql("SELECT key FROM gateway_state WHERE key <> 'epoch'")
        return {row[0] for row in rows}


def put(uow: UnitOfWork, key: str) -> str:
    uow.session.add(GatewayState(key=key, value="x"))
    return key


async def test_many_units_share_few_commits(writer: Writer) -> None:
    made = await asyncio.gather(*(writer.run(lambda uow, n=n: put(uow, f"k{n}")) for n in range(1000)))  # type: ignore[misc]
    assert keys(writer) == set(made)
    assert writer.figures.groups < 200


async def test_a_failing_unit_takes_only_itself_back(writer: Writer) -> None:
    def fails(uow: UnitOfWork) -> None:
        put(uow, "bad")
        uow.session.flush()
        raise ValueError("no")

    results = await asyncio.gather(
        writer.run(lambda uow: put(uow, "a")),
        writer.run(fails),
        writer.run(lambda uow: put(uow, "a")),
        writer.run(lambda uow: put(uow, "b")),
        return_exceptions=True,
    )
    assert [type(result).__name__ for result in results] == ["str", "ValueError", "IntegrityError", "str"]
    assert keys(writer) == {"a", "b"}


async def test_the_result_and_the_actions_come_after_the_commit_and_in_order(writer: Writer) -> None:
    told: list[tuple[str, set[str]]] = []
    writer.on_changed = lambda topic, person_id: told.append((topic, keys(writer)))

    def work(uow: UnitOfWork) -> None:
        put(uow, "a")
        uow.changed("floor")
        uow.changed("floor")
        uow.after_commit(lambda: told.append(("action", keys(writer))))

    await writer.run(work)
    await asyncio.sleep(0)
    assert told == [("action", {"a"}), ("floor", {"a"})]


async def test_what_failed_tells_nobody(writer: Writer) -> None:
    told: list[str] = []
    writer.on_changed = lambda topic, person_id: told.append(topic)

    def fails(uow: UnitOfWork) -> None:
        uow.changed("floor")
        uow.after_commit(lambda: told.append("action"))
        raise ValueError

    with pytest.raises(ValueError):
        await writer.run(fails)
    await writer.run(lambda uow: None)
    assert told == []


async def test_an_isolated_part_takes_back_its_rows_and_its_news(writer: Writer) -> None:
    told: list[str] = []
    writer.on_changed = lambda topic, person_id: told.append(topic)

    def work(uow: UnitOfWork) -> None:
        put(uow, "a")
        with pytest.raises(ValueError), uow.isolated():
            put(uow, "b")
            uow.changed("queue")
            raise ValueError
        uow.changed("floor")

    await writer.run(work)
    await asyncio.sleep(0)
    assert keys(writer) == {"a"}
    assert told == ["floor"]


async def test_a_failing_action_does_not_keep_others_from_their_answers(writer: Writer) -> None:
    def explode() -> None:
        raise RuntimeError("boom")

    await asyncio.wait_for(writer.run(lambda uow: uow.after_commit(explode)), 5)
    assert await writer.run(lambda uow: put(uow, "a")) == "a"


async def test_an_abandoned_transaction_fails_the_whole_group(writer: Writer) -> None:
    """As SQLite does by itself when the disk is full."""

    def abandon(uow: UnitOfWork) -> None:
        put(uow, "lost")
        uow.session.flush()
        uow.session.connection().exec_driver_sql("ROLLBACK")
        raise OSError("disk full")

    results = await asyncio.gather(
        writer.run(lambda uow: put(uow, "before")), writer.run(abandon), return_exceptions=True
    )
    assert keys(writer).isdisjoint({"lost"})
    assert isinstance(results[1], Exception)
    assert ("before" in keys(writer)) == (results[0] == "before")
    assert await writer.run(lambda uow: put(uow, "after")) == "after"


async def test_uplink_numbers_have_no_holes_when_units_fail(writer: Writer) -> None:
    def sends(uow: UnitOfWork) -> None:
        uow.uplink(DeviceState(state="ok"))
        uow.uplink(DeviceState(state="degraded", reason="noise"))
        with contextlib.suppress(KeyError), uow.isolated():
            uow.uplink(DeviceState(state="offline", reason="never said"))
            raise KeyError

    def fails(uow: UnitOfWork) -> None:
        uow.uplink(DeviceState(state="ok"))
        raise ValueError

    await asyncio.gather(*(writer.run(fails if n % 3 == 0 else sends) for n in range(30)), return_exceptions=True)
    with writer.database.read() as session:
        sent = session.connection().exec_driver_sql("SELECT sequence, data FROM uplink_events ORDER BY sequence").all()
    assert [sequence for sequence, _ in sent] == list(range(1, 41))
    assert [json.loads(data)["state"] for _, data in sent] == ["ok", "degraded"] * 20


async def test_readers_cannot_write(writer: Writer) -> None:
    with writer.database.read() as session, pytest.raises(Exception, match="readonly"):
        session.connection().exec_driver_sql("DELETE FROM gateway_state")
