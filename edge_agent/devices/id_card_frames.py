"""Protocol of readers for second-generation identity cards (二代证): frames of the SAM module, bytes in any portions.

Sources: softs.im 身份证阅读器通信协议 (frame, commands, states); yzsam.com CNvfzM (the recorded commands and answers);
the layout of the text also in public code, for example HslCommunication's SAMSerial.

A frame is `AA AA AA 96 69`, the length in two bytes, high first, of all that follows, the body, and the exclusive or of
length and body. A command's body is command and parameter; an answer's begins with SW1 SW2 SW3. The card's text is 256
bytes of UTF-16, little-endian: name 30, sex 2, nation 4, birth 16, address 70, number 36, and more that is not read.
"""

from dataclasses import dataclass, field
from functools import reduce
from operator import xor

from contracts.readings import ReadingContent
from edge_agent.devices.serial_listening import Noise

_HEAD = b"\xaa\xaa\xaa\x96\x69"
_LONGEST = 2400
_TEXT_LENGTHS = 4
"""Two lengths, of text and photograph, stand before them."""
_NAME, _NUMBER = slice(0, 30), slice(122, 158)
_NUMBER_CHARACTERS = 18
DONE, FOUND, NO_CARD, NOT_SELECTED = 0x90, 0x9F, 0x80, 0x81


def frame(body: bytes) -> bytes:
    counted = (len(body) + 1).to_bytes(2, "big") + body
    return _HEAD + counted + bytes((reduce(xor, counted),))


FIND, SELECT, READ = (frame(bytes(body)) for body in ((0x20, 0x01), (0x20, 0x02), (0x30, 0x01)))


@dataclass(frozen=True, slots=True)
class Answer:
    """`state` is SW3; `data` never shows in a log."""

    state: int
    data: bytes = field(default=b"", repr=False)


@dataclass(slots=True)
class SamFrames:
    """Answers whose checksum is right. What is left of a card's data is dropped with them."""

    noise: Noise = field(default_factory=Noise)
    _rest: bytes = field(default=b"", repr=False)

    def feed(self, data: bytes) -> list[Answer]:
        self._rest += data
        found: list[Answer] = []
        while (used := self._skip()) is not None:
            body, self._rest = self._rest[len(_HEAD) + 2 : used - 1], self._rest[used:]
            self.noise.over()
            found.append(Answer(body[2], body[3:]))
        return found

    def forget(self) -> None:
        """A new question: what is left of the answer before is nobody's."""
        self.noise.add(len(self._rest))
        self._rest = b""

    def _skip(self) -> int | None:
        """Noise before the next whole frame is passed over; where that frame ends, None while there is none."""
        while True:
            start = self._rest.find(_HEAD)
            if start < 0:
                self._pass(max(0, len(self._rest) - len(_HEAD) + 1))
                return None
            self._pass(start)
            length = int.from_bytes(self._rest[5:7], "big") if len(self._rest) >= 7 else 0
            end = len(_HEAD) + 2 + length
            if len(self._rest) >= 7 and not 4 <= length <= _LONGEST:
                self._pass(1)
            elif len(self._rest) < 7 or len(self._rest) < end:
                return None
            elif reduce(xor, self._rest[5 : end - 1]) != self._rest[end - 1]:
                self._pass(1)
            else:
                return end

    def _pass(self, count: int) -> None:
        self.noise.add(count)
        self._rest = self._rest[count:]


def card(data: bytes) -> ReadingContent:
    """Number and name of the card, and nothing else. Raises ValueError, without quoting, for what is no card's text."""
    length = int.from_bytes(data[:2], "big")
    text = data[_TEXT_LENGTHS : _TEXT_LENGTHS + length]
    if length < _NUMBER.stop or len(text) != length:
        raise ValueError("the text of the card is too short")
    number, name = _characters(text[_NUMBER]), _characters(text[_NAME])
    if len(number) != _NUMBER_CHARACTERS or not number.isascii() or not number[:17].isdecimal():
        raise ValueError("the card has no number")
    return ReadingContent(number=number, name=name)


def _characters(raw: bytes) -> str:
    try:
        text = raw.decode("utf-16-le").strip(" \x00")
    except UnicodeDecodeError:
        raise ValueError("the text of the card is no UTF-16") from None
    if not text.isprintable():
        raise ValueError("the text of the card is not printable")
    return text
