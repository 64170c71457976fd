"""What the agent accepted and what the gateway took, read from their files without disturbing them."""

import json
import sqlite3
from collections import Counter
from pathlib import Path


def _read(path: Path, query: str, *values: object) -> list[tuple]:  # type: ignore[type-arg]
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)
    try:
        return connection.execute(query, values).fetchall()
    finally:
        connection.close()


def accepted(outbox: Path) -> dict[str, str]:
    """Every event the agent still holds: id → its data as sorted JSON."""
    rows = _read(outbox, "SELECT id, body FROM events")
    return {i: json.dumps(json.loads(body)["data"], sort_keys=True) for i, body in rows}


def accepted_through(outbox: Path) -> tuple[str, int]:
    """The stream of an outbox and its last sequence."""
    [(stream, following)] = _read(outbox, "SELECT stream, next_sequence FROM stream")
    return stream, following - 1


def committed(gateway: Path, stream: str) -> int:
    rows = _read(gateway, "SELECT committed FROM streams WHERE stream = ?", stream)
    return int(rows[0][0]) if rows else 0


def safe(gateway: Path, stream: str) -> int:
    """How far the node may forget."""
    rows = _read(gateway, "SELECT safe FROM streams WHERE stream = ?", stream)
    return int(rows[0][0]) if rows else 0


def taken(gateway: Path) -> Counter[str]:
    """How often the gateway holds each event id."""
    return Counter(i for (i,) in _read(gateway, "SELECT id FROM events"))


def taken_sequences(gateway: Path, stream: str) -> list[int]:
    return [n for (n,) in _read(gateway, "SELECT sequence FROM events WHERE stream = ? ORDER BY sequence", stream)]


def event_count(gateway: Path, kind: str) -> int:
    return int(_read(gateway, "SELECT count(*) FROM events WHERE type = ?", kind)[0][0])
