"""What may be done to the outbox inside one transaction of the writer."""

import sqlite3
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from contracts.events import Data, DoorCrossing, Tombstone
from contracts.ids import uuid7
from contracts.topics import MAX_BATCH_BYTES, device_source
from edge_agent.allowance import Limits, Moment
from edge_agent.clock import Stamp
from edge_agent.counting import Step, Totals, advance
from edge_agent.increments import Interval, take
from edge_agent.outbox import counters
from edge_agent.outbox.envelope import envelope
from edge_agent.outbox.formats import format_of
from edge_agent.outbox.pending import Line, Pending
from edge_agent.outbox.schema import VERSION, OutboxError, connect

MAX_EVENT_BYTES = MAX_BATCH_BYTES - 512
"""One event and the brackets, stream and sequence around it must fit a batch."""
OUTBOX_DEVICE = "outbox"
_COUNT_MAX = 2**32


@dataclass(frozen=True, slots=True)
class Place:
    """The office and node whose outbox this is."""

    office: str
    node: str


@dataclass(frozen=True, slots=True)
class StreamState:
    """The one row of table `stream`. `dropped` counts events that were lost for want of room, ever."""

    stream: str
    next_sequence: int
    committed: int
    safe: int
    offered: int
    epoch: str | None
    dropped: int

    @property
    def last(self) -> int:
        return self.next_sequence - 1


@dataclass(frozen=True, slots=True)
class Reading:
    """Running totals of one line of a counter, as read at `stamp`.

    `reported_at`: the device's own clock, seconds; `day`: its own day (ISO) where its totals begin anew each day.
    """

    device: str
    line: int
    total_in: int
    total_out: int
    limits: Limits
    stamp: Stamp
    reported_at: float | None = None
    day: str = ""


@dataclass(frozen=True, slots=True)
class IntervalReading:
    """What one line of a counter says passed in an interval, as read at `stamp`."""

    device: str
    line: int
    interval: Interval
    limits: Limits
    stamp: Stamp


def load_state(connection: sqlite3.Connection) -> StreamState:
    row = connection.execute(
        "SELECT stream, next_sequence, committed, safe, offered, epoch, dropped FROM stream"
    ).fetchone()
    return StreamState(*row)


def reopened(path: Path, state: StreamState) -> sqlite3.Connection:
    """A connection to the outbox that is there again. Raises OutboxError unless it is exactly as it was left."""
    connection = connect(path)
    if format_of(connection) != VERSION or load_state(connection) != state:
        connection.close()
        raise OutboxError(f"{path} is not the outbox that was open: start the agent again to use it")
    return connection


class Transaction:
    """Handed to each piece of work. `state` is written back once, when the group commits; `rows` counts table `events`.

    `last_read`: what each counter line said last, also when that changed nothing and was not written, to spare the
    card. `folded_through`: rows up to it were already tried for folding. Between `keep` and `keep` lies one piece of
    work; `undo` takes it back.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        place: Place,
        state: StreamState,
        rows: int,
        last_read: dict[Line, Totals],
        folded_through: int = 0,
    ) -> None:
        self.pending = Pending(connection)
        self.place = place
        self.rows = rows
        self.last_read = last_read
        self.folded_through = folded_through
        self._state = state
        self._next = state.next_sequence
        self._heard: dict[Line, Totals] = {}
        self._kept = (state, self._next, rows, folded_through)

    @property
    def connection(self) -> sqlite3.Connection:
        """The file, with all that was appended so far."""
        return self.pending.seen()

    @property
    def state(self) -> StreamState:
        if self._next != self._state.next_sequence:
            self._state = replace(self._state, next_sequence=self._next)
        return self._state

    @state.setter
    def state(self, state: StreamState) -> None:
        self._state, self._next = state, state.next_sequence

    def keep(self) -> None:
        self.pending.keep()
        if self._heard:
            self.last_read |= self._heard
            self._heard = {}
        self._kept = (self._state, self._next, self.rows, self.folded_through)

    def undo(self) -> None:
        self.pending.undo()
        self._heard = {}
        self._state, self._next, self.rows, self.folded_through = self._kept

    def save_state(self) -> None:
        to = self.state
        self.connection.execute(
            "UPDATE stream SET stream=?, next_sequence=?, committed=?, safe=?, offered=?, epoch=?, dropped=?",
            (to.stream, to.next_sequence, to.committed, to.safe, to.offered, to.epoch, to.dropped),
        )

    def prove_writable(self) -> None:
        """Make the commit write: an UPDATE to what stands there already writes nothing (SQLite's
        btreeOverwriteContent, btree.c), and would pass on a disk that takes nothing.
        """
        self.connection.execute("INSERT INTO commands (id, expires_at) VALUES ('', 0)")
        self.connection.execute("DELETE FROM commands WHERE id=''")

    # ---- events -------------------------------------------------------------------------------------------------
    def append(self, device: str, data: Data, stamp: Stamp) -> int:
        """Accept one event; returns its sequence. Raises ValueError when it would not fit a batch."""
        sequence = self._next
        self.insert(sequence, sequence, device, data, stamp)
        self._next = sequence + 1
        return sequence

    def insert(self, sequence: int, covers_from: int, device: str, data: Data, stamp: Stamp) -> None:
        """Write a row at a chosen place of the stream."""
        event_id = uuid7()
        body = self._body(event_id, device, data, stamp)
        self.pending.add((self._state.stream, sequence, covers_from, event_id, data.TYPE, body))
        self.rows += 1

    def entomb(self, from_sequence: int, through: int, reason: str, stamp: Stamp) -> None:
        """Say that a range will never come. The row stands at `through`, which must be free."""
        tombstone = Tombstone(from_sequence=from_sequence, through=through, reason=reason)
        self.insert(through, from_sequence, OUTBOX_DEVICE, tombstone, stamp)

    def _body(self, event_id: str, device: str, data: Data, stamp: Stamp) -> str:
        source = device_source(self.place.office, self.place.node, device)
        body = envelope(data, event_id=event_id, source=source, stamp=stamp)
        if len(body) > MAX_EVENT_BYTES or (not body.isascii() and len(body.encode()) > MAX_EVENT_BYTES):
            raise ValueError(f"an event of {device} is larger than {MAX_EVENT_BYTES} bytes")
        return body

    # ---- counters -----------------------------------------------------------------------------------------------
    def count(self, reading: Reading) -> Step:
        """Turn totals into increments; the event and the totals it was made of are one transaction."""
        line = (reading.device, reading.line)
        last = self._last(line)
        moment = _moment(reading.stamp)
        now = Totals(reading.total_in, reading.total_out, moment, reading.reported_at, reading.day)
        step = advance(last, now, reading.limits)
        if not step.silent:
            self.append(reading.device, _crossing(reading, step), reading.stamp)
        if last is None or (step.accepted and _state(last) != _state(now)):
            now = replace(now, allowances=step.allowances)
            self.pending.remember(line, now)
            self._heard[line] = now
        elif step.accepted:
            self._heard[line] = replace(last, read_at=moment, allowances=step.allowances, resumed=False)
        return step

    def _last(self, line: Line) -> Totals | None:
        return self._heard.get(line) or self.last_read.get(line) or counters.totals(self.connection, *line)

    def count_interval(self, reading: IntervalReading) -> Step:
        """Count an interval once; the event and what makes the interval known again are one transaction.

        Raises ValueError for an interval that cannot be one.
        """
        connection, moment, line = self.connection, _moment(reading.stamp), (reading.device, reading.line)
        known = counters.known(connection, *line, reading.interval, moment)
        verdict = take(known, reading.interval, moment, reading.limits)
        if verdict.taken is not None:
            counters.put_interval(connection, *line, verdict.taken, verdict.replaced)
        step = verdict.step
        if not step.silent:
            crossing = DoorCrossing(
                line=reading.line, count_in=step.count_in, count_out=step.count_out, flags=list(step.flags)
            )
            self.append(reading.device, crossing, reading.stamp)
        return step

    # ---- commands -----------------------------------------------------------------------------------------------
    def begin_command(self, command_id: str, expires_at: datetime, now: datetime) -> "CommandRecord | None":
        """Claim a command. None when it is ours to execute, else what is known of the earlier time it came."""
        row = self.connection.execute("SELECT ok, error FROM commands WHERE id=?", (command_id,)).fetchone()
        if row is not None:
            return CommandRecord(None if row[0] is None else bool(row[0]), row[1] or "")
        self.connection.execute("DELETE FROM commands WHERE expires_at < ?", (now.timestamp() - _COMMAND_MEMORY,))
        self.connection.execute(
            "INSERT INTO commands (id, expires_at) VALUES (?, ?)", (command_id, expires_at.timestamp())
        )
        return None

    def end_command(self, command_id: str, ok: bool, error: str) -> None:
        self.connection.execute("UPDATE commands SET ok=?, error=? WHERE id=?", (ok, error, command_id))


@dataclass(frozen=True, slots=True)
class CommandRecord:
    """`ok` is None when the agent stopped between claiming the command and hearing how it went."""

    ok: bool | None
    error: str


_COMMAND_MEMORY = 24 * 3600.0


def _moment(stamp: Stamp) -> Moment:
    return Moment(stamp.time.timestamp(), stamp.boot_id, stamp.monotonic_ms / 1000)


def _state(totals: Totals) -> tuple[int, int, str]:
    """What must be written when it changes; that it was read once more is kept in memory, to spare the card."""
    return totals.total_in, totals.total_out, totals.day


def _crossing(reading: Reading, step: Step) -> DoorCrossing:
    audit_in, audit_out = (total if total <= _COUNT_MAX else None for total in (reading.total_in, reading.total_out))
    return DoorCrossing(
        line=reading.line,
        count_in=step.count_in,
        count_out=step.count_out,
        total_in=audit_in,
        total_out=audit_out,
        flags=list(step.flags),
    )
