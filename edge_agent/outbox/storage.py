"""What is wrong with the disk below the outbox, when it takes nothing."""

import errno
import logging
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
_log = logging.getLogger(__name__)
_MOUNTS = Path("/proc/self/mountinfo")
_PRIMARY = 0xFF
"""An extended result code keeps the primary one in its low byte (sqlite.org/rescode.html)."""


class OutboxFullError(RuntimeError):
    """The disk takes nothing and as many events as may wait in memory already do: this one is refused."""


def is_storage(error: BaseException) -> bool:
    """Whether the machine failed and not the statement."""
    return isinstance(error, sqlite3.Error) and getattr(error, "sqlite_errorcode", 0) & _PRIMARY in _STORAGE


def read_only(path: Path) -> bool:
    """Whether the file system of `path` takes nothing, by itself or because its kernel gave up on it.

    Since Linux 6.15 ext4 says only among its mount options that it gave up (`emergency_ro`, fs/ext4/super.c), and no
    longer in statvfs(3). proc_pid_mountinfo(5): the third field is the device, what follows ` - ` ends with them.
    """
    try:
        if os.statvfs(path.parent).f_flag & os.ST_RDONLY:
            return True
        device = path.parent.stat().st_dev
        mounts = _MOUNTS.read_text().splitlines()
    except OSError:
        return False
    own = f"{os.major(device)}:{os.minor(device)}"
    options = [line.rpartition(" ")[2].split(",") for line in mounts if line.split(" ", 3)[2] == own]
    return any("emergency_ro" in each for each in options)


def identity(path: Path) -> tuple[int, int] | None:
    """Device and inode of the file that `path` names now; None while it names none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def fault_of(path: Path, error: BaseException) -> Fault:
    """Asks the file system first: a card that turned read-only makes SQLite speak of an I/O error."""
    if read_only(path):
        return "disk_read_only"
    try:
        found = os.statvfs(path.parent)
    except OSError:
        return "disk_error"
    full = getattr(error, "sqlite_errorcode", 0) & _PRIMARY == sqlite3.SQLITE_FULL
    full = full or (isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT))
    return "disk_full" if full or found.f_bavail == 0 or (found.f_files and found.f_favail == 0) else "disk_error"


def fault_at_opening(path: Path, error: BaseException) -> Fault | None:
    """None when the file itself is the trouble: no database, or not ours to open."""
    disk = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EROFS, errno.EIO, errno.EDQUOT)
    return fault_of(path, error) if disk or is_storage(error) else None


def roll_back(connection: sqlite3.Connection) -> None:
    """Whatever the disk says to that."""
    try:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
    except sqlite3.Error:
        _log.exception("the outbox could not roll back")
