"""Which facts other systems are told, and how much of them: pure."""

import json
from datetime import datetime, timedelta

from contracts.alerts_api import WebhookKind
from contracts.events import Data

KINDS: tuple[WebhookKind, ...] = ("visit", "verdict", "customer", "sale", "appeal")
TOLD = frozenset(
    {
        "revision",
        "kind",
        "party_size",
        "purpose",
        "state",
        "close_reason",
        "ticket_number",
        "source",
        "rule",
        "policy_version",
        "outcome",
        "amount_fen",
    }
)
"""Told besides ids (`…_id`) and times (`…_at`, `at`). A list of what may leave: a new field of a fact stays here."""


def kind_of(data: Data) -> WebhookKind | None:
    """None for what other systems are not told. Of a customer only that the file was made."""
    kind = next((kind for kind in KINDS if data.TYPE.startswith(f"{kind}.")), None)
    if kind == "customer" and getattr(data, "revision", 1) != 1:
        return None
    return kind


def message(data: Data, at: datetime) -> str:
    """The body, as sent: `type` without its version, `timestamp`, `data`."""
    told = {
        name: value
        for name, value in data.model_dump(mode="json").items()
        if name in TOLD or name == "at" or name.endswith(("_id", "_at"))
    }
    name = "customer.created" if data.TYPE.startswith("customer.") else data.TYPE.rsplit(".", 1)[0]
    stamp = at.isoformat().replace("+00:00", "Z")
    return json.dumps({"type": name, "timestamp": stamp, "data": told}, ensure_ascii=False, separators=(",", ":"))


def is_given_up(failing_since: datetime, now: datetime, hours: int) -> bool:
    """At the end of the time it is."""
    return now - failing_since >= timedelta(hours=hours)
