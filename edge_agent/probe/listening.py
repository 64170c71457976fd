"""Listening on serial lines and on a broker, without sending anything."""

import errno
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import paho.mqtt.client as mqtt
import serial
from paho.mqtt.enums import CallbackAPIVersion

from contracts.topics import ROOT
from edge_agent.broker import BrokerConfig
from edge_agent.devices.base import Heard
from edge_agent.devices.serial_line import LINE_ERRORS

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


class BrokerError(RuntimeError):
    """The broker cannot be listened to; the text says why."""


def broker_messages(broker: BrokerConfig, seconds: float) -> list[Heard]:
    """What the devices of the office publish in that time, the newest 2,000 messages. Raises BrokerError.

    The agents' own branch is left out, as are topics of the broker itself.
    """
    heard: list[Heard] = []
    refused: list[str] = []
    subscribed = threading.Event()
    client = mqtt.Client(CallbackAPIVersion.VERSION2)
    if broker.username:
        client.username_pw_set(broker.username, broker.password())
    if broker.tls_ca_file:
        client.tls_set(ca_certs=broker.tls_ca_file)

    def connected(client: mqtt.Client, userdata: Any, flags: Any, reason: Any, properties: Any) -> None:
        if reason.is_failure:
            refused.append(str(reason))
        else:
            client.subscribe("#", qos=0)

    def message(client: mqtt.Client, userdata: Any, message: mqtt.MQTTMessage) -> None:
        if not message.topic.startswith((f"{ROOT}/", "$")):
            heard.append(Heard(message.topic, bytes(message.payload)))
            del heard[:-_KEPT_MESSAGES]

    client.on_connect, client.on_message = connected, message
    client.on_subscribe = lambda *_: subscribed.set()
    place = f"{broker.host}:{broker.port}"
    try:
        client.connect(broker.host, broker.port, keepalive=30)
    except OSError as error:
        raise BrokerError(f"{place}: {error}") from error
    client.loop_start()
    try:
        if not subscribed.wait(5):
            raise BrokerError(f"{place}: {refused[0] if refused else 'no answer'}")
        time.sleep(seconds)
    finally:
        client.disconnect()
        client.loop_stop()
    return heard
