"""The consent text, one file per version and language: `{version}.{language}.toml`. A file in use is never edited.

An earlier version needs no file: the words people said yes to are kept in `consent_texts` with their records.
"""

import hashlib
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import get_args

from pydantic import BaseModel, ConfigDict

from contracts.faces_api import ConsentSection, ConsentText
from contracts.gateway_api import Language

LANGUAGES: Sequence[Language] = get_args(Language)


class TextFile(BaseModel):
    """`{office}` and `{days}` are filled in: the office's name and its days of retention."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    title: str
    summary: str
    yes: str
    no: str
    sections: tuple[ConsentSection, ...]


@cache
def versions() -> tuple[str, ...]:
    """Complete in every language, oldest first."""
    names = {entry.name for entry in files(__name__).iterdir() if entry.name.endswith(".toml")}
    found = {name.split(".")[0] for name in names}
    return tuple(sorted(v for v in found if all(f"{v}.{language}.toml" in names for language in LANGUAGES)))


@cache
def read(version: str, language: Language) -> TextFile:
    """Raises FileNotFoundError."""
    name = f"{version}.{language}.toml"
    return TextFile.model_validate(tomllib.loads((files(__name__) / name).read_text(encoding="utf-8")))


def render(version: str, language: Language, *, office_name: str, retention_days: int) -> ConsentText:
    """The text as it is shown. `sha256` is over every word of it in order, one line each, in UTF-8."""
    source = read(version, language)

    def fill(text: str) -> str:
        return text.replace("{office}", office_name).replace("{days}", str(retention_days))

    sections = [ConsentSection(code=s.code, title=fill(s.title), text=fill(s.text)) for s in source.sections]
    heads = [fill(text) for text in (source.title, source.summary)]
    buttons = [fill(text) for text in (source.yes, source.no)]
    lines = [version, language, *heads, *(line for s in sections for line in (s.code, s.title, s.text)), *buttons]
    return ConsentText(
        version=version,
        sha256=hashlib.sha256("\n".join(lines).encode()).hexdigest(),
        language=language,
        title=heads[0],
        summary=heads[1],
        sections=sections,
        yes=buttons[0],
        no=buttons[1],
        retention_days=retention_days,
    )


def in_force(language: Language, *, office_name: str, retention_days: int) -> ConsentText:
    """The newest version."""
    return render(versions()[-1], language, office_name=office_name, retention_days=retention_days)
