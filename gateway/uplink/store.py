"""The uplink outbox as the sender sees it."""

import hashlib
from datetime import datetime

import pydantic_core
from sqlalchemy import delete, func, update
from sqlmodel import Session, col, select

from contracts.events import Event, Tombstone
from contracts.floor_api import LinkView
from contracts.ids import uuid7
from contracts.messages import Ack
from contracts.topics import gateway_source
from gateway.context import Context
from gateway.uplink.tables import UplinkEvent, UplinkStream

_RENUMBER_MARKS = "UPDATE safe_marks SET uplink_sequence = uplink_sequence - ?"


def stream(session: Session) -> UplinkStream:
    return session.exec(select(UplinkStream)).one()


def pending(session: Session) -> int:
    """Facts that central has not yet committed."""
    row = stream(session)
    return row.last_sequence - row.committed


def batch(session: Session, office: str, *, limit: int, max_bytes: int) -> list[Event]:
    """The next facts after what central has committed, at most `limit` and about `max_bytes` of data."""
    row = stream(session)
    query = select(UplinkEvent).where(UplinkEvent.sequence > row.committed).order_by(col(UplinkEvent.sequence))
    found = list(session.exec(query.limit(limit)))
    events: list[Event] = []
    if found and found[0].sequence > row.committed + 1:
        events.append(_fill(office, row.stream, row.committed + 1, found[0].sequence - 1, found[0].time))
    size = 0
    for fact in found:
        size += len(fact.data) + 400
        if events and size > max_bytes:
            break
        events.append(_event(row.stream, fact))
    return events


def _event(stream_id: str, fact: UplinkEvent) -> Event:
    return Event.model_validate(
        {
            "id": fact.id,
            "source": fact.source,
            "type": fact.type,
            "time": fact.time,
            "stream": stream_id,
            "sequence": fact.sequence,
            "data": pydantic_core.from_json(fact.data),
        }
    )


def _fill(office: str, stream_id: str, first: int, through: int, time: datetime) -> Event:
    """What was safe at central and forgotten here, but that central no longer has: a range that will not come.

    Its id is derived from its place, so that sending it again is the same event.
    """
    digest = hashlib.sha256(f"{stream_id}:{first}:{through}".encode()).hexdigest()
    event_id = f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:32]}"
    data = Tombstone(from_sequence=first, through=through, reason="safe_then_lost_by_central")
    return Event.of(data, source=gateway_source(office), time=time, stream=stream_id, sequence=through, id=event_id)


def acknowledge(session: Session, ack: Ack, now: datetime, *, through: int) -> bool:
    """Note what central says of our stream; False when it speaks of another stream.

    Only what this database has sent (up to `through`) counts as committed: a database that was restored from a copy
    meets numbers that central knows from its former life, and must send its own to learn that they differ.

    A new epoch may have committed less than before: those facts are then sent again. Safe facts are forgotten.
    """
    row = stream(session)
    if ack.stream != row.stream:
        return False
    row.committed = min(ack.committed, through)
    row.safe = min(ack.safe, row.committed)
    row.epoch = ack.epoch
    row.last_ack_at = now
    session.add(row)
    session.exec(delete(UplinkEvent).where(col(UplinkEvent.sequence) <= row.safe))
    return True


def begin_new_stream(session: Session) -> str:
    """Our stream is refused as forked: what is kept gets new numbers in a new one; ids stay, so nothing doubles."""
    row = stream(session)
    first = session.exec(select(func.min(UplinkEvent.sequence))).one()
    shift = row.last_sequence if first is None else first - 1
    # SQLite checks the primary key row by row: go through negative numbers, which are always free
    session.exec(update(UplinkEvent).values(sequence=-(UplinkEvent.sequence - shift)))
    session.exec(update(UplinkEvent).values(sequence=-UplinkEvent.sequence))
    session.connection().exec_driver_sql(_RENUMBER_MARKS, (shift,))
    row.stream = uuid7()
    row.last_sequence -= shift
    row.committed = row.safe = 0
    row.epoch = None
    session.add(row)
    return row.stream


def link_view(session: Session, context: Context) -> LinkView:
    """The line to central for the floor board."""
    row = stream(session)
    return LinkView(
        configured=bool(context.config.central.url),
        online=context.link.online,
        pending=row.last_sequence - row.committed,
        last_ack_at=row.last_ack_at,
    )
