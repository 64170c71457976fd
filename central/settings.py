"""The configuration file: one TOML file, every value overridable as ANCHANG_CENTRAL__SECTION__KEY."""

import base64
import binascii
import hashlib
from collections import Counter
from pathlib import Path
from typing import Annotated, Literal, Self
from uuid import UUID, uuid5

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from contracts.hosts import HostName
from contracts.ids import Slug, Uuid
from contracts.rest import StaffNo

PinHash = Annotated[
    str, StringConstraints(pattern=r"^scrypt\$[0-9]+\$[0-9]+\$[0-9]+\$[A-Za-z0-9+/]+=*\$[A-Za-z0-9+/]+=*$")
]
_PEOPLE = UUID("0b0a2d5e-6c0e-5a51-9a3d-5f0e6d6f7a10")
"""Namespace of the ids of people whose entry names none."""
TokenHash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
DRIVERS = ("sqlite+aiosqlite", "postgresql+asyncpg")


def _known_database(url: str) -> str:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ValueError(
            "not a database address; begin it with sqlite+aiosqlite:/// or postgresql+asyncpg://"
        ) from None
    if parsed.drivername not in DRIVERS:
        raise ValueError(f"database driver {parsed.drivername!r} is not one of {', '.join(DRIVERS)}")
    if parsed.drivername.startswith("sqlite") and not parsed.database:
        raise ValueError("name a file: sqlite+aiosqlite:////var/lib/anchang/central.db")
    return url


def credential_of(pin_hash: str) -> str:
    """What a session is tied to: another PIN, another credential."""
    return hashlib.sha256(pin_hash.encode()).hexdigest()


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid")


class HttpSettings(Section):
    """`host_names`: what others call this server in an address; it answers to these, `localhost` and addresses."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8200
    host_names: tuple[HostName, ...] = ()


class TimeSeriesSettings(Section):
    """`sql` keeps counts in the database; `influxdb` also copies them to an InfluxDB 2 compatible server."""

    backend: Literal["sql", "influxdb"] = "sql"
    url: str = ""
    org: str = ""
    bucket: str = ""
    token_file: Path | None = None
    batch_lines: Annotated[int, Field(ge=1, le=5000)] = 1000

    @model_validator(mode="after")
    def _influx_is_complete(self) -> Self:
        missing = [name for name in ("url", "org", "bucket", "token_file") if not getattr(self, name)]
        if self.backend == "influxdb" and missing:
            raise ValueError(f"backend influxdb also needs {', '.join(missing)}")
        return self


class PersonToken(Section):
    role: Literal["admin", "manager"]
    token_sha256: TokenHash


class HeadOfficePerson(Section):
    """Someone of head office who signs in at the console. `pin_hash` is made by `contracts.pins.hash_pin`."""

    staff_no: StaffNo
    name: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    role: Literal["admin", "manager"]
    pin_hash: PinHash
    person_id: Uuid | None = None

    @property
    def credential(self) -> str:
        """What a session is tied to: another PIN, another credential."""
        return credential_of(self.pin_hash)

    def person_id_of(self, entry: str) -> Uuid:
        """The id of the configuration, or one that follows from the entry's name and so stays the same."""
        return self.person_id or str(uuid5(_PEOPLE, entry))


class OfficeToken(Section):
    token_sha256: TokenHash
    seal_key_file: Path


class Retention(Section):
    dead_letter_days: Annotated[int, Field(ge=1, le=365)] = 30
    deletion_days: Annotated[int, Field(ge=1, le=3650)] = 90
    """A gateway away for longer fetches everything anew: deletions are told for so long."""
    lookup_days: Annotated[int, Field(ge=1, le=3650)] = 400
    """Who searched the customer files."""


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix="ANCHANG_CENTRAL__", env_nested_delimiter="__", extra="forbid", hide_input_in_errors=True
    )
    database: Annotated[str, AfterValidator(_known_database)]
    keys_file: Path
    http: HttpSettings = HttpSettings()
    timeseries: TimeSeriesSettings = TimeSeriesSettings()
    retention: Retention = Retention()
    tokens: dict[Slug, PersonToken] = Field(default_factory=dict)
    office_tokens: dict[Slug, OfficeToken] = Field(default_factory=dict)
    people: dict[Slug, HeadOfficePerson] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_owner_per_token(self) -> Self:
        hashes = [token.token_sha256 for token in self.tokens.values()]
        hashes += [token.token_sha256 for token in self.office_tokens.values()]
        if any(count > 1 for count in Counter(hashes).values()):
            raise ValueError("two entries of tokens/office_tokens share one token_sha256; give each its own token")
        return self

    @model_validator(mode="after")
    def _one_entry_per_person(self) -> Self:
        numbers = Counter(person.staff_no for person in self.people.values())
        if any(count > 1 for count in numbers.values()):
            raise ValueError("two entries of people share one staff_no")
        if shared := self.people.keys() & self.tokens.keys():
            raise ValueError(
                f"{min(shared)} is an entry of both tokens and people: what they do could not be told apart"
            )
        return self


def load(path: Path) -> Settings:
    """Read and validate. Raises FileNotFoundError, tomllib.TOMLDecodeError, pydantic.ValidationError."""
    if not path.is_file():
        raise FileNotFoundError(path)

    class FromFile(Settings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return env_settings, TomlConfigSettingsSource(settings_cls, toml_file=path)

    return FromFile()


def read_seal_key(path: Path) -> bytes:
    """The 32 bytes of an office's seal key. Raises ValueError or OSError naming the file."""
    try:
        key = base64.b64decode(path.read_text().strip(), validate=True)
    except (binascii.Error, UnicodeDecodeError):
        raise ValueError(f"{path} is not base64") from None
    if len(key) != 32:
        raise ValueError(f"{path} holds {len(key)} bytes, a seal key is 32")
    return key


def mistakes_in_files(settings: Settings) -> list[str]:
    """What is wrong with the files and folders the configuration points to, one line each."""
    found: list[str] = []
    for office, token in settings.office_tokens.items():
        try:
            read_seal_key(token.seal_key_file)
        except (OSError, ValueError) as error:
            found.append(f"office_tokens.{office}.seal_key_file: {error}")
    token_file = settings.timeseries.token_file
    if settings.timeseries.backend == "influxdb" and token_file and not token_file.is_file():
        found.append(f"timeseries.token_file: {token_file} is not a file")
    if not settings.keys_file.exists() and not settings.keys_file.parent.is_dir():
        found.append(f"keys_file: the folder {settings.keys_file.parent} does not exist")
    url = make_url(settings.database)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").parent.is_dir():
        found.append(f"database: the folder {Path(url.database or '').parent} does not exist")
    return found
