"""A `Host` that remembers, for drivers tested without an agent."""

import threading
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from contracts.events import Data
from contracts.reasons import Reason
from edge_agent.allowance import Limits
from edge_agent.counting import Step
from edge_agent.devices.base import MessageHandler, PushHandler
from edge_agent.increments import Interval


def done(value: Any) -> "Future[Any]":
    future: Future[Any] = Future()
    future.set_result(value)
    return future


class RememberingHost:
    def __init__(self) -> None:
        self.stopping = threading.Event()
        self.reported: list[Data] = []
        self.totals: list[tuple[int, int, int]] = []
        self.days: list[str] = []
        self.intervals: list[tuple[int, Interval]] = []
        self.states: list[tuple[str, str]] = []
        self.handlers: dict[str, MessageHandler] = {}
        self.push: PushHandler | None = None
        self.discarded = 0

    def report(self, data: Data) -> "Future[int]":
        self.reported.append(data)
        return done(len(self.reported))

    def count(
        self, line: int, total_in: int, total_out: int, limits: Limits, reported_at: float | None = None, day: str = ""
    ) -> "Future[Step]":
        self.totals.append((line, total_in, total_out))
        self.days.append(day)
        return done(Step(0, 0, ()))

    def count_interval(self, line: int, interval: Interval, limits: Limits) -> "Future[Step]":
        self.intervals.append((line, interval))
        return done(Step(0, 0, ()))

    def subscribe(self, topic: str, handler: MessageHandler) -> None:
        self.handlers[topic] = handler

    def receive(self, secret_file: Path, handler: PushHandler) -> None:
        self.push = handler

    def discard(self, reason: str, pieces: int = 1) -> None:
        self.discarded += pieces

    def ok(self) -> None:
        self.states.append(("ok", ""))

    def degraded(self, reason: Reason) -> None:
        self.states.append(("degraded", str(reason)))

    def offline(self, reason: Reason) -> None:
        self.states.append(("offline", str(reason)))
