"""Device time: the wall clock, the clock nobody can set, and whether the wall clock can be believed."""

import ctypes
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from contracts.values import utc_now

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_TIMEX_BYTES = 256
"""More than `struct timex` of any Linux ABI (208 bytes on 64-bit)."""
_TIME_ERROR = 5
_RECHECK_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Stamp:
    """One reading of all clocks. `monotonic_ms` counts from boot `boot_id`."""

    time: datetime
    boot_id: str
    monotonic_ms: int
    synced: bool


def kernel_clock_synced() -> bool:
    """Whether the kernel calls its clock disciplined: adjtimex(2) with no modes set changes nothing."""
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        buffer = ctypes.create_string_buffer(_TIMEX_BYTES)
        state = int(libc.adjtimex(buffer))
    except (OSError, AttributeError):
        return False
    return 0 <= state < _TIME_ERROR


class Clock:
    """Stamps events. Safe for use from several threads."""

    def __init__(self) -> None:
        self._boot_id = _BOOT_ID.read_text().strip() if _BOOT_ID.exists() else ""
        self._synced = kernel_clock_synced()
        self._checked = time.monotonic()

    @property
    def synced(self) -> bool:
        if time.monotonic() - self._checked > _RECHECK_SECONDS:
            self._checked = time.monotonic()
            self._synced = kernel_clock_synced()
        return self._synced

    def stamp(self) -> Stamp:
        return Stamp(utc_now(), self._boot_id, time.monotonic_ns() // 1_000_000, self.synced)
