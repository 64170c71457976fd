"""Decision table of marks: who was no customer came as nobody's, and nobody is paid for it (domain.md, Visits)."""

from typing import Any

import pytest

from gateway.attribution.evidence import Member
from tests.gateway.attribution.test_table_rulings import channel, ruled
from tests.gateway.attribution.world import (
    HOUR,
    NOW,
    before,
    called,
    came,
    case,
    contact,
    marked,
    masked,
    mine,
    note,
    received_now,
    ref,
    reg,
    stands,
    stated,
    verdict,
    visited,
)

NOBODYS = {"rule": "non_customer", "source": "walk_in", "owner_rule": "non_customer", "owner_id": None, "shares": ()}
SPOUSE = Member(customer_id="y", relation="spouse")
FIVE = f"x@{before(5).isoformat()}"
MARKED: list[tuple[str, list[Any], dict[str, Any]]] = [
    ("this visit: a walk-in", [marked()], NOBODYS),
    ("this visit: whoever received the courier owns nobody", [received_now("a"), marked()], NOBODYS),
    ("this visit: a valid registration is not paid for", [reg(3), marked()], NOBODYS | {"channel_id": None}),
    ("this visit: a referral is not paid for", [ref(3), marked()], NOBODYS | {"referrer_id": None}),
    ("this visit: masked claims are no conflict", [masked(3), masked(2, "D"), marked()], NOBODYS | {"conflict": ()}),
    ("this visit: a source that stands is not paid for", [stands(5), marked()], NOBODYS | {"channel_id": None}),
    ("this visit: an owner does not receive their customer's courier", [*visited(9, "a"), marked()], NOBODYS),
    ("this visit: nobody claims it back", [*visited(9, "a"), received_now("b", unidentified=True), marked()], NOBODYS),
    (
        "this visit: a ruling before the mark is done with",
        [channel(ruled_at=NOW + HOUR), marked(after=2 * HOUR)],
        NOBODYS,
    ),
    (
        "this visit: a ruling after the mark counts",
        [channel(ruled_at=NOW + 2 * HOUR), marked(after=HOUR)],
        {"rule": "appeal_upheld", "channel_id": "D"},
    ),
    (
        "this visit: ruled on after the mark, the other question is judged as ever",
        [reg(3), received_now("a"), ruled(owner_id="c", ruled_at=NOW + 2 * HOUR), marked(after=HOUR)],
        {"rule": "registration", "channel_id": "C", "owner_id": "c"},
    ),
    (
        "an earlier one: it blocks no registration",
        [came(5), marked(5), reg(3)],
        {"rule": "registration", "channel_id": "C"},
    ),
    (
        "an earlier one, not marked: it does",
        [came(5), reg(3)],
        {"rule": "recent_visit", "channel_id": None},
    ),
    (
        "an earlier one: being shown in began no ownership",
        [*visited(5, "a"), marked(5), reg(3), received_now("b")],
        {"rule": "registration", "owner_id": "b", "owner_rule": "received"},
    ),
    (
        "an earlier one: it keeps no ownership alive",
        [*visited(18, "a"), *visited(5, "b"), marked(5), received_now("c")],
        {"owner_id": "c", "owner_rule": "received"},
    ),
    (
        "an earlier one: an ownership of before it is what it was",
        [*visited(9, "a"), *visited(5, "b"), marked(5), received_now("c")],
        {"owner_id": "a", "owner_rule": "live_ownership"},
    ),
    (
        "an earlier one: whoever received it unidentified took nobody over",
        [*visited(9, "a"), *visited(5, "b", unidentified=True), marked(5)],
        {"owner_id": "a", "owner_rule": "live_ownership"},
    ),
    (
        "an earlier one: a claim on it is a claim on nobody",
        [*visited(9, "a"), *visited(5, "b", unidentified=True), marked(5), mine("a", HOUR, FIVE)],
        {"owner_id": "a"},
    ),
    (
        "an earlier one: its source does not stand",
        [stands(5), marked(5), reg(2, "D")],
        {"rule": "registration", "channel_id": "D"},
    ),
    (
        "an earlier one: a referral finds a number that the office did not know",
        [came(5), marked(5), ref(3)],
        {"rule": "referral", "referrer_id": "o"},
    ),
    (
        "an earlier one: an owner ruled on before the mark owns nobody",
        [
            *visited(5, "b"),
            ruled(FIVE, at=before(5), ruled_at=before(5) + HOUR, owner_id="c"),
            marked(5, after=2 * HOUR),
        ],
        {"owner_id": None, "owner_rule": "nobody_yet"},
    ),
    (
        "an earlier one: ruled on after the mark it is a customer's visit again",
        [came(5), marked(5), ruled(FIVE, at=before(5), ruled_at=NOW, owner_id="c"), reg(3)],
        {"rule": "live_ownership", "owner_id": "c"},
    ),
    (
        "an earlier one: a call of theirs is a call",
        [*visited(5, "b"), marked(5), called(4, "c")],
        {"owner_id": "c", "owner_rule": "live_ownership"},
    ),
    (
        "an earlier one: a follow-up of who received it renews nothing",
        [*visited(5, "b"), marked(5), contact(1, "b")],
        {"owner_id": None},
    ),
    (
        "an earlier one of the spouse: it blocks nothing either",
        [SPOUSE, came(5, of="y", visit="ys"), marked(5).model_copy(update={"visit_id": "ys"}), reg(3)],
        {"rule": "registration", "channel_id": "C"},
    ),
    (
        "another earlier one still blocks",
        [came(6), came(5), marked(5), reg(3)],
        {"rule": "recent_visit"},
    ),
]


@pytest.mark.parametrize(("facts", "expected"), [row[1:] for row in MARKED], ids=[row[0] for row in MARKED])
def test_marked(facts: list[Any], expected: dict[str, Any]) -> None:
    said = verdict(case(*facts))
    assert {name: getattr(said, name) for name in expected} == expected


def test_what_lost_to_a_mark_is_told_and_the_mark_says_what_they_were() -> None:
    said = verdict(case(*visited(9, "a"), reg(12), stands(11, "D"), marked()))
    assert note(said, "non_customer") == ("won", "marked")
    assert said.rules[0].facts["marked_as"] == "courier"
    lost = ("source_in_force", "live_ownership", "registration", "walk_in")
    assert {note(said, rule) for rule in lost} == {("lost", "non_customer")}


def test_whoever_was_a_courier_may_say_that_it_is_their_first_visit() -> None:
    facts = came(5), stated(first_visit=True)
    assert note(verdict(case(*facts)), "gate_answers")[1] == "gate_first_but_visited"
    assert note(verdict(case(*facts, marked(5))), "gate_answers")[1] == "gate_as_known"


def test_a_mark_taken_back_leaves_no_trace() -> None:
    facts = (*visited(9, "a"), reg(12), received_now("b"))
    assert verdict(case(*facts, marked())) != verdict(case(*facts))
    assert verdict(case(*facts).model_copy(update={"marked": ()})) == verdict(case(*facts))
