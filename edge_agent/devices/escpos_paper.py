"""A ticket (排队小票) as the bytes of an ESC/POS printer: Chinese as GBK, a QR code, the cutter. By python-escpos."""

import os
import tempfile
from collections.abc import Callable
from functools import cache
from typing import Any

from contracts.messages import TicketPrint

_CHINESE_MODE = b"\x1c&"
"""FS &: printers for the Chinese market start with it, others have to be told."""
_CACHE_FOLDER = "ESCPOS_CAPABILITIES_PICKLE_DIR"
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
    _lines(printer, data.office)
    printer.set(align="center", normal_textsize=True)
    _lines(printer, data.office_en, "-" * columns, "您的号码  Your number")
    printer.set(align="center", custom_size=True, width=_NUMBER_SIZE, height=_NUMBER_SIZE)
    _lines(printer, str(data.number))
    printer.set(align="center", normal_textsize=True)
    _lines(printer, *_waiting(data), data.local_time)
    if data.qr:
        printer.qr(data.qr, native=True, size=_QR_SIZE)
    _lines(printer, "请留意叫号屏  Please watch the panel")
    if cut:
        printer.cut()
    else:
        printer.print_and_feed(6)
    return bytes(printer.output)


def _waiting(data: TicketPrint) -> list[str]:
    if not data.ahead:
        return ["即将轮到您  You are next"]
    lines = [f"前面 {data.ahead} 组  {data.ahead} ahead of you"]
    if data.wait_minutes is not None:
        lines.append(f"约 {data.wait_minutes} 分钟  about {data.wait_minutes} min")
    return lines


def _lines(printer: Any, *lines: str) -> None:
    """A character that GBK lacks becomes `?`: a code page that nobody asked for would spoil the whole line."""
    for line in filter(None, lines):
        printer._raw(line.encode("gbk", "replace") + b"\n")
