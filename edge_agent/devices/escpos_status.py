"""Protocol: what an ESC/POS printer says of itself.

Source: Epson's ESC/POS command reference (reference.epson-biz.com/modules/ref_escpos), DLE EOT n and GS r n. Every
status byte has fixed bits; a byte without them is no answer but noise.
"""

from dataclasses import dataclass

PRINTER, CAUSE, ERROR, PAPER = 1, 2, 3, 4
_REAL_TIME_MASK, _REAL_TIME_FIXED = 0x93, 0x12
_TRANSMITTED_MASK = 0x90
COME_TO_THE_END = b"\x1dr\x01"
"""GS r 1: unlike DLE EOT it waits its turn in the buffer, so its answer says that all before it was worked off."""


def query(what: int) -> bytes:
    """DLE EOT `what`: answered at once, also by a printer that is offline."""
    return bytes((0x10, 0x04, what))


def is_real_time(byte: int) -> bool:
    """Whether a byte answers DLE EOT: bits 1 and 4 set, 0 and 7 clear."""
    return byte & _REAL_TIME_MASK == _REAL_TIME_FIXED


def is_transmitted(byte: int) -> bool:
    """Whether a byte answers GS r: bits 4 and 7 clear. XON and XOFF have bit 4 set."""
    return not byte & _TRANSMITTED_MASK


@dataclass(frozen=True, slots=True)
class PrinterState:
    """From the four answers. `paper_low`: the near-end sensor, where there is one."""

    online: bool
    cover_open: bool
    paper_out: bool
    paper_low: bool
    error: bool

    @classmethod
    def of(cls, printer: int, cause: int, error: int, paper: int) -> "PrinterState":
        """The answers to DLE EOT 1, 2, 3 and 4. Raises ValueError for a byte that cannot be one."""
        if not all(map(is_real_time, (printer, cause, error, paper))):
            raise ValueError("an answer without its fixed bits")
        return cls(
            online=not printer & 0x08,
            cover_open=bool(cause & 0x04),
            paper_out=bool(cause & 0x20 or paper & 0x60),
            paper_low=bool(paper & 0x0C),
            error=bool(cause & 0x40 or error & 0x68),
        )

    @property
    def hindrance(self) -> str:
        """Why nothing can be printed now, as a code of `contracts.messages.PrintFailure`; empty when it can."""
        if self.paper_out:
            return "paper_out"
        if self.cover_open:
            return "cover_open"
        return "error" if self.error or not self.online else ""
