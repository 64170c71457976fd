"""Which driver serves which configuration: one line here for each."""

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import Field

from edge_agent.devices.base import BaseDeviceConfig, Device
from edge_agent.devices.milesight_vs121 import MilesightConfig, MilesightVs121
from edge_agent.devices.modbus_counter import ModbusCounter, ModbusCounterConfig
from edge_agent.devices.panel_sum8 import PanelSum8, PanelSum8Config
from edge_agent.devices.serial_button import SerialButton, SerialButtonConfig
from edge_agent.vision.config import CameraConfig

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


def build(config: BaseDeviceConfig) -> Device:
    """The device that `config` describes, not yet running; a camera is built by `edge_agent.vision.factory`."""
    return DRIVERS[type(config)](config)
