"""Both languages say everything, and the screens ask for nothing that is not said."""

import re
from pathlib import Path
from string import Formatter

import pytest

import kiosk_ui
from kiosk_ui.texts import LANGUAGES, Texts, catalogue

CHINESE, ENGLISH = catalogue("zh-CN"), catalogue("en")
_CALL = re.compile(r"""\bt\(\s*"([a-z_]+(?:\.[A-Za-z0-9_-]+)+)\"""")


def placeholders(text: str) -> set[str]:
    return {name.split("?")[0] for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_have_the_same_keys() -> None:
    assert set(CHINESE) == set(ENGLISH)


def test_a_text_has_the_same_placeholders_in_both_languages() -> None:
    assert {k: placeholders(v) for k, v in CHINESE.items()} == {k: placeholders(v) for k, v in ENGLISH.items()}


def test_no_text_is_empty() -> None:
    assert [k for c in (CHINESE, ENGLISH) for k, v in c.items() if not v.strip()] == []


def test_english_holds_no_chinese() -> None:
    chinese = re.compile(r"[\u4e00-\u9fff]")
    allowed = {"common.language_other", "home.product", "visitor.language", "visitor.language_name"}
    assert [k for k, v in ENGLISH.items() if chinese.search(v) and not k.endswith(tuple(allowed))] == []


def test_every_key_that_the_screens_name_exists() -> None:
    sources = Path(kiosk_ui.__file__).parent.rglob("*.py")
    named = {key for source in sources for key in _CALL.findall(source.read_text(encoding="utf-8"))}
    assert named
    assert sorted(named - set(CHINESE)) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_code_newer_than_the_screens_is_shown_as_it_is(language: str) -> None:
    t = Texts(language)  # type: ignore[arg-type]
    assert t.code("codes.rule", "rota.not_invented_yet") == "rota.not_invented_yet"
    assert t.code("codes.rule", "rota.next") != "rota.next"


@pytest.mark.parametrize(("visits", "said"), [(0, "0 visits"), (1, "1 visit"), (2, "2 visits"), (11, "11 visits")])
def test_one_of_a_thing_is_said_in_the_singular(visits: int, said: str) -> None:
    assert Texts("en")("desk.merges.visits", n=visits) == said
