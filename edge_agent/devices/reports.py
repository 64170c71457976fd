"""Devices that send reports by themselves, over MQTT or by HTTP: an unreadable one is told, a missing one noticed."""

import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Protocol, Self, runtime_checkable

from pydantic import BaseModel, ConfigDict, Field, model_validator

from contracts.reasons import Reason, reason
from edge_agent.devices.base import CounterConfig, Done, Host, Received
from edge_agent.devices.lenient import PayloadError
from edge_agent.mistakes import unfit

OVERTAKEN_SECONDS = 600.0
"""Reports of a device that gives them its time may arrive so long after newer ones."""
Topic = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^#+$]+$")]


class PushConfig(BaseModel):
    """Reports come by HTTP to the agent's listener, at `/devices/ID`. `secret_file` holds the device's password: sent
    as Basic or Bearer authorisation, or as `?token=` in the address.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    secret_file: Path


class ReportsConfig(CounterConfig):
    """`topic` on the office's broker, or `push`; `silent_seconds`: longer than the interval set in the counter."""

    topic: Topic | None = None
    push: PushConfig | None = None
    silent_seconds: Annotated[float, Field(ge=1, le=86_400)] = 900.0

    @model_validator(mode="after")
    def _heard_somewhere(self) -> Self:
        if self.topic is None and self.push is None:
            raise unfit("topic_or_push")
        return self


@runtime_checkable
class Pushed(Protocol):
    """A configuration whose device may push to the listener."""

    push: PushConfig | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a report: all of it is durable when every one of `accepted` is. `complaint`: what people should
    change, although it was readable.
    """

    accepted: Sequence["Future[Any]"] = field(default_factory=tuple)
    complaint: Reason | None = None


class Silence:
    """A device that says nothing for too long is offline. `seconds` 0: it may be silent as long as it likes."""

    def __init__(self, seconds: float, code: str = "silent_report") -> None:
        self._seconds, self._code = seconds, code
        self._heard: float | None = None

    def broken(self) -> None:
        """The device was heard just now."""
        self._heard = time.monotonic()

    def watch(self, host: Host) -> None:
        """Until the device is stopped."""
        began = time.monotonic()
        while not host.stopping.wait(0.5):
            if self._seconds and time.monotonic() - (self._heard or began) > self._seconds:
                host.offline(reason(self._code, seconds=self._seconds))


class ReportsDevice(ABC):
    """The base of such a driver, whose own part is `take`."""

    def __init__(self, config: ReportsConfig) -> None:
        self._topic, self._push = config.topic, config.push
        self._silence = Silence(config.silent_seconds)
        self._subscribed = False

    @abstractmethod
    def take(self, host: Host, report: Received) -> Outcome | None:
        """Pass on one report; None when it is another device's. Raises PayloadError."""

    def run(self, host: Host) -> None:
        if self._push is not None:
            host.receive(self._push.secret_file, partial(self._on_push, host))
        if self._topic is not None and not self._subscribed:
            self._subscribed = True
            host.subscribe(self._topic, partial(self._on_message, host))
        self._silence.watch(host)

    def _on_push(self, host: Host, report: Received) -> Sequence["Future[Any]"]:
        outcome = self._judged(host, report)
        if outcome is None:
            raise PayloadError("report_another_device")
        return outcome.accepted

    def _on_message(self, host: Host, payload: bytes, done: Done) -> None:
        try:
            outcome = self._judged(host, Received("", payload))
        except PayloadError:
            done()
            return
        if outcome is not None and outcome.accepted:
            outcome.accepted[-1].add_done_callback(lambda _: done())
        else:
            done()

    def _judged(self, host: Host, report: Received) -> Outcome | None:
        try:
            outcome = self.take(host, report)
        except PayloadError as error:
            host.discard(str(error))
            host.degraded(error.reason)
            raise
        if outcome is not None:
            self._silence.broken()
            if outcome.complaint is not None:
                host.degraded(outcome.complaint)
            else:
                host.ok()
        return outcome
