"""What a transaction is about to write, written many rows at a time.

Every statement lets go of the interpreter and has to win it back from the threads of the devices: with five statements
for each event a busy agent spent most of its time waiting for that (ADR 081).
"""

import sqlite3
from collections.abc import Sequence
from functools import cache

from edge_agent.counting import Totals
from edge_agent.outbox import counters

EventRow = tuple[str, int, int, str, str, str]
"""stream, sequence, covers_from, id, type, body"""
Line = tuple[str, int]
"""A device and one of its lines."""
_AT_ONCE = (64, 16, 4, 1)
"""Few sizes, for SQLite keeps what it compiled; 6 values a row stay far below its bound."""


class Pending:
    """The connection of one transaction and what is not written yet. A piece of work can be undone alone."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._rows: list[EventRow] = []
        self._totals: dict[Line, Totals] = {}
        self._own_rows: list[EventRow] = []
        self._own_totals: dict[Line, Totals] = {}
        self._saved = False
        self.failed = False
        """Something of earlier pieces of work could not be written: nothing of the transaction may stand."""

    def add(self, row: EventRow) -> None:
        self._own_rows.append(row)

    def remember(self, line: Line, totals: Totals) -> None:
        self._own_totals[line] = totals

    def seen(self) -> sqlite3.Connection:
        """The file with everything so far; what is done to it from here on can be undone."""
        if not self._saved:
            self._write(self._rows, self._totals)
            self._connection.execute("SAVEPOINT work")
            self._saved = True
        self._write(self._own_rows, self._own_totals)
        return self._connection

    def keep(self) -> None:
        """A piece of work is done. It has a savepoint only if it looked at the file: most do nothing but add."""
        if self._saved:
            self._connection.execute("RELEASE work")
            self._saved = False
        if self._own_rows:
            self._rows += self._own_rows
            self._own_rows = []
        if self._own_totals:
            self._totals |= self._own_totals
            self._own_totals = {}

    def undo(self) -> None:
        """Take back what was done since the last `keep`."""
        if self._saved:
            self._connection.execute("ROLLBACK TO work")
            self._connection.execute("RELEASE work")
            self._saved = False
        self._own_rows, self._own_totals = [], {}

    def write(self) -> None:
        """Leave nothing pending: the transaction is about to be committed."""
        self.keep()
        self._write(self._rows, self._totals)

    def _write(self, rows: list[EventRow], totals: dict[Line, Totals]) -> None:
        try:
            _insert(self._connection, rows)
            if totals:
                counters.put_totals(self._connection, totals)
        except sqlite3.Error:
            self.failed = True
            raise
        rows.clear()
        totals.clear()


def _insert(connection: sqlite3.Connection, rows: Sequence[EventRow]) -> None:
    at = 0
    for size in _AT_ONCE:
        while len(rows) - at >= size:
            connection.execute(_statement(size), [value for row in rows[at : at + size] for value in row])
            at += size


@cache
def _statement(rows: int) -> str:
    marks = ", ".join(["(?, ?, ?, ?, ?, ?)"] * rows)
    return f"INSERT INTO events VALUES {marks}"  # noqa: S608 - marks only
