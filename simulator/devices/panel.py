"""A calling panel (叫号屏) that takes frames `[id][hi][lo][sum8]` and shows the number.

Format: musicexecdevelopment.com/8238227, for example `05 03 E7 EF` shows 999 on panel 5.
"""

_FRAME_BYTES = 4
_LONGEST_PENDING = 64


class PanelScreen:
    """`showing` is the last number of a frame with a right checksum and our id; other bytes count as `bad_bytes`."""

    def __init__(self, panel: int) -> None:
        self.panel = panel
        self.showing: int | None = None
        self.shown: list[int] = []
        self.bad_bytes = 0
        self._pending = b""

    def receive(self, data: bytes) -> list[int]:
        """Bytes from the line; returns the numbers newly shown."""
        self._pending = (self._pending + data)[-_LONGEST_PENDING:]
        numbers = []
        while len(self._pending) >= _FRAME_BYTES:
            panel, high, low, check = self._pending[:_FRAME_BYTES]
            if (panel + high + low) % 256 != check or panel != self.panel:
                self._pending = self._pending[1:]
                self.bad_bytes += 1
                continue
            self._pending = self._pending[_FRAME_BYTES:]
            numbers.append(high * 256 + low)
        if numbers:
            self.showing = numbers[-1]
            self.shown = (self.shown + numbers)[-100:]
        return numbers
