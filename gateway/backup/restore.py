"""A new machine's database, from the newest backup that is good, or empty when there is none."""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection
from sqlmodel import Session

from contracts.ids import uuid7
from gateway.backup.container import BackupKey, BadBackupError, Header, read_header, unpack
from gateway.backup.folder import Generation, Place, sync_folder
from gateway.database import Database
from gateway.keys import DecryptError, Keys, KeysError
from gateway.migrations import revisions
from gateway.recovery import store as recovery
from gateway.schema import METADATA
from gateway.tables import GatewayState
from gateway.uplink import store as uplink

LEAP = 1_000_000
"""No row had so many revisions in the time that was lost: what the restored office says next is newer than they."""
_OWN_REVISIONS = {"footfall_minutes"}
"""Reconciled with central minute by minute (gateway.recovery)."""


class DatabaseThereError(RuntimeError):
    """There is a database already, and nobody said that it may be put aside."""


class NoBackupError(RuntimeError):
    """No generation of the folder is good. `refused` says what is wrong with each."""

    def __init__(self, refused: Sequence[tuple[Generation, BadBackupError]]) -> None:
        super().__init__(f"{len(refused)} backups, none of them good")
        self.refused = refused


@dataclass(frozen=True, slots=True)
class Restored:
    """`aside` is where the database that was there is now."""

    header: Header
    generation: Generation
    refused: list[tuple[Generation, BadBackupError]]
    aside: Path | None


def restore(
    place: Place,
    target: Path,
    keys: Keys,
    *,
    now: datetime,
    at: datetime | None = None,
    force: bool = False,
) -> Restored:
    """The newest good generation taken at or before `at`, in the place of `target`, in a life of its own.

    `keys` are the office's own. Raises DatabaseThereError, NoBackupError, KeysError when the keys are another office's,
    OSError. Until the last step `target` is what it was.
    """
    _may_replace(target, force)
    refused: list[tuple[Generation, BadBackupError]] = []
    for generation in place.generations():
        if at is not None and generation.taken_at > at:
            continue
        try:
            with unpacked(generation.path, place.key, place.office, target) as (scratch, header):
                _keys_fit(scratch, keys)
                _begin_a_life(scratch, header.taken_at, restored=True)
                return Restored(header, generation, refused, _put_in_place(scratch, target, now))
        except BadBackupError as error:
            refused.append((generation, error))
    raise NoBackupError(refused)


def rebuild(target: Path, *, now: datetime, force: bool = False) -> Path | None:
    """An empty database in the place of `target`; returns where the one that was there is now.

    Raises DatabaseThereError, OSError.
    """
    _may_replace(target, force)
    with _scratch(target) as scratch:
        _begin_a_life(scratch, now, restored=False)
        return _put_in_place(scratch, target, now)


@contextmanager
def unpacked(path: Path, key: BackupKey, office: str, target: Path) -> Iterator[tuple[Path, Header]]:
    """The database of one backup, proven sound, in a file beside `target` that is gone afterwards.

    Raises BadBackupError, OSError.
    """
    header = read_header(path)
    if header.office != office:
        raise BadBackupError("other_office", header.office)
    with _scratch(target) as scratch:
        with scratch.open("wb") as file:
            for piece in unpack(path, key):
                file.write(piece)
        _check(scratch, header)
        yield scratch, header


def _check(scratch: Path, header: Header) -> None:
    try:
        with closing(sqlite3.connect(scratch)) as connection:
            (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            (revision,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error as error:
        raise BadBackupError("not_sound", type(error).__name__) from None
    if verdict != "ok" or revision != header.revision:
        raise BadBackupError("not_sound", "the database within is damaged")
    if revision not in revisions():
        raise BadBackupError("newer", f"of a newer version of this program ({revision})")


def _keys_fit(scratch: Path, keys: Keys) -> None:
    with closing(sqlite3.connect(scratch)) as connection:
        row = connection.execute("SELECT customer_id, name FROM customers LIMIT 1").fetchone()
    if row is not None:
        try:
            keys.decrypt(row[1], record=f"customer:{row[0]}:name")
        except DecryptError:
            raise KeysError("these keys are not those of the office that was backed up") from None


@contextmanager
def _scratch(target: Path) -> Iterator[Path]:
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = target.with_name(f".{target.name}.restoring")
    _remove(scratch)
    scratch.touch(mode=0o600)
    try:
        yield scratch
    finally:
        _remove(scratch)


def _begin_a_life(scratch: Path, since: datetime, *, restored: bool) -> None:
    """Bring it to this version's tables; give it an epoch and an uplink stream that nobody has heard of.

    Nodes see the epoch and send again what this database lacks; facts keep their ids, so central counts none twice.
    """
    database = Database(scratch)
    try:
        database.migrate()
        with Session(database.write_engine) as session:
            session.merge(GatewayState(key="epoch", value=uuid7()))
            if restored:
                uplink.begin_new_stream(session)
                session.flush()
                _leap(session.connection())
            recovery.begin(session, since)
            session.commit()
    finally:
        database.close()
    with closing(sqlite3.connect(scratch)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _leap(connection: Connection) -> None:
    """What this backup holds is off the machine that was lost; and central may know later revisions than it does."""
    connection.exec_driver_sql("UPDATE streams SET safe = committed")
    connection.exec_driver_sql("DELETE FROM safe_marks")
    for table in METADATA.sorted_tables:
        if "revision" in table.columns and table.name not in _OWN_REVISIONS:
            connection.execute(table.update().values(revision=table.c.revision + LEAP))


def _may_replace(target: Path, force: bool) -> None:
    if target.exists() and not force:
        raise DatabaseThereError(str(target))


def _put_in_place(scratch: Path, target: Path, now: datetime) -> Path | None:
    """The old database is put aside with its side files, never deleted."""
    aside = None
    if target.exists():
        aside = target.with_name(f"{target.name}.before-{now.strftime('%Y%m%dT%H%M%SZ')}")
        for suffix in ("-wal", "-shm", ""):
            _rename(Path(f"{target}{suffix}"), Path(f"{aside}{suffix}"))
    handle = os.open(scratch, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    scratch.rename(target)
    sync_folder(target.parent)
    return aside


def _rename(file: Path, to: Path) -> None:
    if file.exists():
        file.rename(to)


def _remove(scratch: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        Path(f"{scratch}{suffix}").unlink(missing_ok=True)


def verify(generation: Generation, key: BackupKey, office: str, beside: Path) -> Header:
    """Open a backup as a restore would, and leave nothing behind. Raises BadBackupError, OSError."""
    with unpacked(generation.path, key, office, beside) as (_, header):
        return header
