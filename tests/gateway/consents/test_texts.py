"""What the visitor reads before answering."""

import re

import pytest

from contracts.faces_api import ConsentText
from contracts.gateway_api import Language
from gateway.consents import texts

CODES = ["what", "why", "how_long", "where", "voluntary", "withdraw", "children"]
SECONDS = 30
CHARACTERS_A_SECOND, WORDS_A_SECOND = 8, 4.5


def words(text: ConsentText) -> str:
    return " ".join([text.title, text.summary, *(f"{s.title} {s.text}" for s in text.sections)])


def section(version: str, language: Language, code: str) -> str:
    text = texts.render(version, language, office_name="x", retention_days=77)
    return next(s.text for s in text.sections if s.code == code)


@pytest.mark.parametrize("version", texts.versions())
@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_every_version_says_all_that_the_law_asks_for_and_is_read_in_half_a_minute(
    version: str, language: Language
) -> None:
    text = texts.render(version, language, office_name="云栖湖岸", retention_days=90)
    whole = words(text)
    assert [s.code for s in text.sections] == CODES
    assert all(s.title and s.text for s in text.sections)
    assert "90" in next(s.text for s in text.sections if s.code == "how_long")
    assert "云栖湖岸" in whole
    assert "{" not in whole
    chinese = language == "zh-CN"
    pace = len(re.findall(r"[\u4e00-\u9fff]", whole)) / CHARACTERS_A_SECOND if chinese else 0
    assert (pace or len(whole.split()) / WORDS_A_SECOND) <= SECONDS


@pytest.mark.parametrize("version", texts.versions())
@pytest.mark.parametrize("code", CODES)
def test_both_languages_promise_the_same_numbers(version: str, code: str) -> None:
    chinese, english = (re.findall(r"\d+", section(version, language, code)) for language in texts.LANGUAGES)
    assert chinese == english


@pytest.mark.parametrize("version", texts.versions())
@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_only_ways_that_exist_are_named(version: str, language: Language) -> None:
    whole = words(texts.render(version, language, office_name="x", retention_days=90)).lower()
    assert not [word for word in ("二维码", "接待台", "qr", "front desk") if word in whole]
    assert all(word in whole for word in (("手机", "顾问", "前台") if language == "zh-CN" else ("phone", "consultant")))


def test_the_fingerprint_depends_on_every_promise() -> None:
    def sha(language: Language = "zh-CN", office: str = "云栖湖岸", days: int = 90) -> str:
        return texts.in_force(language, office_name=office, retention_days=days).sha256

    assert sha() == sha()
    assert len({sha(), sha("en"), sha(office="别处"), sha(days=91)}) == 4
