"""The gateway's configuration: one TOML file, environment overrides, checked before anything starts.

`ANCHANG_GATEWAY__HTTP__PORT=8101` overrides `port` of `[http]`.
"""

import os
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from contracts.alerts_api import AlertKind
from contracts.checkin_api import ProjectOption
from contracts.gateway_api import Language
from contracts.hosts import HostName
from contracts.ids import Slug
from contracts.policy_check import Reader, contradictions, misread
from gateway.policy import PolicyConfig

BACKUP_KEY = "ANCHANG_BACKUP_KEY"
ENV_PREFIX = "ANCHANG_GATEWAY__"
Port = Annotated[int, Field(ge=0, le=65535)]
Days = Annotated[int, Field(ge=1, le=3650)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class ConfigError(ValueError):
    """The configuration cannot be used; the text lists each mistake with its place."""


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class HttpConfig(Section):
    """`host_names`: what others call this server in an address; it answers to these, `localhost` and addresses."""

    host: str = "127.0.0.1"
    port: Port = 8100
    host_names: tuple[HostName, ...] = ()


class BrokerConfig(Section):
    host: str = "127.0.0.1"
    port: Port = 1883
    retry_seconds: Annotated[float, Field(gt=0)] = 15.0
    """At most this between two attempts to reach a broker that is away."""
    username: str = ""
    password_file: Path | None = None

    @field_validator("password_file", mode="before")
    @classmethod
    def _empty_is_none(cls, value: Any) -> Any:
        return value or None


class CentralConfig(Section):
    """`url` empty: no uplink, and no roster from central."""

    url: str = ""
    token_file: Path | None = None
    roster_seconds: Annotated[float, Field(gt=0)] = 30.0
    down_seconds: Annotated[float, Field(gt=0)] = 5.0
    """How often what central masters is asked for."""

    @field_validator("token_file", mode="before")
    @classmethod
    def _empty_is_none(cls, value: Any) -> Any:
        return value or None


class DeviceConfig(Section):
    """A screen or a tool that calls with a token of its own. Consultants are people: they sign in."""

    role: Literal["kiosk", "board", "phone", "reception", "manager", "admin"]
    token_sha256: Sha256
    node: Slug | None = None
    """The node whose camera stands at this screen, if any."""
    camera: Slug | None = None

    @model_validator(mode="after")
    def _whole(self) -> "DeviceConfig":
        if (self.node is None) != (self.camera is None):
            raise ValueError("node and camera belong together: give both or neither")
        return self


class TicketPrinterConfig(Section):
    """A ticket printer of a node, and where a number is drawn that it prints.

    `kiosks`: names of `[devices.…]`; `buttons`: `node/device` of ticket buttons. `qr`: what the code on the ticket
    says, with `{ticket_id}` and `{number}` filled in; without it there is none.
    """

    node: Slug
    device: Slug
    kiosks: tuple[Slug, ...] = ()
    buttons: tuple[Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+/[a-z0-9-]+$")], ...] = ()
    qr: Annotated[str, StringConstraints(pattern=r"^[\x20-\x7e]{0,140}$")] = ""


class SmsConfig(Section):
    """Codes for withdrawal. `simulated`: nothing leaves the machine; the demo's telephone shows the messages.

    `none`: the kiosk offers no codes, and a withdrawal goes through the reception or the consultant.
    """

    sender: Literal["simulated", "none"] = "simulated"
    code_seconds: Annotated[int, Field(ge=60, le=900)] = 300
    code_tries: Annotated[int, Field(ge=1, le=10)] = 5
    codes_per_number: Annotated[int, Field(ge=1, le=20)] = 3
    """In any hour. With `code_tries` it bounds guessing: 15 of a million an hour."""
    codes_per_kiosk: Annotated[int, Field(ge=1, le=1000)] = 30
    grant_seconds: Annotated[int, Field(ge=60, le=900)] = 300
    """How long a right code allows a withdrawal."""
    keep_hours: Annotated[int, Field(ge=1, le=72)] = 24
    """How long codes, and the messages of the simulated sender, are kept."""


class FacesConfig(Section):
    """What the office promises about faces, and how long its nodes may match without hearing from the gateway."""

    retention_days: Annotated[int, Field(ge=1, le=730)] = 90
    """After the last visit. Written into the consent text, so the visitor agrees to this number."""
    lease_seconds: Annotated[int, Field(ge=60, le=86_400)] = 900
    count_alarm: Annotated[int, Field(ge=1)] = 80_000
    """Stored people; from 100,000 on they are to be filed with the authority (Measures of 2025-06-01, art. 15)."""
    ask_minutes: Annotated[int, Field(ge=1, le=120)] = 10
    """How long after a check-in the visitor may be asked."""
    enrol_minutes: Annotated[int, Field(ge=1, le=120)] = 10
    """A consent that led to no template within this time ends."""
    enrol_answer_seconds: Annotated[int, Field(ge=5, le=120)] = 20
    """A node that has not begun by then is not there."""
    enrol_seconds: Annotated[int, Field(ge=5, le=300)] = 60
    shots: Annotated[int, Field(ge=1, le=10)] = 3
    repeat_seconds: Annotated[float, Field(gt=0, le=60)] = 5.0
    """The same person recognised at the same camera again this soon says nothing new."""
    repeat_tracks: Annotated[int, Field(ge=1, le=100)] = 5
    """One person on so many tracks of one camera within `repeat_seconds`: further tracks say nothing new either."""
    log_days: Annotated[int, Field(ge=1095, le=3650)] = 1095
    """The processing log: at least three years (PIPL art. 56)."""


class OutboundConfig(Section):
    """What may leave for other servers. Without hosts, nothing does."""

    hosts: tuple[str, ...] = ()
    """Exact names; https only, but for this machine itself. Redirects are never followed."""
    timeout_seconds: Annotated[float, Field(gt=0, le=60)] = 5.0
    push_attempts: Annotated[int, Field(ge=1, le=20)] = 8
    link: Annotated[str, StringConstraints(max_length=200)] = ""
    """Where people sign in to see what a push is about."""
    language: Language = "zh-CN"
    webhook_hours: Annotated[int, Field(ge=1, le=168)] = 24
    """So long a fact is tried again before it becomes a dead letter and the next one's turn comes."""
    webhook_days: Days = 14
    """How long facts and dead letters are kept for sending again."""


class PushChannelConfig(Section):
    """One way of telling people who do not look at a tablet. Address and secret of a robot lie in files.

    `webhook` needs `secret_file` (`whsec_…`), `dingtalk` one with its SEC…; the address of `wecom` is its secret.
    """

    kind: Literal["webhook", "wecom", "dingtalk", "sms"]
    url_file: Path | None = None
    secret_file: Path | None = None
    alerts: tuple[AlertKind, ...] = ("vip_return", "owner_absent", "silent_return", "unanswered")

    @model_validator(mode="after")
    def _whole(self) -> "PushChannelConfig":
        if (self.kind != "sms") != (self.url_file is not None):
            raise ValueError("url_file is needed, but for sms")
        if (self.kind in ("webhook", "dingtalk")) != (self.secret_file is not None):
            raise ValueError("secret_file is needed by webhook and dingtalk, and by no other")
        return self


class RetentionConfig(Section):
    """How long what is not the office's memory is kept."""

    dead_letter_days: Days = 14
    dead_letter_count: Annotated[int, Field(ge=100)] = 20_000
    event_days: Days = 400
    idempotency_days: Days = 30
    command_days: Days = 30
    lookup_days: Days = 400
    """Who searched the customer files."""
    booking_days: Days = 30
    """Bookings with who made them, after their code has expired."""
    alert_days: Days = 90
    """Alerts with their receipts, and what was sent out for them."""
    uplink_alarm_events: Annotated[int, Field(ge=1)] = 1_000_000
    """From this many facts waiting for central on, the gateway says so loudly; it never drops one."""


OfficeName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]


class ProjectConfig(Section):
    """A project (项目) that the office sells; `project` is its name at head office."""

    project: Slug
    name: OfficeName
    name_en: OfficeName | None = None


class BackupConfig(Section):
    """Encrypted copies of the database, every `every_seconds` while it changes. `folder` empty: none.

    The folder is another disk's or a mounted share's; `same_disk` allows one that dies with the database. The key is in
    `key_file` (base64 of 32 bytes, mode 0600) or in ANCHANG_BACKUP_KEY, never beside the database or the backups.
    """

    folder: Path | None = None
    key_file: Path | None = None
    every_seconds: Annotated[float, Field(gt=0, le=86_400)] = 60.0
    keep_minutes: Annotated[int, Field(ge=0)] = 60
    keep_hours: Annotated[int, Field(ge=0)] = 24
    keep_days: Annotated[int, Field(ge=1)] = 31
    same_disk: bool = False

    @field_validator("folder", "key_file", mode="before")
    @classmethod
    def _empty_is_none(cls, value: Any) -> Any:
        return value or None


class GatewayConfig(BaseSettings):
    model_config = SettingsConfigDict(extra="forbid", env_prefix=ENV_PREFIX, env_nested_delimiter="__", frozen=True)

    office: Slug
    office_name: OfficeName
    office_name_en: OfficeName | None = None
    """What English texts call the office; without it, they say `office_name`."""
    projects: tuple[ProjectConfig, ...] = ()
    """What a visitor is asked to choose from, where there are several."""
    time_zone: str = "Asia/Shanghai"
    database: Path
    keys_file: Path
    http: HttpConfig = Field(default_factory=HttpConfig)
    broker: BrokerConfig = Field(default_factory=BrokerConfig)
    central: CentralConfig = Field(default_factory=CentralConfig)
    devices: dict[Slug, DeviceConfig] = Field(default_factory=dict)
    ticket_printers: tuple[TicketPrinterConfig, ...] = ()
    sms: SmsConfig = Field(default_factory=SmsConfig)
    faces: FacesConfig = Field(default_factory=FacesConfig)
    outbound: OutboundConfig = Field(default_factory=OutboundConfig)
    push: dict[Slug, PushChannelConfig] = Field(default_factory=dict)
    policy: PolicyConfig = Field(default_factory=PolicyConfig)
    retention: RetentionConfig = Field(default_factory=RetentionConfig)
    backup: BackupConfig = Field(default_factory=BackupConfig)

    @property
    def safe_by(self) -> Literal["backup", "central", "here"]:
        """What makes an event of a node safe, so that the node may forget it: a backup, which brings all of it back;
        else central, which keeps the sums; else there is nowhere safer than here.
        """
        if self.backup.folder is not None:
            return "backup"
        return "central" if self.central.url else "here"

    @property
    def sold(self) -> list[ProjectOption]:
        """What there is to choose from: nothing where the office sells one project."""
        named = [ProjectOption(project=p.project, name=p.name, name_en=p.name_en or p.name) for p in self.projects]
        return named if len(named) > 1 else []

    def project_of(self, named: str) -> str:
        """The project named, or the only one that the office sells; empty: not known. Raises ValueError."""
        sold = [each.project for each in self.projects]
        if named and named not in sold:
            raise ValueError(f"this office does not sell {named!r}")
        return sold[0] if len(sold) == 1 else named

    @field_validator("projects")
    @classmethod
    def _each_once(cls, value: tuple[ProjectConfig, ...]) -> tuple[ProjectConfig, ...]:
        if len({each.project for each in value}) < len(value):
            raise ValueError("a project is listed twice")
        return value

    @field_validator("ticket_printers")
    @classmethod
    def _one_printer_each(cls, value: tuple[TicketPrinterConfig, ...]) -> tuple[TicketPrinterConfig, ...]:
        drawn = [place for printer in value for place in (*printer.kiosks, *printer.buttons)]
        twice = sorted({place for place in drawn if drawn.count(place) > 1})
        if twice:
            raise ValueError(f"{twice[0]} has two printers: a number is printed once")
        return value

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            raise ValueError(f"unknown time zone {value!r}") from None
        return value

    def named(self, language: Language) -> str:
        """The office as people read it in that language."""
        return self.office_name if language == "zh-CN" else self.office_name_en or self.office_name

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


def load(path: Path) -> GatewayConfig:
    """Read and validate. Raises ConfigError naming the place of every mistake."""
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not TOML: {error}") from None
    try:
        config = GatewayConfig(**values)
    except ValidationError as error:
        reader = _reader(values.get("policy"))
        raise ConfigError("\n".join(_mistake(path, found, reader) for found in error.errors())) from None
    mistakes = [f"{path}: {name}: {file} cannot be read" for name, file in _secret_files(config) if not file.is_file()]
    if config.central.url and config.central.token_file is None:
        mistakes.append(f"{path}: central.token_file: needed when central.url is set")
    mistakes += policy_mistakes(path, config.policy)
    mistakes += [f"{path}: backup.{mistake}" for mistake in _backup_mistakes(config)]
    if mistakes:
        raise ConfigError("\n".join(mistakes))
    return config


def policy_mistakes(path: Path, policy: PolicyConfig) -> list[str]:
    """What the rules say against one another, one line each, in the language of the office."""
    return [f"{path}: policy.{found.sentence(policy.office_language)}" for found in contradictions(policy)]


def read_secret(path: Path | None) -> str:
    """The text of a secret file without its line end; empty when there is none."""
    return "" if path is None else path.read_text(encoding="utf-8").strip()


def _secret_files(config: GatewayConfig) -> list[tuple[str, Path]]:
    files = [("broker.password_file", config.broker.password_file), ("central.token_file", config.central.token_file)]
    files.append(("backup.key_file", config.backup.key_file))
    for name, channel in config.push.items():
        files += [(f"push.{name}.url_file", channel.url_file), (f"push.{name}.secret_file", channel.secret_file)]
    return [(name, file) for name, file in files if file is not None]


def _backup_mistakes(config: GatewayConfig) -> list[str]:
    folder, key_file = config.backup.folder, config.backup.key_file
    if folder is None:
        return []
    if key_file is None:
        return [] if os.environ.get(BACKUP_KEY) else [f"key_file: needed when backup.folder is set, or {BACKUP_KEY}"]
    if key_file.resolve().parent in (folder.resolve(), config.database.parent.resolve()):
        return ["key_file: keep it apart from the database and from the backups"]
    return []


def _reader(policy: Any) -> Reader:
    return "en" if isinstance(policy, dict) and policy.get("office_language") == "en" else "zh-CN"


def _mistake(path: Path, error: Any, reader: Reader) -> str:
    if error["loc"][0] == "policy" and len(error["loc"]) > 1:
        (rule,) = misread([{**error, "loc": error["loc"][1:]}])
        return f"{path}: policy.{rule.sentence(reader)}"
    place = ".".join(str(step) for step in error["loc"])
    return f"{path}: {place}: {error['msg']}"
