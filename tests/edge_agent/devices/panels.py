"""A calling panel driven as the agent drives it, on a pseudo-terminal."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from contracts.ids import uuid7
from contracts.messages import Command, PanelShow
from contracts.values import utc_now
from edge_agent.devices.calling_panel import CallingPanel
from edge_agent.devices.factory import DeviceConfig, build
from tests.edge_agent.devices.hosts import RememberingHost
from tests.edge_agent.support import Wire
from tests.support.processes import until


def show(number: int, panel: int = 1) -> Command:
    return Command(
        id=uuid7(),
        type="panel.show.v1",
        device="panel-1",
        expires_at=utc_now() + timedelta(seconds=30),
        data=PanelShow(number=number, panel=panel).model_dump(),
    )


@contextmanager
def at_work(folder: Path, driver: str, **settings: Any) -> Iterator[tuple[CallingPanel, Wire]]:
    wire = Wire(folder / "panel")
    config: Any = TypeAdapter(DeviceConfig).validate_python(
        {"id": "panel-1", "driver": driver, "url": str(wire.path), **settings}
    )
    panel, host = build(config), RememberingHost()
    assert isinstance(panel, CallingPanel)
    thread = threading.Thread(target=panel.run, args=(host,), daemon=True)
    thread.start()
    until(lambda: host.states, seconds=5, what="the panel's line")
    yield panel, wire
    host.stopping.set()
    thread.join(5)


def heard(wire: Wire, count: int) -> bytes:
    """The next `count` bytes on the line."""
    found = b""

    def enough() -> bool:
        nonlocal found
        found += wire.read()
        return len(found) >= count

    until(enough, seconds=5, what=f"{count} bytes on the panel's line")
    return found
