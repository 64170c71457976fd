"""What both REST APIs say of themselves beside their routes: who may call, and how they answer when they do not."""

from collections.abc import Callable
from functools import cache
from typing import Any

from contracts.rest import Problem

ROLES_KEY = "x-roles"
"""Extension of an operation: the roles that may call it; `["open"]` when no token is asked."""

_REF = "#/components/schemas/{model}"


Document = dict[str, Any]


def on_demand(make: Callable[[], Document], finish: Callable[[Document], None]) -> Callable[[], Document]:
    """The document as `finish` leaves it, made when it is first asked for: that takes most of a start, and few ask."""

    @cache
    def made() -> Document:
        document = make()
        finish(document)
        return document

    return made


def complete(document: Document) -> None:
    """Write problem documents and bearer tokens into an OpenAPI document whose operations name their roles."""
    parts = document.setdefault("components", {})
    schemas = parts.setdefault("schemas", {})
    model = Problem.model_json_schema(ref_template=_REF)
    schemas |= model.pop("$defs", {}) | {"Problem": model}
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    parts["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
    problem = {
        "description": "A problem document (RFC 9457); `code` is stable.",
        "content": {"application/problem+json": {"schema": {"$ref": _REF.format(model="Problem")}}},
    }
    for operations in document["paths"].values():
        for operation in operations.values():
            operation["responses"].pop("422", None)
            operation["responses"]["4XX"] = problem
            if operation[ROLES_KEY] != ["open"]:
                operation["security"] = [{"bearer": []}]
    parts["schemas"] = dict(sorted(schemas.items()))
