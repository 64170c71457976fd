"""Which driver serves which configuration: one line here for each."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from edge_agent.devices.base import BaseDeviceConfig, Device, DeviceError, Host
from edge_agent.devices.milesight_vs121 import MilesightConfig, MilesightVs121
from edge_agent.devices.modbus_counter import ModbusCounter, ModbusCounterConfig
from edge_agent.devices.panel_sum8 import PanelSum8, PanelSum8Config
from edge_agent.devices.serial_button import SerialButton, SerialButtonConfig
from edge_agent.vision.config import CameraConfig

if TYPE_CHECKING:
    from edge_agent.vision.camera import CameraServices

DeviceConfig = Annotated[
    ModbusCounterConfig | MilesightConfig | SerialButtonConfig | PanelSum8Config | CameraConfig,
    Field(discriminator="driver"),
]

DRIVERS: dict[type[BaseDeviceConfig], Callable[[Any], Device]] = {
    ModbusCounterConfig: ModbusCounter,
    MilesightConfig: MilesightVs121,
    SerialButtonConfig: SerialButton,
    PanelSum8Config: PanelSum8,
}


class Unavailable:
    """In place of a driver whose packages are not installed: says so, and spares the other devices."""

    def __init__(self, reason: str) -> None:
        self._reason = reason

    def run(self, host: Host) -> None:
        raise DeviceError(self._reason)


def build(config: BaseDeviceConfig, cameras: "CameraServices | None" = None) -> Device:
    """The device that `config` describes, not yet running. `cameras`: what the node's cameras work with."""
    return _camera(config, cameras) if isinstance(config, CameraConfig) else DRIVERS[type(config)](config)


def _camera(config: CameraConfig, services: "CameraServices | None") -> Device:
    """Loads OpenCV, on a node with a camera only."""
    try:
        from edge_agent.vision.camera import Camera
        from edge_agent.vision.services import without_faces

        return Camera(config, services or without_faces())
    except ModuleNotFoundError as error:
        return Unavailable(f"the package {error.name} is not installed: install requirements/vision.txt")
