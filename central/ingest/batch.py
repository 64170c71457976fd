"""A request's body as events in their places. A damaged event whose place can still be read becomes a dead letter."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import ValidationError

from central.problems import ProblemError
from contracts.events import Event, Tombstone
from contracts.rest import FieldError

MAX_EVENTS = 2000
_MEMBER = re.compile(r"^[a-z_]{1,40}$")
_TYPE = re.compile(r"^[a-z]+\.[a-z_]+\.v\d+$")


@dataclass(frozen=True, slots=True)
class Candidate:
    """One element of the batch. `first`..`sequence` is what it settles: more than one sequence for a tombstone.

    `event` is None when the envelope is damaged; `detail` then says where.
    """

    stream: str
    first: int
    sequence: int
    event_id: str
    raw: Any
    event: Event | None
    detail: str = ""

    @property
    def event_type(self) -> str | None:
        return self.event.type if self.event else type_of(self.raw)


def read(body: bytes) -> list[Candidate]:
    """Raises ProblemError 400 for what is no JSON, 413 for too many, 422 when an element's place cannot be read."""
    try:
        elements = json.loads(body)
    except (ValueError, RecursionError):
        raise ProblemError(400, "not_json", "the body is a JSON array of events") from None
    if not isinstance(elements, list):
        raise ProblemError(422, "not_an_array", "the body is a JSON array of events")
    if len(elements) > MAX_EVENTS:
        raise ProblemError(413, "too_many_events", f"at most {MAX_EVENTS} events in a request")
    return [_candidate(element, index) for index, element in enumerate(elements)]


def _candidate(raw: Any, index: int) -> Candidate:
    try:
        event = Event.model_validate(raw)
    except ValidationError as error:
        return _damaged(raw, index, where(error))
    except OverflowError:
        return _damaged(raw, index, "a time that cannot be represented")
    first = _first_settled(event)
    return Candidate(event.stream, first, event.sequence, event.id, raw, event)


def _first_settled(event: Event) -> int:
    if event.type != Tombstone.TYPE:
        return event.sequence
    try:
        tombstone = Tombstone.model_validate(event.data)
    except ValidationError:
        return event.sequence
    fits = tombstone.from_sequence <= tombstone.through == event.sequence
    return tombstone.from_sequence if fits else event.sequence


def _damaged(raw: Any, index: int, detail: str) -> Candidate:
    members = raw if isinstance(raw, dict) else {}
    stream, sequence = _uuid(members.get("stream")), members.get("sequence")
    if stream is None or not isinstance(sequence, int) or isinstance(sequence, bool) or not 1 <= sequence <= 2**53:
        errors = [FieldError(field=f"{index}", code="no_place")]
        raise ProblemError(422, "unplaceable_event", "an event without a readable stream and sequence", errors=errors)
    event_id = _uuid(members.get("id")) or str(uuid5(NAMESPACE_URL, json.dumps(raw, sort_keys=True)))
    return Candidate(stream, sequence, sequence, event_id, raw, None, detail)


def _uuid(value: Any) -> str | None:
    try:
        return str(UUID(value)) if isinstance(value, str) and len(value) == 36 else None
    except ValueError:
        return None


def type_of(raw: Any) -> str | None:
    """The type a damaged event claims, when it looks like one of ours."""
    claimed = raw.get("type") if isinstance(raw, dict) else None
    return claimed if isinstance(claimed, str) and len(claimed) <= 60 and _TYPE.match(claimed) else None


def where(error: ValidationError) -> str:
    """Places and kinds of the mistakes, never the values; what looks like no member's name is left out."""
    found: Sequence[Any] = error.errors(include_input=False, include_url=False, include_context=False)
    return "; ".join(f"{_place(item['loc'])}: {item['type']}" for item in found[:5])


def _place(location: Sequence[int | str]) -> str:
    return ".".join(str(p) if isinstance(p, int) or _MEMBER.match(p) else "?" for p in location)
