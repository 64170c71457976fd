"""Ticket buttons on a serial line.

Format (ours; firmware_configs/ flashes it): ASCII lines ended by CR LF or LF, 9600 8N1.

- `BTN 1` each time button 1 is pressed; buttons are numbered 1 to 99; a held button may repeat the line.
- `HB` is a sign of life; with `heartbeat_seconds` set, its absence means a dead button box.

Anything else is noise, skipped to the next line end.
"""

import re
import time
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import Field

from contracts.events import ButtonPressed
from edge_agent.devices.base import About, Driver, Heard, Host, SerialConfig
from edge_agent.devices.serial_line import SerialLine

_PRESS = re.compile(rb"BTN ([1-9]\d?)")
_HEARTBEAT = b"HB"
_LONGEST_LINE = 64
NOISE_BYTES = 64
"""So much noise without one good line is no disturbance but a wrong baud rate."""
NOISE_FORGOTTEN_SECONDS = 30.0


class SerialButtonConfig(SerialConfig):
    """`debounce_seconds`: a line that follows the same button's last line within this time is the same press."""

    driver: Literal["serial_button"]
    debounce_seconds: Annotated[float, Field(ge=0, le=10)] = 0.4
    heartbeat_seconds: Annotated[float, Field(ge=0, le=8)] = 0.0


@dataclass(slots=True)
class ButtonLines:
    """Protocol: bytes in any portions → button numbers, 0 for a heartbeat. `noise`: bytes since the last good line."""

    noise: int = 0
    _rest: bytes = b""

    def feed(self, data: bytes) -> list[int]:
        *lines, self._rest = (self._rest + data).split(b"\n")
        pressed: list[int] = []
        for line in lines:
            number = self._parse(line.removesuffix(b"\r"))
            if number is None:
                self.noise += len(line) + 1
            else:
                self.noise = 0
                pressed.append(number)
        if len(self._rest) > _LONGEST_LINE:
            self.noise += len(self._rest)
            self._rest = b""
        return pressed

    @staticmethod
    def _parse(line: bytes) -> int | None:
        if line == _HEARTBEAT:
            return 0
        match = _PRESS.fullmatch(line)
        return int(match[1]) if match else None


@dataclass(slots=True)
class Debounce:
    """Device: repeated lines of a held or bouncing button → one press. Time in seconds."""

    seconds: float
    _last: dict[int, float] = field(default_factory=dict)

    def is_new(self, button: int, now: float) -> bool:
        before = self._last.get(button)
        self._last[button] = now
        return before is None or now - before > self.seconds


def guess(heard: Heard) -> dict[str, Any] | None:
    """At least one good line and no noise."""
    lines = ButtonLines()
    known = lines.feed(heard.payload)
    return {"driver": "serial_button"} if known and not lines.noise and not heard.topic else None


class SerialButton:
    def __init__(self, config: SerialButtonConfig) -> None:
        self._config = config
        self._debounce = Debounce(config.debounce_seconds)

    def run(self, host: Host) -> None:
        lines = ButtonLines()
        with SerialLine(self._config.url, self._config.baudrate) as port:
            heard = noisy = time.monotonic()
            while not host.stopping.is_set():
                data = port.read()
                now = time.monotonic()
                before = lines.noise
                for button in lines.feed(data):
                    heard = now
                    self._pressed(button, now, host)
                if lines.noise > before:
                    host.discard("noise on the line", lines.noise - before)
                    noisy = now
                elif now - noisy > NOISE_FORGOTTEN_SECONDS:
                    lines.noise = 0
                self._judge(host, lines.noise, now - heard)

    def _pressed(self, button: int, now: float, host: Host) -> None:
        if button and self._debounce.is_new(button, now):
            host.report(ButtonPressed(button=str(button))).result()

    def _judge(self, host: Host, noise: int, silence: float) -> None:
        limit = self._config.heartbeat_seconds
        if noise >= NOISE_BYTES:
            host.degraded("unreadable bytes on the line: check the baud rate and the wiring")
        elif limit and silence > limit:
            host.degraded(f"no sign of life for {limit:g} s")
        else:
            host.ok()


DRIVER = Driver(
    SerialButtonConfig,
    SerialButton,
    About(
        title="Ticket buttons on a serial line",
        title_zh="串口取号按钮",
        kind="button",
        transport="serial",
        models=("the button box of firmware_configs/",),
        source="this driver's own text",
        wiring="USB, or TX and ground of the box to an adapter of the same voltage; 9600 8N1",
        proof="own",
    ),
    guess=guess,
)
