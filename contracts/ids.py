"""Typed identifiers. Every id minted by the product is a UUIDv7 in text form, so ids sort by the time they were made.

UUIDv7: RFC 9562 section 5.7 (48-bit Unix milliseconds, then random bits).
"""

import os
import threading
import time
from typing import Annotated, NewType
from uuid import UUID

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
    """Return a new UUIDv7 as lower-case text; `unix_ms` defaults to now (milliseconds since 1970, UTC).

    Those of now grow within a process whatever its clock does, a step back included: what is newest is told by its id
    (RFC 9562 section 6.2, method 1: 12 bits count within the millisecond, from a random beginning below the half).
    """
    drawn = int.from_bytes(_RANDOMNESS.draw(), "big")
    count, rest = drawn >> 68, drawn & _RANDOM
    place = _ORDER.next(count >> 1) if unix_ms is None else unix_ms << _COUNTED | count
    text = (place >> _COUNTED << 80 | 0x7 << 76 | (place & _MOST) << 64 | 0b10 << 62 | rest).to_bytes(16, "big").hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def uuid7_after(earlier: str) -> None:
    """Every id of now that this process makes from here on is greater than `earlier`, made by a process before it."""
    whole = UUID(earlier).int
    _ORDER.after(whole >> 80 << _COUNTED | whole >> 64 & _MOST)


_COUNTED = 12
_MOST = (1 << _COUNTED) - 1
_RANDOM = (1 << 62) - 1


class _Order:
    """The last place given out: milliseconds and the count within them, as one number."""

    def __init__(self) -> None:
        self._last = 0
        self._lock = threading.Lock()

    def next(self, begin: int) -> int:
        """`begin`: random, below the half of what is counted within a millisecond."""
        now = time.time_ns() // 1_000_000 << _COUNTED | begin
        with self._lock:
            self._last = max(now, self._last + 1)
            return self._last

    def after(self, place: int) -> None:
        with self._lock:
            self._last = max(self._last, place)


class _Randomness:
    """The system's, many draws at a time: each question lets go of the interpreter, and a busy agent or gateway gets
    it back late (ADR 081). A forked process draws its own.
    """

    def __init__(self) -> None:
        self._drawn: list[bytes] = []
        os.register_at_fork(after_in_child=self._drawn.clear)

    def draw(self) -> bytes:
        """10 bytes that nobody else gets. Thread-safe: `pop` is one step of the interpreter."""
        try:
            return self._drawn.pop()
        except IndexError:
            fresh = os.urandom(10 * _DRAWS)
            self._drawn += [fresh[at : at + 10] for at in range(10, len(fresh), 10)]
            return fresh[:10]


_DRAWS = 64
_ORDER = _Order()
_RANDOMNESS = _Randomness()
