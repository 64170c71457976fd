"""TeraRanger Evo People Counter (Terabee): a serial line, or its USB backboard.

Format: Terabee's user manual of 2021 and 2023, 5.5: between frames of two distances, `"DD"` distance(2) distance(2)
CRC-8, the sensor tells each passage as `"PC"` id(4) counter(4) in(2) out(2) CRC-8, where counter = in − out. A power
cut sets them to 0.

What is certain: the members, their lengths, and the CRC: x⁸+x²+x+1 ("100000111" in Terabee's data sheet of the
Multiflex), from 0 over everything before it, which gives the last byte of each command in the manual
(`00 55 08 00 00 00 00` → `7C`). What is not: the byte order of the counts; the manual says "MSB, LSB" of thresholds.
So the order is taken in which counter = in − out, modulo 2¹⁶; a frame that fits neither is noise, and one that fits
both, with other numbers, waits until a frame has told.
"""

from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import Field

from edge_agent.devices.base import About, CounterConfig, Driver, Heard, Host, SerialConfig
from edge_agent.devices.checksums import crc8
from edge_agent.devices.serial_listening import Noise, listen

_LENGTHS = {b"PC": 15, b"DD": 7}
_MODULUS = 2**16
Order = Literal["big", "little"]
_ORDERS: tuple[Order, ...] = ("big", "little")


class TerabeeConfig(SerialConfig, CounterConfig):
    """`in_is`: left to right as the sensor looks, or the other way.

    `silent_seconds`: the sensor tells distances all the time; 0 where they are switched off.
    """

    driver: Literal["terabee_evo"]
    baudrate: Annotated[int, Field(ge=300, le=4_000_000)] = 115_200
    line: Annotated[int, Field(ge=1, le=16)] = 1
    in_is: Literal["left_to_right", "right_to_left"] = "left_to_right"
    silent_seconds: Annotated[float, Field(ge=0, le=86_400)] = 5.0


@dataclass(frozen=True, slots=True)
class Passages:
    """Running totals, left to right and right to left; None for a frame that only shows life."""

    totals: tuple[int, int] | None


@dataclass(slots=True)
class EvoFrames:
    """Protocol: bytes in any portions → frames."""

    noise: Noise = field(default_factory=Noise)
    _kept: bytearray = field(default_factory=bytearray)
    _order: Order | None = None

    def feed(self, data: bytes) -> list[Passages]:
        self._kept += data
        found: list[Passages] = []
        while len(self._kept) >= 2:
            length = _LENGTHS.get(bytes(self._kept[:2]))
            if length is not None and len(self._kept) < length:
                break
            frame = bytes(self._kept[: length or 1])
            read = self._read(frame) if length is not None else None
            if read is None:
                del self._kept[:1]
                self.noise.add(1)
                continue
            del self._kept[:length]
            self.noise.over()
            found.append(read)
        return found

    def _read(self, frame: bytes) -> Passages | None:
        if crc8(frame[:-1]) != frame[-1:]:
            return None
        if frame[:2] == b"DD":
            return Passages(None)
        fits = {order: totals for order in _ORDERS if (totals := _totals(frame, order)) is not None}
        if len(fits) == 1:
            self._order = next(iter(fits))
        elif fits and self._order is None:
            return Passages(fits["big"] if fits["big"] == fits["little"] else None)
        return Passages(fits[self._order]) if self._order in fits else None


def _totals(frame: bytes, order: Order) -> tuple[int, int] | None:
    counter = int.from_bytes(frame[6:10], order)
    right, left = int.from_bytes(frame[10:12], order), int.from_bytes(frame[12:14], order)
    return (right, left) if (counter - (right - left)) % _MODULUS == 0 else None


def guess(heard: Heard) -> dict[str, str] | None:
    """Frames of distances or passages, and hardly anything else."""
    frames = EvoFrames()
    known = frames.feed(heard.payload)
    return {"driver": "terabee_evo"} if len(known) >= 3 and frames.noise.ever < 15 and not heard.topic else None


class TerabeeEvo:
    def __init__(self, config: TerabeeConfig) -> None:
        self._config = config
        self._limits = config.limits(modulus=_MODULUS)

    def run(self, host: Host) -> None:
        def take(passages: Passages, now: float) -> None:
            if passages.totals is not None:
                both = passages.totals if self._config.in_is == "left_to_right" else passages.totals[::-1]
                host.count(self._config.line, *both, self._limits).result()

        listen(host, self._config, EvoFrames(), take, silent_after=self._config.silent_seconds)


DRIVER = Driver(
    TerabeeConfig,
    TerabeeEvo,
    About(
        title="TeraRanger Evo People Counter",
        title_zh="TeraRanger Evo 客流计数器",
        kind="counter",
        transport="serial",
        models=("TR-EVO-PPC",),
        source="Terabee, user manual of the TeraRanger Evo People Counter, 5.5, which leaves its byte order open",
        wiring="USB backboard, or UART backboard at 3.3 V: TX to RX, ground to ground; 115200 8N1",
        proof="documented",
    ),
    guess=guess,
)
