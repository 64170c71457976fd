"""Which merges can be, and what holds whatever is merged and un-merged in whatever order (domain.md, Ownership)."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.identity.merging import Alias, Refusal, refusal

CASES: dict[str, tuple[Alias, list[Alias], Refusal | None]] = {
    "two files": (Alias("a", "b"), [], None),
    "a file and itself": (Alias("a", "a"), [], "same_file"),
    "merged already": (Alias("c", "b"), [Alias("a", "b")], "already_merged"),
    "the same merge twice": (Alias("a", "b"), [Alias("a", "b")], "already_merged"),
    "a chain upwards": (Alias("b", "c"), [Alias("a", "b")], "kept_is_merged"),
    "a chain downwards": (Alias("c", "a"), [Alias("a", "b")], "merged_speaks_for_others"),
    "a cycle": (Alias("b", "a"), [Alias("a", "b")], "kept_is_merged"),
    "a second file into the same": (Alias("a", "c"), [Alias("a", "b")], None),
    "merges of others do not matter": (Alias("a", "b"), [Alias("x", "y")], None),
}


@pytest.mark.parametrize(("wanted", "standing", "code"), CASES.values(), ids=CASES.keys())
def test_refusal(wanted: Alias, standing: list[Alias], code: Refusal | None) -> None:
    assert refusal(wanted, standing) == code


FILES = "abcdef"
pairs = st.tuples(st.sampled_from(FILES), st.sampled_from(FILES)).map(lambda pair: Alias(*pair))


def merged(wanted: list[Alias]) -> list[Alias]:
    """Each merge in turn, those refused left out."""
    standing: list[Alias] = []
    for each in wanted:
        if refusal(each, standing) is None:
            standing.append(each)
    return standing


def speaks(file: str, standing: list[Alias]) -> str:
    return next((alias.kept_id for alias in standing if alias.merged_id == file), file)


@given(st.lists(pairs, max_size=12))
def test_who_speaks_is_never_spoken_for(wanted: list[Alias]) -> None:
    standing = merged(wanted)
    for file in FILES:
        assert speaks(speaks(file, standing), standing) == speaks(file, standing)


@given(st.lists(pairs, max_size=12), st.randoms())
def test_merges_that_stand_could_have_been_made_in_any_order(wanted: list[Alias], random: Random) -> None:
    standing = merged(wanted)
    shuffled = list(standing)
    random.shuffle(shuffled)
    again = merged(shuffled)
    assert {file: speaks(file, again) for file in FILES} == {file: speaks(file, standing) for file in FILES}


@given(st.lists(pairs, max_size=12), pairs)
def test_the_order_in_which_merges_are_read_does_not_matter(wanted: list[Alias], next_one: Alias) -> None:
    standing = merged(wanted)
    assert refusal(next_one, standing) == refusal(next_one, list(reversed(standing)))


@given(st.lists(pairs, max_size=12), pairs)
def test_a_merge_that_is_ended_leaves_everything_as_it_was(wanted: list[Alias], next_one: Alias) -> None:
    standing = merged(wanted)
    if refusal(next_one, standing) is None:
        ended = [alias for alias in (*standing, next_one) if alias != next_one]
        assert ended == standing
        assert refusal(next_one, ended) is None
