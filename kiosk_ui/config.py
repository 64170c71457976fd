"""The one TOML file of this program, with environment overrides `ANCHANG_KIOSK_UI__SECTION__KEY`."""

import os
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from contracts.hosts import HostName
from contracts.rest import Pin, StaffNo
from kiosk_ui.targets import Targets
from kiosk_ui.texts import LanguageCode

HttpUrl = Annotated[str, StringConstraints(pattern=r"^https?://[^\s/]+(:\d+)?$")]
_PREFIX = "ANCHANG_KIOSK_UI__"


class ConfigError(Exception):
    """The configuration cannot be used; `places` names each mistake as `section.key: what is wrong`."""

    def __init__(self, places: list[str]) -> None:
        super().__init__("; ".join(places))
        self.places = places


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class GatewaySection(Section):
    """The office's gateway and the tokens of the two kinds of screen that nobody signs in to."""

    url: HttpUrl = "http://127.0.0.1:8100"
    kiosk_token_file: Path
    board_token_file: Path


class CentralSection(Section):
    """The head office's server, for the console. People sign in there: this program has no token of its own."""

    url: HttpUrl = "http://127.0.0.1:8200"


class ProjectSection(Section):
    """What the kiosk's first page shows; the lines below the name are optional. Times are shown in `time_zone`."""

    name_zh: str = "案场"
    name_en: str = "Sales office"
    tagline_zh: str = ""
    tagline_en: str = ""
    time_zone: str = "Asia/Shanghai"

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"{name!r} is not a time zone, for example Asia/Shanghai") from error
        return name

    def name(self, language: LanguageCode) -> str:
        return self.name_zh if language == "zh-CN" else self.name_en

    def tagline(self, language: LanguageCode) -> str:
        return self.tagline_zh if language == "zh-CN" else self.tagline_en

    def local(self, at: datetime) -> str:
        """Date and minute as the office's clock shows them."""
        return at.astimezone(ZoneInfo(self.time_zone)).strftime("%Y-%m-%d %H:%M")

    def clock_time(self, at: datetime) -> str:
        return at.astimezone(ZoneInfo(self.time_zone)).strftime("%H:%M")

    def local_date(self, at: datetime) -> str:
        return at.astimezone(ZoneInfo(self.time_zone)).strftime("%Y-%m-%d")


class DemoAccount(Section):
    """`screen`: where the account signs in."""

    name: str
    staff_no: StaffNo
    pin: Pin
    screen: Literal["tablet", "reception", "desk", "console", "agent"] = "tablet"


class DemoSection(Section):
    """Only where every person and figure is made up: the page of doors says so and shows who may sign in.

    `other_url` leads to the screens of the other process (head office from an office, an office from head office).
    `phone_token_file` opens `/phone`, which shows the messages that the simulated sender did not send.
    """

    accounts: list[DemoAccount] = Field(default_factory=list)
    other_url: HttpUrl | None = None
    phone_token_file: Path | None = None


class Config(BaseSettings):
    """`https_only` marks the session cookie Secure; turn it on wherever the screens are served over HTTPS.

    `state_dir` defaults to systemd's STATE_DIRECTORY, else `screens-state` beside the storage secret. `host_names`:
    what people call this server; it answers to these, `localhost` and addresses, and to pages of these only.
    """

    model_config = SettingsConfigDict(extra="forbid", env_prefix=_PREFIX, env_nested_delimiter="__", frozen=True)

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8300
    storage_secret_file: Path
    https_only: bool = False
    state_dir: Path | None = None
    host_names: tuple[HostName, ...] = ()
    gateway: GatewaySection | None = None
    central: CentralSection | None = None
    project: ProjectSection = ProjectSection()
    board: Targets = Targets()
    demo: DemoSection | None = None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over the file; nothing else is read."""
        return env_settings, init_settings

    @property
    def state_directory(self) -> Path:
        """Where signed-in sessions are kept between restarts."""
        return self.state_dir or Path(
            os.environ.get("STATE_DIRECTORY", self.storage_secret_file.parent / "screens-state")
        )


def load(path: Path) -> Config:
    """Read and validate; raises ConfigError with the place of each mistake. Every secret file must be readable."""
    try:
        table = TomlConfigSettingsSource(Config, toml_file=path)() if path.is_file() else None
    except ValueError as error:
        raise ConfigError([f"{path}: {error}"]) from error
    if table is None:
        raise ConfigError([f"{path}: no such file"])
    try:
        config = Config(**table)
    except ValidationError as error:
        raise ConfigError([f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]) from error
    mistakes = _unreadable_secrets(config)
    if config.gateway is None and config.central is None:
        mistakes.append("gateway, central: at least one is needed, there is nothing to show")
    if mistakes:
        raise ConfigError(mistakes)
    return config


def read_secret(path: Path) -> str:
    """The text of a secret file, without the newline at its end."""
    return path.read_text(encoding="utf-8").strip()


def _unreadable_secrets(config: Config) -> list[str]:
    files = {"storage_secret_file": config.storage_secret_file}
    if config.gateway:
        files["gateway.kiosk_token_file"] = config.gateway.kiosk_token_file
        files["gateway.board_token_file"] = config.gateway.board_token_file
    if config.demo and config.demo.phone_token_file:
        files["demo.phone_token_file"] = config.demo.phone_token_file
    return [
        f"{place}: {path} is not a readable file with a secret in it"
        for place, path in files.items()
        if not (path.is_file() and os.access(path, os.R_OK) and read_secret(path))
    ]
