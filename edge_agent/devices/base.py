"""What a driver is, and what the agent offers it."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol, runtime_checkable

from pydantic import BaseModel, ConfigDict, Field

from contracts.events import Data
from contracts.ids import Slug
from contracts.messages import Command
from contracts.reasons import Reason, ReasonedError
from edge_agent.allowance import Limits
from edge_agent.counting import Step
from edge_agent.increments import Interval

Done = Callable[[], None]
MessageHandler = Callable[[bytes, Done], None]
"""Takes one message of a subscribed topic; calls `Done` once, when the message need not be delivered again."""


@dataclass(frozen=True, slots=True)
class Received:
    """A report of a device: the body, and its media type where it came by HTTP."""

    media_type: str
    body: bytes


PushHandler = Callable[[Received], Sequence["Future[Any]"]]
"""Takes one pushed report; it is durable when every future is done. Raises ValueError with the reason it is refused."""


class DeviceError(ReasonedError):
    """The device or its line is in trouble; its reason is what people are told. The supervisor starts it again."""


class OrderError(RuntimeError):
    """An order cannot be carried out now; the text is a code, the reply's `error`."""


class BaseDeviceConfig(BaseModel):
    """`enabled`: false for a device that is switched off and stays written down."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    id: Slug
    enabled: bool = True

    @property
    def own_port(self) -> str | None:
        """The serial line that this device needs for itself, if any."""
        return None

    @property
    def can_be_doubled(self) -> bool:
        """Whether a second driver may begin while the first one hangs somewhere: not where both would hold a thing."""
        return self.own_port is None


class SerialConfig(BaseDeviceConfig):
    """A device on a serial line. `url`: a path such as /dev/ttyUSB0, `usb:` and the adapter's serial number, or any
    pyserial URL.
    """

    url: str
    baudrate: Annotated[int, Field(ge=300, le=4_000_000)] = 9600

    @property
    def own_port(self) -> str | None:
        return self.url


class CounterConfig(BaseDeviceConfig):
    """What is plausible at this door: people at once, people a second in the long run, people after any outage."""

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
        self, line: int, total_in: int, total_out: int, limits: Limits, reported_at: float | None = None, day: str = ""
    ) -> "Future[Step]":
        """Accept running totals; the crossing they amount to is written with them.

        `day`: the device's own day (ISO) where its totals begin at 0 each day.
        """
        ...

    def count_interval(self, line: int, interval: Interval, limits: Limits) -> "Future[Step]":
        """Accept what passed in an interval; one that was counted before adds nothing."""
        ...

    def subscribe(self, topic: str, handler: MessageHandler) -> None:
        """Receive the messages of a topic of the office's broker."""
        ...

    def receive(self, secret_file: Path, handler: PushHandler) -> None:
        """Receive what is pushed by HTTP to `/devices/ID` with the secret in that file.

        Raises DeviceError when the file cannot be read, or the agent's listener cannot listen.
        """
        ...

    def discard(self, reason: str, pieces: int = 1) -> None:
        """Something was heard that cannot be read or believed and is not passed on: counted in the device's status.

        `reason` is text for the log: never bytes of the device, which may be a person's.
        """
        ...

    def ok(self) -> None:
        """The device was heard and understood just now."""
        ...

    def degraded(self, reason: Reason) -> None: ...

    def offline(self, reason: Reason) -> None: ...


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

        Raises DeviceError or OrderError, or ValueError when the command makes no sense.
        """
        ...


Kind = Literal["counter", "badge", "button", "panel", "printer", "reader", "sensor", "camera"]
Transport = Literal["serial", "mqtt", "http", "usb", "network", "video"]


@dataclass(frozen=True, slots=True)
class About:
    """What people read of a driver: docs/devices.md is made of it.

    `models`: devices whose documentation it was written from; `source`: where the format stands; `wiring`: the line or
    setting an installer needs first; `proof`: `documented` when the fixture holds the vendor's own example, `recorded`
    when a real device was listened to, `inferred` when only public code that reads the device was at hand, `own` when
    the format is ours.
    """

    title: str
    title_zh: str
    kind: Kind
    transport: Transport
    models: tuple[str, ...]
    source: str
    wiring: str
    proof: Literal["documented", "recorded", "inferred", "own"]


@dataclass(frozen=True, slots=True)
class Heard:
    """One message that `probe` overheard: the MQTT topic (empty on a serial line) and what came."""

    topic: str
    payload: bytes


Guess = Callable[[Heard], dict[str, Any] | None]
"""The configuration section (without `id`) for the device that said this, or None: not one of this driver's."""


@dataclass(frozen=True, slots=True)
class Driver:
    """One line of the factory. `guess` only where what a device says gives it away."""

    config: type[BaseDeviceConfig]
    device: Callable[[Any], Device]
    about: About
    guess: Guess | None = None

    @property
    def name(self) -> str:
        """What `driver = ` in the configuration says."""
        return str(self.config.model_fields["driver"].annotation.__args__[0])  # type: ignore[union-attr]
