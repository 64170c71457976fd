"""Calling panels (叫号屏) that take `[id][hi][lo][sum8]`, 9600 8N1: `05 03 E7 EF` shows 999 on panel 5.

Source of the format: musicexecdevelopment.com/8238227. The panel never answers; what can be known is that the line took
the bytes.
"""

import threading
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from contracts.messages import Command, PanelShow
from edge_agent.devices.base import About, DeviceError, Driver, Host, SerialConfig
from edge_agent.devices.serial_line import SerialLine


class PanelSum8Config(SerialConfig):
    """`panel`: the address set on the panel's switches. Without it the command says which panel is meant."""

    driver: Literal["panel_sum8"]
    panel: Annotated[int, Field(ge=0, le=255)] | None = None


def frame(panel: int, number: int) -> bytes:
    """The four bytes that show `number` (0…9999) on `panel` (0…255)."""
    body = bytes((panel, number >> 8, number & 0xFF))
    return body + bytes((sum(body) & 0xFF,))


class PanelSum8:
    """Remembers what each panel shows, and shows it again when the line comes back: a panel powers up blank."""

    def __init__(self, config: PanelSum8Config) -> None:
        self._config = config
        self._port: SerialLine | None = None
        self._lock = threading.Lock()
        self._shown: dict[int, int] = {}

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
        try:
            show = PanelShow.model_validate(command.data)
        except ValidationError as error:
            raise ValueError("the command is no valid panel.show.v1") from error
        panel = show.panel if self._config.panel is None else self._config.panel
        with self._lock:
            if self._port is None:
                raise DeviceError(f"port {self._config.url} is not open")
            self._port.write(frame(panel, show.number))
            self._shown[panel] = show.number

    def _repaint(self, port: SerialLine) -> None:
        with self._lock:
            for panel, number in self._shown.items():
                port.write(frame(panel, number))
            self._port = port


DRIVER = Driver(
    PanelSum8Config,
    PanelSum8,
    About(
        title="Calling panel, [id][hi][lo][sum8]",
        title_zh="叫号屏（四字节累加和）",
        kind="panel",
        transport="serial",
        models=("panels of musicexecdevelopment.com/8238227",),
        source="musicexecdevelopment.com/8238227",
        wiring="RS-485 or RS-232, 9600 8N1; the address is set on its switches",
        proof="documented",
    ),
)
