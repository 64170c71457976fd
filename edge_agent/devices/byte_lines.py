"""Bytes to and from a printer: over the network, a serial line or USB, all alike."""

import re
import select
import socket
import time
from typing import Annotated, Literal, Protocol

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from contracts.reasons import name_of
from edge_agent.devices.base import DeviceError
from edge_agent.devices.escpos_paper import load
from edge_agent.devices.serial_line import SerialLine
from edge_agent.mistakes import unfit

_PORTION = 512
_USB_SECONDS = 0.2


class ByteLine(Protocol):
    """An open connection. Every method raises DeviceError when it is in trouble."""

    def write(self, data: bytes) -> None: ...

    def read(self, seconds: float) -> bytes:
        """What came within `seconds`, as soon as something did; perhaps nothing."""
        ...

    def close(self) -> None: ...


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


_USB_ID = re.compile(r"(0x)?[0-9A-Fa-f]{1,4}")


def _usb_id(text: str) -> str:
    if not _USB_ID.fullmatch(text) or not int(text, 16):
        raise unfit("usb_id")
    return text


UsbId = Annotated[str, Field(max_length=6), AfterValidator(_usb_id)]


class Network(_Settings):
    kind: Literal["network"]
    host: Annotated[str, Field(min_length=1, max_length=253)]
    port: Annotated[int, Field(ge=1, le=65535)] = 9100
    timeout_seconds: Annotated[float, Field(gt=0, le=30)] = 3.0

    def open(self) -> ByteLine:
        return _Tcp(self)


class Serial(_Settings):
    kind: Literal["serial"]
    url: str
    baudrate: Annotated[int, Field(ge=300, le=4_000_000)] = 9600

    def open(self) -> ByteLine:
        return _Uart(self)


class Usb(_Settings):
    """`vendor`, `product`: hexadecimal, as lsusb prints them."""

    kind: Literal["usb"]
    vendor: UsbId
    product: UsbId

    def open(self) -> ByteLine:
        return _UsbLine(self)


Connection = Annotated[Network | Serial | Usb, Field(discriminator="kind")]


class _Tcp:
    def __init__(self, settings: Network) -> None:
        self._where = f"{settings.host}:{settings.port}"
        try:
            self._socket = socket.create_connection((settings.host, settings.port), settings.timeout_seconds)
        except OSError as error:
            raise DeviceError("address_error", address=self._where, error=name_of(error)) from error

    def write(self, data: bytes) -> None:
        try:
            self._socket.sendall(data)
        except OSError as error:
            raise DeviceError("address_error", address=self._where, error=name_of(error)) from error

    def read(self, seconds: float) -> bytes:
        try:
            if not select.select([self._socket], [], [], seconds)[0]:
                return b""
            data = self._socket.recv(_PORTION)
        except (OSError, ValueError) as error:
            raise DeviceError("address_error", address=self._where, error=name_of(error)) from error
        if not data:
            raise DeviceError("address_closed", address=self._where)
        return data

    def close(self) -> None:
        self._socket.close()


class _Uart:
    def __init__(self, settings: Serial) -> None:
        self._line = SerialLine(settings.url, settings.baudrate)

    def write(self, data: bytes) -> None:
        self._line.write(data)

    def read(self, seconds: float) -> bytes:
        deadline = time.monotonic() + seconds
        while not (data := self._line.read()) and time.monotonic() < deadline:
            continue
        return data

    def close(self) -> None:
        self._line.__exit__(None, None, None)


class _UsbLine:
    """A printer of the USB printer class, by python-escpos."""

    def __init__(self, settings: Usb) -> None:
        load()
        from escpos.exceptions import Error
        from escpos.printer import Usb as UsbPrinter

        self._printer = UsbPrinter(int(settings.vendor, 16), int(settings.product, 16), timeout=3000)
        try:
            self._printer.open()
        except (Error, OSError, ValueError) as error:
            device = f"{settings.vendor}:{settings.product}"
            raise DeviceError("usb_closed", device=device, error=name_of(error)) from error

    def write(self, data: bytes) -> None:
        try:
            self._printer._raw(data)
        except OSError as error:
            raise DeviceError("usb_error", error=name_of(error)) from error

    def read(self, seconds: float) -> bytes:
        deadline = time.monotonic() + seconds
        while True:
            try:
                return bytes(self._printer._read())
            except OSError as error:  # libusb tells a time-out as an error too
                if time.monotonic() >= deadline:
                    return b""
                if error.errno not in (None, 110):
                    raise DeviceError("usb_error", error=name_of(error)) from error
                time.sleep(_USB_SECONDS)

    def close(self) -> None:
        self._printer.close()
