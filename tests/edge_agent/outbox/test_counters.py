"""What the outbox looks at of a line's intervals is enough: the same is counted as with all of them."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge_agent.allowance import Limits, Moment
from edge_agent.clock import Clock
from edge_agent.counting import Step
from edge_agent.increments import Interval, Taken, take
from edge_agent.outbox import counters
from edge_agent.outbox.schema import open_outbox
from edge_agent.outbox.transaction import IntervalReading, Reading
from edge_agent.outbox.writer import Work
from tests.edge_agent.outbox.conftest import MakeOutbox
from tests.edge_agent.test_increments import with_it

LINE = ("door", 1)
MINUTES = st.builds(
    lambda start, lasting, count, serial: Interval(
        count, 0, start * 60.0, (start + lasting) * 60.0, lasting * 60.0, serial=serial
    ),
    *(st.integers(0, 20), st.integers(1, 4), st.integers(0, 9), st.sampled_from(["", "", "a", "b"])),
)
FRAMES = st.builds(
    lambda number, count, epoch: Interval(count, 0, number, number + 1, epoch=epoch, numbered=True, modulus=64),
    *(st.integers(0, 63), st.integers(0, 9), st.sampled_from(["one", "two"])),
)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("counters") / "outbox.db"
    open_outbox(path).close()
    return path


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.lists(MINUTES, max_size=40) | st.lists(FRAMES, max_size=40))
def test_the_rows_that_are_looked_at_decide_as_all_of_them(file: Path, told: list[Interval]) -> None:
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("BEGIN")
    whole: tuple[Taken, ...] = ()
    stored: list[Step] = []
    pure: list[Step] = []
    for place, interval in enumerate(told):
        at = Moment(place * 60.0)
        verdict = take(whole, interval, at, Limits())
        whole = with_it(whole, verdict)
        pure.append(verdict.step)
        verdict = take(counters.known(connection, *LINE, interval, at), interval, at, Limits())
        if verdict.taken is not None:
            counters.put_interval(connection, *LINE, verdict.taken, verdict.replaced)
        stored.append(verdict.step)
    assert stored == pure and counters.intervals(connection, *LINE) == whole
    connection.execute("ROLLBACK")
    connection.close()


STAMP = Clock().stamp()


def totals_reading(total: int) -> Work[Step]:
    return lambda tx: tx.count(Reading("door", 1, total, 0, Limits(), STAMP))


def interval_reading(total: int) -> Work[Step]:
    """A burst in an interval of its own."""
    interval = Interval(50, 0, total * 60.0, total * 60.0 + 60, seconds=60.0)
    return lambda tx: tx.count_interval(IntervalReading("door", 1, interval, Limits(most=50), STAMP))


@pytest.mark.parametrize(("reading", "at_first"), [(totals_reading, 50), (interval_reading, 100)])
def test_an_agent_that_starts_again_may_count_no_further_burst(
    make_outbox: MakeOutbox, reading: Callable[[int], Work[Step]], at_first: int
) -> None:
    """All within one millisecond. Intervals may once bring what the device kept back, here 50."""
    counted, flags = 0, set()
    for start in range(4):
        outbox = make_outbox()
        for step in (outbox.submit(reading(start * 100 + 50 * n)).result(5) for n in range(2)):
            counted, flags = counted + step.count_in, flags | set(step.flags)
        outbox.close()
    assert (counted, "jump" in flags) == (at_first, True)
