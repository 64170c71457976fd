"""Appending to the uplink outbox inside whatever transaction made the facts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from contracts.events import Data
from contracts.ids import uuid7
from gateway.prepared import run, run_each
from gateway.tables import to_micros

_NEXT = "UPDATE uplink_stream SET last_sequence = last_sequence + ? RETURNING last_sequence"
_INSERT = "INSERT INTO uplink_events (sequence, id, source, type, time, data) VALUES (?, ?, ?, ?, ?, ?)"


@dataclass(frozen=True, slots=True)
class Fact:
    """`body` is the data as JSON, as it was when it was told."""

    source: str
    type: str
    time: datetime
    body: str

    @classmethod
    def of(cls, data: Data, *, source: str, time: datetime) -> "Fact":
        return cls(source, data.TYPE, time, data.model_dump_json())


def append(connection: Connection, facts: Sequence[Fact]) -> None:
    """In their order, at once. The rows exist when, and only when, the caller's transaction commits."""
    if not facts:
        return
    [(last,)] = run(connection, _NEXT, (len(facts),))
    first = last - len(facts) + 1
    rows = ((first + n, uuid7(), f.source, f.type, to_micros(f.time), f.body) for n, f in enumerate(facts))
    run_each(connection, _INSERT, rows)
