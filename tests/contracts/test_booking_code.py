"""The code of a booking: read as scanners and hands write it, and nothing else."""

import pytest

from contracts.booking_code import BookingCode, grouped

WHOLE = BookingCode("yunqi", "ABCDEFGHJKLM")


@pytest.mark.parametrize(
    "text", ["BK1.YUNQI.ABCDEFGHJKLM", " bk1.yunqi.abcdefghjklm\n", "BK1。YUNQI．ABCDEFGHJKLM", WHOLE.text]
)
def test_a_scanner_types_it_on_any_keyboard(text: str) -> None:
    assert BookingCode.parse(text) == WHOLE


@pytest.mark.parametrize("text", ["ABCDEFGHJKLM", "abcd-efgh-jklm", "abcd efgh jklm", grouped(WHOLE.token)])
def test_by_hand_the_last_part_alone_will_do(text: str) -> None:
    assert BookingCode.parse(text) == BookingCode("", "ABCDEFGHJKLM")


@pytest.mark.parametrize(
    "text", ["", "13800112345", "ABCDEFGHJKL", "ABCDEFGHJKL1", "AC1.YUNQI..A.1.B", "BK1.YUNQI.", "BK1..A"]
)
def test_anything_else_is_none(text: str) -> None:
    assert BookingCode.parse(text) is None
