"""The outbox file: SQLite, WAL, synchronous=FULL. Only the writer thread writes; the sender reads beside it.

`events.body` is the CloudEvents envelope without `stream` and `sequence`, which are columns, so that a new stream
re-labels rows without touching them. `covers_from` is the first sequence a row stands for: its own, or the start of a
tombstone's range. `stream` has one row; `offered` is a promise made before sending: nothing above it has ever left this
machine, so that rows above it, and only those, may still be folded.
"""

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from contracts.ids import uuid7
from edge_agent.outbox.formats import bring_to, copy_beside, format_of, reachable
from edge_agent.outbox.storage import Fault, fault_at_opening

VERSION = 3

_TABLES = """
CREATE TABLE stream (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    stream TEXT NOT NULL,
    next_sequence INTEGER NOT NULL,
    committed INTEGER NOT NULL,
    safe INTEGER NOT NULL,
    offered INTEGER NOT NULL,
    epoch TEXT,
    dropped INTEGER NOT NULL
);
CREATE TABLE events (
    stream TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    covers_from INTEGER NOT NULL,
    id TEXT NOT NULL UNIQUE,
    type TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (stream, sequence)
);
CREATE TABLE counters (
    device TEXT NOT NULL,
    line INTEGER NOT NULL,
    total_in INTEGER NOT NULL,
    total_out INTEGER NOT NULL,
    read_at REAL NOT NULL,
    boot TEXT NOT NULL,
    monotonic REAL NOT NULL,
    reported_at REAL,
    day TEXT NOT NULL,
    sure_in REAL NOT NULL DEFAULT 0,
    believed_in REAL NOT NULL DEFAULT 0,
    sure_out REAL NOT NULL DEFAULT 0,
    believed_out REAL NOT NULL DEFAULT 0,
    PRIMARY KEY (device, line)
) WITHOUT ROWID;
CREATE TABLE intervals (
    device TEXT NOT NULL,
    line INTEGER NOT NULL,
    place INTEGER NOT NULL,
    count_in INTEGER NOT NULL,
    count_out INTEGER NOT NULL,
    start REAL NOT NULL,
    stop REAL NOT NULL,
    epoch TEXT NOT NULL,
    life INTEGER NOT NULL,
    serial TEXT NOT NULL,
    read_at REAL NOT NULL,
    boot TEXT NOT NULL,
    monotonic REAL NOT NULL,
    sure_in REAL NOT NULL DEFAULT 0,
    believed_in REAL NOT NULL DEFAULT 0,
    sure_out REAL NOT NULL DEFAULT 0,
    believed_out REAL NOT NULL DEFAULT 0,
    PRIMARY KEY (device, line, place)
) WITHOUT ROWID;
CREATE TABLE commands (
    id TEXT PRIMARY KEY,
    expires_at REAL NOT NULL,
    ok INTEGER,
    error TEXT
) WITHOUT ROWID;
"""


class OutboxError(RuntimeError):
    """The outbox file cannot be used; the message says why and what to do.

    `fault`: the disk is to blame, and may take again later.
    """

    def __init__(self, message: str, fault: Fault | None = None) -> None:
        super().__init__(message)
        self.fault = fault


@contextmanager
def claimed(path: Path) -> Iterator[None]:
    """Hold the outbox against a second agent, which would number its events from the same place. Raises OutboxError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        held = os.open(path.with_name(f"{path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise OutboxError(f"cannot open the outbox {path}: {error}", fault_at_opening(path, error)) from error
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise OutboxError(f"another agent runs on the outbox {path}: stop it first") from None
    finally:
        os.close(held)


def connect(path: Path) -> sqlite3.Connection:
    """Open a connection in autocommit mode; transactions are explicit."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA cache_size=-4096")
    return connection


def open_outbox(path: Path) -> sqlite3.Connection:
    """Open the file, making it with a fresh random stream when there is none. Raises OutboxError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _for_this_user_only(path)
        connection = connect(path)
        found = format_of(connection)
        if found == 0:
            _create(connection)
        elif found < VERSION:
            convert(connection, path, VERSION)
        elif found > VERSION:
            raise OutboxError(
                f"{path} has format {found}, this program reads {VERSION}: convert it with the newer program, "
                f"`python -m edge_agent outbox --format {VERSION}`"
            )
    except (sqlite3.Error, OSError) as error:
        raise OutboxError(f"cannot open the outbox {path}: {error}", fault_at_opening(path, error)) from error
    return connection


def convert(connection: sqlite3.Connection, path: Path, wanted: int) -> None:
    """Bring the file to format `wanted`, with a copy of it beside. Raises OutboxError when no way leads there."""
    found = format_of(connection)
    if not reachable(found, wanted):
        raise OutboxError(f"{path}: no way leads from format {found} to {wanted}")
    if found != wanted:
        copy_beside(connection, path)
        bring_to(connection, wanted)


def _for_this_user_only(path: Path) -> None:
    """SQLite gives its side files the mode of the main one, so this is done before it makes them."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    for file in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        if file.exists() and file.stat().st_mode & 0o077:
            file.chmod(0o600)


def _create(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")
    for statement in _TABLES.split(";\n"):
        if statement.strip():
            connection.execute(statement)
    connection.execute("INSERT INTO stream VALUES (1, ?, 1, 0, 0, 0, NULL, 0)", (uuid7(),))
    connection.execute(f"PRAGMA user_version={VERSION}")
    connection.execute("COMMIT")
