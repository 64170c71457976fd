"""Which driver serves which configuration: one line here for each."""

from typing import Annotated

from pydantic import Field

from edge_agent.devices import (
    axis_counter,
    badge_reader,
    ble_tag,
    escpos_printer,
    esphome_counter,
    hikvision_counter,
    id_reader,
    milesight_vs13x,
    milesight_vs121,
    modbus_counter,
    panel_frames,
    panel_proview,
    panel_sum8,
    serial_button,
    serial_reader,
    site_sensor,
    terabee_evo,
    xovis_counter,
)
from edge_agent.devices.axis_counter import AxisConfig
from edge_agent.devices.badge_reader import BadgeReaderConfig
from edge_agent.devices.base import BaseDeviceConfig, Device, Driver
from edge_agent.devices.ble_tag import BleTagConfig
from edge_agent.devices.escpos_printer import EscposPrinterConfig
from edge_agent.devices.esphome_counter import EsphomeConfig
from edge_agent.devices.hikvision_counter import HikvisionConfig
from edge_agent.devices.id_reader import IdReaderConfig
from edge_agent.devices.milesight_vs13x import Vs13xConfig
from edge_agent.devices.milesight_vs121 import MilesightConfig
from edge_agent.devices.modbus_counter import ModbusCounterConfig
from edge_agent.devices.panel_frames import PanelFramesConfig
from edge_agent.devices.panel_proview import PanelProviewConfig
from edge_agent.devices.panel_sum8 import PanelSum8Config
from edge_agent.devices.serial_button import SerialButtonConfig
from edge_agent.devices.serial_reader import SerialReaderConfig
from edge_agent.devices.site_sensor import SiteSensorConfig
from edge_agent.devices.terabee_evo import TerabeeConfig
from edge_agent.devices.xovis_counter import XovisConfig
from edge_agent.vision.config import CameraConfig

DeviceConfig = Annotated[
    ModbusCounterConfig
    | MilesightConfig
    | Vs13xConfig
    | HikvisionConfig
    | XovisConfig
    | AxisConfig
    | EsphomeConfig
    | TerabeeConfig
    | SerialButtonConfig
    | PanelSum8Config
    | SiteSensorConfig
    | PanelProviewConfig
    | PanelFramesConfig
    | BadgeReaderConfig
    | BleTagConfig
    | EscposPrinterConfig
    | IdReaderConfig
    | SerialReaderConfig
    | CameraConfig,
    Field(discriminator="driver"),
]

DRIVERS: tuple[Driver, ...] = (
    modbus_counter.DRIVER,
    milesight_vs121.DRIVER,
    milesight_vs13x.DRIVER,
    hikvision_counter.DRIVER,
    xovis_counter.DRIVER,
    axis_counter.DRIVER,
    esphome_counter.DRIVER,
    terabee_evo.DRIVER,
    serial_button.DRIVER,
    panel_sum8.DRIVER,
    site_sensor.DRIVER,
    panel_proview.DRIVER,
    panel_frames.DRIVER,
    badge_reader.DRIVER,
    ble_tag.DRIVER,
    escpos_printer.DRIVER,
    id_reader.DRIVER,
    serial_reader.DRIVER,
)
_BY_CONFIG = {driver.config: driver for driver in DRIVERS}


def build(config: BaseDeviceConfig) -> Device:
    """The device that `config` describes, not yet running; a camera is built by `edge_agent.vision.factory`."""
    return _BY_CONFIG[type(config)].device(config)
