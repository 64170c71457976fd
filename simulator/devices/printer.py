"""A ticket printer that takes ESC/POS bytes and keeps what it printed as text.

Commands: Epson's ESC/POS command reference. Written apart from the agent's driver and its library, so that their bytes
are read by somebody else. Answers DLE EOT at once and GS r in its turn; without paper, or open, it keeps what came and
prints nothing.
"""

from dataclasses import dataclass, field

_ESC, _FS, _GS, _DLE = 0x1B, 0x1C, 0x1D, 0x10
_PARAMETERS = {
    (_ESC, "@"): 0,
    (_ESC, "!"): 1,
    (_ESC, "a"): 1,
    (_ESC, "d"): 1,
    (_ESC, "E"): 1,
    (_ESC, "G"): 1,
    (_ESC, "M"): 1,
    (_ESC, "t"): 1,
    (_ESC, "{"): 1,
    (_ESC, "-"): 1,
    (_ESC, "J"): 1,
    (_FS, "&"): 0,
    (_FS, "."): 0,
    (_GS, "!"): 1,
    (_GS, "B"): 1,
    (_GS, "b"): 1,
    (_GS, "r"): 1,
}
_KEPT = 20
_QR_STORE, _QR_PRINT = b"1P0", b"1Q0"
_LONGEST_UNREAD = 8192


@dataclass
class PrintedTicket:
    """`lines` of text, `qr` what its code says, `cut` whether the paper was cut after it."""

    lines: list[str] = field(default_factory=list)
    qr: str = ""
    cut: bool = False

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


class ReceiptPrinter:
    """`receive` takes bytes in any portions and returns the answers. `bad_bytes` counts what is no known command."""

    def __init__(self) -> None:
        self.tickets: list[PrintedTicket] = []
        self.paper_out = self.paper_low = self.cover_open = False
        self.bad_bytes = 0
        self._paper = PrintedTicket()
        self._stored = ""
        self._pending = b""

    @property
    def last(self) -> PrintedTicket | None:
        return self.tickets[-1] if self.tickets else None

    def receive(self, data: bytes) -> bytes:
        answers, rest = self._at_once(self._pending + data)
        self._pending = rest[-_LONGEST_UNREAD:]
        while not (self.paper_out or self.cover_open):
            used, answer = self._next(self._pending)
            if not used:
                break
            self._pending, answers = self._pending[used:], answers + answer
        return answers

    def _at_once(self, data: bytes) -> tuple[bytes, bytes]:
        """DLE EOT wherever it stands, and what remains."""
        answers, rest, place = b"", b"", 0
        while place < len(data):
            if data[place : place + 2] == b"\x10\x04" and place + 2 < len(data):
                answers += bytes((self._status(data[place + 2]),))
                place += 3
            else:
                rest += data[place : place + 1]
                place += 1
        return answers, rest

    def _status(self, what: int) -> int:
        stopped = self.paper_out or self.cover_open
        match what:
            case 1:
                return 0x12 | 0x08 * stopped
            case 2:
                return 0x12 | 0x04 * self.cover_open | 0x20 * self.paper_out
            case 4:
                return 0x12 | 0x0C * (self.paper_low or self.paper_out) | 0x60 * self.paper_out
        return 0x12

    def _next(self, data: bytes) -> tuple[int, bytes]:
        """How many bytes the next command takes, 0 while it is incomplete, and what it answers."""
        if not data or (data[0] == _DLE and len(data) < 3):
            return 0, b""
        if data[0] not in (_ESC, _FS, _GS):
            return self._line(data), b""
        if len(data) < 2:
            return 0, b""
        name = chr(data[1])
        if (data[0], name) == (_GS, "("):
            return self._function(data), b""
        if (data[0], name) == (_GS, "V"):
            return self._cut(data), b""
        parameters = _PARAMETERS.get((data[0], name))
        if parameters is None:
            self.bad_bytes += 2
            return 2, b""
        if len(data) < 2 + parameters:
            return 0, b""
        return 2 + parameters, bytes((0x0C * self.paper_low,)) if (data[0], name) == (_GS, "r") else b""

    def _line(self, data: bytes) -> int:
        end = data.find(b"\n")
        if end < 0:
            return 0
        self._paper.lines.append(data[:end].decode("gbk", "replace"))
        return end + 1

    def _function(self, data: bytes) -> int:
        """GS ( k: the QR code is stored, then printed."""
        if len(data) < 5:
            return 0
        length = data[3] + 256 * data[4]
        if len(data) < 5 + length:
            return 0
        body = data[5 : 5 + length]
        if body[:3] == _QR_STORE:
            self._stored = body[3:].decode("ascii", "replace")
        elif body[:3] == _QR_PRINT:
            self._paper.qr = self._stored
        return 5 + length

    def _cut(self, data: bytes) -> int:
        if len(data) < 3:
            return 0
        used = 4 if data[2] in (65, 66) else 3
        if len(data) < used:
            return 0
        self._paper.cut = True
        self.tickets = [*self.tickets, self._paper][-_KEPT:]
        self._paper = PrintedTicket()
        return used
