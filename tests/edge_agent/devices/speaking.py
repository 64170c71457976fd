"""A driver that listens to a pseudo-terminal, with a host that remembers."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from edge_agent.devices.base import BaseDeviceConfig
from edge_agent.devices.factory import DeviceConfig, build
from tests.edge_agent.devices.hosts import RememberingHost
from tests.edge_agent.support import Wire
from tests.support.processes import until


def config(driver: str, **settings: Any) -> Any:
    return TypeAdapter[BaseDeviceConfig](DeviceConfig).validate_python({"id": "device", "driver": driver, **settings})


@contextmanager
def speaking(folder: Path, driver: str, **settings: Any) -> Iterator[tuple[Wire, RememberingHost]]:
    """The line of the device, open, and what its driver made of it."""
    wire, host = Wire(folder / "line"), RememberingHost()
    device = build(config(driver, url=str(wire.path), **settings))
    thread = threading.Thread(target=device.run, args=(host,), daemon=True)
    thread.start()
    until(lambda: host.states, seconds=5, what="the line to be open")
    yield wire, host
    host.stopping.set()
    thread.join(5)
