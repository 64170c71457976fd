"""Judging what a node sent: pure, no I/O and no clock.

A message is a JSON array of events. What cannot be read at all says nothing about sequences; an event that is read but
refused still takes its place in its stream, so that the stream goes on.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import pydantic_core
from pydantic import ValidationError

from contracts.events import Data, Event, Tombstone
from contracts.topics import MAX_BATCH_BYTES, Topic
from gateway.ingest.handlers import LATE

FUTURE = timedelta(minutes=10)
"""An event from further ahead of the gateway's clock than this has a wrong clock."""
ANCIENT = timedelta(days=400)
"""So has one from longer ago than any outbox keeps events."""

_UUID = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")
_TYPE = re.compile(r"^[a-z]+\.[a-z_]+\.v\d+$")
_DEVICE = re.compile(r"^[a-z0-9][a-z0-9-]{0,39}$")

Reason = Literal[
    "too_large",
    "not_json",
    "wrong_shape",
    "bad_event",
    "wrong_source",
    "unknown_type",
    "bad_data",
    "other_nodes_stream",
    "handler_failed",
]


class RejectedError(Exception):
    """The message or event goes to the dead letters. `detail` names places and error types, never values."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason: Reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Position:
    """Where an event stands in its stream. A tombstone stands for the whole range from `first`."""

    stream: str
    sequence: int
    event_id: str
    first: int
    event_type: str | None


@dataclass(frozen=True, slots=True)
class Judged:
    """An event that may be taken, with its typed data and its corrected time."""

    event: Event
    data: Data
    device: str
    device_time: datetime
    late: bool
    clock_wrong: bool


def read_batch(payload: bytes) -> list[Any]:
    """The items of a message. Raises RejectedError for the message as a whole."""
    if len(payload) > MAX_BATCH_BYTES:
        raise RejectedError("too_large", f"{len(payload)} bytes, at most {MAX_BATCH_BYTES}")
    try:
        items = pydantic_core.from_json(payload, allow_inf_nan=False)
    except ValueError as error:
        raise RejectedError("not_json", type(error).__name__) from None
    if not isinstance(items, list) or not items:
        raise RejectedError("wrong_shape", "expected a JSON array of at least one event")
    return items


def position(item: Any) -> Position | None:
    """Where `item` claims to stand, readable even when the rest of it is not; None when it does not say."""
    if not isinstance(item, dict):
        return None
    stream, sequence, event_id, kind = (item.get(name) for name in ("stream", "sequence", "id", "type"))
    if not (isinstance(stream, str) and _UUID.fullmatch(stream)):
        return None
    if not (isinstance(event_id, str) and _UUID.fullmatch(event_id)):
        return None
    if not isinstance(sequence, int) or isinstance(sequence, bool) or not 1 <= sequence <= 2**53:
        return None
    known = kind if isinstance(kind, str) and len(kind) <= 60 and _TYPE.match(kind) else None
    return Position(stream, sequence, event_id, _first(item, sequence), known)


def _first(item: dict[str, Any], sequence: int) -> int:
    data = item.get("data")
    if item.get("type") != Tombstone.TYPE or not isinstance(data, dict):
        return sequence
    first = data.get("from_sequence")
    if isinstance(first, int) and not isinstance(first, bool) and 1 <= first <= sequence == data.get("through"):
        return first
    return sequence


def judge(item: Any, topic: Topic, known: Mapping[str, type[Data]], received_at: datetime) -> Judged:
    """Raises RejectedError."""
    try:
        event = Event.model_validate(item)
    except ValidationError as error:
        raise RejectedError("bad_event", _places(error)) from None
    device = _device(event.source, topic)
    if event.type not in known:
        raise RejectedError("unknown_type", event.type)
    try:
        data = known[event.type].model_validate(event.data)
    except ValidationError as error:
        raise RejectedError("bad_data", _places(error)) from None
    if isinstance(data, Tombstone) and (data.through != event.sequence or data.from_sequence > data.through):
        raise RejectedError("bad_data", "a tombstone ends at its own sequence and begins before it")
    time, clock_wrong = corrected(event, received_at)
    late = received_at - time > LATE
    timed = event.model_copy(update={"time": time}) if clock_wrong else event
    return Judged(timed, data, device, event.time, late, clock_wrong)


def _device(source: str, topic: Topic) -> str:
    prefix = f"/offices/{topic.office}/nodes/{topic.node}/devices/"
    device = source.removeprefix(prefix)
    if not source.startswith(prefix) or not _DEVICE.fullmatch(device):
        raise RejectedError("wrong_source", "the source is not a device of the node that the topic names")
    return device


def corrected(event: Event, received_at: datetime) -> tuple[datetime, bool]:
    """The time to count the event by, and whether the device's own was wrong."""
    wrong = not event.clocksync or event.time > received_at + FUTURE or event.time < received_at - ANCIENT
    return (received_at, True) if wrong else (event.time, False)


def place(committed: int, at: Position) -> Literal["next", "seen", "gap"]:
    """How an event fits a stream that is taken up to `committed`."""
    if at.sequence <= committed:
        return "seen"
    return "next" if at.first <= committed + 1 else "gap"


def _places(error: ValidationError) -> str:
    found = (
        f"{'.'.join(_printable(step) for step in e['loc'])}: {e['type']}" for e in error.errors(include_input=False)
    )
    return "; ".join(found)[:400]


def _printable(step: int | str) -> str:
    """Field names of a stranger's message may be anything: keep only what could be one of ours."""
    text = str(step)
    return text if re.fullmatch(r"[A-Za-z0-9_]{1,40}", text) else "?"
