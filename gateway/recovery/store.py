"""Since when a database may lack what it once told central; and what it holds of one minute itself."""

from datetime import datetime, timedelta

from sqlalchemy import Connection
from sqlmodel import Session

from contracts.events import DoorCrossing
from gateway.footfall.domain import Crossing
from gateway.footfall.store import MinuteKey
from gateway.tables import GatewayState, to_micros

_KEY = "recovering_since"
_MINUTE = timedelta(minutes=1)
_CROSSINGS = """
SELECT sequence, data FROM events
WHERE stream = ? AND sequence > ? AND device = ? AND type = ? AND time >= ? AND time < ? ORDER BY sequence
"""


def begin(session: Session, since: datetime) -> None:
    """From now on nothing is told to central before what it counted since then has come back."""
    session.merge(GatewayState(key=_KEY, value=since.isoformat()))


def since(session: Session) -> datetime | None:
    """None for a database that lacks nothing."""
    row = session.get(GatewayState, _KEY)
    return None if row is None else datetime.fromisoformat(row.value)


def end(session: Session) -> None:
    row = session.get(GatewayState, _KEY)
    if row is not None:
        session.delete(row)


def crossings(connection: Connection, key: MinuteKey, counted: dict[str, int]) -> list[Crossing]:
    """The events of that minute and line which central has not counted, each stream in its order."""
    found: list[Crossing] = []
    begin, end = to_micros(key.minute), to_micros(key.minute + _MINUTE)
    streams = connection.exec_driver_sql("SELECT stream FROM streams WHERE node = ?", (key.node,)).scalars().all()
    for stream in streams:
        place = (stream, counted.get(stream, 0), key.device, DoorCrossing.TYPE, begin, end)
        for sequence, text in connection.exec_driver_sql(_CROSSINGS, place):
            data = DoorCrossing.model_validate_json(text)
            if data.line == key.line:
                found.append(Crossing(stream, sequence, data.count_in, data.count_out))
    return found
