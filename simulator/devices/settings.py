"""What `python -m simulator devices` is told: its devices, the broker, and where it takes orders."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from contracts.ids import Slug
from simulator.settings import BrokerSettings, Settings


class CounterSettings(Settings):
    kind: Literal["modbus_counter"]
    id: Slug
    link: Path
    slave: Annotated[int, Field(ge=1, le=247)] = 1
    address_in: Annotated[int, Field(ge=0, le=65534)] = 0
    address_out: Annotated[int, Field(ge=0, le=65534)] = 2


class ButtonSettings(Settings):
    kind: Literal["serial_button"]
    id: Slug
    link: Path


class PanelSettings(Settings):
    kind: Literal["panel_sum8"]
    id: Slug
    link: Path
    panel: Annotated[int, Field(ge=0, le=255)] = 1


class AreaSettings(Settings):
    kind: Literal["milesight_vs121"]
    id: Slug
    topic: str
    serial_number: str = "369362028335"
    regions: Annotated[int, Field(ge=1, le=16)] = 2
    report_seconds: Annotated[float, Field(gt=0)] = 10.0
    utc_offset_hours: Annotated[float, Field(ge=-12, le=14)] = 8.0


DeviceSettings = Annotated[CounterSettings | ButtonSettings | PanelSettings | AreaSettings, Field(discriminator="kind")]


class DevicesSettings(Settings):
    control: Path
    """A Unix socket of this name takes orders, one JSON object a line, and answers each with one."""
    seed: int = 1
    broker: BrokerSettings = BrokerSettings()
    devices: list[DeviceSettings]
