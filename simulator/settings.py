"""TOML files of the simulator's programs: read, validated, and every mistake told with its place."""

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError


class SettingsError(ValueError):
    """The file is missing, no TOML, or not what the program wants; the text lists each mistake and its place."""


class Settings(BaseModel):
    """Base of every settings model: unknown members are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class BrokerSettings(Settings):
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 1883


S = TypeVar("S", bound=Settings)


def load(model: type[S], path: Path) -> S:
    """Raises SettingsError."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror}") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: not TOML: {error}") from None
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        places = (
            f"  {'.'.join(map(str, e['loc'])) or '(file)'}: {e['msg']}" for e in error.errors(include_input=False)
        )
        raise SettingsError(f"{path}:\n" + "\n".join(places)) from None


def parser(model: type[S]) -> Callable[[Path], S]:
    return lambda path: load(model, path)
