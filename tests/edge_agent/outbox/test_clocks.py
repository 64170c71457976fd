"""Clocks that leap by decades, or stand still, between any two steps of the outbox: nobody is lost, nobody doubled."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.events import ButtonPressed, DoorCrossing
from edge_agent.allowance import Limits
from edge_agent.clock import Clock, Stamp
from edge_agent.outbox.compaction import Ages
from edge_agent.outbox.settle import reserve, start_new_stream
from edge_agent.outbox.transaction import Reading, Transaction
from edge_agent.outbox.writer import Outbox
from tests.edge_agent.outbox.conftest import PLACE
from tests.edge_agent.outbox.test_compaction import acknowledge, covered, people, stored

SET_BY = st.sampled_from(
    [timedelta(0), timedelta(0), timedelta(seconds=1), timedelta(days=7300), -timedelta(days=7300)]
)
STEP = st.sampled_from(["count", "count", "cross", "cross", "press", "tidy", "acknowledge", "offer", "start", "stream"])
AGES = Ages(fold=timedelta(days=7), keep=timedelta(days=90))


class LeapingClock(Clock):
    """Always called right, which is the worst that can be said of it; stands still unless it is set."""

    def __init__(self) -> None:
        super().__init__()
        self.at = datetime(2026, 11, 22, 12, tzinfo=UTC)

    @property
    def synced(self) -> bool:
        return True

    def stamp(self) -> Stamp:
        return replace(super().stamp(), time=self.at)


class Node:
    """An outbox small enough to fold all the time, and what is true of it."""

    def __init__(self, path: Path) -> None:
        self.path, self.clock = path, LeapingClock()
        self.outbox = self._open()
        self.truth = self.delivered = self.total = 0

    def _open(self) -> Outbox:
        outbox = Outbox(self.path, PLACE, self.clock, max_events=60, linger=0)
        outbox.start()
        return outbox

    def do(self, step: str) -> None:
        getattr(self, step)()
        assert people(self.path)[0] + self.delivered == self.truth, step
        begins = min((row["from"] for row in stored(self.path)), default=self.outbox.state.last + 1)
        assert covered(self.path, begins) == self.outbox.state.last and self.outbox.state.dropped == 0
        assert self.outbox.rows == len(stored(self.path))

    def count(self) -> None:
        first = self.total == 0
        self.total += 7
        reading = Reading("hall", 1, self.total, 0, Limits(burst=1000), self.clock.stamp())
        step = self.outbox.submit(lambda tx: tx.count(reading)).result(5)
        assert step.flags == () and step.count_in == (0 if first else 7)
        self.truth += step.count_in

    def cross(self) -> None:
        def work(tx: Transaction) -> None:
            for _ in range(12):
                tx.append("door", DoorCrossing(count_in=1, count_out=0), self.clock.stamp())

        self.outbox.submit(work).result(5)
        self.truth += 12

    def press(self) -> None:
        self.outbox.submit(lambda tx: tx.append("button", ButtonPressed(button="1"), self.clock.stamp())).result(5)

    def tidy(self) -> None:
        self.outbox.tidy(AGES).result(5)

    def offer(self) -> None:
        self.outbox.submit(lambda tx: reserve(tx, tx.state.next_sequence // 2)).result(5)

    def acknowledge(self) -> None:
        rows = stored(self.path)[: len(stored(self.path)) // 2 + 1]
        if rows:
            self.delivered += sum(row["data"].get("count_in", 0) for row in rows)
            acknowledge(self.outbox, rows[-1]["sequence"], rows[-1]["sequence"])

    def start(self) -> None:
        self.outbox.close()
        self.outbox = self._open()

    def stream(self) -> None:
        self.outbox.submit(start_new_stream).result(5)


@settings(max_examples=10, deadline=None)
@given(steps=st.lists(st.tuples(STEP, SET_BY), min_size=5, max_size=20))
def test_no_leap_of_a_clock_between_two_steps_loses_or_doubles_anybody(
    steps: list[tuple[str, timedelta]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    node = Node(tmp_path_factory.mktemp("leaps") / "outbox.db")
    for step, set_by in steps:
        if abs(node.clock.at.year - 2026) < 60 or set_by.days == 0:
            node.clock.at += set_by
        node.do(step)
    node.outbox.close()
