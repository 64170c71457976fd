"""Ticket buttons on a serial line.

Format (ours; firmware_configs/ flashes it): ASCII lines ended by CR LF or LF, 9600 8N1.

- `BTN 1` each time button 1 is pressed; buttons are numbered 1 to 99; a held button may repeat the line.
- `HB` is a sign of life; with `heartbeat_seconds` set, its absence means a dead button box.

Anything else is noise, skipped to the next line end.
"""

import re
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from contracts.events import BadgeRead, ButtonPressed, Data
from contracts.ids import uuid7
from contracts.marks_api import NonCustomerReason
from edge_agent.devices.base import About, Driver, Heard, Host, SerialConfig
from edge_agent.devices.serial_listening import Noise, listen

_PRESS = re.compile(rb"BTN ([1-9]\d?)")
_HEARTBEAT = b"HB"
_LONGEST_LINE = 64


class Meaning(BaseModel):
    """What a button says of who passes the door: somebody who works here, or is no customer, and why."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    kind: Literal["staff", "non_customer"]
    reason: NonCustomerReason = "other"
    leaving: bool = False


class SerialButtonConfig(SerialConfig):
    """`debounce_seconds`: a line that follows the same button's last line within this time is the same press.

    `badges`: buttons that draw no number but take whoever presses them out of the count (ADR 061): each press is one
    person.
    """

    driver: Literal["serial_button"]
    debounce_seconds: Annotated[float, Field(ge=0, le=10)] = 0.4
    heartbeat_seconds: Annotated[float, Field(ge=0, le=8)] = 0.0
    badges: dict[Annotated[str, Field(pattern=r"^[1-9]\d?$")], Meaning] = Field(default_factory=dict)


@dataclass(slots=True)
class ButtonLines:
    """Protocol: bytes in any portions → button numbers, 0 for a heartbeat."""

    noise: Noise = field(default_factory=Noise)
    _rest: bytes = b""

    def feed(self, data: bytes) -> list[int]:
        *lines, self._rest = (self._rest + data).split(b"\n")
        pressed: list[int] = []
        for line in lines:
            number = self._parse(line.removesuffix(b"\r"))
            if number is None:
                self.noise.add(len(line) + 1)
            else:
                self.noise.over()
                pressed.append(number)
        if len(self._rest) > _LONGEST_LINE:
            self.noise.add(len(self._rest))
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
    return {"driver": "serial_button"} if known and not lines.noise.lately and not heard.topic else None


class SerialButton:
    def __init__(self, config: SerialButtonConfig) -> None:
        self._config = config
        self._debounce = Debounce(config.debounce_seconds)

    def run(self, host: Host) -> None:
        pressed = partial(self._pressed, host)
        listen(host, self._config, ButtonLines(), pressed, silent_after=self._config.heartbeat_seconds)

    def _pressed(self, host: Host, button: int, now: float) -> None:
        if button and self._debounce.is_new(button, now):
            host.report(self._meaning(str(button))).result()

    def _meaning(self, button: str) -> Data:
        meaning = self._config.badges.get(button)
        if meaning is None:
            return ButtonPressed(button=button)
        return BadgeRead(badge=uuid7().replace("-", ""), **meaning.model_dump())


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
