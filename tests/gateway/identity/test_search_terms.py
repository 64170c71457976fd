"""What a typed text can mean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.identity.search import terms

MEANS = {
    "a whole number": ("13800112345", [("phone", "+8613800112345")]),
    "with spaces and country code": ("+86 138 0011 2345", [("phone", "+8613800112345")]),
    "full-width digits": ("１３８００１１２３４５", [("phone", "+8613800112345")]),
    "another country": ("+85251234567", [("phone", "+85251234567")]),
    "the last four": ("2345", [("last4", "2345")]),
    "first three and last four": ("138****2345", [("masked_phone", "1382345")]),
    "the same run together": ("1382345", [("masked_phone", "1382345")]),
    "an ID number": ("11010519491231002x", [("id_number", "11010519491231002X")]),
    "a name also by its sound": ("陈小明", [("name", "陈小明"), ("pinyin", "chenxiaoming")]),
    "pinyin": ("chen xiaoming", [("name", "chen xiaoming"), ("pinyin", "chenxiaoming")]),
    "short letters may be initials": ("cxm", [("name", "cxm"), ("pinyin", "cxm"), ("initials", "cxm")]),
    "capital initials": ("CXM", [("name", "CXM"), ("pinyin", "cxm"), ("initials", "cxm")]),
}


@pytest.mark.parametrize(("text", "found"), MEANS.values(), ids=MEANS.keys())
def test_means(text: str, found: list[tuple[str, str]]) -> None:
    assert [(term.kind, term.value) for term in terms(text)] == found


@pytest.mark.parametrize("text", ["1", "123", "12345", "12345678901", "110105194912310021", "x", "ab12", "***", "😀"])
def test_finds_nobody(text: str) -> None:
    """Too little to go by, or a number that cannot be one."""
    assert terms(text) == ()


@given(st.text(max_size=40))
def test_any_text_is_read_without_failing(text: str) -> None:
    assert all(term.value for term in terms(text))
