"""The limits of codes: pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from contracts.gateway_api import Language

Outcome = Literal["right", "wrong", "expired", "locked"]


@dataclass(frozen=True, slots=True)
class Code:
    """One code as stored. `spent`: used, or replaced by a newer one of the same number."""

    expires_at: datetime
    wrong: int
    spent: bool


def outcome(code: Code, *, matches: bool, now: datetime, tries: int) -> Outcome:
    """After `tries` wrong ones even the right one is refused. At `expires_at` it is over."""
    if code.wrong >= tries:
        return "locked"
    if code.spent or now >= code.expires_at:
        return "expired"
    return "right" if matches else "wrong"


def message(language: Language, office_name: str, code: str, minutes: int) -> str:
    """Names nothing but the office and the code: not what for, so that nobody learns who has a face here."""
    if language == "zh-CN":
        return f"【{office_name}】验证码 {code}，{minutes} 分钟内有效，请勿告诉他人。"
    return f"[{office_name}] Your code is {code}, valid for {minutes} minutes. Do not share it."
