"""Sums of people through the doors."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Integer, cast, func
from sqlmodel import Session, col, select

from gateway.footfall.tables import FootfallMinuteRow
from gateway.tables import to_micros

_ADD = """
INSERT INTO footfall_minutes (minute, node, device, line, count_in, count_out, revision) VALUES (?, ?, ?, ?, ?, ?, 1)
ON CONFLICT (minute, node, device, line) DO UPDATE SET
  count_in = count_in + excluded.count_in, count_out = count_out + excluded.count_out, revision = revision + 1
RETURNING count_in, count_out, revision
"""


@dataclass(frozen=True, slots=True)
class Sums:
    """People in and out during the step that begins at `begin`."""

    begin: datetime
    count_in: int
    count_out: int


@dataclass(frozen=True, slots=True)
class MinuteKey:
    minute: datetime
    node: str
    device: str
    line: int


def add(connection: Connection, key: MinuteKey, count_in: int, count_out: int) -> tuple[int, int, int]:
    """Add to one minute; return its absolute sums and their revision."""
    values = (to_micros(key.minute), key.node, key.device, key.line, count_in, count_out)
    row = connection.exec_driver_sql(_ADD, values).one()
    return int(row[0]), int(row[1]), int(row[2])


def total(session: Session, begin: datetime, end: datetime) -> tuple[int, int]:
    """People in and out over all doors from `begin` to before `end`."""
    row = FootfallMinuteRow
    query = select(func.sum(row.count_in), func.sum(row.count_out)).where(row.minute >= begin, row.minute < end)
    count_in, count_out = session.exec(query).one()
    return int(count_in or 0), int(count_out or 0)


def series(session: Session, begin: datetime, end: datetime, step: timedelta) -> list[Sums]:
    """Sums of all doors per `step`, counted from `begin`; steps without anybody are left out."""
    row = FootfallMinuteRow
    size = step // timedelta(microseconds=1)
    place = (cast(col(row.minute), Integer) - to_micros(begin)) / size
    index = cast(func.floor(place), Integer)
    query = (
        select(index, func.sum(row.count_in), func.sum(row.count_out))
        .where(row.minute >= begin, row.minute < end)
        .group_by(index)
        .order_by(index)
    )
    return [Sums(begin + step * int(at), int(came), int(left)) for at, came, left in session.exec(query)]
