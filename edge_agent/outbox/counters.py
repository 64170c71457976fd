"""What is remembered of each line of a counter: its last totals, or the intervals it has told. Rows of the outbox file,
written in the transaction of the event they made.
"""

import sqlite3
from collections.abc import Mapping, Sequence

from edge_agent.allowance import Allowance, Allowances, Moment
from edge_agent.counting import Totals
from edge_agent.increments import SLACK_SECONDS, Interval, Taken, located, trimmed

TRIM_EVERY = 32
_LEVELS = "sure_in, believed_in, sure_out, believed_out"


def totals(connection: sqlite3.Connection, device: str, line: int) -> Totals | None:
    row = connection.execute(
        f"""SELECT total_in, total_out, read_at, boot, monotonic, reported_at, day, {_LEVELS} FROM counters
            WHERE device=? AND line=?""",  # noqa: S608 - the constant above
        (device, line),
    ).fetchone()
    if row is None:
        return None
    total_in, total_out, wall, boot, monotonic, reported_at, day, *levels = row
    at = Moment(wall, boot, monotonic)
    return Totals(total_in, total_out, at, reported_at, day, _allowances(levels), resumed=True)


def put_totals(connection: sqlite3.Connection, lines: Mapping[tuple[str, int], Totals]) -> None:
    """Of several lines, by device and line."""
    marks = ", ".join(["(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"] * len(lines))
    values = [value for line, now in lines.items() for value in (*line, *_of_totals(now))]
    connection.execute(f"INSERT OR REPLACE INTO counters VALUES {marks}", values)  # noqa: S608 - marks only


def _of_totals(now: Totals) -> tuple[object, ...]:
    at = now.read_at
    totals = now.total_in, now.total_out, at.wall, at.boot, at.monotonic, now.reported_at, now.day
    return *totals, *_levels(now.allowances)


def _allowances(levels: Sequence[float]) -> Allowances:
    return Allowance(*levels[:2]), Allowance(*levels[2:])


def _levels(allowances: Allowances) -> tuple[float, ...]:
    into, out = allowances
    return into.sure, into.believed, out.sure, out.believed


def intervals(connection: sqlite3.Connection, device: str, line: int) -> tuple[Taken, ...]:
    """All that are remembered, in the order they were read."""
    return _taken(connection, "ORDER BY place", (device, line))


def known(connection: sqlite3.Connection, device: str, line: int, now: Interval, read_at: Moment) -> tuple[Taken, ...]:
    """Those that matter to `now`: all of them would cost milliseconds to look at."""
    last = _taken(connection, "ORDER BY place DESC LIMIT 1", (device, line))
    if not last:
        return ()
    placed = located(last[0], now, read_at)
    return _taken(
        connection,
        """AND (place=? OR (serial<>'' AND serial=?) OR (epoch=? AND life=? AND start<=? AND stop>=?))
           ORDER BY place""",
        (
            *(device, line, last[0].place, now.serial, placed.epoch, placed.life),
            *(placed.end + SLACK_SECONDS, placed.start - SLACK_SECONDS),
        ),
    )


def _taken(connection: sqlite3.Connection, which: str, values: tuple[object, ...]) -> tuple[Taken, ...]:
    rows = connection.execute(
        f"""SELECT place, count_in, count_out, start, stop, epoch, life, serial, read_at, boot, monotonic, {_LEVELS}
            FROM intervals WHERE device=? AND line=? {which}""",  # noqa: S608 - the constants above
        values,
    )
    return tuple(
        Taken(
            *(place, count_in, count_out, start, end, epoch, life, serial),
            Moment(wall, boot, monotonic),
            _allowances(levels),
        )
        for place, count_in, count_out, start, end, epoch, life, serial, wall, boot, monotonic, *levels in rows
    )


def put_interval(connection: sqlite3.Connection, device: str, line: int, taken: Taken, gone: Sequence[int]) -> None:
    """Remember `taken` in place of the places `gone`; now and then the oldest become one."""
    _put(connection, device, line, gone, [taken])
    if taken.place % TRIM_EVERY == 0:
        before = intervals(connection, device, line)
        after = trimmed(before)
        places = {row.place for row in after}
        kept = set(before)
        gone = [row.place for row in before if row.place not in places]
        _put(connection, device, line, gone, [row for row in after if row not in kept])


def _put(connection: sqlite3.Connection, device: str, line: int, gone: Sequence[int], come: Sequence[Taken]) -> None:
    if gone:
        connection.executemany(
            "DELETE FROM intervals WHERE device=? AND line=? AND place=?", [(device, line, place) for place in gone]
        )
    connection.executemany(
        "INSERT OR REPLACE INTO intervals VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(device, line, *_columns(row)) for row in come],
    )


def _columns(row: Taken) -> tuple[object, ...]:
    at = row.read_at
    return (
        *(row.place, row.count_in, row.count_out, row.start, row.end),
        *(row.epoch, row.life, row.serial, at.wall, at.boot, at.monotonic),
        *_levels(row.allowances),
    )
