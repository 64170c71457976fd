"""The one writer: a thread that groups units of work into transactions, because a commit costs more than its rows.

Each unit runs in a savepoint of its own. A unit that fails takes only itself back; a group whose COMMIT fails takes
all its units back, and each caller is told. Nothing is reported to a caller before the COMMIT it depends on.
"""

import asyncio
import logging
import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeVar

from sqlalchemy import Connection
from sqlmodel import Session

from contracts.events import Data
from contracts.values import utc_now
from gateway.database import Database
from gateway.uplink import outbox

log = logging.getLogger(__name__)
T = TypeVar("T")
Topic = Literal["offers", "floor", "queue", "greetings", "alerts", "readings"]
Done = Callable[[Any, BaseException | None], None]

GROUP_UNITS = 200
GROUP_SECONDS = 0.005


class UnitOfWork:
    """What one unit may touch. `session` lives in the unit's savepoint; `now` is gateway time."""

    def __init__(self, session: Session, now: datetime, source: str, on_fact: "OnFact | None" = None) -> None:
        self.session = session
        self.now = now
        self._source = source
        self._on_fact = on_fact
        self.changes: list[tuple[Topic, str | None]] = []
        self.actions: list[Callable[[], None]] = []
        self.uplinked = False
        self._facts: list[outbox.Fact] = []
        self.routine = False
        """A sign of life or a note about acknowledgements: no reason for a backup of its own."""

    def uplink(self, data: Data, *, source: str | None = None) -> None:
        """A fact for central, in the uplink outbox from the end of this unit on."""
        self._facts.append(outbox.Fact.of(data, source=source or self._source, time=self.now))
        if self._on_fact is not None:
            self._on_fact(self, data)

    def write_facts(self) -> None:
        """All facts told so far, at once; for who needs to know their place in the outbox within the unit."""
        self.session.flush()
        outbox.append(self.session.connection(), self._facts)
        self.uplinked = self.uplinked or bool(self._facts)
        self._facts.clear()

    def changed(self, topic: Topic, person_id: str | None = None) -> None:
        """After COMMIT, everyone watching `topic` (of that person, when given) is shown its new state."""
        self.changes.append((topic, person_id))

    @contextmanager
    def isolated(self) -> Iterator[None]:
        """A savepoint within the unit: what raises inside takes back only what was done inside."""
        changes, actions, facts = len(self.changes), len(self.actions), len(self._facts)
        try:
            with self.session.begin_nested():
                yield
        except BaseException:
            del self.changes[changes:], self.actions[actions:], self._facts[facts:]
            raise

    def after_commit(self, action: Callable[[], None]) -> None:
        """Run `action` on the event loop, after COMMIT and before the caller is answered. Never after a rollback."""
        self.actions.append(action)


OnFact = Callable[[UnitOfWork, Data], None]


@dataclass(slots=True)
class _Unit:
    work: Callable[[UnitOfWork], Any]
    done: Done


@dataclass(slots=True)
class _Outcome:
    unit: _Unit
    result: Any = None
    error: BaseException | None = None
    uow: UnitOfWork | None = None


@dataclass
class WriterFigures:
    """Counters since start, for /metrics."""

    units: int = 0
    failed_units: int = 0
    rows: int = 0
    """Rows changed by units that are more than routine."""
    groups: int = 0
    failed_groups: int = 0
    commit_seconds: float = 0.0


@dataclass
class Writer:
    """Start it on a running event loop; callers await `run`, other threads use `submit`."""

    database: Database
    source: str
    clock: Callable[[], datetime] = utc_now
    on_changed: Callable[[Topic, str | None], None] = lambda topic, person_id: None
    on_uplink: Callable[[], None] = lambda: None
    on_fact: "OnFact | None" = None
    """Called for each fact in the transaction that makes it."""
    figures: WriterFigures = field(default_factory=WriterFigures)
    _queue: "queue.SimpleQueue[_Unit | None]" = field(default_factory=queue.SimpleQueue)
    _loop: asyncio.AbstractEventLoop | None = None
    _thread: threading.Thread | None = None

    def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._work, name="writer", daemon=True)
        self._thread.start()

    async def stop(self) -> None:
        """Finish what was submitted, then end the thread."""
        if self._thread is None:
            return
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)
        self._thread = None

    @property
    def alive(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    @property
    def waiting(self) -> int:
        return self._queue.qsize()

    async def run(self, work: Callable[[UnitOfWork], T]) -> T:
        """Resolve after COMMIT. What `work` raises rolls back only its own savepoint and is raised here."""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()

        def done(result: Any, error: BaseException | None) -> None:
            if future.done():
                return  # the caller gave up; the work stands
            if error is None:
                future.set_result(result)
            else:
                future.set_exception(error)

        self.submit(work, done)
        return await future

    def submit(self, work: Callable[[UnitOfWork], Any], done: Done) -> None:
        """Queue `work` from any thread; `done(result, error)` is called on the event loop after COMMIT or rollback.

        Raises RuntimeError when the writer does not run.
        """
        if not self.alive:
            raise RuntimeError("the writer is not running")
        self._queue.put(_Unit(work, done))

    def _work(self) -> None:
        with self.database.write_engine.connect() as connection:
            while (first := self._queue.get()) is not None:
                outcomes, stopping = self._group(connection, first)
                self._report(outcomes)
                if stopping:
                    return

    def _group(self, connection: Connection, first: _Unit) -> tuple[list[_Outcome], bool]:
        """Run one transaction over `first` and what else waits; the flag says that the stop marker was met."""
        outcomes: list[_Outcome] = []
        stopping = False
        self.figures.groups += 1
        try:
            with connection.begin():
                deadline = time.monotonic() + GROUP_SECONDS
                unit: _Unit | None = first
                while unit is not None:
                    outcomes.append(_Outcome(unit))
                    self._run(connection, outcomes[-1])
                    unit, stopping = self._next(len(outcomes), deadline)
                began = time.monotonic()
            self.figures.commit_seconds += time.monotonic() - began
        except BaseException as error:
            self.figures.failed_groups += 1
            log.error("a group was rolled back", extra={"units": len(outcomes), "error": type(error).__name__})
            units = [outcome.unit for outcome in outcomes] or [first]
            outcomes = [_Outcome(unit, error=error) for unit in units]
        return outcomes, stopping

    def _next(self, taken: int, deadline: float) -> tuple[_Unit | None, bool]:
        if taken >= GROUP_UNITS or time.monotonic() >= deadline:
            return None, False
        try:
            unit = self._queue.get_nowait()
        except queue.Empty:
            return None, False
        return unit, unit is None

    def _run(self, connection: Connection, outcome: _Outcome) -> None:
        """Run one unit in its savepoint. Raises only when SQLite has abandoned the whole transaction."""
        self.figures.units += 1
        with Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as session:
            uow = UnitOfWork(session, self.clock(), self.source, self.on_fact)
            changed = _rows_changed(connection)
            try:
                outcome.result = outcome.unit.work(uow)
                uow.write_facts()
                session.commit()
                outcome.uow = uow
                self.figures.rows += 0 if uow.routine else _rows_changed(connection) - changed
            except BaseException as error:
                self.figures.failed_units += 1
                if not connection.connection.dbapi_connection.in_transaction:  # type: ignore[union-attr]
                    raise  # a full disk or an I/O error ends the transaction: every unit of the group is lost with it
                session.rollback()
                outcome.error = error

    def _report(self, outcomes: list[_Outcome]) -> None:
        loop = self._loop
        if loop is None:
            raise RuntimeError("the writer was never started")
        try:
            loop.call_soon_threadsafe(self._deliver, outcomes)
        except RuntimeError:
            log.warning("the event loop closed before its callers were answered", extra={"units": len(outcomes)})

    def _deliver(self, outcomes: list[_Outcome]) -> None:
        changes: dict[tuple[Topic, str | None], None] = {}
        uplinked = False
        for outcome in outcomes:
            if outcome.uow is not None:
                for action in outcome.uow.actions:
                    _guarded(action)
                changes.update(dict.fromkeys(outcome.uow.changes))
                uplinked = uplinked or outcome.uow.uplinked
            _guarded(outcome.unit.done, outcome.result, outcome.error)
        for topic, person_id in changes:
            _guarded(self.on_changed, topic, person_id)
        if uplinked:
            _guarded(self.on_uplink)


def _rows_changed(connection: Connection) -> int:
    """Inserted, updated and deleted since the connection was opened (sqlite3_total_changes)."""
    return int(connection.connection.dbapi_connection.total_changes)  # type: ignore[union-attr]


def _guarded(action: Callable[..., None], *arguments: Any) -> None:
    """One caller's mistake must not keep the others from their answers."""
    try:
        action(*arguments)
    except Exception:
        log.exception("an action after a commit failed")
