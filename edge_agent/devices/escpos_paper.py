"""A ticket (排队小票) as the bytes of an ESC/POS printer: Chinese as GBK, a QR code, the cutter. By python-escpos."""

import os
import re
import tempfile
from collections.abc import Callable
from functools import cache
from typing import Any

from contracts.messages import TicketPrint

_CHINESE_MODE = b"\x1c&"
"""FS &: printers for the Chinese market start with it, others have to be told."""
_CACHE_FOLDER = "ESCPOS_CAPABILITIES_PICKLE_DIR"
_PIECE = re.compile(r"[!-~]+\s*|[^!-~\s][）】》」、，。；：！？·]*\s*|\s+")
"""A word with what follows it, or one character with the marks that may not begin a line."""
_NUMBER_SIZE = 4
_QR_SIZE = 6


@cache
def load() -> Callable[[], Any]:
    """What makes a printer that keeps its bytes. A node without a printer loads none of it (10 MB).

    The library stores a picture of its own data for the next start, in a folder that it would leave behind.
    """
    with tempfile.TemporaryDirectory() as folder:
        before = os.environ.get(_CACHE_FOLDER)
        os.environ[_CACHE_FOLDER] = folder
        try:
            from escpos.printer import Dummy
        finally:
            if before is None:
                del os.environ[_CACHE_FOLDER]
            else:
                os.environ[_CACHE_FOLDER] = before
    made: Callable[[], Any] = Dummy
    return made


def ticket(data: TicketPrint, columns: int, *, cut: bool) -> bytes:
    """`columns`: characters of normal size on a line, 32 on 58 mm paper and 48 on 80 mm."""
    printer = load()()
    printer.hw("INIT")
    printer._raw(_CHINESE_MODE)
    printer.set(align="center", double_width=True, double_height=True)
    _lines(printer, *wrapped(data.office, columns // 2))
    printer.set(align="center", normal_textsize=True)
    _lines(printer, *wrapped(data.office_en, columns), "-" * columns, *_both("您的号码", "Your number", columns))
    number = str(data.number)
    size = min(_NUMBER_SIZE, columns // len(number))
    printer.set(align="center", custom_size=True, width=size, height=size)
    _lines(printer, number)
    printer.set(align="center", normal_textsize=True)
    _lines(printer, *_waiting(data, columns), data.local_time)
    if data.qr:
        printer._raw(b"\n")
        printer.qr(data.qr, native=True, size=_QR_SIZE)
        printer._raw(b"\n")
    _lines(printer, *_both("请留意叫号屏", "Please watch the panel", columns))
    if cut:
        printer.cut()
    else:
        printer.print_and_feed(6)
    return bytes(printer.output)


def wrapped(text: str, columns: int) -> list[str]:
    """Lines of at most `columns`, about equally long, broken between words and never before a closing mark.

    A Chinese character takes two columns. The printer itself would break anywhere.
    """
    pieces = [cut for piece in _PIECE.findall(text) for cut in _cut_to(piece, columns)]
    for width in range(-(-_width(text) // max(-(-_width(text) // columns), 1)), columns + 1):
        lines = _filled(pieces, width)
        if len(lines) <= -(-_width(text) // columns):
            return lines
    return _filled(pieces, columns)


def _filled(pieces: list[str], width: int) -> list[str]:
    lines = [""]
    for piece in pieces:
        if lines[-1].strip() and _width((lines[-1] + piece).rstrip()) > width:
            lines.append("")
        lines[-1] += piece
    return [line.strip() for line in lines if line.strip()]


def _cut_to(piece: str, columns: int) -> list[str]:
    """A word longer than the paper is wide has to be broken somewhere."""
    if _width(piece.rstrip()) <= columns:
        return [piece]
    half = len(piece) // 2
    return [*_cut_to(piece[:half], columns), *_cut_to(piece[half:], columns)]


def _width(text: str) -> int:
    return len(_encoded(text))


def _both(chinese: str, english: str, columns: int) -> list[str]:
    """One line where both languages fit."""
    line = f"{chinese}  {english}"
    return [line] if _width(line) <= columns else [*wrapped(chinese, columns), *wrapped(english, columns)]


def _waiting(data: TicketPrint, columns: int) -> list[str]:
    if not data.ahead:
        return _both("即将轮到您", "You are next", columns)
    lines = _both(f"前面 {data.ahead} 组", f"{data.ahead} ahead of you", columns)
    if data.wait_minutes is not None:
        lines += _both(f"约 {data.wait_minutes} 分钟", f"about {data.wait_minutes} min", columns)
    return lines


def _encoded(text: str) -> bytes:
    """A character that GBK lacks becomes `?`: a code page that nobody asked for would spoil the whole line."""
    return text.encode("gbk", "replace")


def _lines(printer: Any, *lines: str) -> None:
    for line in filter(None, lines):
        printer._raw(_encoded(line) + b"\n")
