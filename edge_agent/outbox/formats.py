"""From one format of the outbox file to the next, and back: an agent is exchanged, and sometimes put back, with what it
holds. Nothing is lost or counted twice either way: events, stream and totals stay what they are.

Each step is one transaction that ends with `PRAGMA user_version`. Before the first step a copy is made beside the file
(`outbox.db.format-1`): for a person, should a step itself be wrong. Putting the copy back would count people twice.
"""

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from edge_agent.outbox.storage import roll_back

_LEVELS = [
    (table, level)
    for table in ("counters", "intervals")
    for level in ("sure_in", "believed_in", "sure_out", "believed_out")
]
UP: dict[int, Sequence[str]] = {
    1: (
        """CREATE TABLE counters_next (
            device TEXT NOT NULL,
            line INTEGER NOT NULL,
            total_in INTEGER NOT NULL,
            total_out INTEGER NOT NULL,
            read_at REAL NOT NULL,
            boot TEXT NOT NULL,
            monotonic REAL NOT NULL,
            reported_at REAL,
            day TEXT NOT NULL,
            PRIMARY KEY (device, line)
        ) WITHOUT ROWID""",
        """INSERT INTO counters_next
           SELECT device, line, total_in, total_out, read_at, '', 0, reported_at, '' FROM counters""",
        "DROP TABLE counters",
        "ALTER TABLE counters_next RENAME TO counters",
        """CREATE TABLE intervals (
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
            PRIMARY KEY (device, line, place)
        ) WITHOUT ROWID""",
    ),
    2: [f"ALTER TABLE {table} ADD COLUMN {level} REAL NOT NULL DEFAULT 0" for table, level in _LEVELS],
}
"""What makes format n + 1 out of format n."""

DOWN: dict[int, Sequence[str]] = {
    2: (
        "DROP TABLE intervals",
        """CREATE TABLE counters_before (
            device TEXT NOT NULL,
            line INTEGER NOT NULL,
            total_in INTEGER NOT NULL,
            total_out INTEGER NOT NULL,
            read_at REAL NOT NULL,
            reported_at REAL,
            PRIMARY KEY (device, line)
        ) WITHOUT ROWID""",
        """INSERT INTO counters_before
           SELECT device, line, total_in, total_out, read_at, reported_at FROM counters""",
        "DROP TABLE counters",
        "ALTER TABLE counters_before RENAME TO counters",
    ),
    3: [f"ALTER TABLE {table} DROP COLUMN {level}" for table, level in _LEVELS],
}
"""What makes format n - 1 out of format n. What the older program has no place for is forgotten."""


def format_of(connection: sqlite3.Connection) -> int:
    """0 for a file that holds nothing yet."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


def bring_to(connection: sqlite3.Connection, wanted: int) -> None:
    """Raises KeyError when no step leads there."""
    while (found := format_of(connection)) != wanted:
        step, after = (UP[found], found + 1) if found < wanted else (DOWN[found], found - 1)
        connection.execute("BEGIN IMMEDIATE")
        try:
            for statement in step:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version={after}")
            connection.execute("COMMIT")
        except BaseException:
            roll_back(connection)  # SQLite may have done so already: a full disk must be told as one
            raise


def reachable(found: int, wanted: int) -> bool:
    steps = (n in UP for n in range(found, wanted)) if found < wanted else (n in DOWN for n in range(found, wanted, -1))
    return all(steps)


def copy_beside(connection: sqlite3.Connection, path: Path) -> Path:
    """A whole copy of the file as it is, replacing an older copy of the same format. Half a one is not left behind."""
    copy = path.with_name(f"{path.name}.format-{format_of(connection)}")
    staged = copy.with_name(f"{copy.name}.new")
    staged.unlink(missing_ok=True)
    try:
        connection.execute("VACUUM INTO ?", (str(staged),))
        staged.chmod(0o600)
        return staged.replace(copy)
    finally:
        staged.unlink(missing_ok=True)
