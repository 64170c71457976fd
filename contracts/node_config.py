"""The devices of a node as its gateway asks for them: one versioned snapshot, retained on the topic leaf `config`.

A snapshot replaces the devices of the node's own file, cameras excepted; it never carries a secret, only the names of
files on the node that do. The node validates it as it validates its file, tries it, and says in its status what became
of it.
"""

import hashlib
import json
from typing import Annotated, Any

from pydantic import Field

from contracts.ids import Slug
from contracts.messages import Message

MAX_SNAPSHOT_BYTES = 16 * 1024
"""Below the smallest broker limit measured (20,480 bytes)."""


class NodeConfig(Message):
    """`version` grows with each change; one that is not newer than what the node has is refused. `devices` are the
    tables `[[devices]]` of the node's file, as JSON. `checksum`: `checksum(devices)`.
    """

    office: Slug
    node: Slug
    version: Annotated[int, Field(ge=1, le=2**53)]
    devices: Annotated[list[dict[str, Any]], Field(max_length=64)]
    checksum: str


def checksum(devices: list[dict[str, Any]]) -> str:
    """SHA-256 of the devices as JSON with sorted members and nothing between them, in hexadecimal."""
    text = json.dumps(devices, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
