"""A consistent copy of the database while it is being written to, and what that copy says of itself."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from gateway.backup.container import Header, StreamPosition, UplinkPosition

KINDS = ("visits", "customers", "sales", "follow_ups", "footfall_minutes", "events")
_BUSY_SECONDS = 10.0


@contextmanager
def copied(database: Path, name: str) -> Iterator[Path]:
    """A copy beside the database, gone afterwards. One step of SQLite's backup reads one snapshot of the WAL, which
    blocks no writer (https://sqlite.org/c3ref/backup_finish.html). Raises sqlite3.Error, OSError.
    """
    copy = database.with_name(f".{database.name}.{name}")
    try:
        copy.unlink(missing_ok=True)
        copy.touch(mode=0o600)
        with (
            closing(sqlite3.connect(f"file:{database}?mode=rw", uri=True, timeout=_BUSY_SECONDS)) as source,
            closing(sqlite3.connect(copy)) as target,
        ):
            target.execute("PRAGMA journal_mode=OFF")
            target.execute("PRAGMA synchronous=OFF")
            source.backup(target, pages=-1)
        yield copy
    finally:
        for file in (copy, copy.with_name(f"{copy.name}-wal"), copy.with_name(f"{copy.name}-shm")):
            file.unlink(missing_ok=True)


def describe(copy: Path, office: str, taken_at: datetime) -> Header:
    """Raises sqlite3.Error for what is no database of a gateway."""
    with closing(sqlite3.connect(f"file:{copy}?immutable=1", uri=True)) as connection:
        one = connection.execute
        ((epoch,),) = one("SELECT value FROM gateway_state WHERE key = 'epoch'")
        ((revision,),) = one("SELECT version_num FROM alembic_version")
        ((stream, last, committed),) = one("SELECT stream, last_sequence, committed FROM uplink_stream")
        return Header(
            office=office,
            epoch=epoch,
            taken_at=taken_at,
            revision=revision,
            size=copy.stat().st_size,
            streams=[
                StreamPosition(stream=name, node=node, committed=at)
                for name, node, at in one("SELECT stream, node, committed FROM streams ORDER BY stream")
            ],
            uplink=UplinkPosition(stream=stream, last=last, committed=committed),
            counts={kind: one(f"SELECT count(*) FROM {kind}").fetchone()[0] for kind in KINDS},  # noqa: S608
        )
