"""What every calling panel (叫号屏) does, whatever bytes it takes.

A panel never answers: what is known is that the line took the bytes.
"""

import threading
from collections.abc import Callable
from typing import Annotated

from pydantic import Field, ValidationError

from contracts.messages import Command, PanelShow
from edge_agent.devices.base import DeviceError, Host, SerialConfig
from edge_agent.devices.serial_line import SerialLine

_SHOW = "panel.show.v1"
Paint = Callable[[int, int], bytes]
"""Panel (0…255) and number (0…9999) → the bytes that show it. Raises ValueError for what its format cannot say."""


class PanelConfig(SerialConfig):
    """`panel`: the address set on the panel's switches. Without it the command says which panel is meant."""

    panel: Annotated[int, Field(ge=0, le=255)] | None = None


class CallingPanel:
    """Remembers what each panel shows, and shows it again when the line comes back: a panel powers up blank."""

    def __init__(self, config: PanelConfig, paint: Paint) -> None:
        self._config, self._paint = config, paint
        self._port: SerialLine | None = None
        self._lock = threading.Lock()
        self._shown: dict[int, bytes] = {}

    def run(self, host: Host) -> None:
        with SerialLine(self._config.url, self._config.baudrate) as port:
            try:
                self._repaint(port)
                while not host.stopping.is_set():
                    port.read()
                    host.ok()
            finally:
                with self._lock:
                    self._port = None

    def execute(self, command: Command) -> None:
        if command.type != _SHOW:
            raise ValueError(f"a calling panel cannot do {command.type}")
        try:
            show = PanelShow.model_validate(command.data)
        except ValidationError as error:
            raise ValueError("the command is no valid panel.show.v1") from error
        panel = show.panel if self._config.panel is None else self._config.panel
        painted = self._paint(panel, show.number)
        with self._lock:
            if self._port is None:
                raise DeviceError("port_not_open", port=self._config.url)
            self._port.write(painted)
            self._shown[panel] = painted

    def _repaint(self, port: SerialLine) -> None:
        with self._lock:
            for painted in self._shown.values():
                port.write(painted)
            self._port = port
