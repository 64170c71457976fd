"""Bytes: a serial line that says in words why it does not work."""

import termios
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import serial

from edge_agent.devices.base import DeviceError

LINE_ERRORS = (OSError, termios.error, TypeError)
"""What pyserial lets through when a port vanishes under it (TypeError: its descriptor became None)."""
_PRESENCE_SECONDS = 1.0


def missing(url: str) -> bool:
    """Whether the port is a path that is not there: unplugged, or not yet enumerated."""
    return url.startswith("/") and not Path(url).exists()


def fault(url: str, error: BaseException) -> DeviceError:
    return DeviceError(f"port {url} is gone" if missing(url) else f"port {url}: {error}")


class SerialLine:
    """An open port, 8N1. Every method raises DeviceError when the line is in trouble."""

    def __init__(self, url: str, baudrate: int) -> None:
        if missing(url):
            raise DeviceError(f"port {url} is gone")
        self.url = url
        self._looked = time.monotonic()
        try:
            # Exclusive: two programs on one line would each miss what the other one read.
            self._port = serial.serial_for_url(url, baudrate=baudrate, timeout=0.1, write_timeout=2, exclusive=True)
        except (*LINE_ERRORS, ValueError) as error:
            raise fault(url, error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._port.close()

    def read(self) -> bytes:
        """Whatever arrived within 0.1 s, at most 256 bytes, perhaps nothing."""
        self._check_presence()
        try:
            return bytes(self._port.read(max(1, min(self._port.in_waiting, 256))))
        except LINE_ERRORS as error:
            raise fault(self.url, error) from error

    def write(self, data: bytes) -> None:
        try:
            self._port.write(data)
            self._port.flush()
        except LINE_ERRORS as error:
            raise fault(self.url, error) from error

    def _check_presence(self) -> None:
        """An unplugged adapter may leave a descriptor that merely stays silent."""
        if time.monotonic() - self._looked > _PRESENCE_SECONDS:
            self._looked = time.monotonic()
            if missing(self.url):
                raise DeviceError(f"port {self.url} is gone")
