"""Where a device's traffic is tapped: at its serial line, or between the broker or the listener and its driver."""

import tempfile
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt

from edge_agent.config import AgentConfig
from edge_agent.devices import http_poll
from edge_agent.devices.base import BaseDeviceConfig, DeviceError, Driver, PushHandler, Received
from edge_agent.devices.serial_line import located
from edge_agent.listener import Listener
from edge_agent.overhearing import BrokerError, overhearing
from edge_agent.recording.hosting import Piece, RecordingHost, Traffic, from_spy

Tap = Callable[[AgentConfig, BaseDeviceConfig, Driver, RecordingHost, float], list[Piece]]
PUSHED, ANSWERED = "push", "answer"
"""Where a report came from by HTTP: pushed, or asked for; the others came on the topic named."""
_LISTENS_WITHIN = 5.0


class RecordError(RuntimeError):
    """Nothing was recorded; the text says why and what to do."""


def serial_line(
    config: AgentConfig, device: BaseDeviceConfig, driver: Driver, host: RecordingHost, seconds: float
) -> list[Piece]:
    """Both directions, as pyserial's `spy://` hears them. Raises RecordError."""
    url = str(getattr(device, "url", ""))
    if not url.startswith(("/", "usb:")):
        raise RecordError(f"{device.id}: only a port of this machine can be recorded, not {url}")
    path = located(url)
    if path is None:
        raise RecordError(f"{device.id}: port {url} is gone")
    with tempfile.TemporaryDirectory() as folder:
        dump = Path(folder) / "traffic"
        spied = device.model_copy(update={"url": f"spy://{path}?file={dump}"})
        _start(driver, spied, host)(seconds)
        return from_spy(dump.read_text(encoding="ascii", errors="replace")) if dump.exists() else []


def reports(
    config: AgentConfig, device: BaseDeviceConfig, driver: Driver, host: RecordingHost, seconds: float
) -> list[Piece]:
    """What it publishes on its topics, pushes to the listener, and answers when it is asked. Raises RecordError."""
    traffic, listener = Traffic(), Listener(config.listener)

    def receive(secret_file: Path, handler: PushHandler) -> None:
        def heard(report: Received) -> Sequence["Future[Any]"]:
            traffic.add(PUSHED, report.body)
            return handler(report)

        listener.receive(device.id, secret_file, heard)

    def hear(topic: str, payload: bytes) -> None:
        traffic.add(topic, payload)
        for wanted, handler in host.handlers.items():
            if mqtt.topic_matches_sub(wanted, topic):
                handler(payload, lambda: None)

    def answered(body: bytes) -> None:
        traffic.add(ANSWERED, body)
        host.listening.set()

    host.receiving = receive
    http_poll.OVERHEARD.append(answered)
    finish = _start(driver, device, host)
    host.listening.wait(_LISTENS_WITHIN)
    try:
        with overhearing(config.broker, list(host.handlers), hear) if host.handlers else nullcontext():
            finish(seconds)
    except BrokerError as error:
        host.stopping.set()
        raise RecordError(str(error)) from error
    finally:
        http_poll.OVERHEARD.remove(answered)
        listener.stop()
    return traffic.pieces


TAPS: dict[str, Tap] = {"serial": serial_line, "mqtt": reports, "http": reports}


def _start(driver: Driver, device: BaseDeviceConfig, host: RecordingHost) -> Callable[[float], None]:
    """Start the driver; what is returned lets it run its time and stops it. Raises RecordError when it gave up."""
    trouble: list[Exception] = []

    def serve() -> None:
        try:
            driver.device(device).run(host)
        except (DeviceError, OSError) as error:
            trouble.append(error)
            host.stopping.set()
            host.listening.set()

    thread = threading.Thread(target=serve, name="recorded-device", daemon=True)
    thread.start()

    def finish(seconds: float) -> None:
        host.stopping.wait(seconds)
        host.stopping.set()
        thread.join(5)
        if trouble:
            raise RecordError(f"{device.id}: {trouble[0]}")

    return finish
