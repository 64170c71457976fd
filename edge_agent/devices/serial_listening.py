"""What every device does that speaks by itself on a serial line: bytes in, messages out, noise and silence told."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from contracts.reasons import reason
from edge_agent.devices.base import Host, SerialConfig
from edge_agent.devices.serial_line import SerialLine

Message = TypeVar("Message", covariant=True)
NOISE_BYTES = 64
"""So much noise without one good message is no disturbance but a wrong baud rate."""
NOISE_FORGOTTEN_SECONDS = 30.0


@dataclass(slots=True)
class Noise:
    """Bytes that belong to no good message: `ever`, and `lately`, since the last good one."""

    lately: int = 0
    ever: int = 0

    def add(self, count: int) -> None:
        self.lately += count
        self.ever += count

    def over(self) -> None:
        """A good message: what came before was a disturbance."""
        self.lately = 0


class Spoken(Protocol[Message]):
    """Protocol: bytes in any portions → messages. An empty portion is 0.1 s of silence."""

    noise: Noise

    def feed(self, data: bytes) -> Sequence[Message]: ...


def listen(
    host: Host,
    config: SerialConfig,
    heard: Spoken[Message],
    take: Callable[[Message, float], None],
    *,
    silent_after: float = 0.0,
) -> None:
    """Serve the line until `host.stopping`. `take` gets each message and when, in seconds of a clock nobody sets.

    `silent_after`: longer without a message is a dead device; 0 for one that speaks only when somebody uses it. Raises
    DeviceError.
    """
    with SerialLine(config.url, config.baudrate) as port:
        last = noisy = time.monotonic()
        while not host.stopping.is_set():
            data = port.read()
            now = time.monotonic()
            before = heard.noise.ever
            for message in heard.feed(data):
                last = now
                take(message, now)
            if heard.noise.ever > before:
                host.discard("noise on the line", heard.noise.ever - before)
                noisy = now
            elif now - noisy > NOISE_FORGOTTEN_SECONDS:
                heard.noise.over()
            _judge(host, heard.noise.lately, now - last, silent_after)


def _judge(host: Host, noise: int, silence: float, limit: float) -> None:
    if noise >= NOISE_BYTES:
        host.degraded(reason("line_noise"))
    elif limit and silence > limit:
        host.degraded(reason("silent_sign", seconds=limit))
    else:
        host.ok()
