"""What the outbox costs beside SQLite alone: the same rows, the same disk, as many commits, in turn."""

import sqlite3
from pathlib import Path

import pytest

from contracts.events import DoorCrossing
from edge_agent.clock import Clock
from edge_agent.outbox.schema import open_outbox
from edge_agent.outbox.transaction import Place, Transaction
from edge_agent.outbox.writer import Outbox
from tests.bench.conftest import Report, percentile, seconds

pytestmark = [pytest.mark.bench, pytest.mark.timeout(300)]
BATCH, BATCHES, ROUNDS = 50, 300, 9
CROSSINGS = [DoorCrossing(count_in=1, count_out=0, total_in=n, total_out=0) for n in range(BATCH)]
INSERT = "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)"


def test_appends_as_a_share_of_sqlite_alone(tmp_path: Path, agent_report: Report) -> None:
    ours, raw = [], []
    for turn in range(ROUNDS):
        path = tmp_path / f"{turn}.db"
        ours.append(BATCH * BATCHES / through_the_outbox(path))
        raw.append(BATCH * BATCHES / straight_into_sqlite(path, tmp_path / f"{turn}-raw.db"))
    a, b = percentile(ours, 0.5), percentile(raw, 0.5)
    shares = [one / other for one, other in zip(ours, raw, strict=True)]
    agent_report.add(
        f"outbox: appends in batches of {BATCH}, each committed (WAL, FULL), median of {ROUNDS}",
        f"{a:,.0f}/s; SQLite alone {b:,.0f}/s: {percentile(shares, 0.5):.0%}",
        "≥ 50 %",
    )


def through_the_outbox(path: Path) -> float:
    """Seconds from the first event offered to the last one committed; each is made, numbered and told apart."""
    clock = Clock()
    outbox = Outbox(path, Place("yunqi", "lobby"), clock, max_events=10**6, linger=0.0)
    outbox.start()

    def batch(tx: Transaction) -> None:
        stamp = clock.stamp()
        for crossing in CROSSINGS:
            tx.append("door-1", crossing, stamp)

    def run() -> None:
        for _ in range(BATCHES):
            outbox.submit(batch).result(30)

    spent = seconds(run)
    outbox.close()
    return spent


def straight_into_sqlite(source: Path, path: Path) -> float:
    """Seconds for the rows of `source`, ready made, by `execute` and a COMMIT a batch, into the same tables."""
    with sqlite3.connect(source) as done:
        rows = done.execute("SELECT * FROM events ORDER BY sequence").fetchall()
    connection = open_outbox(path)

    def run() -> None:
        for start in range(0, len(rows), BATCH):
            connection.execute("BEGIN IMMEDIATE")
            for row in rows[start : start + BATCH]:
                connection.execute(INSERT, row)
            connection.execute("UPDATE stream SET next_sequence=?", (start + BATCH + 1,))
            connection.execute("COMMIT")

    spent = seconds(run)
    connection.close()
    return spent
