"""A kiosk node's preview as the browser sees it: an endless picture that opens once, and its state beside it."""

import asyncio
import struct
import zlib
from collections.abc import AsyncIterator
from functools import cache

from contracts.messages import FacePreviewState

WIDTH, HEIGHT = 240, 180


@cache
def picture() -> bytes:
    """A PNG of a head and shoulders, drawn here."""

    def pixel(x: int, y: int) -> bytes:
        head = ((x - 120) / 38) ** 2 + ((y - 78) / 50) ** 2 < 1
        shoulders = ((x - 120) / 92) ** 2 + ((y - 190) / 62) ** 2 < 1
        if head:
            return bytes((222 - y // 4, 178 - y // 4, 150 - y // 4))
        return bytes((38, 92, 112)) if shoulders else bytes((206 - y // 3, 218 - y // 3, 216 - y // 4))

    rows = b"".join(b"\0" + b"".join(pixel(x, y) for x in range(WIDTH)) for y in range(HEIGHT))

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


async def frames() -> AsyncIterator[bytes]:
    """multipart/x-mixed-replace with boundary `frame`."""
    while True:
        body = picture()
        yield b"--frame\r\nContent-Type: image/png\r\nContent-Length: %d\r\n\r\n%b\r\n" % (len(body), body)
        await asyncio.sleep(0.1)


def looking(*, shots: int = 0, hint: str = "") -> FacePreviewState:
    return FacePreviewState.model_validate({"state": "looking", "shots": shots, "of": 3, "hint": hint})
