"""Sums of people through the doors."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

import pydantic_core
from sqlalchemy import Connection, Integer, cast, func
from sqlmodel import Session, col, select

from gateway.footfall.domain import Minute
from gateway.footfall.tables import FootfallMinuteRow
from gateway.prepared import run, run_each
from gateway.tables import to_micros

_LOAD = """
SELECT minute, node, device, line, count_in, count_out, revision, through FROM footfall_minutes
WHERE (minute, node, device, line) IN (VALUES {})
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


def load(connection: Connection, keys: Collection[MinuteKey]) -> dict[MinuteKey, Minute]:
    """These minutes as they stand, a few hundred at most; nothing counted yet is zero at revision 0."""
    places = {_place(key): key for key in keys}
    sums = dict.fromkeys(keys, Minute())
    if places:
        query = _LOAD.format(", ".join(["(?, ?, ?, ?)"] * len(places)))
        for *place, came, left, revision, through in run(connection, query, tuple(chain(*places))):
            sums[places[tuple(place)]] = Minute(came, left, revision, pydantic_core.from_json(through))
    return sums


def save(connection: Connection, sums: Mapping[MinuteKey, Minute]) -> None:
    rows = (
        (*_place(key), now.count_in, now.count_out, now.revision, pydantic_core.to_json(now.through).decode())
        for key, now in sums.items()
    )
    run_each(connection, _SAVE, rows)


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
