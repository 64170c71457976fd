"""What is remembered of each line of a counter: its last totals, or the intervals it has told. Rows of the outbox file,
written in the transaction of the event they made.
"""

import sqlite3
from collections.abc import Mapping, Sequence

from edge_agent.counting import Moment, Totals
from edge_agent.increments import Taken


def totals(connection: sqlite3.Connection, device: str, line: int) -> Totals | None:
    row = connection.execute(
        """SELECT total_in, total_out, read_at, boot, monotonic, reported_at, day FROM counters
           WHERE device=? AND line=?""",
        (device, line),
    ).fetchone()
    return None if row is None else Totals(row[0], row[1], Moment(*row[2:5]), row[5], row[6])


def put_totals(connection: sqlite3.Connection, lines: Mapping[tuple[str, int], Totals]) -> None:
    """Of several lines, by device and line."""
    marks = ", ".join(["(?, ?, ?, ?, ?, ?, ?, ?, ?)"] * len(lines))
    values = [value for line, now in lines.items() for value in (*line, *_of_totals(now))]
    connection.execute(f"INSERT OR REPLACE INTO counters VALUES {marks}", values)  # noqa: S608 - marks only


def _of_totals(now: Totals) -> tuple[object, ...]:
    at = now.read_at
    return now.total_in, now.total_out, at.wall, at.boot, at.monotonic, now.reported_at, now.day


def intervals(connection: sqlite3.Connection, device: str, line: int) -> tuple[Taken, ...]:
    """In the order they were read."""
    rows = connection.execute(
        """SELECT place, count_in, count_out, start, stop, epoch, life, serial, read_at, boot, monotonic
           FROM intervals WHERE device=? AND line=? ORDER BY place""",
        (device, line),
    )
    return tuple(
        Taken(place, count_in, count_out, start, end, epoch, life, serial, Moment(wall, boot, monotonic))
        for place, count_in, count_out, start, end, epoch, life, serial, wall, boot, monotonic in rows
    )


def put_intervals(
    connection: sqlite3.Connection, device: str, line: int, before: Sequence[Taken], after: Sequence[Taken]
) -> None:
    kept = set(before)
    places = {row.place for row in after}
    connection.executemany(
        "DELETE FROM intervals WHERE device=? AND line=? AND place=?",
        [(device, line, row.place) for row in before if row.place not in places],
    )
    connection.executemany(
        "INSERT OR REPLACE INTO intervals VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(device, line, *_columns(row)) for row in after if row not in kept],
    )


def _columns(row: Taken) -> tuple[object, ...]:
    at = row.read_at
    return (
        *(row.place, row.count_in, row.count_out, row.start, row.end),
        *(row.epoch, row.life, row.serial, at.wall, at.boot, at.monotonic),
    )
