"""ID numbers by GB 11643-1999; the numbers are invented, their check characters are right."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.identity.idnumber import check_character, parse

RIGHT = "11010519491231002X"  # the standard's own example


def test_the_example_of_the_standard() -> None:
    assert parse(RIGHT) == RIGHT
    assert parse("110105 19491231 002x") == RIGHT


REFUSED = {
    "wrong check character": "110105194912310021",
    "17 digits": "11010519491231002",
    "no such province": "99010519491231" + "002" + check_character("99010519491231002"),
    "no such month": "11010519491331" + "002" + check_character("11010519491331002"),
    "30 February": "11010519490230" + "002" + check_character("11010519490230002"),
    "letters": "1101051949123100AX",
    "full-width digits": "１１０１０５１９４９１２３１００２X",
    "empty": "",
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED.keys())
def test_refused(text: str) -> None:
    assert parse(text) is None


@given(place=st.integers(0, 16), digit=st.integers(1, 9))
def test_any_one_wrong_digit_is_told(place: int, digit: int) -> None:
    other = str((int(RIGHT[place]) + digit) % 10)
    assert parse(RIGHT[:place] + other + RIGHT[place + 1 :]) is None


@given(place=st.integers(0, 15))
def test_two_digits_exchanged_are_told(place: int) -> None:
    swapped = RIGHT[:place] + RIGHT[place + 1] + RIGHT[place] + RIGHT[place + 2 :]
    assert parse(swapped) == (RIGHT if RIGHT[place] == RIGHT[place + 1] else None)
