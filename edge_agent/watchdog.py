"""systemd's watchdog: told that we live only while every part that must move does.

Protocol: sd_notify(3), one datagram of VAR=VALUE lines to the unix socket that `NOTIFY_SOCKET` names, a leading `@`
standing for the abstract name space; `WATCHDOG_USEC` is the longest time between two `WATCHDOG=1`.
"""

import logging
import os
import socket
import threading
from collections.abc import Callable

_log = logging.getLogger(__name__)
_PINGS_A_PERIOD = 3
Stuck = Callable[[float], str]
"""Takes how many seconds without progress are too many; answers what is stuck, or an empty text."""


def notify(*lines: str) -> bool:
    """False where nobody listens."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return False
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
        try:
            line.sendto("\n".join(lines).encode(), f"\0{address[1:]}" if address[0] == "@" else address)
        except OSError as error:
            _log.debug("systemd was not told", extra={"error": str(error)})
            return False
    return True


def period() -> float:
    """Seconds after which systemd gives us up, 0 when it does not watch this process (sd_watchdog_enabled(3))."""
    if os.environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return 0.0
    text = os.environ.get("WATCHDOG_USEC", "")
    return int(text) / 1e6 if text.isdigit() else 0.0


class Watchdog:
    """A thread that pings while none of `parts` is stuck. Does nothing where systemd does not watch."""

    def __init__(self, parts: list[Stuck]) -> None:
        self._parts = parts
        self._period = period()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)

    def start(self) -> None:
        notify("READY=1")
        if self._period > 0:
            self._thread.start()

    def stop(self) -> None:
        notify("STOPPING=1")
        self.halt()

    def halt(self) -> None:
        """Ping no more; another watchdog of this process takes over."""
        self._stopping.set()

    def _run(self) -> None:
        told = ""
        while not self._stopping.wait(self._period / _PINGS_A_PERIOD):
            stuck = next(filter(None, (part(self._period) for part in self._parts)), "")
            if not stuck:
                notify("WATCHDOG=1")
            elif stuck != told:
                _log.error("no progress: systemd is no longer told that we live", extra={"stuck": stuck})
                notify(f"STATUS=no progress: {stuck}")
            told = stuck
