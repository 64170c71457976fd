"""One SQLite file is the office's truth: WAL, synchronous=FULL, one writer connection, a few readers."""

import ctypes
import fcntl
import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.pool import QueuePool
from sqlmodel import Session

from contracts.ids import uuid7
from gateway.migrations import revisions
from gateway.tables import GatewayState
from gateway.uplink.tables import UplinkStream

READERS = 8
_BUSY_SECONDS = 10.0
_CUT_SECONDS = 0.2
"""Who writes waits for it."""
_PR_SET_PDEATHSIG = 1
_WRITER_CACHE_KIB, _READER_CACHE_KIB = 4096, 1024
"""Every reader has a cache of its own beside the kernel's: eight large ones would be a quarter of the whole program."""


class DatabaseInUseError(RuntimeError):
    """Another gateway works on the same file."""


@contextmanager
def claimed(path: Path) -> Iterator[None]:
    """Hold the file against a second gateway; the kernel lets go of it however we end.

    Two gateways would each offer turns and throw one another off the broker. Raises DatabaseInUseError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    held = os.open(path.with_name(f"{path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise DatabaseInUseError(f"another gateway runs on {path}: stop it first") from None
    finally:
        os.close(held)


class Database:
    """Thread-safe. `read()` gives sessions that cannot write; only the Writer uses `write_engine`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self.write_engine = _engine(path, begin="BEGIN IMMEDIATE", pool_size=1)
        self._read_engine = _engine(path, begin="BEGIN", pool_size=READERS, read_only=True)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A read-only session on one consistent snapshot."""
        with Session(self._read_engine, expire_on_commit=False) as session:
            yield session

    def migrate(self) -> None:
        """Bring the file to the newest revision; a new file also gets its epoch and its uplink stream."""
        with self.write_engine.connect() as connection:
            if _revision(connection) != revisions()[-1]:
                from gateway.migrations.upgrading import upgrade  # 10 MB that a start with nothing to do can spare

                upgrade(connection)
            connection.commit()
        with Session(self.write_engine) as session:
            if session.get(GatewayState, "epoch") is None:
                session.add(GatewayState(key="epoch", value=uuid7()))
            if session.get(UplinkStream, 1) is None:
                session.add(UplinkStream(stream=uuid7()))
            session.commit()

    def epoch(self) -> str:
        """The id of this database; a rebuilt gateway has another."""
        with self.read() as session:
            row = session.get(GatewayState, "epoch")
            if row is None:
                raise LookupError("the database was not migrated: it has no epoch")
            return row.value

    def leave_no_copy(self) -> None:
        """Move the log into the file and cut it off: it held what was overwritten. Busy readers leave it for later."""
        with closing(sqlite3.connect(self.path, timeout=_CUT_SECONDS)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        self._read_engine.dispose()
        self.write_engine.dispose()


def migrate_apart(path: Path) -> None:
    """Migrate in a child of this process, which must have no other thread yet.

    What migrating takes, 13 MB, ends with the child; the gateway would carry it for months. A child that fails leaves
    the file as it was: `Database.migrate` meets the same failure and tells it.
    """
    parent = os.getpid()
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return
    try:
        _end_with(parent)
        database = Database(path)
        database.migrate()
        database.close()
    finally:
        os._exit(0)


def _end_with(parent: int) -> None:
    """Be killed when `parent` is: the next gateway would find the file in use. prctl(2), PR_SET_PDEATHSIG."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))
    if os.getppid() != parent:
        os._exit(1)


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _engine(path: Path, *, begin: str, pool_size: int, read_only: bool = False) -> Engine:
    engine = create_engine(
        f"sqlite:///{path}",
        poolclass=QueuePool,
        pool_size=pool_size,
        max_overflow=0,
        connect_args={"timeout": _BUSY_SECONDS, "check_same_thread": False},
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def _configure(connection: sqlite3.Connection, record: Any) -> None:
        connection.isolation_level = None  # the driver would otherwise begin and commit behind SQLAlchemy's back
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA secure_delete=ON")
        connection.execute(f"PRAGMA cache_size=-{_READER_CACHE_KIB if read_only else _WRITER_CACHE_KIB}")
        if read_only:
            connection.execute("PRAGMA query_only=ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    return engine
