"""Whether a driver's loop still turns, without the driver's help: each round of it asks whether it is to stop."""

import threading
import time


class Stopping(threading.Event):
    """Asked to stop, or not. Every question of the thread that `belongs` here is a beat; one that rests in `wait` is
    well for as long as it asked to.
    """

    def __init__(self) -> None:
        super().__init__()
        self._thread = 0
        self._resting = False
        self._beat = time.monotonic()

    def belongs(self) -> None:
        """The calling thread is the one to watch, from now on."""
        self._thread = threading.get_ident()
        self.excuse()

    def excuse(self) -> None:
        """It was held up by something else, until now."""
        self._beat = time.monotonic()

    @property
    def silent_seconds(self) -> float:
        """Since the last beat; 0 before there is a thread to watch."""
        return 0.0 if self._resting or not self._thread else time.monotonic() - self._beat

    def is_set(self) -> bool:
        if threading.get_ident() == self._thread:
            self._beat = time.monotonic()
        return super().is_set()

    def wait(self, timeout: float | None = None) -> bool:
        if threading.get_ident() != self._thread:
            return super().wait(timeout)
        self._resting = True
        try:
            return super().wait(timeout)
        finally:
            self._beat, self._resting = time.monotonic(), False
