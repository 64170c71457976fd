"""A driver at work without an agent: what it takes in and what it makes of it are written down, nothing is sent on."""

import re
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from contracts.events import Data
from contracts.reasons import Reason
from edge_agent.allowance import Limits
from edge_agent.counting import Step
from edge_agent.devices.base import DeviceError, MessageHandler, PushHandler
from edge_agent.increments import Interval


def _resolved(value: Any) -> "Future[Any]":
    future: Future[Any] = Future()
    future.set_result(value)
    return future


@dataclass(slots=True)
class RecordingHost:
    """`made`: what the driver reported, in order; `handlers`: by topic; `states`: how the device was judged."""

    stopping: threading.Event = field(default_factory=threading.Event)
    made: list[dict[str, Any]] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    discarded: int = 0
    handlers: dict[str, MessageHandler] = field(default_factory=dict)
    receiving: Callable[[Path, PushHandler], None] | None = None
    listening: threading.Event = field(default_factory=threading.Event)

    def report(self, data: Data) -> "Future[int]":
        self.made.append({"event": data.TYPE, **data.model_dump(mode="json")})
        return _resolved(len(self.made))

    def count(
        self, line: int, total_in: int, total_out: int, limits: Limits, reported_at: float | None = None, day: str = ""
    ) -> "Future[Step]":
        totals = {"line": line, "total_in": total_in, "total_out": total_out}
        if not self.made or self.made[-1] != totals:  # a counter that is asked every second says the same for hours
            self.made.append(totals)
        return _resolved(Step(0, 0, ()))

    def count_interval(self, line: int, interval: Interval, limits: Limits) -> "Future[Step]":
        self.made.append({"line": line, "interval": asdict(interval)})
        return _resolved(Step(0, 0, ()))

    def subscribe(self, topic: str, handler: MessageHandler) -> None:
        self.handlers[topic] = handler
        self.listening.set()

    def receive(self, secret_file: Path, handler: PushHandler) -> None:
        if self.receiving is None:
            raise DeviceError("no_listener")
        self.receiving(secret_file, handler)
        self.listening.set()

    def discard(self, reason: str, pieces: int = 1) -> None:
        self.discarded += pieces

    def ok(self) -> None:
        self._became("ok")

    def degraded(self, reason: Reason) -> None:
        self._became(f"degraded: {reason}")

    def offline(self, reason: Reason) -> None:
        self._became(f"offline: {reason}")

    def _became(self, state: str) -> None:
        if not self.states or self.states[-1] != state:
            self.states.append(state)


Piece = tuple[int, str, bytes]
"""Milliseconds since the start, where or which way, the bytes."""


@dataclass(slots=True)
class Traffic:
    """What went over a line or came on topics: milliseconds since the start, direction, bytes. Safe from any thread."""

    began: float = field(default_factory=time.monotonic)
    pieces: list[Piece] = field(default_factory=list)

    def add(self, where: str, data: bytes) -> None:
        self.pieces.append((round((time.monotonic() - self.began) * 1000), where, data))


_SPY = re.compile(r"^(\d+)\.(\d{3}) ([TR]X) +[0-9A-F]{4}  (.*)$")
_HEX_COLUMNS = 16 * 3 + 1


def from_spy(text: str) -> list[Piece]:
    """The hex dump of pyserial's `spy://` as (milliseconds, `in` or `out`, bytes); bytes of one moment are joined."""
    pieces: list[Piece] = []
    for line in text.splitlines():
        match = _SPY.match(line)
        if match is None:
            continue
        at, way = int(match[1]) * 1000 + int(match[2]), "in" if match[3] == "RX" else "out"
        data = bytes.fromhex(match[4][:_HEX_COLUMNS])
        if pieces and pieces[-1][1] == way and at - pieces[-1][0] <= _SAME_MOMENT_MS:
            pieces[-1] = (pieces[-1][0], way, pieces[-1][2] + data)
        else:
            pieces.append((at, way, data))
    return pieces


_SAME_MOMENT_MS = 50
