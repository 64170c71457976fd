"""The agent's configuration: one TOML file, environment variables `ANCHANG_EDGE_AGENT__SECTION__KEY` above it."""

import tomllib
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from contracts.ids import Slug
from contracts.messages import PlacedReason
from edge_agent.broker import BrokerConfig, ConfigError
from edge_agent.devices.base import BaseDeviceConfig
from edge_agent.devices.factory import DeviceConfig
from edge_agent.listener import ListenerConfig
from edge_agent.mistakes import reason_of, unfit
from edge_agent.outbox.compaction import Ages
from edge_agent.outbox.transaction import OUTBOX_DEVICE
from edge_agent.remote.limits import RemoteConfig
from edge_agent.vision.config import FACES_DEVICE, CameraConfig, FacesConfig

_DEVICES: TypeAdapter[list[DeviceConfig]] = TypeAdapter(list[DeviceConfig])

__all__ = ["AgentConfig", "BrokerConfig", "ConfigError", "DeviceConfig", "OutboxConfig", "load", "with_devices"]


class OutboxConfig(BaseModel):
    """`max_events`, `max_mb`, `keep_days`: whichever is reached first. Older than `fold_days`, counts that never left
    become minute sums. `linger_seconds`: how long a commit waits for company, twice that under load; more spares an SD
    card, less is faster.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    path: Path
    max_events: Annotated[int, Field(ge=100, le=50_000_000)] = 500_000
    max_mb: Annotated[int, Field(ge=1, le=100_000)] = 512
    fold_days: Annotated[float, Field(gt=0, le=3650)] = 7
    keep_days: Annotated[float, Field(gt=0, le=3650)] = 90
    linger_seconds: Annotated[float, Field(ge=0, le=0.1)] = 0.01

    @property
    def ages(self) -> Ages:
        return Ages(fold=timedelta(days=self.fold_days), keep=timedelta(days=self.keep_days))


class AgentConfig(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix="ANCHANG_EDGE_AGENT__", env_nested_delimiter="__", extra="forbid", frozen=True
    )
    office: Slug
    node: Slug
    outbox: OutboxConfig
    broker: BrokerConfig = BrokerConfig()
    listener: ListenerConfig = ListenerConfig()
    devices: list[DeviceConfig] = Field(default_factory=list)
    faces: FacesConfig | None = None
    remote: RemoteConfig = RemoteConfig()
    status_file: Path = Path("/run/anchang/status.json")
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return env_settings, init_settings

    @property
    def cameras(self) -> list[CameraConfig]:
        return [device for device in self.devices if isinstance(device, CameraConfig)]

    @model_validator(mode="after")
    def _cameras_have_what_they_need(self) -> "AgentConfig":
        for camera in self.cameras:
            if camera.faces != "off" and self.faces is None:
                raise ValueError(
                    f'devices: the camera {camera.id!r} has faces = "{camera.faces}": that needs a section [faces], '
                    'or set faces = "off"'
                )
        return self

    @model_validator(mode="after")
    def _devices_are_distinct(self) -> "AgentConfig":
        _check_distinct(self.devices)
        return self


class DevicesError(ConfigError):
    """One reason for each mistake, with its place."""

    def __init__(self, reasons: list[PlacedReason]) -> None:
        self.reasons = reasons
        super().__init__("\n".join(f"devices.{reason}" if reason.at else f"devices: {reason}" for reason in reasons))


def _check_distinct(devices: Sequence[BaseDeviceConfig]) -> None:
    counts = Counter(device.id for device in devices)
    twice = sorted(device for device, count in counts.items() if count > 1)
    if twice:
        raise unfit("id_twice", id=twice[0])
    ports = Counter(device.own_port for device in devices if device.own_port is not None)
    shared = sorted(port for port, count in ports.items() if count > 1)
    if shared:
        raise unfit("port_twice", port=shared[0])
    for own in (OUTBOX_DEVICE, FACES_DEVICE):
        if own in counts:
            raise unfit("id_reserved", id=own)


def with_devices(
    config: AgentConfig, stays: Sequence[DeviceConfig], tables: list[dict[str, Any]]
) -> list[DeviceConfig]:
    """`stays` and the devices of `tables`, judged as those of a file are. Raises DevicesError."""
    try:
        devices = [*stays, *_DEVICES.validate_python(tables)]
        _check_distinct(devices)
    except ValidationError as error:
        values = {"devices": tables}
        raise DevicesError(
            [reason_of(mistake, _named(("devices", *mistake["loc"]), values)[1:]) for mistake in error.errors()]
        ) from error
    except PydanticCustomError as error:
        raise DevicesError([reason_of({"type": error.type, "ctx": error.context or {}}, ())]) from error
    return devices


def load(path: Path) -> AgentConfig:
    """Read and validate a configuration file. Raises ConfigError with the place of each mistake."""
    try:
        values: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not TOML: {error}") from error
    try:
        config = AgentConfig(**values)
    except ValidationError as error:
        raise ConfigError("\n".join(_mistake(path, mistake, values) for mistake in error.errors())) from error
    config.broker.password()
    return config


def _mistake(path: Path, mistake: Any, values: dict[str, Any]) -> str:
    place = ".".join(str(part) for part in _named(mistake["loc"], values)) or "file"
    return f"{path}: {place}: {mistake['msg']}"


def _named(place: tuple[int | str, ...], values: dict[str, Any]) -> tuple[int | str, ...]:
    """With a device's id in place of its number and driver; as it is where the device has none."""
    match place:
        case ("devices", int(number), *rest):
            try:
                device = values["devices"][number]
                inside = rest[1:] if rest[:1] == [device["driver"]] else rest
                return ("devices", str(device["id"]), *inside)
            except (KeyError, IndexError, TypeError):  # the environment, or somebody's idea of a device
                return place
    return place
