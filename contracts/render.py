"""Writes what the models promise into docs/contracts: AsyncAPI of the topics, JSON Schema of every model.

`python -m contracts.render` writes; `--check` exits 1 and names each document that is stale, missing or left over.
"""

import argparse
import inspect
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from contracts import (
    alerts_api,
    appeals_api,
    asyncapi,
    bookings_api,
    central_api,
    channels_api,
    checkin_api,
    down_api,
    events,
    faces_api,
    facts,
    facts_api,
    floor_api,
    fraud_api,
    gateway_api,
    identity_api,
    marks_api,
    messages,
    node_config,
    nodes_api,
    rest,
    rota_api,
    scans_api,
    sealing,
    stream_api,
    sync_api,
    verdicts_api,
)

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "contracts"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
_BUNDLES: dict[str, tuple[ModuleType, str]] = {
    "messages": (messages, "MQTT messages beside events"),
    "node_config": (node_config, "What a gateway asks of a node"),
    "nodes_api": (nodes_api, "Bodies of the gateway's API about its nodes"),
    "rest": (rest, "Bodies shared by both REST APIs"),
    "checkin_api": (checkin_api, "Bodies of what a check-in asks beside the usual"),
    "facts_api": (facts_api, "Bodies of what consultants note of customers"),
    "gateway_api": (gateway_api, "Bodies of the gateway's REST and WebSocket API"),
    "rota_api": (rota_api, "Bodies of the gateway's API about the rota and who asks for it"),
    "verdicts_api": (verdicts_api, "Bodies of the gateway's API about verdicts as each side reads them"),
    "appeals_api": (appeals_api, "Bodies of the gateway's API about appeals and rulings"),
    "stream_api": (stream_api, "The gateway's live stream"),
    "marks_api": (marks_api, "Bodies of the gateway's API about people who are no customers"),
    "floor_api": (floor_api, "Bodies of the gateway's API about the whole office"),
    "fraud_api": (fraud_api, "Bodies of the gateway's API about signals of fraud"),
    "alerts_api": (alerts_api, "Bodies of the gateway's REST API around alerts, pushes and webhooks"),
    "faces_api": (faces_api, "Bodies of the gateway's REST API around faces and consent"),
    "identity_api": (identity_api, "Bodies of the gateway's REST API about who somebody is"),
    "central_api": (central_api, "Bodies of central's REST API"),
    "channels_api": (channels_api, "Bodies of central's REST API about channels"),
    "bookings_api": (bookings_api, "Bodies of the gateway's API about bookings"),
    "scans_api": (scans_api, "Bodies of the gateway's API about agents' codes"),
    "sync_api": (sync_api, "Bodies of the gateway's API about its line from central"),
    "down_api": (down_api, "What a gateway fetches from central"),
    "sealing": (sealing, "What a sealed envelope holds once opened"),
}


def _models_of(module: ModuleType) -> list[type[BaseModel]]:
    """The models a module itself defines, in the order of its text."""
    own = [
        value
        for value in vars(module).values()
        if inspect.isclass(value) and issubclass(value, BaseModel) and value.__module__ == module.__name__
    ]
    return [model for model in own if model.model_fields]


def _bundle(title: str, models: list[type[BaseModel]]) -> dict[str, Any]:
    inputs: list[tuple[type[BaseModel], JsonSchemaMode]] = [(model, "validation") for model in models]
    _, found = models_json_schema(inputs)
    return {"$schema": DIALECT, "title": title, "$defs": found["$defs"]}


def documents() -> dict[str, dict[str, Any]]:
    """File name below docs/contracts → document."""
    found = {"asyncapi.json": asyncapi.document()}
    for name, (module, title) in _BUNDLES.items():
        found[f"{name}.schema.json"] = _bundle(title, _models_of(module))
    found["events/envelope.schema.json"] = {"$schema": DIALECT, **events.Event.model_json_schema()}
    for name, model in {**events.NODE_EVENTS, **facts.OFFICE_EVENTS}.items():
        found[f"events/{name}.schema.json"] = {"$schema": DIALECT, **model.model_json_schema()}
    return found


def as_text(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def stale(folder: Path) -> list[str]:
    """Sentences about what differs between `folder` and the models; empty when they agree."""
    wanted = {name: as_text(document) for name, document in documents().items()}
    problems = [
        f"{name} is {'stale' if (folder / name).exists() else 'missing'}"
        for name, text in wanted.items()
        if not (folder / name).exists() or (folder / name).read_text(encoding="utf-8") != text
    ]
    present = {str(path.relative_to(folder)) for path in folder.rglob("*.json") if not path.name.startswith("openapi-")}
    return problems + [f"{name} is left over" for name in sorted(present - set(wanted))]


def write(folder: Path) -> None:
    wanted = documents()
    for path in folder.rglob("*.json"):
        if str(path.relative_to(folder)) not in wanted and not path.name.startswith("openapi-"):
            path.unlink()
    for name, document in wanted.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(as_text(document), encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m contracts.render", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 when a document is stale")
    if not parser.parse_args().check:
        write(FOLDER)
        return 0
    problems = stale(FOLDER)
    for problem in problems:
        print(f"docs/contracts/{problem}: run `make render`", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
