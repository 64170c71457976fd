"""What a device of each driver is asked for, what was typed, and what differs between two lists. Pure.

The forms are made from the drivers' own models (`make render`).
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter

_FILE = Path(__file__).with_name("drivers.json")
_ID = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
Values = dict[str, Any]
"""One device as its node's file has it."""


class Field(BaseModel):
    """`kind` json: a table or a list, written as JSON."""

    model_config = ConfigDict(frozen=True)
    name: str
    kind: Literal["text", "integer", "number", "boolean", "json"]
    required: bool
    default: Any = None
    choices: tuple[str | int, ...] = ()
    least: float | None = None
    most: float | None = None


class Form(BaseModel):
    model_config = ConfigDict(frozen=True)
    title: str
    title_zh: str
    wiring: str
    fields: tuple[Field, ...]


@cache
def forms() -> Mapping[str, Form]:
    return TypeAdapter(dict[str, Form]).validate_json(_FILE.read_bytes())


class UnfitError(ValueError):
    """What was typed cannot be the value; the text is a code of `desk.devices.unfit`."""


def shown(field: Field, value: Any) -> str:
    """A value as it stands in its input."""
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False) if field.kind in ("json", "boolean") else str(value)


def read(field: Field, typed: str) -> Any:
    """The value; None where nothing was typed. Raises UnfitError."""
    text = typed.strip()
    if not text:
        if field.required:
            raise UnfitError("needed")
        return None
    if field.name == "id" and not _ID.fullmatch(text):
        raise UnfitError("id")
    value = _parsed(field, text)
    if field.least is not None and value < field.least:
        raise UnfitError("small")
    if field.most is not None and value > field.most:
        raise UnfitError("large")
    return value


def _parsed(field: Field, text: str) -> Any:
    try:
        match field.kind:
            case "integer":
                return int(text)
            case "number":
                return float(text)
            case "json" | "boolean":
                return json.loads(text)
    except ValueError:
        raise UnfitError("json" if field.kind == "json" else "number") from None
    return next((choice for choice in field.choices if str(choice) == text), text)


@dataclass(frozen=True, slots=True)
class Change:
    """`settings`: (name, before, after) of a device that stays, None where there is no value."""

    device: str
    what: Literal["added", "removed", "changed"]
    settings: tuple[tuple[str, Any, Any], ...] = ()


def changes(before: Sequence[Values], after: Sequence[Values]) -> list[Change]:
    """In the order of the devices; an order that differs is no change."""
    old, new = ({str(each.get("id")): each for each in devices} for devices in (before, after))
    found = []
    for name in [*new, *(name for name in old if name not in new)]:
        if name not in old:
            found.append(Change(name, "added"))
        elif name not in new:
            found.append(Change(name, "removed"))
        elif old[name] != new[name]:
            settings = [key for key in {**old[name], **new[name]} if old[name].get(key) != new[name].get(key)]
            triples = tuple((key, old[name].get(key), new[name].get(key)) for key in settings)
            found.append(Change(name, "changed", triples))
    return found
