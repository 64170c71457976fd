"""Appending to the uplink outbox inside whatever transaction made the fact."""

from datetime import datetime

from sqlalchemy import Connection

from contracts.events import Data
from contracts.ids import uuid7
from gateway.tables import to_micros

_NEXT = "UPDATE uplink_stream SET last_sequence = last_sequence + 1 RETURNING last_sequence"
_INSERT = "INSERT INTO uplink_events (sequence, id, source, type, time, data) VALUES (?, ?, ?, ?, ?, ?)"


def append(connection: Connection, data: Data, *, source: str, time: datetime) -> int:
    """Return the sequence of the fact. The row exists when, and only when, the caller's transaction commits."""
    sequence = int(connection.exec_driver_sql(_NEXT).scalar_one())
    connection.exec_driver_sql(_INSERT, (sequence, uuid7(), source, data.TYPE, to_micros(time), data.model_dump_json()))
    return sequence
