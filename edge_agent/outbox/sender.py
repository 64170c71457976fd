"""Sends what the outbox holds, at once when something is committed, again when nobody acknowledged it."""

import json
import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass
from functools import partial

from contracts.messages import Ack
from contracts.topics import MAX_BATCH_BYTES
from edge_agent.clock import Clock
from edge_agent.outbox.delivery import Delivery
from edge_agent.outbox.schema import connect
from edge_agent.outbox.settle import Row, plug_hole, reserve, settle, start_new_stream
from edge_agent.outbox.transaction import StreamState, Transaction
from edge_agent.outbox.writer import Outbox

_log = logging.getLogger(__name__)
_TICK_SECONDS = 0.25
_ROWS_READ = 64
_FOLLOWING = """
SELECT json_group_array(json_array(sequence, covers_from, body)) FROM (
  SELECT sequence, covers_from, body FROM events WHERE stream=? AND sequence>? ORDER BY sequence LIMIT ?)
"""
_RESERVED_AHEAD = 4096
_WRITER_PATIENCE = 10.0
_SETTLE_SECONDS = 0.2
"""Nobody waits for it: settled this much later, many acknowledgements cost one commit of the card and not one each."""

Publish = Callable[[bytes], bool]
"""Hands one batch to the broker's client; false when it was not taken."""


@dataclass(frozen=True, slots=True)
class Batch:
    payload: bytes
    through: int


def render(stream: str, row: Row) -> bytes:
    """One event as JSON: the stored envelope with its present stream and sequence."""
    return f'{row.body[:-1]},"stream":"{stream}","sequence":{row.sequence}}}'.encode()


def pack(stream: str, rows: list[Row], after: int) -> Batch | None:
    """As many contiguous rows following `after` as fit one batch; None when the next one is missing."""
    parts: list[bytes] = []
    size, through = 2, after
    for row in rows:
        event = render(stream, row)
        if row.covers_from > through + 1 or size + len(event) + 1 > MAX_BATCH_BYTES:
            break
        parts.append(event)
        size += len(event) + 1
        through = row.sequence
    return Batch(b"[" + b",".join(parts) + b"]", through) if parts else None


def _read(reader: sqlite3.Connection, stream: str, after: int) -> list[Row]:
    """In one step: each step of a query lets go of the interpreter, and a busy agent gives it back late (ADR 081)."""
    (found,) = reader.execute(_FOLLOWING, (stream, after, _ROWS_READ)).fetchone()
    return sorted((Row(*row) for row in json.loads(found)), key=lambda row: row.sequence)


class Sender:
    """One thread. `on_ack`, `on_connect` and `on_disconnect` are called from the broker client's thread."""

    def __init__(self, outbox: Outbox, publish: Publish, clock: Clock, *, max_events: int) -> None:
        self._outbox = outbox
        self._publish = publish
        self._clock = clock
        # What is reserved can no longer be folded: a small outbox must keep most of itself foldable.
        self._ahead = max(1, min(_RESERVED_AHEAD, max_events // 8))
        self._delivery = Delivery(outbox.state.stream, outbox.state.committed, outbox.state.epoch)
        self._changed = threading.Condition()
        self._stopping = False
        self._unsettled: tuple[Ack, int] | None = None
        self._settling: tuple[Ack, int] | None = None
        self._settle_at: float | None = None
        self._wakes_at = 0.0
        self._beat = time.monotonic()
        self._failure = ""
        self._thread = threading.Thread(target=self._run, name="outbox-sender", daemon=True)
        outbox.on_commit(self._on_commit)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        with self._changed:
            self._stopping = True
            self._settle_if_due(float("inf"))
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(_WRITER_PATIENCE + 1)

    def stuck(self, seconds: float) -> str:
        """What is wrong when nothing moved for `seconds`, else an empty text. It may wait for the writer meanwhile."""
        silent = time.monotonic() - self._beat > max(seconds, _TICK_SECONDS * 4)
        return "the outbox's sender" if silent and not self._stopping else ""

    # ---- what happens to us -------------------------------------------------------------------------------------
    def _on_commit(self, state: StreamState) -> None:
        """Wakes the sender only when it would sleep too long: each time it takes the interpreter from the devices."""
        with self._changed:
            now = time.monotonic()
            hold = self._delivery.hold(state.last, now)
            if hold is not None and now + hold < self._wakes_at:
                self._changed.notify_all()

    def on_connect(self) -> None:
        with self._changed:
            self._delivery.on_connect()
            self._changed.notify_all()

    def on_disconnect(self) -> None:
        with self._changed:
            self._delivery.on_disconnect()

    def on_ack(self, ack: Ack) -> None:
        with self._changed:
            last = max(self._outbox.state.last, self._delivery.cursor)
            outcome = self._delivery.on_ack(ack, last, time.monotonic())
            if outcome == "settle":
                already_queued = self._unsettled is not None
                self._unsettled = (ack, self._delivery.committed)
                if not already_queued:
                    self._settle_at = time.monotonic() + _SETTLE_SECONDS
            self._changed.notify_all()
        if outcome == "new_stream":
            _log.error("the stream is no longer taken, starting a new one", extra={"stream": ack.stream})
            self._outbox.submit(start_new_stream).add_done_callback(self._restart)

    def _settle_if_due(self, now: float) -> None:
        if self._settle_at is not None and now >= self._settle_at:
            self._settle_at = None
            self._outbox.submit(self._settle_latest, wait=True).add_done_callback(self._settled)

    def _settle_latest(self, tx: Transaction) -> None:
        """Acknowledgements that arrived meanwhile are settled together."""
        with self._changed:
            self._settling = self._unsettled
        if self._settling is not None:
            settle(tx, *self._settling)

    def _settled(self, future: "Future[None]") -> None:
        with self._changed:
            if future.exception() is not None or self._unsettled is self._settling:
                self._unsettled = None
            else:
                self._settle_at = time.monotonic() + _SETTLE_SECONDS

    def _restart(self, fresh: "Future[str]") -> None:
        if fresh.exception() is not None:
            _log.error("a new stream could not be written, trying again", extra={"error": str(fresh.exception())})
            retry = threading.Timer(
                _TICK_SECONDS, lambda: self._outbox.submit(start_new_stream).add_done_callback(self._restart)
            )
            retry.daemon = True
            retry.start()
            return
        with self._changed:
            self._delivery.restart(fresh.result())
            self._changed.notify_all()

    # ---- the sender's thread ------------------------------------------------------------------------------------
    def _run(self) -> None:
        while self._wait():
            opened = self._outbox.opened
            try:
                with closing(connect(self._outbox.path)) as reader:
                    self._send_from(reader, opened)
            except Exception as error:
                self._tell_once(error)
                time.sleep(_TICK_SECONDS)

    def _send_from(self, reader: sqlite3.Connection, opened: int) -> None:
        """Until it stops, or the file was opened again."""
        while self._wait() and self._outbox.opened == opened:
            self._send_one(reader)
            self._failure = ""

    def _tell_once(self, error: Exception) -> None:
        """A full disk fails four times a second: the log has it once."""
        if str(error) != self._failure:
            self._failure = str(error)
            _log.error("sending failed, trying again", exc_info=error)

    def _wait(self) -> bool:
        """True when there is a batch to send; false when stopping."""
        with self._changed:
            while not self._stopping:
                self._beat = now = time.monotonic()
                self._settle_if_due(now)
                if self._delivery.on_tick(now):
                    _log.warning("not acknowledged, sending again", extra={"after": self._delivery.committed})
                hold = self._delivery.hold(self._outbox.state.last, now)
                if hold == 0:
                    return True
                due = [_TICK_SECONDS if hold is None else hold]
                if self._settle_at is not None:
                    due.append(self._settle_at - now)
                self._wakes_at = now + max(min(due), 0.001)
                self._changed.wait(self._wakes_at - now)
            return False

    def _send_one(self, reader: sqlite3.Connection) -> None:
        with self._changed:
            stream, cursor = self._delivery.stream, self._delivery.cursor
        if stream is None:
            return
        batch = pack(stream, _read(reader, stream, cursor), cursor)
        if batch is None:
            self._plug(stream, cursor)
            return
        if batch.through > self._outbox.state.offered:
            self._outbox.submit(partial(reserve, through=batch.through + self._ahead)).result(_WRITER_PATIENCE)
            return  # what is above the old mark may have been folded meanwhile: read it again
        if not self._publish(batch.payload):
            time.sleep(_TICK_SECONDS)
            return
        with self._changed:
            if (self._delivery.stream, self._delivery.cursor) == (stream, cursor):
                self._delivery.sent(batch.through, time.monotonic())

    def _plug(self, stream: str, after: int) -> None:
        def work(tx: Transaction) -> None:
            if tx.state.stream == stream:
                plug_hole(tx, after, self._clock.stamp())

        self._outbox.submit(work).result(_WRITER_PATIENCE)
