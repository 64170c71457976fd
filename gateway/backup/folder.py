"""Generations of backups in a folder: written whole or not at all, listed, and forgotten by the rule."""

import errno
import os
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from gateway.backup import snapshot
from gateway.backup.container import BackupKey, Header, pack
from gateway.backup.domain import Rule, file_name, spare, taken_at

Reason = Literal["folder_missing", "same_disk", "disk_full", "read_only", "io_error", "database"]
_PART = ".part"
_REASONS: dict[int, Reason] = {
    errno.ENOENT: "folder_missing",
    errno.ENOTDIR: "folder_missing",
    errno.ENOSPC: "disk_full",
    errno.EDQUOT: "disk_full",
    errno.EROFS: "read_only",
    errno.EACCES: "read_only",
    errno.EPERM: "read_only",
}


class BackupFailedError(Exception):
    """No backup was written; what was there before still is."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason: Reason = reason


@dataclass(frozen=True, slots=True)
class Generation:
    path: Path
    taken_at: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """Where the backups of one office go. `same_disk` allows a folder that dies with the database."""

    folder: Path
    office: str
    key: BackupKey
    same_disk: bool = False

    def generations(self) -> list[Generation]:
        """Newest first, by their names. Raises OSError."""
        found = [(taken_at(self.office, path.name), path) for path in self.folder.iterdir()]
        return sorted((Generation(path, at) for at, path in found if at), key=lambda g: g.taken_at, reverse=True)

    def write(
        self, database: Path, taken_at: datetime, *, go_on: Callable[[], bool] = lambda: True
    ) -> tuple[Generation, Header]:
        """Take a backup now; `go_on` is asked between pieces. Raises BackupFailedError."""
        try:
            self._check(database)
            with snapshot.copied(database, f"snapshot-{os.getpid()}") as copy:
                header = snapshot.describe(copy, self.office, taken_at)
                return self._store(copy, header, go_on), header
        except sqlite3.Error as error:
            raise BackupFailedError("database", type(error).__name__) from error
        except OSError as error:
            raise BackupFailedError(_REASONS.get(error.errno or 0, "io_error"), error.strerror or "") from error

    def tidy(self, now: datetime, rule: Rule) -> int:
        """Forget what the rule does not keep, and what a killed gateway left half written. Raises OSError."""
        generations = self.generations()
        gone = spare((g.taken_at for g in generations), now, rule)
        for generation in generations:
            if generation.taken_at in gone:
                generation.path.unlink(missing_ok=True)
        for path in self.folder.glob(f".{self.office}-*{_PART}"):
            path.unlink(missing_ok=True)
        return len(gone)

    def _check(self, database: Path) -> None:
        """A share that is not mounted leaves an empty folder on our own disk: nothing may be written there."""
        if not self.folder.is_dir():
            raise BackupFailedError("folder_missing", str(self.folder))
        if not self.same_disk and self.folder.stat().st_dev == database.parent.stat().st_dev:
            raise BackupFailedError("same_disk", str(self.folder))

    def _store(self, copy: Path, header: Header, go_on: Callable[[], bool]) -> Generation:
        """Its name appears only when every byte is on the disk: half a file is never taken for a whole one."""
        final = self.folder / file_name(self.office, header.taken_at)
        part = final.with_name(f".{final.name}{_PART}")
        try:
            with copy.open("rb") as source, os.fdopen(os.open(part, _NEW, 0o600), "wb") as target:
                for piece in pack(source, header, self.key):
                    if not go_on():
                        raise BackupFailedError("io_error", "the gateway stops")
                    target.write(piece)
                target.flush()
                os.fsync(target.fileno())
            part.rename(final)
        except BaseException:
            _remove(part)
            raise
        sync_folder(self.folder)
        return Generation(final, header.taken_at)


_NEW = os.O_WRONLY | os.O_CREAT | os.O_TRUNC


def sync_folder(folder: Path) -> None:
    """Make a rename in it last. Raises OSError."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some network shares know no such thing
            raise
    finally:
        os.close(handle)


def _remove(part: Path) -> None:
    try:
        part.unlink(missing_ok=True)
    except OSError:
        return  # the share is gone with it; what is left is cleared away by a later `tidy`
