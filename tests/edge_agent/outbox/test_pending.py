"""What is written many rows at a time is what would have been written one at a time."""

import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.events import ButtonPressed, Data, DeviceState, DoorCrossing, Event, ZoneOccupancy
from contracts.ids import uuid7
from edge_agent.allowance import Limits
from edge_agent.clock import Clock, Stamp
from edge_agent.outbox.envelope import envelope
from edge_agent.outbox.transaction import Place, Reading, Transaction
from edge_agent.outbox.writer import Outbox

STAMP = Clock().stamp()
KINDS = st.sampled_from(["append", "count", "look", "append then fail", "count then fail", "look then fail"])


class MeantError(RuntimeError):
    pass


def work(tx: Transaction, number: int, kind: str) -> int:
    """Adds one event, told by `number`, and says how many the file then has."""
    if kind.startswith("count"):
        tx.count(Reading("door", 1, 1000 + number, 0, Limits(burst=1000), STAMP))
    else:
        tx.append("button", ButtonPressed(button=str(number)), STAMP)
    seen = tx.connection.execute("SELECT count(*) FROM events").fetchone()[0] if kind.startswith("look") else 0
    if kind.endswith("fail"):
        raise MeantError
    return int(seen)


@settings(max_examples=25, deadline=None)
@given(kinds=st.lists(KINDS, max_size=90))
def test_a_group_holds_what_succeeded_in_its_order_and_nothing_else(
    kinds: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("outbox") / "outbox.db"
    outbox = Outbox(path, Place("yunqi", "lobby"), Clock(), max_events=10_000)
    base = outbox.submit(lambda tx: tx.count(Reading("door", 1, 1000, 0, Limits(), STAMP)))
    futures = [outbox.submit(lambda tx, n=n, k=kind: work(tx, n, k)) for n, kind in enumerate(kinds, 1)]
    outbox.start()
    base.result(5)
    failed = [isinstance(future.exception(5), MeantError) for future in futures]
    outbox.close()

    assert failed == [kind.endswith("fail") for kind in kinds]
    with sqlite3.connect(path) as file:
        rows = file.execute("SELECT sequence, body FROM events ORDER BY sequence").fetchall()
    assert [sequence for sequence, _ in rows] == list(range(1, len(rows) + 1))
    succeeded = [(number, kind) for number, kind in enumerate(kinds, 1) if not kind.endswith("fail")]
    told = [json.loads(body)["data"] for _, body in rows]
    assert [data.get("button", data.get("total_in")) for data in told] == [
        1000 + number if kind == "count" else str(number) for number, kind in succeeded
    ]
    assert sum(data.get("count_in", 0) for data in told) == max([n for n, kind in succeeded if kind == "count"] or [0])
    seen = [future.result() for future in futures if future.exception() is None]
    assert all(found in (0, place) for place, found in enumerate(seen, 1))


@pytest.mark.parametrize(
    "data",
    [
        DoorCrossing(count_in=1, count_out=0, total_in=2**32, flags=["wrap", "late"]),
        ZoneOccupancy(total=3, regions={"洽谈区": 2, 'a"\\b': 1}),
        DeviceState(state="offline", reason='no answer:\n"/dev/ttyUSB0"'),
    ],
    ids=lambda data: data.TYPE,
)
@pytest.mark.parametrize("microsecond", [0, 120, 999_999])
def test_what_is_stored_is_the_event_without_stream_and_sequence(data: Data, microsecond: int) -> None:
    time = datetime(2026, 11, 22, 8, 5, 9, microsecond, tzinfo=UTC)
    stamp = Stamp(time, "6f9b0c52-0d6a-4c55-9d3a-3f6a52f1a001", 12_345, False)
    event_id, source = uuid7(), "/offices/yunqi/nodes/lobby/devices/door-1"
    event = Event.of(
        data, id=event_id, source=source, time=time, stream=uuid7(), sequence=1,
        bootid=stamp.boot_id, monotonicms=stamp.monotonic_ms, clocksync=False,
    )  # fmt: skip
    stored = envelope(data, event_id=event_id, source=source, stamp=stamp)
    assert stored == event.model_dump_json(exclude={"stream", "sequence"})


def test_a_file_that_takes_no_row_fails_the_whole_group(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    outbox = Outbox(path, Place("yunqi", "lobby"), Clock(), max_events=10_000)
    with sqlite3.connect(path) as file:
        file.execute("CREATE TRIGGER broken BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'no'); END")
    futures = [outbox.submit(lambda tx, n=n: work(tx, n, "look" if n == 2 else "append")) for n in range(4)]
    outbox.start()
    assert [type(future.exception(5)) for future in futures] == [sqlite3.IntegrityError] * 4
    assert outbox.rows == 0
    outbox.close()
