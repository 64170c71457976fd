"""The code of a booking (预约码): which booking of which office, and nothing about whom.

`BK1.OFFICE.TOKEN`, only capitals, digits, hyphen and dot, as an agent's code: a scanner types it on any keyboard, and a
QR holds it in its compact alphanumeric mode. TOKEN is 12 letters of base 32, 60 random bits: it is looked up, not
computed. By hand TOKEN alone will do, in any case and grouping.
"""

import re
from dataclasses import dataclass

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
TOKEN_LENGTH = 12
PREFIX = "BK1."
_WHOLE = re.compile(r"BK1\.([A-Z0-9][A-Z0-9-]{0,39})\.([A-Z2-7]{12})")
_FULL_WIDTH = {ord("．"): ".", ord("。"): ".", ord("－"): "-"}


@dataclass(frozen=True, slots=True)
class BookingCode:
    """A code as it was read; `office` is empty where only the token was typed."""

    office: str
    token: str

    @classmethod
    def parse(cls, text: str) -> "BookingCode | None":
        """None for what is no such code."""
        plain = text.strip().translate(_FULL_WIDTH).upper()
        found = _WHOLE.fullmatch(plain)
        if found is not None:
            return cls(found[1].lower(), found[2])
        token = re.sub(r"[\s-]", "", plain)
        return cls("", token) if re.fullmatch(r"[A-Z2-7]{12}", token) else None

    @property
    def text(self) -> str:
        return f"{PREFIX}{self.office.upper()}.{self.token}"


def grouped(token: str) -> str:
    """`ABCDEFGHJKLM` → `ABCD-EFGH-JKLM`, as it is read out and typed."""
    return "-".join(token[start : start + 4] for start in range(0, len(token), 4))
