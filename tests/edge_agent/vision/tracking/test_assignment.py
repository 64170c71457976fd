"""The pairing is the cheapest there is: compared with trying all of them."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from edge_agent.vision.tracking.assignment import IMPOSSIBLE, assign

LIMIT = 10.0
COST = st.one_of(st.just(IMPOSSIBLE), st.integers(0, 24).map(lambda n: n / 2))


@st.composite
def tables(draw: st.DrawFn) -> list[list[float]]:
    rows, columns = draw(st.integers(0, 5)), draw(st.integers(0, 5))
    return [[draw(COST) for _ in range(columns)] for _ in range(rows)]


def sum_of(costs: list[list[float]], pairs: list[tuple[int, int]]) -> float:
    return sum(costs[row][column] - LIMIT for row, column in pairs)


def cheapest(costs: list[list[float]]) -> float:
    """Every way to give each row a column of its own or none."""
    width = len(costs[0]) if costs else 0
    best = 0.0
    for choice in itertools.product([*range(width), None], repeat=len(costs)):
        taken = [column for column in choice if column is not None]
        if len(set(taken)) == len(taken):
            pairs = [(row, column) for row, column in enumerate(choice) if column is not None]
            if all(costs[row][column] < LIMIT for row, column in pairs):
                best = min(best, sum_of(costs, pairs))
    return best


@given(tables())
def test_no_other_pairing_is_cheaper(costs: list[list[float]]) -> None:
    pairs = assign(costs, LIMIT)
    assert len({row for row, _ in pairs}) == len({column for _, column in pairs}) == len(pairs)
    assert all(costs[row][column] < LIMIT for row, column in pairs)
    assert sum_of(costs, pairs) == cheapest(costs)


def test_two_fair_pairs_are_preferred_to_one_perfect_pair() -> None:
    assert assign([[0.0, 4.0], [4.0, IMPOSSIBLE]], LIMIT) == [(0, 1), (1, 0)]


def test_nothing_to_pair() -> None:
    assert assign([], LIMIT) == assign([[], []], LIMIT) == []
