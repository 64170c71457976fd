"""Takes messages of the nodes: one message, one unit of work; acknowledged after its COMMIT, never before.

The node's `safe` watermark says that its events are in a backup off this machine; where no backups are made, that
central has all that came of them; without a central it equals `committed`: there is nowhere safer to wait for.
"""

import logging
from dataclasses import dataclass, field
from typing import Any

import pydantic_core
from sqlalchemy.exc import DBAPIError

from contracts.events import NODE_EVENTS, DoorCrossing, Tombstone
from contracts.messages import Ack
from contracts.topics import Topic
from gateway.context import Context
from gateway.deadletters import store as deadletters
from gateway.deadletters.store import Letter
from gateway.footfall.service import MinuteSums
from gateway.ingest import store
from gateway.ingest.domain import Judged, Position, RejectedError, judge, place, position, read_batch
from gateway.ingest.handlers import HANDLERS
from gateway.ingest.store import StreamState
from gateway.prepared import run
from gateway.visits.doors import Crossings
from gateway.writer import UnitOfWork

log = logging.getLogger(__name__)


class HandlerFailedError(Exception):
    """A feature could not digest an event: the message is done again, each event on its own."""


@dataclass
class Taken:
    """What became of one message. `acks`: where each of its streams stands now."""

    acks: list[Ack] = field(default_factory=list)
    taken: int = 0
    duplicates: int = 0
    rejected: int = 0
    gaps: int = 0
    forked: int = 0


@dataclass
class _Batch:
    uow: UnitOfWork
    context: Context
    topic: Topic
    careful: bool
    result: Taken = field(default_factory=Taken)
    streams: dict[str, StreamState] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)
    events: list[Judged] = field(default_factory=list)
    sums: MinuteSums = field(default_factory=MinuteSums)
    crossings: Crossings = field(default_factory=Crossings)


def take_message(uow: UnitOfWork, context: Context, topic: Topic, payload: bytes, *, careful: bool = False) -> Taken:
    """Store what can be taken and put aside what cannot. `careful` gives each event a savepoint of its own.

    Raises HandlerFailedError when a feature fails on an event, unless `careful`: then that event is put aside.
    """
    batch = _Batch(uow, context, topic, careful)
    try:
        items = read_batch(payload)
    except RejectedError as error:
        _put_aside(batch, payload, error, None)
        return batch.result
    places = [position(item) for item in items]
    connection = uow.session.connection()
    batch.known = store.known_ids(connection, [at.event_id for at in places if at is not None])
    for item, at in zip(items, places, strict=True):
        _take_item(batch, item, at)
    store.insert(connection, batch.events, node=topic.node, received_at=uow.now)
    batch.sums.write(uow)
    batch.crossings.write(uow, context)
    _settle(batch)
    return batch.result


def put_aside(uow: UnitOfWork, context: Context, topic: Topic, payload: bytes, error: BaseException) -> None:
    """Keep a whole message that failed in a way nobody foresaw."""
    _put_aside(_Batch(uow, context, topic, True), payload, RejectedError("handler_failed", type(error).__name__), None)


def _take_item(batch: _Batch, item: Any, at: Position | None) -> None:
    if at is None:
        _put_aside(batch, _bytes(item), RejectedError("bad_event", "no readable id, stream and sequence"), None)
        return
    state = _stream(batch, at.stream)
    if state.node != batch.topic.node:
        _put_aside(batch, _bytes(item), RejectedError("other_nodes_stream", "the stream is another node's"), at)
        return
    if state.refused is not None:
        return
    fit = place(state.committed, at)
    if fit == "gap":
        batch.result.gaps += 1
    elif fit == "seen":
        _take_again(batch, state, at)
    else:
        _take_next(batch, state, item, at)


def _take_again(batch: _Batch, state: StreamState, at: Position) -> None:
    taken_here = any(j.event.stream == at.stream and j.event.sequence == at.sequence for j in batch.events)
    other_here = taken_here and at.event_id not in batch.known
    connection = batch.uow.session.connection()
    if at.event_type == Tombstone.TYPE:
        batch.result.duplicates += 1  # a node may fold again what was taken while its acknowledgement was lost
    elif other_here or store.another_id_is_there(connection, at.stream, at.sequence, at.event_id):
        state.refused = "forked"
        state.touched = True
        batch.result.forked += 1
        log.error("a node's outbox has forked", extra={"node": state.node, "stream": state.stream})
    else:
        batch.result.duplicates += 1


def _take_next(batch: _Batch, state: StreamState, item: Any, at: Position) -> None:
    state.committed = at.sequence
    state.touched = True
    if at.event_id in batch.known:
        batch.result.duplicates += 1
        return
    try:
        judged = judge(item, batch.topic, NODE_EVENTS, batch.uow.now)
        _apply(batch, judged)
    except RejectedError as error:
        _put_aside(batch, _bytes(item), error, at)
        return
    batch.known.add(at.event_id)
    batch.events.append(judged)
    batch.result.taken += 1


def _apply(batch: _Batch, judged: Judged) -> None:
    """Let the features digest the event. Raises RejectedError in careful mode, HandlerFailedError otherwise."""
    handlers = HANDLERS.get(judged.event.type, ())
    try:
        if batch.careful and handlers:
            with batch.uow.isolated():
                for handler in handlers:
                    handler(batch.uow, batch.context, judged.event, judged.data)
        else:
            for handler in handlers:
                handler(batch.uow, batch.context, judged.event, judged.data)
    except DBAPIError:
        raise  # the database's trouble, not the event's
    except Exception as error:
        log.exception("a handler failed", extra={"event_type": judged.event.type, "event": judged.event.id})
        if not batch.careful:
            raise HandlerFailedError from error
        raise RejectedError("handler_failed", type(error).__name__) from error
    if isinstance(judged.data, DoorCrossing):
        batch.sums.add(batch.topic.node, judged.device, judged.event, judged.data)
        batch.crossings.add(judged.event, judged.data)


def _settle(batch: _Batch) -> None:
    """Store where the streams stand, and what central must have before they are safe."""
    connection = batch.uow.session.connection()
    batch.uow.write_facts()
    [(last, safe)] = run(connection, "SELECT last_sequence, safe FROM uplink_stream")
    safe_by = batch.context.config.safe_by
    nothing_pending = safe_by == "here" or (safe_by == "central" and last == safe)
    epoch = batch.context.epoch
    for state in batch.streams.values():
        if nothing_pending:
            state.safe = state.committed
        if state.touched:
            store.save(connection, state, batch.uow.now)
            if safe_by == "central" and not nothing_pending:
                store.mark(connection, state, last)
        batch.result.acks.append(state.ack(epoch))


def _stream(batch: _Batch, stream: str) -> StreamState:
    if stream not in batch.streams:
        batch.streams[stream] = store.load(batch.uow.session.connection(), stream, batch.topic.node)
    return batch.streams[stream]


def _put_aside(batch: _Batch, body: bytes, error: RejectedError, at: Position | None) -> None:
    batch.result.rejected += 1
    batch.uow.changed("floor")
    letter = Letter(
        topic=str(batch.topic),
        body=body,
        reason=error.reason,
        detail=error.detail,
        node=batch.topic.node,
        stream=None if at is None else at.stream,
        sequence=None if at is None else at.sequence,
        event_id=None if at is None else at.event_id,
        event_type=None if at is None else at.event_type,
    )
    days = batch.context.config.retention.dead_letter_days
    deadletters.keep(batch.uow.session, batch.context.keys, letter, now=batch.uow.now, days=days)


def _bytes(item: Any) -> bytes:
    return pydantic_core.to_json(item)
