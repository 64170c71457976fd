"""The rendered documents: current, self-consistent, and true of what the programs send."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest
from jsonschema import Draft202012Validator, ValidationError

from contracts import asyncapi, render
from contracts.events import NODE_EVENTS, DoorCrossing, Event
from contracts.ids import uuid7
from contracts.messages import Ack, Command, NodeStatus, PanelShow, Reply
from contracts.topics import Leaf, device_source

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
DOCUMENTS = render.documents()
ASYNCAPI = DOCUMENTS["asyncapi.json"]


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for member in value.values():
            yield from references(member)
    elif isinstance(value, list):
        for member in value:
            yield from references(member)


def resolve(document: dict[str, Any], reference: str) -> Any:
    found: Any = document
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return found


def payload_validator(message: str) -> Draft202012Validator:
    payload = ASYNCAPI["components"]["messages"][message]["payload"]
    return Draft202012Validator({**payload, "components": ASYNCAPI["components"]})


def event(**change: Any) -> dict[str, Any]:
    made = Event.of(
        DoorCrossing(count_in=1, count_out=0),
        source=device_source("yunqi", "lobby", "door-main"),
        time=NOW,
        stream=uuid7(),
        sequence=1,
    )
    return {**made.model_dump(mode="json"), **change}


def test_the_documents_checked_in_are_current() -> None:
    assert render.stale(render.FOLDER) == []


def test_a_stale_a_missing_and_a_left_over_document_are_named(tmp_path: Path) -> None:
    render.write(tmp_path)
    assert render.stale(tmp_path) == []
    (tmp_path / "rest.schema.json").write_text("{}")
    (tmp_path / "sealing.schema.json").unlink()
    (tmp_path / "events" / "old.event.v1.schema.json").write_text("{}")
    assert render.stale(tmp_path) == [
        "rest.schema.json is stale",
        "sealing.schema.json is missing",
        "events/old.event.v1.schema.json is left over",
    ]
    render.write(tmp_path)
    assert render.stale(tmp_path) == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_reference_leads_somewhere(name: str) -> None:
    for reference in references(DOCUMENTS[name]):
        assert resolve(DOCUMENTS[name], reference) is not None


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if name != "asyncapi.json"])
def test_every_schema_is_a_json_schema(name: str) -> None:
    Draft202012Validator.check_schema(DOCUMENTS[name])
    for schema in DOCUMENTS[name].get("$defs", {}).values():
        Draft202012Validator.check_schema(schema)


def test_the_asyncapi_document_has_the_required_members() -> None:
    assert ASYNCAPI["asyncapi"] == "3.0.0"
    assert {"title", "version"} <= ASYNCAPI["info"].keys()
    assert set(ASYNCAPI["channels"]) == set(get_args(Leaf))
    for channel in ASYNCAPI["channels"].values():
        assert all(f"{{{parameter}}}" in channel["address"] for parameter in channel["parameters"])
    for operation in ASYNCAPI["operations"].values():
        assert operation["action"] in ("send", "receive")
        channel = operation["channel"]["$ref"]
        assert all(message["$ref"].startswith(f"{channel}/messages/") for message in operation["messages"])
    for schema in ASYNCAPI["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_the_asyncapi_document_is_plain_json() -> None:
    assert json.loads(render.as_text(asyncapi.document())) == ASYNCAPI


def test_only_a_nodes_status_and_what_is_asked_of_it_are_retained() -> None:
    kept = {name for name, op in ASYNCAPI["operations"].items() if op["bindings"]["mqtt"]["retain"]}
    assert kept == {"send_status", "receive_config"}


@pytest.mark.parametrize(
    ("message", "payload"),
    [
        ("Ack", Ack(stream=uuid7(), committed=3, safe=2, epoch=uuid7())),
        ("NodeStatus", NodeStatus(office="yunqi", node="lobby", online=True, at=NOW, stream=uuid7())),
        ("Reply", Reply(command_id=uuid7(), ok=False, error="expired", at=NOW)),
        (
            "Command",
            Command(
                id=uuid7(),
                type="panel.show.v1",
                device="panel-1",
                expires_at=NOW + timedelta(seconds=30),
                data=PanelShow(number=999, panel=5).model_dump(),
            ),
        ),
    ],
)
def test_what_a_model_writes_is_what_the_document_says(message: str, payload: Any) -> None:
    payload_validator(message).validate(payload.model_dump(mode="json"))


def test_a_batch_of_events_is_what_the_document_says() -> None:
    payload_validator("EventBatch").validate([event(), event()])


@pytest.mark.parametrize(
    "batch",
    [
        [],
        {},
        [event(type="door.other.v1")],
        [event(type="queue.button.v1")],
        [event(data={"count_in": -1, "count_out": 0})],
        [event(sequence=0)],
    ],
)
def test_a_wrong_batch_is_refused_by_the_document_too(batch: Any) -> None:
    with pytest.raises(ValidationError):
        payload_validator("EventBatch").validate(batch)


def test_every_node_event_is_in_the_batch() -> None:
    alternatives = ASYNCAPI["components"]["schemas"]["EventBatch"]["items"]["oneOf"]
    titles = {resolve(ASYNCAPI, alternative["$ref"])["title"] for alternative in alternatives}
    assert titles == set(NODE_EVENTS)
