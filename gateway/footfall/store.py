"""Sums of people through the doors."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pydantic_core
from sqlalchemy import Connection, Integer, cast, func
from sqlmodel import Session, col, select

from gateway.footfall.domain import Minute
from gateway.footfall.tables import FootfallMinuteRow
from gateway.tables import to_micros

_LOAD = """
SELECT count_in, count_out, revision, through FROM footfall_minutes
WHERE minute = ? AND node = ? AND device = ? AND line = ?
"""
_SAVE = """
INSERT INTO footfall_minutes (minute, node, device, line, count_in, count_out, revision, through)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (minute, node, device, line) DO UPDATE SET count_in = excluded.count_in, count_out = excluded.count_out,
  revision = excluded.revision, through = excluded.through
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


def load(connection: Connection, key: MinuteKey) -> Minute:
    """The minute as it stands; nothing counted yet is zero at revision 0."""
    row = connection.exec_driver_sql(_LOAD, _place(key)).one_or_none()
    return Minute() if row is None else Minute(row[0], row[1], row[2], pydantic_core.from_json(row[3]))


def save(connection: Connection, key: MinuteKey, sums: Minute) -> None:
    through = pydantic_core.to_json(sums.through).decode()
    connection.exec_driver_sql(_SAVE, (*_place(key), sums.count_in, sums.count_out, sums.revision, through))


def _place(key: MinuteKey) -> tuple[int, str, str, int]:
    return to_micros(key.minute), key.node, key.device, key.line


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
