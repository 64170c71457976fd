"""The envelope, and that every event type keeps its promises."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from contracts.events import NODE_EVENTS, DoorCrossing, Event
from contracts.facts import OFFICE_EVENTS
from contracts.ids import uuid7
from contracts.topics import device_source

counts = st.integers(min_value=0, max_value=2**32)
SOURCE = device_source("yunqi", "lobby", "door-main")
ALL_EVENTS = {**NODE_EVENTS, **OFFICE_EVENTS}


def crossing(count_in: int = 1, count_out: int = 0, **extra: Any) -> Event:
    return Event.of(
        DoorCrossing(count_in=count_in, count_out=count_out),
        source=SOURCE,
        time=datetime(2026, 11, 22, 2, 0, tzinfo=UTC),
        stream=uuid7(),
        sequence=1,
        **extra,
    )


@given(counts, counts, st.integers(min_value=1, max_value=2**53))
def test_an_event_survives_the_wire(count_in: int, count_out: int, sequence: int) -> None:
    data = DoorCrossing(count_in=count_in, count_out=count_out, flags=["late"])
    sent = Event.of(data, source=SOURCE, time=datetime.now(UTC), stream=uuid7(), sequence=sequence, bootid="b")
    received = Event.model_validate_json(sent.model_dump_json())
    assert received == sent
    assert received.parse(NODE_EVENTS) == data


def test_an_event_has_the_members_of_cloudevents_1_0() -> None:
    text = json.loads(crossing().model_dump_json())
    assert text["specversion"] == "1.0"
    assert text["type"] == "door.crossing.v1"
    assert text["datacontenttype"] == "application/json"
    assert {"id", "source", "time"} <= text.keys()
    # Attribute names: lower-case letters and digits only.
    assert all(name.isalnum() and name == name.lower() for name in text)


def test_an_id_given_is_kept_and_a_new_one_is_a_uuid7() -> None:
    assert crossing(id="01900000-0000-7000-8000-000000000000").id == "01900000-0000-7000-8000-000000000000"
    assert crossing().id != crossing().id


def test_unknown_extension_attributes_are_ignored() -> None:
    text = json.loads(crossing().model_dump_json()) | {"traceparent": "00-0-0-00"}
    assert Event.model_validate(text).type == "door.crossing.v1"


@pytest.mark.parametrize(
    "change",
    [
        {"specversion": "0.3"},
        {"id": "not-a-uuid"},
        {"source": "offices/yunqi"},
        {"type": "door.crossing"},
        {"time": "2026-11-22T10:00:00"},
        {"sequence": 0},
        {"stream": ""},
        {"data": "text"},
        {"datacontenttype": "text/plain"},
    ],
)
def test_a_broken_envelope_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Event.model_validate(json.loads(crossing().model_dump_json()) | change)


def test_an_unknown_type_is_told_apart_from_a_wrong_shape() -> None:
    event = crossing()
    with pytest.raises(KeyError):
        event.model_copy(update={"type": "door.other.v1"}).parse(NODE_EVENTS)
    with pytest.raises(ValidationError):
        event.model_copy(update={"data": {"count_in": -1, "count_out": 0}}).parse(NODE_EVENTS)
    with pytest.raises(ValidationError):
        event.model_copy(update={"data": {**event.data, "surprise": 1}}).parse(NODE_EVENTS)


@pytest.mark.parametrize(("name", "model"), ALL_EVENTS.items())
def test_every_type_is_named_as_the_envelope_asks_and_documented(name: str, model: Any) -> None:
    Event.model_validate(json.loads(crossing().model_dump_json()) | {"type": name})
    assert name == model.TYPE
    assert model.__doc__


@pytest.mark.parametrize("model", OFFICE_EVENTS.values())
def test_no_event_to_central_has_a_field_for_personal_data_in_the_clear(model: Any) -> None:
    assert not set(model.model_fields) & {"name", "phone", "id_number", "wechat", "note", "plate"}
