"""Accepted means committed: what the outbox promised survives, and what failed left no trace."""

import contextlib
import os
import signal
import sqlite3
import stat
import subprocess
import sys
from concurrent.futures import Future
from functools import partial
from pathlib import Path

import pytest

from contracts.events import ButtonPressed, ZoneOccupancy
from edge_agent.allowance import Limits
from edge_agent.clock import Clock
from edge_agent.increments import REMEMBERED, Interval
from edge_agent.outbox.schema import OutboxError, open_outbox
from edge_agent.outbox.transaction import IntervalReading, Reading, Transaction
from edge_agent.outbox.writer import Outbox
from tests.edge_agent.outbox.conftest import MakeOutbox
from tests.support.processes import ROOT

STAMP = Clock().stamp()

WRITER = """
import sys
from pathlib import Path
from contracts.events import ButtonPressed
from edge_agent.clock import Clock
from edge_agent.allowance import Limits
from edge_agent.outbox.transaction import Place, Reading
from edge_agent.outbox.writer import Outbox

clock = Clock()
outbox = Outbox(Path(sys.argv[1]), Place("yunqi", "lobby"), clock, max_events=10**6, linger=0.001)
outbox.start()
total = int(sys.argv[2])
while True:
    group = []
    for _ in range(20):
        total += 1
        reading = Reading("door", 1, total, 0, Limits(burst=10**6), clock.stamp())
        group.append((total, outbox.submit(lambda tx, r=reading: tx.count(r))))
        group.append((0, outbox.submit(lambda tx: tx.append("button", ButtonPressed(button="1"), clock.stamp()))))
    for committed, future in group:
        future.result()
        print(committed, flush=True)
"""


def rows(path: Path) -> list[tuple[int, str, str]]:
    with sqlite3.connect(path) as connection:
        return connection.execute("SELECT sequence, id, body FROM events ORDER BY sequence").fetchall()


def kill_while_writing(path: Path, start: int) -> tuple[int, int]:
    """Returns the highest total and the number of events the writer was told are committed."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), str(start)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    reported = [int(process.stdout.readline()) for _ in range(400)]
    os.kill(process.pid, signal.SIGKILL)
    reported += [int(line) for line in process.stdout.read().splitlines() if line]
    assert process.wait(10) == -signal.SIGKILL
    return max(reported), len(reported)


def last_total(path: Path) -> int:
    with sqlite3.connect(path) as connection:
        (total,) = connection.execute("SELECT total_in FROM counters").fetchone()
    return int(total)


def test_kill_9_loses_no_committed_event_and_counts_none_twice(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    start = committed = 0
    for _ in range(4):
        _, told = kill_while_writing(path, start)
        committed += told
        start = last_total(path)  # a commit may have been made and not yet told
    found = rows(path)
    assert [sequence for sequence, _, _ in found] == list(range(1, len(found) + 1))
    assert len({event_id for _, event_id, _ in found}) == len(found)
    assert len(found) >= committed - 1  # the very first reading is the base line, not an event
    total = last_total(path)
    with sqlite3.connect(path) as connection:
        (counted,) = connection.execute(
            "SELECT sum(json_extract(body, '$.data.count_in')) FROM events WHERE type='door.crossing.v1'"
        ).fetchone()
    assert counted == total - 1, "the last total and the events made of it are one transaction"


def test_a_total_survives_a_restart_and_is_counted_from_there(make_outbox: MakeOutbox) -> None:
    first = make_outbox()
    first.submit(lambda tx: tx.count(Reading("door", 1, 100, 50, Limits(), STAMP))).result(5)
    first.close()
    step = make_outbox().submit(lambda tx: tx.count(Reading("door", 1, 103, 51, Limits(), STAMP))).result(5)
    assert (step.count_in, step.count_out) == (3, 1)


def test_an_interval_told_again_after_a_restart_adds_nothing(make_outbox: MakeOutbox, tmp_path: Path) -> None:
    minutes = [Interval(n % 9, 1, n * 60.0, n * 60.0 + 60.0, 60.0, serial=f"{n}") for n in range(1, REMEMBERED + 40)]
    steps = []
    for told in (minutes, minutes[-2:]):
        outbox = make_outbox()
        work = [
            outbox.submit(partial(Transaction.count_interval, reading=IntervalReading("door", 1, m, Limits(), STAMP)))
            for m in told
        ]
        steps.append([future.result(5).count_in for future in work])
        outbox.close()
    assert steps == [[m.count_in for m in minutes], [0, 0]]
    with sqlite3.connect(tmp_path / "outbox.db") as connection:
        remembered, people = connection.execute("SELECT count(*), sum(count_in) FROM intervals").fetchone()
    assert REMEMBERED <= remembered < len(minutes) and people == sum(m.count_in for m in minutes)
    assert len(rows(tmp_path / "outbox.db")) == len(minutes)


def test_work_that_fails_is_undone_alone(make_outbox: MakeOutbox, tmp_path: Path) -> None:
    outbox = make_outbox(linger=0.05)

    def fails(tx: Transaction) -> int:
        tx.append("button", ButtonPressed(button="lost"), STAMP)
        raise ValueError("on purpose")

    futures: list[Future[int]] = [
        outbox.submit(lambda tx: tx.append("button", ButtonPressed(button="1"), STAMP)),
        outbox.submit(fails),
        outbox.submit(lambda tx: tx.append("button", ButtonPressed(button="2"), STAMP)),
    ]
    assert futures[0].result(5) == 1 and futures[2].result(5) == 2
    with pytest.raises(ValueError, match="on purpose"):
        futures[1].result(5)
    assert [sequence for sequence, _, _ in rows(tmp_path / "outbox.db")] == [1, 2] and outbox.rows == 2


def test_a_reading_that_changes_nothing_writes_nothing(make_outbox: MakeOutbox, tmp_path: Path) -> None:
    outbox = make_outbox()
    changes: list[int] = []
    outbox.on_commit(lambda state: changes.append(state.last))
    for _ in range(5):
        outbox.submit(lambda tx: tx.count(Reading("door", 1, 7, 7, Limits(), STAMP))).result(5)
    assert len(changes) == 1 and rows(tmp_path / "outbox.db") == []


def test_an_event_too_large_for_a_batch_is_refused(make_outbox: MakeOutbox) -> None:
    huge = ZoneOccupancy(total=1, regions={"区" * 100 + str(n): n for n in range(100)})
    with pytest.raises(ValueError, match="larger than"):
        make_outbox().submit(lambda tx: tx.append("hall", huge, STAMP)).result(5)


def test_a_file_of_another_format_is_refused_with_words(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "outbox.db") as connection:
        connection.execute("PRAGMA user_version=99")
    with pytest.raises(OutboxError, match="format 99"):
        open_outbox(tmp_path / "outbox.db")


def test_a_file_that_is_no_database_is_refused_with_words(tmp_path: Path) -> None:
    (tmp_path / "outbox.db").write_bytes(b"not a database at all" * 100)
    with pytest.raises(OutboxError, match="cannot open"):
        open_outbox(tmp_path / "outbox.db")


def limit_pages(outbox: Outbox, pages: int) -> None:
    outbox.submit(lambda tx: tx.connection.execute(f"PRAGMA max_page_count={pages}").fetchone(), wait=True).result(5)


def test_a_full_disk_refuses_and_the_outbox_goes_on_when_there_is_room(make_outbox: MakeOutbox, tmp_path: Path) -> None:
    outbox = make_outbox()
    zone = ZoneOccupancy(total=1, regions={str(n): n for n in range(500)})
    limit_pages(outbox, 30)
    futures = [outbox.submit(lambda tx: tx.append("hall", zone, STAMP)) for _ in range(60)]
    failures = [future for future in futures if future.exception(5) is not None]
    assert failures and isinstance(failures[0].exception(), sqlite3.Error)
    limit_pages(outbox, 10_000)
    last = outbox.submit(lambda tx: tx.append("hall", zone, STAMP)).result(5)
    accepted = len(futures) - len(failures) + 1
    assert last == accepted == outbox.rows
    assert [sequence for sequence, _, _ in rows(tmp_path / "outbox.db")] == list(range(1, accepted + 1))


def test_the_outbox_is_for_its_user_only_even_when_it_was_open_to_others(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    path.touch(mode=0o644)
    with contextlib.closing(open_outbox(path)):
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    assert modes == dict.fromkeys(["outbox.db", "outbox.db-wal", "outbox.db-shm"], 0o600)
