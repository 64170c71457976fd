"""Streams and taken events as the database keeps them. Plain statements: this is the hottest path of the gateway."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection
from sqlmodel import Session, col, delete, select

from contracts.messages import Ack
from gateway.ingest.domain import Judged
from gateway.ingest.tables import NodeStream, TakenEvent
from gateway.prepared import run, run_each
from gateway.tables import to_micros

_INSERT = """
INSERT INTO events (id, stream, sequence, node, device, type, time, device_time, received_at, late, clock_wrong, data)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_SAVE = """
INSERT INTO streams (stream, node, committed, safe, refused, first_at, last_at) VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (stream) DO UPDATE SET
  committed = excluded.committed, safe = excluded.safe, refused = excluded.refused, last_at = excluded.last_at
"""
_MARK = """
INSERT INTO safe_marks (uplink_sequence, stream, sequence) VALUES (?, ?, ?)
ON CONFLICT (uplink_sequence, stream) DO UPDATE SET sequence = excluded.sequence
"""
_OTHER_ID = """
SELECT 1 FROM events WHERE stream = ? AND sequence = ? AND id <> ?
UNION ALL SELECT 1 FROM dead_letters
  WHERE stream = ? AND sequence = ? AND event_id <> ? AND reason <> 'other_nodes_stream'
LIMIT 1
"""
_MARK_ALL = """
INSERT INTO safe_marks (uplink_sequence, stream, sequence)
SELECT (SELECT last_sequence FROM uplink_stream), stream, committed FROM streams WHERE committed > safe
ON CONFLICT (uplink_sequence, stream) DO UPDATE SET sequence = excluded.sequence
"""
_BACKED_UP = """
UPDATE streams SET safe = min(?, committed) WHERE stream = ? AND safe < ?
RETURNING stream, node, committed, safe, refused
"""
_MOVE_SAFE = """
UPDATE streams SET safe = max(safe, coalesce(
  (SELECT max(sequence) FROM safe_marks WHERE safe_marks.stream = streams.stream AND uplink_sequence <= ?), safe))
WHERE stream IN (SELECT stream FROM safe_marks WHERE uplink_sequence <= ?)
RETURNING stream, node, committed, safe, refused
"""


@dataclass(slots=True)
class StreamState:
    """Where one stream stands during a unit of work."""

    stream: str
    node: str
    committed: int = 0
    safe: int = 0
    refused: str | None = None
    touched: bool = False

    def ack(self, epoch: str) -> Ack:
        forked: bool = self.refused is not None
        return Ack(
            stream=self.stream,
            committed=self.committed,
            safe=self.safe,
            epoch=epoch,
            refused="forked" if forked else None,
        )


def load(connection: Connection, stream: str, node: str) -> StreamState:
    """The stored state, or that of a stream nobody has heard of."""
    query = "SELECT node, committed, safe, refused FROM streams WHERE stream = ?"
    rows = run(connection, query, (stream,))
    return StreamState(stream, *rows[0]) if rows else StreamState(stream, node)


def known_ids(connection: Connection, ids: Sequence[str]) -> set[str]:
    marks = ", ".join("?" * len(ids))
    return {found for (found,) in run(connection, f"SELECT id FROM events WHERE id IN ({marks})", ids)}  # noqa: S608


def another_id_is_there(connection: Connection, stream: str, sequence: int, event_id: str) -> bool:
    """Whether this place of the stream was taken by an event with another id."""
    place = (stream, sequence, event_id)
    return bool(run(connection, _OTHER_ID, place + place))


def insert(connection: Connection, taken: Iterable[Judged], *, node: str, received_at: datetime) -> None:
    received = to_micros(received_at)
    rows = (
        (
            judged.event.id,
            judged.event.stream,
            judged.event.sequence,
            node,
            judged.device,
            judged.event.type,
            to_micros(judged.event.time),
            to_micros(judged.device_time),
            received,
            judged.late,
            judged.clock_wrong,
            judged.data.kept().model_dump_json(),
        )
        for judged in taken
    )
    run_each(connection, _INSERT, rows)


def save(connection: Connection, state: StreamState, now: datetime) -> None:
    at = to_micros(now)
    values = (state.stream, state.node, state.committed, state.safe, state.refused, at, at)
    run(connection, _SAVE, values)


def mark(connection: Connection, state: StreamState, uplink_sequence: int) -> None:
    """Remember that the stream up to `committed` is safe once central has `uplink_sequence`."""
    run(connection, _MARK, (uplink_sequence, state.stream, state.committed))


def pass_safe(connection: Connection, uplink_safe: int) -> list[StreamState]:
    """Central has everything up to `uplink_safe`: move the nodes' streams; return those that were waiting."""
    rows = connection.exec_driver_sql(_MOVE_SAFE, (uplink_safe, uplink_safe)).all()
    connection.exec_driver_sql("DELETE FROM safe_marks WHERE uplink_sequence <= ?", (uplink_safe,))
    return [StreamState(*row) for row in rows]


def begin(connection: Connection, safe_by: str) -> None:
    """The configuration may have changed since the last start: wait for what it now names, and for nothing else."""
    if safe_by == "here":
        connection.exec_driver_sql("UPDATE streams SET safe = committed")
    if safe_by == "central":
        connection.exec_driver_sql(_MARK_ALL)
    else:
        connection.exec_driver_sql("DELETE FROM safe_marks")


def backed_up(connection: Connection, positions: Iterable[tuple[str, int]]) -> list[StreamState]:
    """A backup holds each stream up to its position: return those streams whose safe watermark moved."""
    moved = [connection.exec_driver_sql(_BACKED_UP, (at, stream, at)).one_or_none() for stream, at in positions]
    return [StreamState(*row) for row in moved if row is not None]


def heard_since(session: Session, at: datetime) -> list[StreamState]:
    rows = session.exec(select(NodeStream).where(NodeStream.last_at >= at))
    return [StreamState(row.stream, row.node, row.committed, row.safe, row.refused) for row in rows]


def forget_before(session: Session, at: datetime) -> None:
    """Drop old events. Their place in the stream stays taken: a repeat counts as seen."""
    session.exec(delete(TakenEvent).where(col(TakenEvent.received_at) < at))
