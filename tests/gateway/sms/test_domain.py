"""The limits of codes as a table, the fifth try and the last instant included."""

from datetime import UTC, datetime, timedelta

import pytest

from gateway.sms import domain
from gateway.sms.domain import Code

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)
LATER = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("left", "wrong", "spent", "matches", "expected"),
    [
        (LATER, 0, False, True, "right"),
        (LATER, 0, False, False, "wrong"),
        (LATER, 4, False, True, "right"),
        (LATER, 4, False, False, "wrong"),
        (LATER, 5, False, True, "locked"),
        (LATER, 5, False, False, "locked"),
        (INSTANT, 0, False, True, "right"),
        (timedelta(0), 0, False, True, "expired"),
        (-LATER, 0, False, False, "expired"),
        (LATER, 0, True, True, "expired"),
        (-LATER, 5, True, True, "locked"),
    ],
)
def test_what_becomes_of_a_code(left: timedelta, wrong: int, spent: bool, matches: bool, expected: str) -> None:
    assert domain.outcome(Code(NOW + left, wrong, spent), matches=matches, now=NOW, tries=5) == expected


def test_a_message_names_the_office_and_the_code_and_not_what_for() -> None:
    chinese = domain.message("zh-CN", "云栖湖岸", "012345", 5)
    english = domain.message("en", "Yunqi", "012345", 5)
    for text, office in ((chinese, "云栖湖岸"), (english, "Yunqi")):
        assert office in text
        assert "012345" in text
        assert not any(word in text.lower() for word in ("face", "人脸", "consent", "撤回"))
