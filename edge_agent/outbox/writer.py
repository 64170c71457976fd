"""The one thread that writes the outbox: work from every device and from the gateway is committed in groups."""

import logging
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

from edge_agent.clock import Clock
from edge_agent.counting import Moment
from edge_agent.outbox.compaction import make_room
from edge_agent.outbox.schema import open_outbox
from edge_agent.outbox.transaction import Place, StreamState, Transaction, load_state

T = TypeVar("T")
Work = Callable[[Transaction], T]
MAX_GROUP = 500
_log = logging.getLogger(__name__)


class Outbox:
    """Thread-safe. `submit` resolves after COMMIT: from then on the event survives kill -9 and power loss.

    `linger` seconds: how long a group waits for company; it bounds how often an SD card must flush. A piece of work
    that raises is rolled back alone; when the commit itself fails (disk full) everything in the group fails.
    """

    def __init__(self, path: Path, place: Place, clock: Clock, *, max_events: int, linger: float = 0.005) -> None:
        self.path = path
        self._place = place
        self._clock = clock
        self._max_events = max_events
        self._linger = linger
        self._connection = open_outbox(path)
        self._state = load_state(self._connection)
        self._rows: int = self._connection.execute("SELECT count(*) FROM events").fetchone()[0]
        self._last_read: dict[tuple[str, int], Moment] = {}
        self._folded_through = 0
        self._queue: queue.SimpleQueue[tuple[Work[Any], Future[Any]] | None] = queue.SimpleQueue()
        self._on_commit: list[Callable[[StreamState], None]] = []
        self._thread = threading.Thread(target=self._run, name="outbox-writer", daemon=True)
        self._accepting = threading.Lock()
        self._closed = False

    @property
    def state(self) -> StreamState:
        """The stream as of the last commit."""
        return self._state

    @property
    def rows(self) -> int:
        """Events held, tombstones included, as of the last commit."""
        return self._rows

    def on_commit(self, listener: Callable[[StreamState], None]) -> None:
        """Call `listener` on the writer's thread after every commit that changed the file. Register before `start`."""
        self._on_commit.append(listener)

    def start(self) -> None:
        self._thread.start()

    def submit(self, work: Work[T]) -> "Future[T]":
        """Run `work` in the next group. Raises RuntimeError after `close`."""
        future: Future[T] = Future()
        with self._accepting:
            if self._closed:
                raise RuntimeError("the outbox is closed")
            self._queue.put((work, future))
        return future

    def close(self) -> None:
        """Commit what was submitted, then close the file."""
        with self._accepting:
            if self._closed:
                return
            self._closed = True
            self._queue.put(None)
        if self._thread.is_alive():
            self._thread.join(10)
        self._connection.close()

    # ---- the writer's thread ------------------------------------------------------------------------------------
    def _run(self) -> None:
        running = True
        while running:
            group, running = self._gather()
            if group:
                self._commit_group(group)

    def _gather(self) -> tuple[list[tuple[Work[Any], Future[Any]]], bool]:
        first = self._queue.get()
        if first is None:
            return [], False
        group = [first]
        deadline = time.monotonic() + self._linger
        while len(group) < MAX_GROUP:
            try:
                item = self._queue.get(timeout=max(deadline - time.monotonic(), 0.0))
            except queue.Empty:
                break
            if item is None:
                return group, False
            group.append(item)
        return group, True

    def _commit_group(self, group: list[tuple[Work[Any], Future[Any]]]) -> None:
        outcomes: list[tuple[Future[Any], Any, BaseException | None]] = []
        before = self._connection.total_changes
        try:
            tx = self._execute(group, outcomes)
        except Exception as error:
            self._roll_back()
            _log.exception("the outbox could not commit", extra={"works": len(group)})
            for _, future in group:
                future.set_exception(error)
            return
        self._state, self._rows, self._last_read = tx.state, tx.rows, tx.last_read
        self._folded_through = tx.folded_through
        for future, result, failure in outcomes:
            if failure is None:
                future.set_result(result)
            else:
                future.set_exception(failure)
        if self._connection.total_changes != before:
            for listener in self._on_commit:
                listener(self._state)

    def _execute(
        self,
        group: list[tuple[Work[Any], Future[Any]]],
        outcomes: list[tuple[Future[Any], Any, BaseException | None]],
    ) -> Transaction:
        self._connection.execute("BEGIN IMMEDIATE")
        tx = Transaction(
            self._connection, self._place, self._state, self._rows, dict(self._last_read), self._folded_through
        )
        for work, future in group:
            outcomes.append((future, *self._isolated(tx, work)))
        if tx.rows > self._max_events:
            make_room(tx, self._max_events, self._clock.stamp())
        if tx.state != self._state:
            tx.save_state()
        self._connection.execute("COMMIT")
        return tx

    def _isolated(self, tx: Transaction, work: Work[Any]) -> tuple[Any, BaseException | None]:
        state, rows = tx.state, tx.rows
        self._connection.execute("SAVEPOINT work")
        try:
            result = work(tx)
        except Exception as failure:
            if not self._connection.in_transaction:
                raise  # SQLite gave up the whole transaction: the disk is full or broken
            self._connection.execute("ROLLBACK TO work")
            self._connection.execute("RELEASE work")
            tx.state, tx.rows = state, rows
            return None, failure
        self._connection.execute("RELEASE work")
        return result, None

    def _roll_back(self) -> None:
        try:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        except sqlite3.Error:
            _log.exception("the outbox could not roll back")
