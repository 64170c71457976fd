"""Typed identifiers. Every id minted by the product is a UUIDv7 in text form, so ids sort by the time they were made.

UUIDv7: RFC 9562 section 5.7 (48-bit Unix milliseconds, then random bits).
"""

import os
import time
from typing import Annotated, NewType

from pydantic import StringConstraints

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
"""A human-chosen name that may stand in a topic or a path: lower case, digits, hyphens, at most 40 characters."""

ProjectName = Annotated[str, StringConstraints(pattern=r"^([a-z0-9][a-z0-9-]{0,39})?$")]
"""A project (项目) of an office; empty means all of them, or not known which."""

OfficeId = NewType("OfficeId", str)
NodeId = NewType("NodeId", str)
DeviceId = NewType("DeviceId", str)
VisitId = NewType("VisitId", str)
CustomerId = NewType("CustomerId", str)
ConsultantId = NewType("ConsultantId", str)
VerdictId = NewType("VerdictId", str)
OfferId = NewType("OfferId", str)
TicketId = NewType("TicketId", str)
StreamId = NewType("StreamId", str)
EventId = NewType("EventId", str)
FactId = NewType("FactId", str)

Uuid = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")]


def uuid7(unix_ms: int | None = None) -> str:
    """Return a new UUIDv7 as lower-case text; `unix_ms` defaults to now (milliseconds since 1970, UTC)."""
    stamp = time.time_ns() // 1_000_000 if unix_ms is None else unix_ms
    raw = bytearray(stamp.to_bytes(6, "big") + os.urandom(10))
    raw[6] = (raw[6] & 0x0F) | 0x70
    raw[8] = (raw[8] & 0x3F) | 0x80
    text = raw.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
