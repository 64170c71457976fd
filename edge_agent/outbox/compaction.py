"""Making room in a full outbox.

In this order: give up our second copy of what the gateway has committed; fold door crossings that never left the
machine into one crossing per device line and minute; as a last resort drop the oldest that never left, which is an
alarm. What was offered and is unacknowledged is never touched: the gateway may have it already, and a changed event
under a known sequence would be a fork or a double count.

The same order bounds the age (`tidy`). What counts as old is judged by rows of this boot, on the clock nobody can set,
and else by rows whose wall clock was set: rows are in the order of their acceptance, so whatever stands before an old
one is older, whatever its own clock said. A wall clock that leaps by years while the agent runs makes nothing old.
"""

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from contracts.events import CROSSING_FLAGS, DoorCrossing, Tombstone
from contracts.ids import uuid7
from edge_agent.clock import Stamp
from edge_agent.outbox.transaction import Transaction

FOLDED = "folded"
DROPPED = "dropped"
CHUNK = 5000
"""Rows folded at a time: the writer is busy for some 100 ms."""

_LAST = 2**63 - 1

_Stored = tuple[int, int, str, str, str]
"""sequence, covers_from, id, type, body"""


@dataclass(frozen=True, slots=True)
class Ages:
    """`fold`: older crossings that never left become minute sums. `keep`: nothing older is kept at all."""

    fold: timedelta
    keep: timedelta


@dataclass(frozen=True, slots=True)
class _Kept:
    id: str
    type: str
    body: str


def make_room(tx: Transaction, max_events: int, stamp: Stamp) -> None:
    """Bring the number of rows to `max_events` or less, and so far below that the next time is not at once."""
    _prune_committed(tx, tx.rows - (max_events - max_events // 10))
    _fold_down_to(tx, max_events, stamp)
    if tx.rows > max_events:
        # Everything was folded once: sums of one minute from several foldings may still become one.
        tx.folded_through = 0
        roomy = max_events - max(max_events // 100, 1)
        _fold_down_to(tx, roomy, stamp)
        _drop(tx, tx.rows - roomy, stamp)


def allowed_rows(tx: Transaction, max_events: int, max_bytes: int) -> int:
    """How many rows may stay when the file may hold `max_bytes`, judged by the size of those that are there."""
    used = live_bytes(tx)
    return max_events if used <= max_bytes else min(max_events, max(tx.rows * max_bytes // used, 1))


def live_bytes(tx: Transaction) -> int:
    """The file without its free pages."""
    pages, free, size = (
        tx.connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)


def tidy(tx: Transaction, ages: Ages, stamp: Stamp) -> None:
    """Do what age asks for. Nothing while our own clock is not set: then no age can be told."""
    if not stamp.synced:
        return
    gone = _older_than(tx, stamp, ages.keep)
    tx.rows -= tx.connection.execute(
        "DELETE FROM events WHERE stream=? AND sequence<=?", (tx.state.stream, min(gone, tx.state.committed))
    ).rowcount
    while _drop_next(tx, gone, stamp):
        pass
    old = _older_than(tx, stamp, ages.fold)
    while tx.folded_through < old and _fold_next(tx, stamp, old):
        pass


def _older_than(tx: Transaction, stamp: Stamp, age: timedelta) -> int:
    """The last sequence of those that are certainly older, 0 when there is none."""
    found = 0
    rows = tx.connection.execute(
        """SELECT sequence, json_extract(body, '$.time'), json_extract(body, '$.clocksync'),
                  json_extract(body, '$.bootid'), json_extract(body, '$.monotonicms')
           FROM events WHERE stream=? ORDER BY sequence""",
        (tx.state.stream,),
    )
    for sequence, at, synced, boot, monotonic_ms in rows:
        if boot == stamp.boot_id != "":
            old = timedelta(milliseconds=stamp.monotonic_ms - monotonic_ms) > age
        elif synced:
            old = datetime.fromisoformat(at) < stamp.time - age
        else:
            continue
        if not old:
            break
        found = sequence
    return found


def _prune_committed(tx: Transaction, wanted: int) -> None:
    """Oldest first. The hole is told to a rebuilt gateway that asks for it (`settle.plug_hole`)."""
    tx.rows -= tx.connection.execute(
        """DELETE FROM events WHERE stream=?1 AND sequence IN
           (SELECT sequence FROM events WHERE stream=?1 AND sequence<=?2 ORDER BY sequence LIMIT ?3)""",
        (tx.state.stream, tx.state.committed, max(wanted, 0)),
    ).rowcount


def _never_offered(tx: Transaction, limit: int, after: int = 0, through: int = _LAST) -> list[_Stored]:
    floor = max(tx.state.offered, tx.state.committed, after)
    return tx.connection.execute(
        """SELECT sequence, covers_from, id, type, body FROM events WHERE stream=? AND sequence>? AND sequence<=?
           ORDER BY sequence LIMIT ?""",
        (tx.state.stream, floor, through, limit),
    ).fetchall()


def _fold_down_to(tx: Transaction, rows: int, stamp: Stamp) -> None:
    while tx.rows > rows and _fold_next(tx, stamp):
        pass


def _fold_next(tx: Transaction, stamp: Stamp, through: int = _LAST) -> bool:
    """Fold the rows after those folded last; false when there are none."""
    rows = _never_offered(tx, CHUNK, tx.folded_through, through)
    if not rows:
        return False
    tx.folded_through = rows[-1][0]
    kept = _folded(rows)
    if len(rows) - len(kept) >= 2:
        _replace(tx, rows, kept, FOLDED, stamp)
    return True


def _drop(tx: Transaction, wanted: int, stamp: Stamp) -> None:
    if wanted <= 0:
        return
    rows = _never_offered(tx, wanted + 1)  # the tombstone takes a row of its own
    if len(rows) >= 2:
        _give_up(tx, rows, stamp)


def _drop_next(tx: Transaction, through: int, stamp: Stamp) -> bool:
    """Drop some rows that never left; false when there is nothing but a tombstone."""
    rows = _never_offered(tx, CHUNK, 0, through)
    if len(rows) < 2 and all(kind == Tombstone.TYPE for _, _, _, kind, _ in rows):
        return False
    _give_up(tx, rows, stamp)
    return True


def _give_up(tx: Transaction, rows: list[_Stored], stamp: Stamp) -> None:
    lost = sum(kind != Tombstone.TYPE for _, _, _, kind, _ in rows)
    _replace(tx, rows, [], DROPPED, stamp)
    tx.state = replace(tx.state, dropped=tx.state.dropped + lost)


def _replace(tx: Transaction, rows: list[_Stored], kept: list[_Kept], reason: str, stamp: Stamp) -> None:
    """Put `kept` at the end of the range of `rows` and a tombstone over the rest."""
    stream, first, last = tx.state.stream, min(row[1] for row in rows), rows[-1][0]
    tx.connection.execute("DELETE FROM events WHERE stream=? AND sequence BETWEEN ? AND ?", (stream, rows[0][0], last))
    start = last - len(kept) + 1
    tx.connection.executemany(
        "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)",
        [(stream, place, place, event.id, event.type, event.body) for place, event in enumerate(kept, start)],
    )
    tx.rows += len(kept) - len(rows)
    tx.entomb(first, start - 1, reason, stamp)


def _folded(rows: list[_Stored]) -> list[_Kept]:
    """Sums in the order of their last crossing, everything else as it was; older tombstones are absorbed."""
    sums: dict[tuple[str, int, str], dict[str, Any]] = {}
    kept: list[_Kept | dict[str, Any]] = []
    for _, _, event_id, kind, body in rows:
        if kind == Tombstone.TYPE:
            continue
        if kind != DoorCrossing.TYPE:
            kept.append(_Kept(event_id, kind, body))
            continue
        envelope = json.loads(body)
        minute = (envelope["source"], envelope["data"]["line"], envelope["time"][:16])
        if minute in sums:
            _add(sums[minute], envelope)
        else:
            sums[minute] = envelope
            kept.append(envelope)
    return [item if isinstance(item, _Kept) else _sealed(item) for item in kept]


def _add(total: dict[str, Any], later: dict[str, Any]) -> None:
    """The sum carries the time and the device's totals of its last crossing."""
    before, data = total["data"], later["data"]
    merged = {
        **data,
        "count_in": before["count_in"] + data["count_in"],
        "count_out": before["count_out"] + data["count_out"],
        "flags": [flag for flag in CROSSING_FLAGS if flag in {*before["flags"], *data["flags"]}],
    }
    total.update({**later, "data": merged, "folded": True})


def _sealed(envelope: dict[str, Any]) -> _Kept:
    """A sum is a new event; a crossing that was alone in its minute keeps its id."""
    if envelope.pop("folded", False):
        envelope["id"] = uuid7()
    return _Kept(envelope["id"], DoorCrossing.TYPE, json.dumps(envelope, ensure_ascii=False, separators=(",", ":")))
