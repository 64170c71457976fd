"""Badge readers at a staff door or for visitors' badges: 125 kHz and 13.56 MHz, on a serial line.

Two formats, 9600 8N1 unless the reader says otherwise:

- `rdm6300`: STX (02), ten hexadecimal characters, two of checksum, ETX (03). The checksum is the five bytes that the
  ten characters spell, exclusive or: card `62E3086CED` has 08 (wiki.seeedstudio.com, 125Khz RFID module UART). The
  reader repeats the frame while the card is held. Cards have the last eight characters printed as ten decimal digits;
  either way of writing is understood in the configuration.
- `line`: what readers set to text output send, and converters from Wiegand: the number in decimal or hexadecimal,
  perhaps grouped, ended by CR, LF or both. Nothing protects such a line: set `characters` to the length of your
  numbers, so that half a line is not another badge.
"""

import re
from dataclasses import dataclass, field
from functools import partial, reduce
from operator import xor
from typing import Annotated, Any, Literal

from pydantic import Field

from edge_agent.devices.badges import UNNAMED, Badges, Held, plain
from edge_agent.devices.base import About, Driver, Heard, Host, SerialConfig
from edge_agent.devices.serial_listening import Noise, listen
from edge_agent.devices.text_lines import TextLines

_FRAME = re.compile(rb"\x02([0-9A-Fa-f]{12})\x03")
_FRAME_BYTES = 14
_BEGIN = b"\x02"
_NUMBER = re.compile(r"[0-9A-F]{4,32}")
_LONGEST_LINE = 48
Names = tuple[str, ...]
"""Ways to write one badge's number."""


class BadgeReaderConfig(SerialConfig, Held):
    """`characters`: how many a number has in the `line` format; without it 4 to 32 are taken."""

    driver: Literal["badge_reader"]
    format: Literal["rdm6300", "line"] = "rdm6300"
    characters: Annotated[int, Field(ge=4, le=32)] | None = None


@dataclass(slots=True)
class Rdm6300:
    """Protocol: frames with their checksum right → (ten hexadecimal characters, the ten digits printed on the card)."""

    noise: Noise = field(default_factory=Noise)
    _rest: bytes = b""

    def feed(self, data: bytes) -> list[Names]:
        self._rest += data
        found: list[Names] = []
        while match := _FRAME.search(self._rest):
            self.noise.add(match.start())
            self._rest = self._rest[match.end() :]
            if _checked(match[1]):
                self.noise.over()
                found.append(_names(match[1]))
            else:
                self.noise.add(_FRAME_BYTES)
        self._forget()
        return found

    def _forget(self) -> None:
        """Only what may still become a frame is kept."""
        begin = self._rest.rfind(_BEGIN)
        kept = self._rest[begin:] if begin >= 0 else b""
        if len(kept) >= _FRAME_BYTES:
            kept = b""
        self.noise.add(len(self._rest) - len(kept))
        self._rest = kept


def _checked(characters: bytes) -> bool:
    *data, checksum = bytes.fromhex(characters.decode())
    return reduce(xor, data) == checksum


def _names(characters: bytes) -> Names:
    number = characters[:10].decode().upper()
    return number, f"{int(number[2:], 16):010d}"


@dataclass(slots=True)
class BadgeLines:
    """Protocol: lines that are a number → (the number,)."""

    characters: int | None = None
    noise: Noise = field(default_factory=Noise)
    _lines: TextLines = field(init=False)

    def __post_init__(self) -> None:
        self._lines = TextLines(_LONGEST_LINE, noise=self.noise)

    def feed(self, data: bytes) -> list[Names]:
        found: list[Names] = []
        for line in self._lines.feed(data):
            number = self._number(line)
            if number is None:
                self.noise.add(len(line))
            else:
                self.noise.over()
                found.append((number,))
        return found

    def _number(self, line: bytes) -> str | None:
        number = plain(line.decode("ascii", "replace"))
        if not _NUMBER.fullmatch(number) or (self.characters is not None and len(number) != self.characters):
            return None
        return number


def guess(heard: Heard) -> dict[str, Any] | None:
    """A frame of the RDM6300 gives itself away; a line with a number could be anybody's."""
    frames = Rdm6300()
    if heard.topic or not frames.feed(heard.payload):
        return None
    return {"driver": "badge_reader", "format": "rdm6300", **UNNAMED}


class BadgeReader:
    def __init__(self, config: BadgeReaderConfig) -> None:
        self._config = config
        self._badges: Badges | None = None

    def run(self, host: Host) -> None:
        if self._badges is None:
            self._badges = Badges.open(self._config)
        heard = Rdm6300() if self._config.format == "rdm6300" else BadgeLines(self._config.characters)
        listen(host, self._config, heard, partial(_take, host, self._badges))


def _take(host: Host, badges: Badges, names: Names, now: float) -> None:
    try:
        read = badges.read(names, now)
    except LookupError as unknown:
        host.discard(str(unknown))
        return
    if read is not None:
        host.report(read).result()


DRIVER = Driver(
    BadgeReaderConfig,
    BadgeReader,
    About(
        title="Badge reader on a serial line",
        title_zh="串口工牌读卡器",
        kind="badge",
        transport="serial",
        models=("RDM6300 (125 kHz)", "readers with text output", "Wiegand converters with text output"),
        source="wiki.seeedstudio.com, 125Khz RFID module UART",
        wiring="TX and ground of the reader to an adapter of its voltage (5 V TTL for the RDM6300); 9600 8N1",
        proof="documented",
    ),
    guess=guess,
)
