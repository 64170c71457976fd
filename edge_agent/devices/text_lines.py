"""Protocol: lines of text as serial readers send them, ended by CR, LF or both."""

import re
from dataclasses import dataclass, field

from edge_agent.devices.serial_listening import Noise

_END = re.compile(rb"[\r\n]")


@dataclass(slots=True)
class TextLines:
    """Bytes in any portions → lines without their ends; empty ones are none. What grows over `longest` is noise.

    With `idle`, readers that end nothing are read as well: an empty portion, 0.1 s of silence, ends the line.
    """

    longest: int
    idle: bool = False
    noise: Noise = field(default_factory=Noise)
    _rest: bytes = b""
    _skipping: bool = False

    def feed(self, data: bytes) -> list[bytes]:
        if not data:
            return self._after_silence()
        *ended, self._rest = _END.split(self._rest + data)
        lines = [line for line in map(self._whole, ended) if line]
        if len(self._rest) > self.longest:
            self.noise.add(len(self._rest))
            self._rest, self._skipping = b"", True
        return lines

    def _whole(self, line: bytes) -> bytes:
        if self._skipping or len(line) > self.longest:
            self._skipping = False
            self.noise.add(len(line))
            return b""
        return line

    def _after_silence(self) -> list[bytes]:
        if not self.idle or not (self._rest or self._skipping):
            return []
        line, self._rest = self._whole(self._rest), b""
        return [line] if line else []
