"""The AsyncAPI 3.0 document of the topics, seen from a node (an edge agent): it sends events, status and replies, and
receives acknowledgements and commands. Specification: asyncapi.com/docs/reference/specification/v3.0.0.
"""

from dataclasses import dataclass
from typing import Any, Literal, get_args

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from contracts.events import NODE_EVENTS, Event
from contracts.messages import (
    Ack,
    Command,
    ConsentAsk,
    ConsentPage,
    FaceCancel,
    FaceEnrol,
    FacePreview,
    NodeStatus,
    PanelShow,
    ProbeContent,
    Reply,
    SealedProbe,
    TicketPrint,
    TicketPrinted,
)
from contracts.node_config import NodeConfig
from contracts.topics import MAX_BATCH_BYTES, ROOT, Leaf

SCHEMAS = "#/components/schemas/"


@dataclass(frozen=True, slots=True)
class _Channel:
    leaf: Leaf
    action: Literal["send", "receive"]
    message: str
    retained: bool
    summary: str


_CHANNELS = (
    _Channel("events", "send", "EventBatch", False, f"Events in order of sequence, at most {MAX_BATCH_BYTES} bytes."),
    _Channel("status", "send", "NodeStatus", True, "Health of the node and its devices; the last will says offline."),
    _Channel("reply", "send", "Reply", False, "What became of a command."),
    _Channel("ask", "send", "ConsentAsk", False, "Where does my copy of the consents stand?"),
    _Channel("probe", "send", "SealedProbe", False, "One look at one face, sealed to the node of the vault."),
    _Channel("consents", "receive", "ConsentPage", False, "What changed among the consents, and the lease."),
    _Channel("config", "receive", "NodeConfig", True, "The node's devices as its gateway asks for them, versioned."),
    _Channel("ack", "receive", "Ack", False, "How far the gateway has the node's stream."),
    _Channel(
        "command", "receive", "Command", False, "An order, executed at most once per id and never after it expires."
    ),
)
_PARAMETERS = {
    "office": {"description": "The office, lower case, digits and hyphens, at most 40 characters."},
    "node": {"description": "The node within the office, same form. A node publishes only below its own branch."},
}


def _event_schema(name: str, model: str) -> dict[str, Any]:
    """The envelope with `type` fixed and `data` of that type."""
    return {
        "title": name,
        "allOf": [
            {"$ref": f"{SCHEMAS}Event"},
            {
                "type": "object",
                "properties": {"type": {"const": name}, "data": {"$ref": f"{SCHEMAS}{model}"}},
                "required": ["type", "data"],
            },
        ],
    }


def _schemas() -> dict[str, Any]:
    orders: list[type[BaseModel]] = [Command, PanelShow, TicketPrint, FaceEnrol, FaceCancel]
    answers: list[type[BaseModel]] = [Reply, TicketPrinted, FacePreview]
    copies: list[type[BaseModel]] = [ConsentAsk, ConsentPage, SealedProbe, ProbeContent]
    models: list[type[BaseModel]] = [
        Event,
        *NODE_EVENTS.values(),
        Ack,
        NodeStatus,
        NodeConfig,
        *orders,
        *answers,
        *copies,
    ]
    inputs: list[tuple[type[BaseModel], JsonSchemaMode]] = [(model, "validation") for model in models]
    _, found = models_json_schema(inputs, ref_template=SCHEMAS + "{model}")
    schemas: dict[str, Any] = found["$defs"]
    envelopes = {f"{m.__name__}Event": _event_schema(name, m.__name__) for name, m in NODE_EVENTS.items()}
    batch = {
        "type": "array",
        "minItems": 1,
        "items": {"oneOf": [{"$ref": SCHEMAS + name} for name in sorted(envelopes)]},
    }
    return {**schemas, **envelopes, "EventBatch": batch}


def _message(name: str) -> dict[str, Any]:
    content = "application/cloudevents-batch+json" if name == "EventBatch" else "application/json"
    return {"name": name, "contentType": content, "payload": {"$ref": SCHEMAS + name}}


def _channel(leaf: Leaf, summary: str, message: str) -> dict[str, Any]:
    messages = {message: {"$ref": f"#/components/messages/{message}"}}
    return {
        "address": f"{ROOT}/{{office}}/{{node}}/{leaf}",
        "description": summary,
        "parameters": _PARAMETERS,
        "messages": messages,
    }


def _operation(channel: _Channel) -> dict[str, Any]:
    return {
        "action": channel.action,
        "summary": channel.summary,
        "channel": {"$ref": f"#/channels/{channel.leaf}"},
        "messages": [{"$ref": f"#/channels/{channel.leaf}/messages/{channel.message}"}],
        "bindings": {"mqtt": {"qos": 1, "retain": channel.retained, "bindingVersion": "0.2.0"}},
    }


def document() -> dict[str, Any]:
    """The whole document, as plain JSON values."""
    channels = {c.leaf: _channel(c.leaf, c.summary, c.message) for c in _CHANNELS}
    if set(channels) != set(get_args(Leaf)):
        raise ValueError(f"channels without a description: {set(get_args(Leaf)) ^ set(channels)}")
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Anchang node",
            "version": "1",
            "description": "What a node and the gateway of its sales office say to each other over MQTT.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": {f"{c.action}_{c.leaf}": _operation(c) for c in _CHANNELS},
        "components": {"messages": {c.message: _message(c.message) for c in _CHANNELS}, "schemas": _schemas()},
    }
