"""A full outbox makes room without lying: sums stay right, ranges that will never come are named."""

import json
import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from contracts.events import ButtonPressed, DoorCrossing, Tombstone, ZoneOccupancy
from contracts.ids import uuid7
from contracts.messages import Ack
from edge_agent.clock import Clock
from edge_agent.outbox import compaction
from edge_agent.outbox.settle import plug_hole, reserve, settle, start_new_stream
from edge_agent.outbox.writer import Outbox
from tests.edge_agent.outbox.conftest import MakeOutbox

STAMP = Clock().stamp()


def stored(path: Path) -> list[dict[str, Any]]:
    with sqlite3.connect(path) as connection:
        found = connection.execute("SELECT sequence, covers_from, stream, body FROM events ORDER BY sequence")
        return [{**json.loads(body), "sequence": s, "from": f, "stream": stream} for s, f, stream, body in found]


def covered(path: Path, start: int = 1) -> int:
    """The last sequence reached without a gap; asserts that there is none."""
    through = start - 1
    for event in stored(path):
        assert event["from"] <= through + 1, f"hole between {through} and {event['from']}"
        through = event["sequence"]
    return through


def cross(outbox: Outbox, count: int, *, seconds_apart: float = 1.0) -> None:
    for n in range(count):
        stamp = replace(STAMP, time=STAMP.time + timedelta(seconds=n * seconds_apart))
        future = outbox.submit(
            lambda tx, stamp=stamp: tx.append("door", DoorCrossing(count_in=1, count_out=2), stamp)  # type: ignore[misc]
        )
    future.result(10)


def people(path: Path) -> tuple[int, int]:
    data = [event["data"] for event in stored(path) if event["type"] == DoorCrossing.TYPE]
    return sum(d["count_in"] for d in data), sum(d["count_out"] for d in data)


def acknowledge(outbox: Outbox, committed: int, safe: int = 0) -> None:
    ack = Ack(stream=outbox.state.stream, committed=committed, safe=safe, epoch=uuid7())
    outbox.submit(lambda tx: settle(tx, ack, committed)).result(5)


def test_crossings_that_never_left_are_folded_into_minute_sums(make_outbox: MakeOutbox, tmp_path: Path) -> None:
    outbox = make_outbox(max_events=500)
    cross(outbox, 3000)
    assert outbox.rows <= 500 and outbox.state.dropped == 0
    assert people(tmp_path / "outbox.db") == (3000, 6000)
    assert covered(tmp_path / "outbox.db") == 3000 == outbox.state.last
    assert len({event["id"] for event in stored(tmp_path / "outbox.db")}) == outbox.rows


def test_folding_goes_on_behind_what_was_folded_already(
    make_outbox: MakeOutbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compaction, "CHUNK", 50)
    outbox = make_outbox(max_events=400)
    cross(outbox, 350, seconds_apart=60)
    cross(outbox, 2000, seconds_apart=0.01)
    assert outbox.state.dropped == 0 and outbox.rows <= 400
    assert people(tmp_path / "outbox.db") == (2350, 4700) and covered(tmp_path / "outbox.db") == 2350


def test_what_is_no_crossing_keeps_its_id_when_its_neighbours_are_folded(
    make_outbox: MakeOutbox, tmp_path: Path
) -> None:
    outbox = make_outbox(max_events=200)
    outbox.submit(lambda tx: tx.append("button", ButtonPressed(button="1"), STAMP)).result(5)
    before = stored(tmp_path / "outbox.db")[0]
    cross(outbox, 600)
    pressed = [event for event in stored(tmp_path / "outbox.db") if event["type"] == ButtonPressed.TYPE]
    assert [event["id"] for event in pressed] == [before["id"]]


def test_what_may_have_reached_the_gateway_is_never_folded(make_outbox: MakeOutbox, tmp_path: Path) -> None:
    outbox = make_outbox(max_events=300)
    cross(outbox, 100)
    outbox.submit(lambda tx: reserve(tx, 80)).result(5)
    offered = {event["sequence"]: event["id"] for event in stored(tmp_path / "outbox.db")[:80]}
    cross(outbox, 1000)
    kept = {event["sequence"]: event["id"] for event in stored(tmp_path / "outbox.db")[:80]}
    assert kept == offered
    assert people(tmp_path / "outbox.db") == (1100, 2200) and covered(tmp_path / "outbox.db") == 1100


def test_our_second_copy_of_what_the_gateway_has_goes_first(make_outbox: MakeOutbox, tmp_path: Path) -> None:
    outbox = make_outbox(max_events=200)
    cross(outbox, 180)
    acknowledge(outbox, 150)
    cross(outbox, 60)
    found = stored(tmp_path / "outbox.db")
    assert {event["type"] for event in found} == {DoorCrossing.TYPE}, "nothing had to be folded"
    assert covered(tmp_path / "outbox.db", start=found[0]["sequence"]) == 240


def test_dropping_is_the_last_resort_and_is_counted(make_outbox: MakeOutbox, tmp_path: Path) -> None:
    outbox = make_outbox(max_events=100)
    for n in range(1000):
        outbox.submit(lambda tx, n=n: tx.append("hall", ZoneOccupancy(total=n), STAMP)).result(5)  # type: ignore[misc]
    kept = [event for event in stored(tmp_path / "outbox.db") if event["type"] == ZoneOccupancy.TYPE]
    assert kept[-1]["data"]["total"] == 999 and outbox.rows <= 100
    assert outbox.state.dropped == 1000 - len(kept)
    assert covered(tmp_path / "outbox.db") == 1000


def test_what_is_safe_is_forgotten_and_nothing_else(make_outbox: MakeOutbox, tmp_path: Path) -> None:
    outbox = make_outbox()
    cross(outbox, 50)
    acknowledge(outbox, committed=40, safe=30)
    assert [event["sequence"] for event in stored(tmp_path / "outbox.db")] == list(range(31, 51)) and outbox.rows == 20


def test_a_hole_a_rebuilt_gateway_asks_for_is_told_with_a_tombstone(make_outbox: MakeOutbox, tmp_path: Path) -> None:
    outbox = make_outbox()
    cross(outbox, 50)
    acknowledge(outbox, committed=40, safe=30)
    acknowledge(outbox, committed=10, safe=0)
    outbox.submit(lambda tx: plug_hole(tx, 10, STAMP)).result(5)
    first = stored(tmp_path / "outbox.db")[0]
    assert (first["type"], first["sequence"]) == (Tombstone.TYPE, 30)
    assert first["data"] == {"from_sequence": 11, "through": 30, "reason": "pruned"}
    assert covered(tmp_path / "outbox.db", start=11) == 50


def test_when_nothing_is_kept_the_tombstone_covers_everything(make_outbox: MakeOutbox, tmp_path: Path) -> None:
    outbox = make_outbox()
    cross(outbox, 50)
    acknowledge(outbox, committed=50, safe=50)
    outbox.submit(lambda tx: plug_hole(tx, 0, STAMP)).result(5)
    assert covered(tmp_path / "outbox.db") == 50


def test_a_new_stream_takes_over_what_is_not_safe_under_the_same_ids(make_outbox: MakeOutbox, tmp_path: Path) -> None:
    outbox = make_outbox(max_events=200)
    cross(outbox, 600)
    before = [event["id"] for event in stored(tmp_path / "outbox.db") if event["type"] != Tombstone.TYPE]
    old = outbox.state.stream
    fresh = outbox.submit(start_new_stream).result(5)
    after = stored(tmp_path / "outbox.db")
    assert fresh != old and {event["stream"] for event in after} == {fresh}
    assert [event["id"] for event in after] == before
    assert covered(tmp_path / "outbox.db") == len(before) == outbox.state.last
    assert outbox.submit(lambda tx: tx.append("door", DoorCrossing(count_in=1, count_out=0), STAMP)).result(5) == (
        len(before) + 1
    )


def test_what_was_offered_in_the_old_stream_is_not_folded_in_the_new_one(
    make_outbox: MakeOutbox, tmp_path: Path
) -> None:
    outbox = make_outbox(max_events=300)
    cross(outbox, 100)
    outbox.submit(lambda tx: reserve(tx, 60)).result(5)
    outbox.submit(start_new_stream).result(5)
    offered = [event["id"] for event in stored(tmp_path / "outbox.db")[:60]]
    cross(outbox, 500)
    assert [event["id"] for event in stored(tmp_path / "outbox.db")[:60]] == offered
