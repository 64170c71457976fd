"""What is wrong with the disk below the outbox, when it takes nothing."""

import errno
import os
import sqlite3
from pathlib import Path
from typing import Literal

Fault = Literal["disk_full", "disk_read_only", "disk_error"]
"""Stable alarm codes of the node's status."""

_STORAGE = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_PERM,
}
_PRIMARY = 0xFF
"""An extended result code keeps the primary one in its low byte (sqlite.org/rescode.html)."""


class OutboxFullError(RuntimeError):
    """The disk takes nothing and as many events as may wait in memory already do: this one is refused."""


def is_storage(error: BaseException) -> bool:
    """Whether the machine failed and not the statement."""
    return isinstance(error, sqlite3.Error) and getattr(error, "sqlite_errorcode", 0) & _PRIMARY in _STORAGE


def fault_of(path: Path, error: BaseException) -> Fault:
    """Asks the file system first: a card that turned read-only makes SQLite speak of an I/O error."""
    try:
        found = os.statvfs(path.parent)
    except OSError:
        return "disk_error"
    if found.f_flag & os.ST_RDONLY:
        return "disk_read_only"
    full = getattr(error, "sqlite_errorcode", 0) & _PRIMARY == sqlite3.SQLITE_FULL
    full = full or (isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT))
    return "disk_full" if full or found.f_bavail == 0 or (found.f_files and found.f_favail == 0) else "disk_error"


def fault_at_opening(path: Path, error: BaseException) -> Fault | None:
    """None when the file itself is the trouble: no database, or not ours to open."""
    disk = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EROFS, errno.EIO, errno.EDQUOT)
    return fault_of(path, error) if disk or is_storage(error) else None
