"""Mainland ID numbers (公民身份号码), pure. GB 11643-1999: 17 digits and a check character, ISO 7064 MOD 11-2."""

import re
from datetime import date

_SHAPE = re.compile(r"[1-9]\d{16}[\dX]")
_WEIGHTS = tuple(2 ** (17 - place) % 11 for place in range(17))
_CHECKS = "10X98765432"
_PROVINCES = frozenset(
    (*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66), 71, 81, 82, 83)
)
"""First two digits, GB/T 2260; 81 to 83 are residence permits of Hong Kong, Macao and Taiwan residents."""


def parse(text: str) -> str | None:
    """The number with an upper-case X, spaces and hyphens left out; None for what cannot be one.

    A number passes when province, date of birth and check character are possible.
    """
    bare = re.sub(r"[\s-]", "", text).upper()
    if not _SHAPE.fullmatch(bare) or not bare.isascii():
        return None
    if int(bare[:2]) not in _PROVINCES or not _is_date(bare[6:14]) or check_character(bare[:17]) != bare[17]:
        return None
    return bare


def check_character(first17: str) -> str:
    total = sum(int(digit) * weight for digit, weight in zip(first17, _WEIGHTS, strict=True))
    return _CHECKS[total % 11]


def _is_date(digits: str) -> bool:
    try:
        born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return born.year >= 1800
