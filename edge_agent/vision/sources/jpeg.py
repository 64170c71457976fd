"""JPEG pictures out of a stream of bytes, whatever lies between them.

Motion JPEG over HTTP is a multipart whose boundaries, lengths and line ends cameras get wrong; a pipe has none. So only
the pictures themselves are trusted: ITU-T T.81 annex B, marker by marker, from SOI (FF D8) to EOI (FF D9).
"""

import re
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import numpy as np

from edge_agent.vision.sources.capture import cv2
from edge_agent.vision.sources.live import bounded

if TYPE_CHECKING:
    from edge_agent.vision.ports import Image

LARGEST_PICTURE = 16 * 1024 * 1024
"""Bytes of one encoded picture; more without an end is no picture."""

_START = b"\xff\xd8\xff"
_PNG = b"\x89PNG\r\n\x1a\n"
_SCAN_END = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")  # not a stuffed byte, not filling, not a restart marker
_START_OF_SCAN = 0xDA
_END = 0xD9
_STAND_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})
_SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


@dataclass(slots=True)
class JpegStream:
    """Bytes in any portions → whole pictures. `noise`: bytes since the last whole picture that belong to none."""

    noise: int = 0
    _bytes: bytearray = field(default_factory=bytearray)
    _at: int = 0  # how far the picture at the front has been walked through
    _in_scan: bool = False

    def feed(self, data: bytes) -> list[bytes]:
        self._bytes += data
        pictures: list[bytes] = []
        while self._find_start():
            end = self._walk()
            if end == 0:
                break
            if end > 0:
                pictures.append(bytes(self._bytes[:end]))
                self.noise = 0
                self._drop(end)
            else:
                self._skip(len(_START) - 1)
        if len(self._bytes) > LARGEST_PICTURE:
            self._skip(len(self._bytes))
        return pictures

    def _find_start(self) -> bool:
        """Bring a start of picture to the front."""
        if self._at:
            return True
        start = self._bytes.find(_START)
        if start < 0:
            self._skip(max(0, len(self._bytes) - len(_START) + 1))
            return False
        self._skip(start)
        self._at, self._in_scan = 2, False
        return True

    def _walk(self) -> int:
        """The length of the picture at the front; 0: more bytes are needed; -1: it is broken off or no picture."""
        while True:
            if self._in_scan and not self._leave_scan():
                return 0
            if len(self._bytes) < self._at + 4:
                complete = self._bytes[self._at : self._at + 2] == b"\xff\xd9"
                return self._at + 2 if complete else 0
            mark, code = self._bytes[self._at], self._bytes[self._at + 1]
            if mark != 0xFF or code in (0x00, 0xD8):
                return -1
            if code == _END:
                return self._at + 2
            self._pass(code)

    def _leave_scan(self) -> bool:
        found = _SCAN_END.search(self._bytes, self._at)
        self._at = found.start() if found else max(self._at, len(self._bytes) - 1)
        self._in_scan = found is None
        return found is not None

    def _pass(self, code: int) -> None:
        if code == 0xFF:  # filling before a marker
            self._at += 1
        elif code in _STAND_ALONE:
            self._at += 2
        else:
            self._at += 2 + max(2, int.from_bytes(self._bytes[self._at + 2 : self._at + 4], "big"))
            self._in_scan = code == _START_OF_SCAN

    def _skip(self, count: int) -> None:
        self.noise += count
        self._drop(count)

    def _drop(self, count: int) -> None:
        del self._bytes[:count]
        self._at, self._in_scan = 0, False


def size(encoded: bytes) -> tuple[int, int] | None:
    """Width and height in pixels of a JPEG or PNG, without decoding it; None when it tells none."""
    if encoded.startswith(_PNG) and len(encoded) >= 24:
        width, height = struct.unpack(">II", encoded[16:24])
        return width, height
    at = 2 if encoded.startswith(_START) else len(encoded)
    while at + 9 <= len(encoded) and encoded[at] == 0xFF:
        code = encoded[at + 1]
        if code in _SIZES:
            height, width = struct.unpack(">HH", encoded[at + 5 : at + 9])
            return width, height
        at += 1 if code == 0xFF else 2 if code in _STAND_ALONE else 2 + int.from_bytes(encoded[at + 2 : at + 4], "big")
    return None


def decode(encoded: bytes) -> "Image | None":
    """A JPEG or PNG as BGR; None when it is damaged. Raises SourceError when it is too large, before decoding it."""
    found = size(encoded)
    if found is None:
        return None
    bounded(*found)
    try:
        return cast("Image | None", cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_COLOR))
    except cv2.error:
        return None
