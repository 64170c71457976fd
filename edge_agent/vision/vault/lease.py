"""The right to match faces now. It comes from the gateway, minutes at a time, and lapses by itself."""

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta


def boot_seconds() -> float:
    """Seconds since boot that nobody can set, time asleep included (unlike `time.monotonic` on Linux)."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)


class Lease:
    """Begins without a lease, also after a restart. Safe from any thread.

    Only `clock` counts, never the wall clock: setting that neither extends nor ends a lease.
    """

    def __init__(self, clock: Callable[[], float] = boot_seconds) -> None:
        self._clock = clock
        self._ends: float | None = None
        self._lock = threading.Lock()

    def now(self) -> float:
        """The clock that leases run by; read it before asking, for `renew`."""
        return self._clock()

    def renew(self, asked_at: float, seconds: float) -> None:
        """It runs for `seconds` from the moment of asking. The newest word counts, also when it is shorter."""
        with self._lock:
            self._ends = asked_at + seconds

    def drop(self) -> None:
        with self._lock:
            self._ends = None

    @property
    def left(self) -> float:
        """Seconds left; 0 when there is none."""
        with self._lock:
            return 0.0 if self._ends is None else max(self._ends - self._clock(), 0.0)

    @property
    def running(self) -> bool:
        return self.left > 0

    def until(self, wall: datetime) -> datetime | None:
        """When it lapses, on a wall clock that shows `wall` now; for people to read. None when there is none."""
        left = self.left
        return wall + timedelta(seconds=left) if left > 0 else None
