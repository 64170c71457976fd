"""Decision table of facts that bear one and the same instant (docs/adr/056-one-instant.md)."""

from itertools import permutations
from typing import Any

import pytest

from gateway.attribution.evidence import Assigned, Member, Received, Ruled, Signal
from tests.gateway.attribution.world import before, called, case, left, verdict, visited

SPOUSE = Member(customer_id="y", relation="spouse")
HERS = visited(5, "b", of="y", first=True)
"""The spouse's own first visit, a day after the instant in question."""


def at_once(who: str, visit: str, **more: Any) -> Received:
    return Received(at=before(6), visit_id=visit, customer_id="x", consultant_id=who, **more)


def ruled(owner: str, visit: str, ruling: str, decided: float = 4) -> Ruled:
    return Ruled(
        at=before(6), ruled_at=before(decided), ruling_id=ruling, visit_id=visit, customer_id="x", owner_id=owner
    )


def given(who: str) -> Assigned:
    return Assigned(at=before(6), customer_id="x", consultant_id=who)


INSTANTS: list[tuple[str, list[Any], str | None, dict[str, int]]] = [
    # name, facts, owner, shares of a later deal
    (
        "a call and a first visit by one consultant: the visit was recorded in good faith",
        [SPOUSE, called(6, "a"), *visited(6, "a", first=True), *HERS],
        "a",
        {"a": 50, "b": 50},
    ),
    (
        "a call and a visit that was not the first by one consultant: nothing to share for",
        [SPOUSE, called(6, "a"), *visited(6, "a"), *HERS],
        "a",
        {"a": 100},
    ),
    (
        "a call by one and a first visit received by another: who received owns",
        [called(6, "a"), *visited(6, "b", first=True)],
        "b",
        {"b": 100},
    ),
    (
        "a call by one and a first visit received by another, of two of a family: both first visits share",
        [SPOUSE, called(6, "a"), *visited(6, "c", first=True), *HERS],
        "c",
        {"c": 50, "b": 50},
    ),
    ("a call and a visit by two consultants", [called(6, "a"), *visited(6, "b")], "b", {"b": 100}),
    ("two calls: by the consultant's id", [called(6, "b"), called(6, "a")], "a", {"a": 100}),
    (
        "two receptions: the first visit before the other",
        [at_once("a", "1"), at_once("b", "2", first=True)],
        "b",
        {"b": 100},
    ),
    (
        "two receptions alike: the visit that was opened first",
        [at_once("a", "2", first=True), at_once("b", "1", first=True)],
        "b",
        {"b": 100},
    ),
    (
        "one visit received by two at once: by the consultant's id",
        [at_once("b", "1"), at_once("a", "1")],
        "a",
        {"a": 100},
    ),
    (
        "one consultant, a first visit and another: recorded in good faith",
        [SPOUSE, at_once("a", "1"), at_once("a", "2", first=True), *HERS],
        "a",
        {"a": 50, "b": 50},
    ),
    ("received in the instant of leaving: to the pool", [*visited(6, "a"), left(6, "a")], None, {}),
    ("rung in the instant of leaving: to the pool", [called(6, "a"), left(6, "a")], None, {}),
    (
        "received by another in the instant the owner leaves: they assisted",
        [*visited(9, "a"), *visited(6, "b"), left(6, "a")],
        None,
        {},
    ),
    ("given away in the instant the owner leaves", [*visited(9, "a"), left(6, "a"), given("b")], "b", {"b": 100}),
    ("a ruling on who received", [*visited(6, "a"), ruled("b", "x", "1")], "b", {"b": 100}),
    (
        "a ruling gives no good faith to who was received in its instant",
        [SPOUSE, at_once("a", "1", first=True), at_once("b", "2", first=True), ruled("b", "1", "r"), *HERS],
        "b",
        {"b": 100},
    ),
    (
        "two rulings: the one made last",
        [*visited(6, "a"), ruled("b", "1", "2", decided=4), ruled("c", "2", "1", decided=3)],
        "c",
        {"c": 100},
    ),
]


@pytest.mark.parametrize(("facts", "owner", "later"), [c[1:] for c in INSTANTS], ids=[c[0] for c in INSTANTS])
def test_one_instant(facts: list[Any], owner: str | None, later: dict[str, int]) -> None:
    said = verdict(case(*facts))
    assert (said.owner_id, {s.consultant_id: s.percent for s in said.shares}) == (owner, later)


@pytest.mark.parametrize("facts", [c[1] for c in INSTANTS], ids=[c[0] for c in INSTANTS])
def test_the_order_in_which_facts_of_one_instant_were_told_decides_nothing(facts: list[Any]) -> None:
    members = [fact for fact in facts if isinstance(fact, Member)]
    signals: list[Signal] = [fact for fact in facts if not isinstance(fact, Member)]
    said = {verdict(case(*members, *told)).model_dump_json() for told in permutations(signals)}
    assert len(said) == 1
