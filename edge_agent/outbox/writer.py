"""The one thread that writes the outbox: work from every device and from the gateway is committed in groups."""

import logging
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from edge_agent.clock import Clock
from edge_agent.counting import Totals
from edge_agent.outbox.compaction import Ages, allowed_rows, make_room, tidy
from edge_agent.outbox.pending import Line
from edge_agent.outbox.schema import OutboxError, open_outbox
from edge_agent.outbox.storage import Fault, OutboxFullError, fault_of, identity, is_storage, read_only, roll_back
from edge_agent.outbox.transaction import Place, StreamState, Transaction, load_state, reopened

T = TypeVar("T")
Work = Callable[[Transaction], T]
MAX_GROUP = 500
_BUSY, _COMPANY = 4, 64
"""So many that came while a group waited are worth waiting as long once more, and so many are enough."""
MAX_WAITING = 1000
"""Events kept in memory while the disk takes none: about 1 MB, and an hour of a busy door."""
RETRY_SECONDS = 1.0
MAX_BYTES = 2**30
_MEASURE_EVERY = 64
"""Rows more or fewer before the size of the file is asked for again."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Piece:
    work: Work[Any]
    future: Future[Any]
    waits: bool

    def fail(self, error: BaseException) -> None:
        self.future.set_exception(error)


class Outbox:
    """Thread-safe. `submit` resolves after COMMIT: from then on the event survives kill -9 and power loss.

    `linger` seconds: how long a group waits for company, twice that under load; it bounds how often an SD card must
    flush. A piece of work
    that raises is rolled back alone. When the disk takes nothing (`fault`), what may wait is tried again every second,
    in its order, `MAX_WAITING` pieces at most; what may not, fails at once.
    """

    def __init__(
        self,
        path: Path,
        place: Place,
        clock: Clock,
        *,
        max_events: int,
        max_bytes: int = MAX_BYTES,
        linger: float = 0.005,
    ) -> None:
        self.path = path
        self._place = place
        self._clock = clock
        self._max_events = max_events
        self._max_bytes = max_bytes
        self._allowed = max_events
        self._measured = -_MEASURE_EVERY
        self._linger = linger
        self._connection = open_outbox(path)
        self._file = identity(path)
        self.opened = 1  # whoever reads beside the writer opens the file again when this changes
        self._state = load_state(self._connection)
        self._rows: int = self._connection.execute("SELECT count(*) FROM events").fetchone()[0]
        self._last_read: dict[Line, Totals] = {}
        self._folded_through = 0
        self._queue: queue.SimpleQueue[_Piece | None] = queue.SimpleQueue()
        self._waiting: list[_Piece] = []
        self._waiting_allowed = True
        self._fault: Fault | None = None
        self._trouble: BaseException | None = None
        self._retry_at = 0.0
        self._refused = 0
        self._busy_since: float | None = None
        self._on_commit: list[Callable[[StreamState], None]] = []
        self._on_fault: list[Callable[[Fault | None], None]] = []
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

    @property
    def fault(self) -> Fault | None:
        """Why the disk takes nothing now, or None."""
        return self._fault

    @property
    def refused(self) -> int:
        """Events that could neither be written nor wait, since the agent began."""
        return self._refused

    def stuck(self, seconds: float) -> str:
        """What is wrong when one group has taken longer than `seconds`, else an empty text."""
        since = self._busy_since
        if since is not None and time.monotonic() - since > seconds:
            return "the outbox's writer"
        return "" if self._thread.is_alive() or self._closed else "the outbox's writer ended"

    def on_fault(self, listener: Callable[[Fault | None], None]) -> None:
        """Call `listener` on the writer's thread when the disk fails or takes again. Register before `start`."""
        self._on_fault.append(listener)

    def on_commit(self, listener: Callable[[StreamState], None]) -> None:
        """Call `listener` on the writer's thread after every commit that changed the file. Register before `start`."""
        self._on_commit.append(listener)

    def start(self) -> None:
        self._thread.start()

    def submit(self, work: Work[T], *, wait: bool = False) -> "Future[T]":
        """Run `work` in the next group. Raises RuntimeError after `close`.

        `wait`: nobody can ask the device again, so that it waits for a disk that takes nothing. It may then be run
        more than once, each time on the state as it is, until one of them is committed.
        """
        future: Future[T] = Future()
        with self._accepting:
            if self._closed:
                raise RuntimeError("the outbox is closed")
            self._queue.put(_Piece(work, future, wait))
        return future

    def tidy(self, ages: Ages) -> "Future[None]":
        """Give up what is too old; to be asked for now and then."""
        stamp = self._clock.stamp()
        return self.submit(lambda tx: tidy(tx, ages, stamp))

    def look(self) -> None:
        """Find out about a disk that turned read-only while nobody wrote; to be asked for now and then."""
        if self._fault is None and read_only(self.path):
            self.submit(Transaction.prove_writable)

    def stop_waiting(self) -> None:
        """Let what waits for the disk fail, now and from now on: the agent stops."""
        self._waiting_allowed = False

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
            if group or self._fault is not None:
                self._busy_since = time.monotonic()
                self._commit_or_wait(group)
                self._busy_since = None
        for piece in self._waiting:
            piece.fail(RuntimeError("the outbox is closed"))

    def _gather(self) -> tuple[list[_Piece], bool]:
        try:
            first = self._queue.get(timeout=None if self._fault is None else RETRY_SECONDS)
        except queue.Empty:
            return [], True
        if first is None:
            return [], False
        group = [first]
        self._let_company_come()
        while len(group) < MAX_GROUP:
            try:
                item = self._queue.get_nowait()
            except queue.Empty:
                break
            if item is None:
                return group, False
            group.append(item)
        return group, True

    def _let_company_come(self) -> None:
        """Asleep, not woken by each that comes: every time that took the interpreter from a device's thread."""
        if not self._linger:
            return  # even a sleep of nothing takes a tenth of a millisecond
        time.sleep(self._linger)
        if _BUSY <= self._queue.qsize() < _COMPANY:
            time.sleep(self._linger)

    def _commit_or_wait(self, group: list[_Piece]) -> None:
        """A disk that takes nothing is tried once a second, however much arrives."""
        if self._trouble is not None and time.monotonic() < self._retry_at:
            self._set_aside(group, self._trouble)
            return
        if self._fault is not None and identity(self.path) not in (None, self._file):
            self._open_again()
        waited, self._waiting = self._waiting, []
        self._commit_group([*waited, *group])

    def _open_again(self) -> None:
        """The disk was pulled out and put back, or mounted anew: the file that is open belongs to the dead one."""
        try:
            fresh = reopened(self.path, self._state)
        except (OutboxError, sqlite3.Error) as error:
            _log.error("the outbox that came back cannot be taken up", extra={"error": str(error)})
            return
        with suppress(sqlite3.Error):
            self._connection.close()
        self._connection, self._file, self._last_read = fresh, identity(self.path), {}
        self.opened += 1

    def _commit_group(self, group: list[_Piece]) -> None:
        outcomes: list[tuple[_Piece, Any, BaseException | None]] = []
        before = self._connection.total_changes
        try:
            tx = self._execute(group, outcomes)
        except Exception as error:
            roll_back(self._connection)
            self._fail(group, error)
            return
        self._state, self._rows, self._last_read = tx.state, tx.rows, tx.last_read
        self._folded_through = tx.folded_through
        self._become(None, None)
        for piece, result, failure in outcomes:
            if failure is None:
                piece.future.set_result(result)
            else:
                piece.fail(failure)
        if self._connection.total_changes != before:
            for listener in self._on_commit:
                listener(self._state)

    def _fail(self, group: list[_Piece], error: Exception) -> None:
        if is_storage(error):
            self._retry_at = time.monotonic() + RETRY_SECONDS
            self._become(fault_of(self.path, error), error)
            self._set_aside(group, error)
            return
        _log.error("the outbox could not commit", extra={"works": len(group)}, exc_info=error)
        for piece in group:
            piece.fail(error)

    def _become(self, fault: Fault | None, error: BaseException | None) -> None:
        self._trouble = error
        if fault == self._fault:
            return
        self._fault = fault
        if fault is None:
            _log.info("the disk takes events again", extra={"refused": self._refused})
        else:
            _log.error("the disk takes nothing", extra={"fault": fault, "error": str(error)})
        for listener in self._on_fault:
            listener(fault)

    def _set_aside(self, group: list[_Piece], error: BaseException) -> None:
        for piece in group:
            if not piece.waits or not self._waiting_allowed:
                piece.fail(error)
            elif len(self._waiting) < MAX_WAITING:
                self._waiting.append(piece)
            else:
                self._refused += 1
                piece.fail(OutboxFullError(f"{self._fault}: {MAX_WAITING} events wait already"))

    def _execute(self, group: list[_Piece], outcomes: list[tuple[_Piece, Any, BaseException | None]]) -> Transaction:
        self._connection.execute("BEGIN IMMEDIATE")
        tx = Transaction(
            self._connection, self._place, self._state, self._rows, dict(self._last_read), self._folded_through
        )
        for piece in group:
            outcomes.append((piece, *self._isolated(tx, piece.work)))
        if abs(tx.rows - self._measured) >= _MEASURE_EVERY:
            self._measured, self._allowed = tx.rows, allowed_rows(tx, self._max_events, self._max_bytes)
        if tx.rows > self._allowed:
            make_room(tx, self._allowed, self._clock.stamp())
        if tx.state != self._state:
            tx.save_state()
        if self._fault is not None:
            tx.prove_writable()
        tx.pending.write()
        self._connection.execute("COMMIT")
        return tx

    def _isolated(self, tx: Transaction, work: Work[Any]) -> tuple[Any, BaseException | None]:
        try:
            result = work(tx)
        except Exception as failure:
            if tx.pending.failed or is_storage(failure) or not self._connection.in_transaction:
                raise  # SQLite may have given up the whole transaction
            tx.undo()
            return None, failure
        tx.keep()
        return result, None
