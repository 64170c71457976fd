"""What a driver is, and what the agent offers it."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Annotated, Any, Protocol, runtime_checkable

from pydantic import BaseModel, ConfigDict, Field

from contracts.events import Data
from contracts.ids import Slug
from contracts.messages import Command
from edge_agent.counting import Limits, Step

Done = Callable[[], None]
MessageHandler = Callable[[bytes, Done], None]
"""Takes one message of a subscribed topic; calls `Done` once, when the message need not be delivered again."""


class DeviceError(RuntimeError):
    """The device or its line is in trouble; the text is the reason people read. The supervisor starts it again."""


class BaseDeviceConfig(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    id: Slug


class SerialConfig(BaseDeviceConfig):
    """A device on a serial line. `url`: a path such as /dev/ttyUSB0 or any pyserial URL."""

    url: str
    baudrate: Annotated[int, Field(ge=300, le=4_000_000)] = 9600


class CounterConfig(BaseDeviceConfig):
    """What is plausible at this door: people between two readings, people a second, people after any outage."""

    max_burst: Annotated[int, Field(ge=1)] = 50
    max_per_second: Annotated[float, Field(gt=0)] = 5.0
    max_after_outage: Annotated[int, Field(ge=1)] = 5000

    def limits(self, *, modulus: int | None, overtaken_seconds: float = 0.0) -> Limits:
        return Limits(modulus, self.max_burst, self.max_per_second, self.max_after_outage, overtaken_seconds)


class Host(Protocol):
    """The agent, as one driver sees it. Every method may be called from any thread."""

    @property
    def stopping(self) -> threading.Event: ...

    def report(self, data: Data) -> "Future[int]":
        """Accept an event; resolves with its sequence once it is durable."""
        ...

    def count(
        self, line: int, total_in: int, total_out: int, limits: Limits, reported_at: float | None = None
    ) -> "Future[Step]":
        """Accept running totals; the crossing they amount to is written with them."""
        ...

    def subscribe(self, topic: str, handler: MessageHandler) -> None:
        """Receive the messages of a topic of the office's broker."""
        ...

    def ok(self) -> None:
        """The device was heard and understood just now."""
        ...

    def degraded(self, reason: str) -> None: ...

    def offline(self, reason: str) -> None: ...


class Device(Protocol):
    """A driver at work."""

    def run(self, host: Host) -> None:
        """Serve the device until `host.stopping`. Raises DeviceError; it is then called again, later."""
        ...


@runtime_checkable
class Commanded(Protocol):
    """A device that can be told to do something."""

    def execute(self, command: Command) -> dict[str, Any] | None:
        """Carry out one command; what is returned becomes the reply's `data`.

        Raises DeviceError, or ValueError when the command makes no sense.
        """
        ...
