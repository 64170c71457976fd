"""Every text that the board, the console and the doors ask for by name exists, in both languages."""

import re
from pathlib import Path

import pytest

from kiosk_ui.texts import LANGUAGES, LanguageCode, catalogue

ROOT = Path(__file__).resolve().parents[2] / "kiosk_ui"
CALL = re.compile(r"""\bt\(\s*(f?)(["'])([^"']+)\2""")
FEATURES = ("charts", "console", "home", "manager", "wall")


def asked() -> list[tuple[str, bool, str]]:
    """(file, whether parts are filled in, key) of each call."""
    return [
        (path.name, bool(filled), key)
        for feature in FEATURES
        for path in sorted((ROOT / feature).glob("*.py"))
        for filled, _, key in CALL.findall(path.read_text(encoding="utf-8"))
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_asked_for_exists(language: LanguageCode) -> None:
    texts = catalogue(language)
    assert len(asked()) > 100
    for file, filled, key in asked():
        if filled:
            begin = key.split("{")[0]
            assert any(name.startswith(begin) for name in texts), f"{file}: {key}"
        else:
            assert key in texts, f"{file}: {key}"


def test_both_languages_fill_the_same_places() -> None:
    places = [{key: set(re.findall(r"{(\w+)}", text)) for key, text in catalogue(one).items()} for one in LANGUAGES]
    differing = [key for key in places[0] if places[1].get(key) != places[0][key]]
    assert [key for key in differing if key.split(".")[0] in FEATURES] == []
