"""What the reception typed, pure: which ways of finding a customer it can mean, strongest first."""

import re
import unicodedata
from dataclasses import dataclass

from contracts.identity_api import FoundBy
from contracts.values import Phone
from gateway.identity import idnumber
from gateway.identity.names import folded, is_chinese, readings

_MASKED = re.compile(r"(\d{3})(?:[*xX·…. -]*)(\d{4})")
_DIGITS = re.compile(r"[\d\s()+*.·…-]+")
MOST_INITIALS = 6


@dataclass(frozen=True, slots=True)
class Term:
    """One way of looking: `kind` says which index, `value` what it holds."""

    kind: FoundBy
    value: str


def terms(text: str) -> tuple[Term, ...]:
    """Empty for what no file can be found by."""
    typed = unicodedata.normalize("NFKC", text).strip()
    number = idnumber.parse(typed)
    if number is not None:
        return (Term("id_number", number),)
    if _DIGITS.fullmatch(typed):
        return _digits(typed)
    if is_chinese(typed):
        return (Term("name", typed), *(Term("pinyin", way) for way in readings(typed).pinyin))
    return _letters(typed)


def _digits(typed: str) -> tuple[Term, ...]:
    bare = "".join(c for c in typed if c.isdigit())
    if len(bare) == 4 and bare == typed:
        return (Term("last4", bare),)
    masked = _MASKED.fullmatch(typed)
    if masked is not None:
        return (Term("masked_phone", masked[1] + masked[2]),)
    try:
        return (Term("phone", Phone.parse(typed)),)
    except ValueError:
        return ()


def _letters(typed: str) -> tuple[Term, ...]:
    bare = folded(typed)
    if len(bare) < 2 or any(c.isdigit() for c in typed):
        return ()
    initials = (Term("initials", bare),) if len(bare) <= MOST_INITIALS else ()
    return (Term("name", typed), Term("pinyin", bare), *initials)
