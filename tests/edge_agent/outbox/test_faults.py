"""Each step of the outbox on a disk that is full from some page on: undone as a whole, and done when there is room."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from contracts.events import ButtonPressed
from contracts.ids import uuid7
from contracts.messages import Ack
from edge_agent.allowance import Limits
from edge_agent.clock import Clock
from edge_agent.outbox import schema, writer
from edge_agent.outbox.compaction import make_room
from edge_agent.outbox.formats import copy_beside, format_of
from edge_agent.outbox.settle import settle, start_new_stream
from edge_agent.outbox.transaction import Reading, Transaction
from edge_agent.outbox.writer import Outbox
from tests.edge_agent.card import SmallDisk, needs_mounts, small_disk
from tests.edge_agent.outbox.conftest import PLACE
from tests.edge_agent.outbox.test_compaction import acknowledge, covered, cross, people, stored
from tests.support.processes import until

STAMP, EPOCH = Clock().stamp(), uuid7()
LEFT = pytest.mark.parametrize("left", [0, 1, 4, 9])
"""Pages that the write-ahead log still gets: the fault comes in the middle of it."""
FULL = r"full|disk I/O|No space"
pytestmark = needs_mounts


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "disk") as found:
        yield found


@pytest.fixture
def outbox(disk: SmallDisk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Outbox]:
    """With 300 people in as many rows, 50 of them offered."""
    monkeypatch.setattr(writer, "RETRY_SECONDS", 0.02)
    outbox = Outbox(disk.folder / "outbox.db", PLACE, Clock(), max_events=100_000, linger=0)
    outbox.start()
    cross(outbox, 300)
    acknowledge(outbox, 20)
    yield outbox
    disk._ballast.unlink(missing_ok=True)
    outbox.close()


def content(path: Path) -> list[Any]:
    with closing(sqlite3.connect(path)) as connection:
        tables = ("stream", "events", "counters", "intervals")
        return [connection.execute(f"SELECT * FROM {table}").fetchall() for table in tables]


def without_room(disk: SmallDisk, path: Path, left: int) -> None:
    """The log begins anew, so that whatever is written needs room."""
    with closing(sqlite3.connect(path)) as connection:
        (busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    assert busy == 0 and path.with_name("outbox.db-wal").stat().st_size == 0
    disk.fill(left)


def append(tx: Transaction) -> None:
    for total in range(100, 400, 3):
        tx.count(Reading("hall", 1, total, 0, Limits(burst=1000), STAMP))
        tx.append("button", ButtonPressed(button="1" * 30), STAMP)


def acknowledged(tx: Transaction) -> None:
    settle(tx, Ack(stream=tx.state.stream, committed=250, safe=250, epoch=EPOCH), 250)


STEPS: dict[str, Callable[[Transaction], Any]] = {
    "append": append,
    "fold": lambda tx: make_room(tx, 60, STAMP),
    "drop": lambda tx: make_room(tx, 2, STAMP),
    "acknowledge": acknowledged,
    "new stream": start_new_stream,
}


@LEFT
@pytest.mark.parametrize("step", STEPS)
def test_a_step_on_a_full_disk_is_undone_and_is_done_when_there_is_room(
    outbox: Outbox, disk: SmallDisk, step: str, left: int
) -> None:
    before, state, rows = content(outbox.path), outbox.state, outbox.rows
    without_room(disk, outbox.path, left)
    told: list[str | None] = []
    outbox.on_fault(told.append)
    with pytest.raises(sqlite3.OperationalError, match=FULL):
        outbox.submit(STEPS[step]).result(5)
    assert told[:1] == ["disk_full"]
    assert (content(outbox.path), outbox.state, outbox.rows) == (before, state, rows)
    waiting = outbox.submit(STEPS[step], wait=True)
    disk.empty()
    waiting.result(5)
    until(lambda: outbox.fault is None, seconds=5, what="the end of the fault")
    assert content(outbox.path) != before and outbox.rows == len(stored(outbox.path))
    start = min(row["from"] for row in stored(outbox.path))
    assert covered(outbox.path, start) == outbox.state.last
    if step in ("append", "fold"):
        assert people(outbox.path)[1] == 600 - 2 * (start - 1), "nobody is lost or doubled"


def test_a_disk_that_stays_full_is_not_said_to_take_again(outbox: Outbox, disk: SmallDisk) -> None:
    told: list[str | None] = []
    outbox.on_fault(told.append)
    without_room(disk, outbox.path, 0)
    with pytest.raises(sqlite3.OperationalError):
        outbox.submit(append).result(5)
    for _ in range(5):
        threading.Event().wait(0.03)  # more than one try, with nothing that waits
        outbox.submit(lambda tx: None, wait=True)
    assert told == ["disk_full"]


@pytest.mark.parametrize("wanted", [1, schema.VERSION - 1])
@pytest.mark.parametrize("left", [0, 2, 30, 60])
def test_a_conversion_on_a_full_disk_leaves_the_file_and_no_half_copy(
    outbox: Outbox, disk: SmallDisk, wanted: int, left: int
) -> None:
    outbox.submit(append).result(5)
    outbox.close()
    for found, target in ((schema.VERSION, wanted), (wanted, schema.VERSION)):
        before = content_of_any(outbox.path)
        with closing(schema.connect(outbox.path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            disk.fill(left)
            with pytest.raises((sqlite3.OperationalError, OSError), match=FULL):
                schema.convert(connection, outbox.path, target)
            assert format_of(connection) == found
        assert not list(disk.folder.glob("*.new")), "a half copy keeps the disk full"
        disk.empty()
        assert content_of_any(outbox.path) == before
        with closing(schema.connect(outbox.path)) as connection:
            schema.convert(connection, outbox.path, target)
            assert format_of(connection) == target
        assert content_of_any(outbox.path) == before


def content_of_any(path: Path) -> list[Any]:
    """What every format holds."""
    with closing(sqlite3.connect(path)) as connection:
        events = connection.execute("SELECT * FROM events").fetchall()
        totals = connection.execute("SELECT device, line, total_in, total_out, read_at FROM counters").fetchall()
        return [connection.execute("SELECT * FROM stream").fetchall(), events, totals]


def test_a_conversion_that_fails_after_its_copy_leaves_the_file(outbox: Outbox, disk: SmallDisk) -> None:
    """Room for the copy, none for the step."""
    outbox.submit(append).result(5)
    outbox.close()
    before = content(outbox.path)
    with closing(schema.connect(outbox.path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        copy = copy_beside(connection, outbox.path)
        disk.fill()
        with pytest.raises(sqlite3.OperationalError, match=FULL):
            schema.bring_to(connection, 1)
        assert format_of(connection) == schema.VERSION
    disk.empty()
    assert content(outbox.path) == before == content(copy)


def test_an_agent_whose_disk_is_too_full_to_convert_its_outbox_knows_that_it_is_full(
    outbox: Outbox, disk: SmallDisk
) -> None:
    outbox.close()
    with closing(schema.connect(outbox.path)) as connection:
        schema.convert(connection, outbox.path, 1)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        disk.fill(9)
        with pytest.raises(schema.OutboxError) as refused:
            schema.open_outbox(outbox.path)
        assert (refused.value.fault, format_of(connection)) == ("disk_full", 1)
