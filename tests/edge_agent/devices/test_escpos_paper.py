"""What stands on a ticket, line by line: nothing is left to the printer to break."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.messages import TicketPrint
from edge_agent.devices.escpos_paper import ticket, wrapped
from simulator.devices.printer import ReceiptPrinter

WORDS = st.lists(st.text(st.sampled_from("云栖湖岸（一期）·、abcXYZ-019"), min_size=1, max_size=20), max_size=8)


def width(text: str) -> int:
    return sum(1 if character.isascii() else 2 for character in text)


def printed(columns: int, **more: Any) -> list[str]:
    usual = {
        "number": 23,
        "office": "云栖湖岸",
        "ahead": 3,
        "wait_minutes": 12,
        "local_time": "2026-11-22 15:20",
    }
    printer = ReceiptPrinter()
    printer.receive(ticket(TicketPrint.model_validate({**usual, **more}), columns, cut=True))
    assert printer.last is not None and printer.bad_bytes == 0
    return printer.last.lines


@given(WORDS, st.integers(8, 64))
def test_a_wrapped_text_fits_and_loses_nothing(words: list[str], columns: int) -> None:
    text = " ".join(words)
    lines = wrapped(text, columns)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(width(line) <= columns for line in lines)


@pytest.mark.parametrize("columns", [16, 32, 48])
def test_no_line_of_a_ticket_is_broken_by_the_printer(columns: int) -> None:
    long = {"office": "云栖湖岸国际社区城市展示中心（一期）", "office_en": "Yunqi Lakeside City Exhibition Hall"}
    lines = printed(columns, number=99_999, ahead=120, wait_minutes=240, **long)
    assert all(width(line) <= columns for line in lines)


def test_a_long_name_is_broken_evenly_between_words_and_a_closing_mark_stays_with_its_word() -> None:
    assert wrapped("Yunqi Lakeside City Exhibition Hall", 32) == ["Yunqi Lakeside City", "Exhibition Hall"]
    assert wrapped("云栖湖岸·城市展厅", 16) == ["云栖湖岸·", "城市展厅"]
    assert wrapped("云栖湖岸国际社区城市展示中心（一期）", 16)[-1].endswith("（一期）")


def test_both_languages_share_a_line_only_where_both_fit() -> None:
    assert "请留意叫号屏  Please watch the panel" in printed(48)
    assert printed(32)[-2:] == ["请留意叫号屏", "Please watch the panel"]
