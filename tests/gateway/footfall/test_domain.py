"""Minute sums: every accepted event is counted exactly once, whoever counted it before (design.md)."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.footfall.domain import Crossing, Minute, add, rejoin

A, B = "stream-a", "stream-b"


def passed(*sequences: int, stream: str = A) -> list[Crossing]:
    return [Crossing(stream, n, 1, 0) for n in sequences]


def test_an_event_that_is_counted_counts_no_more() -> None:
    once = add(Minute(), passed(1, 2, 3))
    assert (once.count_in, once.revision, once.through) == (3, 1, {A: 3})
    assert add(once, passed(2, 3)) is once
    assert add(once, passed(3, 4)).count_in == 4


def test_a_node_that_was_installed_again_counts_in_a_stream_of_its_own() -> None:
    both = add(add(Minute(), passed(7)), passed(1, 2, stream=B))
    assert (both.count_in, both.through) == (3, {A: 7, B: 2})


def test_a_restored_gateway_that_knows_less_takes_what_central_has() -> None:
    ours, theirs = add(Minute(), passed(1)), Minute(3, 0, 9, {A: 3})
    assert rejoin(ours, theirs, []) == theirs


def test_what_central_lacks_is_added_with_a_revision_that_central_takes() -> None:
    ours, theirs = Minute(2, 0, 2, {A: 5}), Minute(3, 0, 9, {A: 3})
    whole = rejoin(ours, theirs, passed(4, 5))
    assert (whole.count_in, whole.revision, whole.through) == (5, 10, {A: 5})


def test_counts_that_came_from_no_stream_are_left_alone() -> None:
    ours = Minute(2, 0, 2, {A: 5})
    assert rejoin(ours, Minute(30, 0, 1), passed(4, 5)) is ours


@given(
    total=st.integers(1, 30),
    backup=st.integers(0, 30),
    told=st.integers(0, 30),
    forgotten=st.integers(0, 30),
    before=st.integers(0, 30),
)
def test_whatever_was_lost_where_the_truth_comes_out(
    total: int, backup: int, told: int, forgotten: int, before: int
) -> None:
    """A node made `total` events. The backup holds `backup` of them, central counted `told`, the node has forgotten
    `forgotten`, which are safe: in the backup or at central. `before` of the rest came again before central answered.
    """
    backup, told = min(backup, total), min(told, total)
    forgotten = min(forgotten, max(backup, told))
    first_again = max(backup, forgotten) + 1
    until = max(first_again - 1, min(before, total))
    held = passed(*range(1, backup + 1), *range(first_again, until + 1))
    ours = add(Minute(), held)
    theirs = add(Minute(), passed(*range(1, told + 1)))
    whole = rejoin(ours, theirs, held) if told else ours
    assert add(whole, passed(*range(until + 1, total + 1))).count_in == total
    assert whole is ours or whole == theirs or whole.revision > max(ours.revision, theirs.revision)
