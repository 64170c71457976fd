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


class PrinterSettings(Settings):
    """A ticket printer on a serial line. `last` is a file that holds the text of the ticket printed last."""

    kind: Literal["escpos_printer"]
    id: Slug
    link: Path
    last: Path | None = None


class AreaSettings(Settings):
    kind: Literal["milesight_vs121"]
    id: Slug
    topic: str
    serial_number: str = "369362028335"
    regions: Annotated[int, Field(ge=1, le=16)] = 2
    report_seconds: Annotated[float, Field(gt=0)] = 10.0
    utc_offset_hours: Annotated[float, Field(ge=-12, le=14)] = 8.0


class SiteSettings(Settings):
    """An air sensor as Zigbee2MQTT publishes one, or with `copy_grams` a brochure shelf that weighs what is left."""

    kind: Literal["site_sensor"]
    id: Slug
    topic: str
    report_seconds: Annotated[float, Field(gt=0)] = 5.0
    copy_grams: Annotated[float, Field(gt=0)] | None = None


class StandingSettings(Settings):
    """Somebody who stands before a camera all day: the stem of a portrait's file, the middle and the height."""

    portrait: str
    x: Annotated[float, Field(ge=0, le=1)] = 0.5
    height: Annotated[float, Field(ge=0.1, le=1)] = 0.95


class StandInSettings(Settings):
    """Who plays the person that tries the demo: steps before this camera when an enrolment with it is ordered on the
    broker, and walks past it now and then, on another photograph."""

    command_topic: str
    enrol: str
    live: str
    every_seconds: Annotated[float, Field(gt=0)] = 120.0
    stay_seconds: Annotated[float, Field(gt=0)] = 7.0
    enrol_seconds: Annotated[float, Field(gt=0)] = 25.0


class CameraSettings(Settings):
    """An MJPEG camera at http://127.0.0.1:{port}/{id}.mjpg. `portraits` is a folder of licensed pictures."""

    kind: Literal["camera"]
    id: Slug
    port: Annotated[int, Field(ge=1, le=65535)]
    portraits: Path
    width: Annotated[int, Field(ge=160, le=3840)] = 640
    height: Annotated[int, Field(ge=120, le=2160)] = 480
    fps: Annotated[float, Field(gt=0, le=60)] = 8.0
    idle: list[StandingSettings] = Field(default_factory=list)
    stand_in: StandInSettings | None = None


DeviceSettings = Annotated[
    CounterSettings | ButtonSettings | PanelSettings | PrinterSettings | AreaSettings | SiteSettings | CameraSettings,
    Field(discriminator="kind"),
]


class DevicesSettings(Settings):
    control: Path
    """A Unix socket of this name takes orders, one JSON object a line, and answers each with one."""
    seed: int = 1
    broker: BrokerSettings = BrokerSettings()
    devices: list[DeviceSettings]
