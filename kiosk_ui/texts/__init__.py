"""Text catalogues: one folder per language, one TOML file per feature, the same keys in each (tested).

The English of reasons is the contract's own.
"""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal, get_args

from contracts.reasons import ERRORS, REASONS, Fact, worded

LanguageCode = Literal["zh-CN", "en"]
LANGUAGES: tuple[LanguageCode, ...] = get_args(LanguageCode)
_HERE = Path(__file__).parent
_NUMBERED = re.compile(r"\{(?P<name>\w+)\?(?P<one>[^|}]*)\|(?P<many>[^}]*)\}")


@cache
def catalogue(language: LanguageCode) -> dict[str, str]:
    """Every text of a language as `feature.section.key`; files are merged under their own names."""
    flat: dict[str, str] = {}
    if language == "en":
        flat |= _flatten({**REASONS, "error": ERRORS}, "reasons")
    for file in sorted((_HERE / language).glob("*.toml")):
        flat |= _flatten(tomllib.loads(file.read_text(encoding="utf-8")), file.stem)
    return flat


class Texts:
    """The texts of one language. `t("visitor.home.start")`; placeholders are `{named}`, and `{n?visit|visits}` is the
    first word where `n` is 1."""

    def __init__(self, language: LanguageCode) -> None:
        self.language = language
        self._texts = catalogue(language)
        self._errors = {name: self._texts[f"reasons.error.{name}"] for name in ERRORS}

    def __call__(self, key: str, **values: object) -> str:
        """Raises KeyError for a key no catalogue has."""
        found = self._texts[key]
        if not values:
            return found
        counted = _NUMBERED.sub(lambda m: m["one"] if str(values[m["name"]]) == "1" else m["many"], found)
        return counted.format(**values)

    def code(self, group: str, code: str) -> str:
        """The text of a code another program sent; the code itself when it is newer than these screens."""
        return self._texts.get(f"{group}.{code}", code)

    def reason(self, code: str, facts: Mapping[str, Fact]) -> str:
        """The sentence of a code of `contracts.reasons`; the code itself when it is newer than these screens."""
        known = self._texts.get(f"reasons.{code}")
        return code if known is None else worded(known, facts, self._errors)


def _flatten(table: Mapping[str, object], prefix: str) -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in table.items():
        name = f"{prefix}.{key}"
        flat |= _flatten(value, name) if isinstance(value, Mapping) else {name: str(value)}
    return flat
