"""Bytes: a serial line that says in words why it does not work.

`usb:A50285BI` is the adapter with that serial number, whatever name the kernel gave it this time: udev keeps a link to
it in /dev/serial/by-id, called `usb-MAKER_MODEL_SERIAL-ifNN[-portN]` (systemd's rules.d/60-serial.rules). Where one
adapter has several lines the end of the link's name says which: `usb:A50285BI-if01-port0`.
"""

import os
import re
import termios
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import serial

from contracts.reasons import name_of
from edge_agent.devices.base import DeviceError

LINE_ERRORS = (OSError, termios.error, TypeError)
"""What pyserial lets through when a port vanishes under it (TypeError: its descriptor became None)."""
_PRESENCE_SECONDS = 1.0


BY_ID = Path("/dev/serial/by-id")
_USB = "usb:"
_INTERFACE = re.compile(r"-if[0-9a-f]{2}(-port\d+)?")


def located(url: str) -> str | None:
    """What to open now; None while it is not there: unplugged, or not yet enumerated."""
    if url.startswith(_USB):
        found = [link for link in sorted(BY_ID.glob("*")) if _names(link.name, url.removeprefix(_USB))]
        return str(found[0]) if len(found) == 1 and found[0].exists() else None
    return None if url.startswith("/") and not Path(url).exists() else url


def _names(link: str, wanted: str) -> bool:
    """Whether the link ends in the serial number, alone or with its interface."""
    before, found, after = link.rpartition(f"_{wanted}")
    return bool(before and found) and (not after or _INTERFACE.fullmatch(after) is not None)


def missing(url: str) -> bool:
    return located(url) is None


def fault(url: str, error: BaseException) -> DeviceError:
    if missing(url):
        return DeviceError("port_gone", port=url)
    return DeviceError("port_error", port=url, error=name_of(error))


class SerialLine:
    """An open port, 8N1. Every method raises DeviceError when the line is in trouble."""

    def __init__(self, url: str, baudrate: int) -> None:
        path = located(url)
        if path is None:
            raise DeviceError("port_gone", port=url)
        self.url = url
        self._looked = time.monotonic()
        try:
            # Exclusive: two programs on one line would each miss what the other one read.
            self._port = serial.serial_for_url(path, baudrate=baudrate, timeout=0.1, write_timeout=2, exclusive=True)
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
            path = located(self.url)
            if path is None:
                raise DeviceError("port_gone", port=self.url)
            if self._is_another(path):
                raise DeviceError("port_another", port=self.url)

    def _is_another(self, path: str) -> bool:
        """Plugged in again it may have got another name, while ours is a descriptor of nothing."""
        try:
            return path.startswith("/") and Path(path).stat().st_rdev != os.fstat(self._port.fileno()).st_rdev
        except (*LINE_ERRORS, ValueError) as error:
            raise fault(self.url, error) from error
