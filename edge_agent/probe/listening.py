"""Listening on serial lines and on a broker, without sending anything."""

import errno
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import serial

from contracts.topics import ROOT
from edge_agent.broker import BrokerConfig
from edge_agent.devices.base import Heard
from edge_agent.devices.serial_line import LINE_ERRORS
from edge_agent.overhearing import overhearing

BAUDRATES = (9600, 115200, 19200, 38400, 57600, 4800)
"""Tried in turn, the usual ones of counters, panels and readers first."""
_AT_EACH = 2.0
_KEPT_BYTES = 4096
_KEPT_MESSAGES = 2000
_log = logging.getLogger(__name__)

_TROUBLES = {
    errno.ENOENT: "there is no such port",
    errno.EACCES: "this user may not open it: run `anchang-edge probe`, or join the group dialout",
}

Known = Callable[[Heard], bool]


@dataclass(slots=True)
class Line:
    """What came over one port. `trouble` says why nothing could be heard; `heard` is by baud rate."""

    path: str
    heard: dict[int, bytes] = field(default_factory=dict)
    trouble: str = ""


def serial_lines(paths: list[str], seconds: float, known: Known) -> list[Line]:
    """Listen on all ports at once, each at one baud rate after the other, until one is understood or time is up."""
    with ThreadPoolExecutor(max_workers=max(len(paths), 1)) as pool:
        return list(pool.map(lambda path: _listen(path, seconds, known), paths))


def _listen(path: str, seconds: float, known: Known) -> Line:
    line = Line(path)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for baudrate in BAUDRATES:
            if time.monotonic() >= end:
                break
            try:
                data = _hear(path, baudrate, min(_AT_EACH, end - time.monotonic()))
            except (*LINE_ERRORS, ValueError) as error:
                line.trouble = _trouble(error)
                return line
            if data:
                line.heard[baudrate] = (line.heard.get(baudrate, b"") + data)[-_KEPT_BYTES:]
                if known(Heard("", line.heard[baudrate])):
                    line.heard = {baudrate: line.heard[baudrate]}
                    return line
    return line


def _trouble(error: Exception) -> str:
    if "lock" in str(error):
        return "in use by another program"
    number = error.errno if isinstance(error, OSError) else None
    return _TROUBLES.get(number or 0, str(error))


def _hear(path: str, baudrate: int, seconds: float) -> bytes:
    """Everything until a pause after the first bytes, or until time is up."""
    data = b""
    end = time.monotonic() + seconds
    # Exclusive: bytes read here would be missing in a running agent.
    with serial.serial_for_url(path, baudrate=baudrate, timeout=0.2, exclusive=True) as port:
        while time.monotonic() < end and len(data) < _KEPT_BYTES:
            portion = port.read(max(1, port.in_waiting))
            if data and not portion:
                break
            data += portion
    return data


def broker_messages(broker: BrokerConfig, seconds: float) -> list[Heard]:
    """What the devices of the office publish in that time, the newest 2,000 messages. Raises BrokerError.

    The agents' own branch is left out, as are topics of the broker itself.
    """
    heard: list[Heard] = []

    def hear(topic: str, payload: bytes) -> None:
        if not topic.startswith((f"{ROOT}/", "$")):
            heard.append(Heard(topic, payload))
            del heard[:-_KEPT_MESSAGES]

    with overhearing(broker, ["#"], hear):
        time.sleep(seconds)
    return heard
