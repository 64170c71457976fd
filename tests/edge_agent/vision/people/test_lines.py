"""Crossings compared with slow, exact geometry in fractions; and the cases people argue about."""

import itertools
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from edge_agent.vision.config import LineConfig
from edge_agent.vision.people.lines import Crossing, Line, Spot, feet

HYSTERESIS = 0.0731
DOOR = Line((0.4, 0.5), (0.8, 0.5), 0.05)
"""Walked from left to right in the picture: its right side is below."""

Exact = tuple[Fraction, Fraction]
GRID = st.tuples(st.integers(0, 12), st.integers(0, 10))


def count(line: Line, path: list[Spot]) -> tuple[int, int]:
    crossing = Crossing(line)
    ways = [crossing.step(spot) for spot in path]
    return ways.count("in"), ways.count("out")


def slow_count(start: Exact, end: Exact, hysteresis: Fraction, path: list[Exact]) -> tuple[int, int]:
    """By definition: split the path where the person stands clear of the line, and look at each piece."""
    dx, dy = end[0] - start[0], end[1] - start[1]

    def cross(p: Exact) -> Fraction:
        return dx * (p[1] - start[1]) - dy * (p[0] - start[0])

    clear = [n for n, p in enumerate(path) if cross(p) ** 2 > hysteresis**2 * (dx**2 + dy**2)]
    count_in = count_out = 0
    for first, last in itertools.pairwise(clear):
        to_right = cross(path[last]) > 0
        if (cross(path[first]) > 0) == to_right:
            continue
        passages = 0
        for p, q in itertools.pairwise(path[first : last + 1]):
            if (cross(p) >= 0) == (cross(q) >= 0):
                continue
            share = cross(p) / (cross(p) - cross(q))
            x, y = p[0] + share * (q[0] - p[0]), p[1] + share * (q[1] - p[1])
            between = all(min(a, b) <= c <= max(a, b) for a, b, c in zip(start, end, (x, y), strict=True))
            passages += between * (1 if cross(q) >= 0 else -1)
        count_in += to_right and passages > 0
        count_out += not to_right and passages < 0
    return count_in, count_out


def exact(point: tuple[int, int]) -> Exact:
    return Fraction(point[0], 8), Fraction(point[1], 8)


def rough(point: tuple[int, int]) -> Spot:
    return point[0] / 8, point[1] / 8


ENDS = st.tuples(GRID, GRID).filter(lambda ends: ends[0] != ends[1])


@given(ends=ENDS, path=st.lists(GRID, max_size=25))
@example(ends=((2, 4), (6, 4)), path=[(3, 0), (3, 4), (4, 8), (5, 0)])
def test_counts_are_those_of_slow_geometry(
    ends: tuple[tuple[int, int], tuple[int, int]], path: list[tuple[int, int]]
) -> None:
    line = Line(rough(ends[0]), rough(ends[1]), HYSTERESIS)
    slow = slow_count(exact(ends[0]), exact(ends[1]), Fraction(731, 10000), [exact(point) for point in path])
    assert count(line, [rough(point) for point in path]) == slow


@given(ends=ENDS, path=st.lists(GRID, max_size=25))
def test_a_film_run_backwards_swaps_in_and_out(
    ends: tuple[tuple[int, int], tuple[int, int]], path: list[tuple[int, int]]
) -> None:
    line, spots = Line(rough(ends[0]), rough(ends[1]), HYSTERESIS), [rough(point) for point in path]
    assert count(line, spots[::-1]) == count(line, spots)[::-1]


@given(ends=ENDS, path=st.lists(GRID.map(lambda p: (p[0] + 0.037, p[1] + 0.041)), max_size=25))
def test_a_line_drawn_the_other_way_swaps_in_and_out(
    ends: tuple[tuple[int, int], tuple[int, int]], path: list[tuple[float, float]]
) -> None:
    """Feet exactly on the line belong to its right side, so those are left out here."""
    there, back = Line(rough(ends[0]), rough(ends[1]), HYSTERESIS), Line(rough(ends[1]), rough(ends[0]), HYSTERESIS)
    spots = [(x / 8, y / 8) for x, y in path]
    assert count(back, spots) == count(there, spots)[::-1]


@given(st.lists(st.tuples(st.floats(0.3, 0.9), st.floats(0.451, 0.549)), max_size=40))
def test_loitering_on_the_line_counts_nothing(wobble: list[Spot]) -> None:
    assert count(DOOR, [(0.6, 0.2), *wobble, (0.6, 0.2)]) == (0, 0)
    assert count(DOOR, wobble) == (0, 0)


def test_loitering_and_then_going_over_counts_once() -> None:
    assert count(DOOR, [(0.6, 0.2), (0.6, 0.52), (0.6, 0.48), (0.6, 0.52), (0.6, 0.48), (0.6, 0.7)]) == (1, 0)


def test_over_and_back_counts_in_and_out() -> None:
    assert count(DOOR, [(0.6, 0.2), (0.6, 0.8), (0.6, 0.2), (0.6, 0.8)]) == (2, 1)


@pytest.mark.parametrize("x", [0.2, 0.39, 0.81, 1.5])
def test_beyond_its_ends_the_line_is_none(x: float) -> None:
    assert count(DOOR, [(x, 0.2), (x, 0.8), (x, 0.2)]) == (0, 0)


def test_walking_round_the_end_counts_nothing() -> None:
    assert count(DOOR, [(0.6, 0.2), (0.95, 0.3), (0.95, 0.7), (0.6, 0.8)]) == (0, 0)


def test_over_the_line_and_round_its_end_back_within_the_hysteresis_counts_nothing() -> None:
    assert count(DOOR, [(0.75, 0.2), (0.75, 0.53), (0.85, 0.53), (0.85, 0.47), (0.75, 0.2)]) == (0, 0)


def test_who_appears_on_the_line_has_not_crossed_it() -> None:
    assert count(DOOR, [(0.6, 0.49), (0.6, 0.51), (0.6, 0.8)]) == (0, 0)


@pytest.mark.parametrize(
    ("start", "end", "walk"),
    [
        ((0.1, 0.5), (0.9, 0.5), "down"),
        ((0.9, 0.5), (0.1, 0.5), "up"),
        ((0.5, 0.1), (0.5, 0.9), "left"),
        ((0.5, 0.9), (0.5, 0.1), "right"),
    ],
)
def test_in_is_from_left_to_right_for_who_walks_along_the_line(start: Spot, end: Spot, walk: str) -> None:
    """Along a line drawn down the screen, one's right hand is on the screen's left."""
    steps = {"down": (0, 0.3), "up": (0, -0.3), "left": (-0.3, 0), "right": (0.3, 0)}
    dx, dy = steps[walk]
    line = Line.of(LineConfig.model_validate({"line": 1, "from": start, "to": end}), 100, 100)
    assert count(line, [(0.5 - dx, 0.5 - dy), (0.5 + dx, 0.5 + dy)]) == (1, 0)


def test_distances_are_in_heights_of_the_picture_also_across_it() -> None:
    """An upright line in a picture twice as wide as high: 0.05 heights are a fortieth of its width."""
    upright = LineConfig.model_validate({"line": 1, "from": (0.5, 0.9), "to": (0.5, 0.1), "hysteresis": 0.05})
    line = Line.of(upright, 2000, 1000)
    assert line.right_of(feet((1030, 400, 40, 100), 1000)) == pytest.approx(0.05)
    assert feet((100, 200, 50, 300), 1000) == (0.125, 0.5)


def test_a_line_of_no_length_is_said() -> None:
    with pytest.raises(ValueError, match="two ends"):
        Line((0.5, 0.5), (0.5, 0.5), 0.05)
