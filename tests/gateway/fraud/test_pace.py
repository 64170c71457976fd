"""An agent whose customers arrive far faster after registration than others': medians, intervals, thresholds."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.fraud.domain import Arrived, Registered
from gateway.fraud.pace import fast_agents, spread
from tests.gateway.fraud.facts import DAY, HOUR, came, claimed, of

Fact = Arrived | Registered


def pace(agent: str, delays: list[float]) -> list[Fact]:
    """One customer each, who arrives so many minutes after the registration."""
    each = [(f"{agent}-{n}", -20 * HOUR + n, delay) for n, delay in enumerate(delays)]
    return [
        fact
        for who, begin, delay in each
        for fact in (claimed(begin, agent=agent, number=who), came(begin + delay, who=who))
    ]


OTHERS = pace("d1", [400.0] * 6) + pace("e1", [400.0] * 6)


@pytest.mark.parametrize(
    ("case", "facts", "said"),
    [
        ("four times as fast: exactly the ratio", [*OTHERS, *pace("c1", [100.0] * 10)], True),
        ("a little slower than that", [*OTHERS, *pace("c1", [100.1] * 10)], False),
        ("nine arrivals", [*OTHERS, *pace("c1", [30.0] * 9)], False),
        ("one slow customer moves no median", [*OTHERS, *pace("c1", [30.0] * 10 + [1200.0])], True),
        ("too few of others", [*pace("d1", [400.0] * 9), *pace("c1", [30.0] * 10)], False),
        ("not surely faster at all", [*OTHERS, *pace("c1", [30.0] * 6 + [500.0] * 5)], False),
        ("slower ones are no signal", [*OTHERS, *pace("c1", [1200.0] * 10)], False),
        ("at the same second", [*OTHERS, *pace("c1", [0.0] * 10)], True),
    ],
)
def test_who_is_faster(case: str, facts: list[Fact], said: bool) -> None:
    assert [s.agent_id for s in fast_agents(of(*facts, days=2))] == (["c1"] if said else []), case


def test_it_says_its_statistics() -> None:
    (signal,) = fast_agents(of(*OTHERS, *pace("c1", [20.0, 30.0, 40.0, 45.0] * 3), days=2))
    said = signal.figures
    assert (said["n"], said["others_n"]) == (12, 12)
    assert said["median_minutes"] == pytest.approx((30 * 40) ** 0.5)
    assert said["others_median_minutes"] == pytest.approx(400)
    assert said["ratio_low"] <= said["ratio"] <= said["ratio_high"] < 1
    assert len(signal.registration_ids) == 12


@pytest.mark.parametrize(
    ("case", "more", "n"),
    [
        ("a repeat does not make it sooner", [claimed(-1, number="x"), claimed(-200, number="x"), came(who="x")], 11),
        ("only the first arrival", [claimed(-200, number="x"), came(-100, who="x"), came(who="x")], 11),
        ("an arrival before it is none", [came(-300, who="x"), claimed(-200, number="x")], 10),
        ("after the protection", [claimed(-15 * DAY - 1, number="x"), came(who="x")], 10),
        ("on its last instant", [claimed(-15 * DAY, number="x"), came(who="x")], 11),
        ("a masked number of two people", [claimed(-9, number=None, ends="x", who="x y"), came(who="x")], 10),
        ("outside the period", [claimed(2 * DAY - 5, number="x"), came(2 * DAY, who="x")], 10),
    ],
)
def test_what_counts_as_a_case(case: str, more: list[Fact], n: int) -> None:
    (signal,) = fast_agents(of(*OTHERS, *pace("c1", [9.0] * 10), *more, days=2))
    assert signal.figures["n"] == n, case


@pytest.mark.parametrize(("n", "out"), [(5, None), (6, 0), (8, 0), (9, 1), (12, 2), (20, 5)])
def test_the_interval_is_the_textbooks(n: int, out: int | None) -> None:
    """Ranks of the distribution-free 95 % interval of a median, as tables of the sign test have them."""
    found = spread([float(x) for x in range(n)], 0.95)
    assert (None if found is None else (found.low, found.high)) == (None if out is None else (out, n - 1 - out))


@settings(deadline=None)
@given(st.integers(2, 9), st.sampled_from([0.5, 0.8, 0.95, 0.975]))
def test_the_interval_holds_the_median_as_often_as_it_says(n: int, confidence: float) -> None:
    """Counted over every way in which the values can lie below or above the true median 0."""
    patterns = [set(below) for size in range(n + 1) for below in combinations(range(n), size)]
    held = 0
    for below in patterns:
        found = spread([-1.0 if i in below else 1.0 for i in range(n)], confidence)
        held += found is not None and found.low < 0 < found.high
    found = spread([float(x) for x in range(n)], confidence)
    assert found is None or held / len(patterns) >= confidence - 1e-9
