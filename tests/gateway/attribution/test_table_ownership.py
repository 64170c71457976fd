"""Decision table of ownership (domain.md, Ownership and duplicates): lapse, departure, families, splits, 48 hours."""

from datetime import timedelta
from typing import Any

import pytest

from gateway.attribution.evidence import Member
from tests.gateway.attribution.world import (
    DAY,
    HOUR,
    SECOND,
    called,
    came,
    case,
    contact,
    left,
    mine,
    note,
    received_now,
    reg,
    verdict,
    visited,
)

CALENDAR = {"day_count": "calendar_day"}
AT_11 = 11 * HOUR
SPOUSE = Member(customer_id="y", relation="spouse")
PARENT = Member(customer_id="y", relation="parent")
CHILD = Member(customer_id="y", relation="child")
SIBLING = Member(customer_id="y", relation="sibling")
APART = {"siblings_are_family": False}
WINDOW = timedelta(hours=48)

OWNERS = [
    # name, facts, policy, owner, reason of the ownership rule
    ("an unknown number", [], {}, None, "no_earlier_visit"),
    ("a first visit belongs to who received it", [received_now("b")], {}, "b", "no_earlier_visit"),
    ("came before, received by nobody", [came(5), received_now("b")], {}, "b", "no_earlier_visit"),
    ("received 10 days ago", [visited(10, "a")], {}, "a", "followed_up_in_time"),
    ("last instant of 15 days", [visited(15, "a")], {}, "a", "followed_up_in_time"),
    ("a second after 15 days", [visited(15 * DAY + SECOND, "a")], {}, None, "ownership_lapsed"),
    ("lapsed: who receives them now", [visited(20, "a"), received_now("b")], {}, "b", "ownership_lapsed"),
    ("10 days: last instant", [visited(10, "a")], {"ownership_days": 10}, "a", "followed_up_in_time"),
    ("10 days: over", [visited(10 * DAY + SECOND, "a")], {"ownership_days": 10}, None, "ownership_lapsed"),
    ("30 days", [visited(30, "a")], {"ownership_days": 30}, "a", "followed_up_in_time"),
    ("calendar days: all of the 15th", [visited(15 * DAY + AT_11, "a")], CALENDAR, "a", "followed_up_in_time"),
    ("calendar days: the 16th", [visited(15 * DAY + AT_11 + SECOND, "a")], CALENDAR, None, "ownership_lapsed"),
    ("a follow-up that reached renews", [visited(20, "a"), contact(10, "a")], {}, "a", "followed_up_in_time"),
    ("a follow-up in the last instant renews", [visited(20, "a"), contact(5, "a")], {}, "a", "followed_up_in_time"),
    (
        "a follow-up a second too late renews nothing",
        [visited(20, "a"), contact(5 * DAY - SECOND, "a")],
        {},
        None,
        "ownership_lapsed",
    ),
    (
        "an unanswered call renews nothing",
        [visited(20, "a"), contact(10, "a", reached=False)],
        {},
        None,
        "ownership_lapsed",
    ),
    ("a colleague's follow-up renews nothing", [visited(20, "a"), contact(10, "b")], {}, None, "ownership_lapsed"),
    ("a follow-up alone begins nothing", [contact(1, "a")], {}, None, "no_earlier_visit"),
    ("a call that leaves a number is a claim", [called(3, "a")], {}, "a", "followed_up_in_time"),
    ("a call: last instant", [called(15, "a")], {}, "a", "followed_up_in_time"),
    ("a call: over", [called(15 * DAY + SECOND, "a")], {}, None, "ownership_lapsed"),
    ("the earlier of two calls", [called(5, "a"), called(3, "b")], {}, "a", "followed_up_in_time"),
    ("a call before another's visit", [called(5, "a"), visited(3, "b")], {}, "a", "followed_up_in_time"),
    ("a visit before another's call", [visited(5, "a"), called(3, "b")], {}, "a", "followed_up_in_time"),
    ("the owner's own call renews", [visited(20, "a"), called(10, "a")], {}, "a", "followed_up_in_time"),
    ("another's call renews nothing", [visited(20, "a"), called(10, "b")], {}, None, "ownership_lapsed"),
    ("received by another while owned", [visited(10, "a"), visited(5, "b")], {}, "a", "followed_up_in_time"),
    ("that visit renews", [visited(20, "a"), visited(10, "b")], {}, "a", "followed_up_in_time"),
    ("received by another after the lapse", [visited(40, "a"), visited(5, "b")], {}, "b", "followed_up_in_time"),
    ("a call to another after the lapse", [visited(40, "a"), called(5, "b")], {}, "b", "followed_up_in_time"),
    ("received by another now: they assist", [visited(10, "a"), received_now("b")], {}, "a", "followed_up_in_time"),
    ("after the arrival counts nothing", [visited(-1, "b")], {}, None, "no_earlier_visit"),
    ("a departed owner's goes to the pool", [visited(10, "a"), left(5, "a")], {}, None, "owner_departed"),
    ("from the pool to who receives", [visited(10, "a"), left(5, "a"), received_now("b")], {}, "b", "owner_departed"),
    (
        "received from the pool before",
        [visited(10, "a"), left(5, "a"), visited(3, "b")],
        {},
        "b",
        "followed_up_in_time",
    ),
    ("a call from the pool", [visited(10, "a"), left(5, "a"), called(3, "b")], {}, "b", "followed_up_in_time"),
    (
        "assisted before the departure is none",
        [visited(10, "a"), visited(7, "b"), left(5, "a")],
        {},
        None,
        "owner_departed",
    ),
    ("somebody else departed", [visited(10, "a"), left(5, "b")], {}, "a", "followed_up_in_time"),
    ("departed after the arrival", [visited(10, "a"), left(-1, "a")], {}, "a", "followed_up_in_time"),
    (
        "departed and back: a new visit is theirs",
        [visited(10, "a"), left(8, "a"), visited(3, "a")],
        {},
        "a",
        "followed_up_in_time",
    ),
    ("another project", [visited(5, "a", project="B")], {}, None, "no_earlier_visit"),
    (
        "another project, claims of the company",
        [visited(5, "a", project="B")],
        {"claim_scope": "company"},
        "a",
        "followed_up_in_time",
    ),
    ("the spouse's owner", [SPOUSE, visited(5, "a", of="y")], {}, "a", "followed_up_in_time"),
    ("the parent's owner", [PARENT, called(5, "a", of="y")], {}, "a", "followed_up_in_time"),
    ("the child's owner", [CHILD, visited(5, "a", of="y")], {}, "a", "followed_up_in_time"),
    ("the sibling's owner", [SIBLING, visited(5, "a", of="y")], {}, "a", "followed_up_in_time"),
    ("siblings apart", [SIBLING, visited(5, "a", of="y")], APART, None, "no_earlier_visit"),
    ("siblings apart, spouses not", [SPOUSE, visited(5, "a", of="y")], APART, "a", "followed_up_in_time"),
    ("a stranger's owner", [visited(5, "a", of="y")], {}, None, "no_earlier_visit"),
    (
        "the earliest claim of any decides",
        [SPOUSE, visited(5, "b"), called(6, "a", of="y")],
        {},
        "a",
        "followed_up_in_time",
    ),
    (
        "a follow-up with the spouse renews",
        [SPOUSE, visited(20, "a"), contact(9, "a", of="y")],
        {},
        "a",
        "followed_up_in_time",
    ),
]


@pytest.mark.parametrize(("facts", "policy", "owner", "reason"), [c[1:] for c in OWNERS], ids=[c[0] for c in OWNERS])
def test_owner(facts: list[Any], policy: dict[str, Any], owner: str | None, reason: str) -> None:
    said = verdict(case(*facts, project="A"), **policy)
    assert (said.owner_id, note(said, "live_ownership")[1]) == (owner, reason)
    assert said.owner_rule == _rule(owner, reason)


def _rule(owner: str | None, reason: str) -> str:
    if reason == "followed_up_in_time":
        return "live_ownership"
    return "nobody_yet" if owner is None else "received"


def test_a_visitor_whom_nobody_knows_belongs_to_who_receives_them() -> None:
    unknown = case(received_now("b"), party=(), kind="unknown")
    assert note(verdict(unknown), "live_ownership") == ("not_applicable", "visitor_unknown")
    assert verdict(unknown).owner_id == "b"


LATE = received_now("b", after=timedelta(0), unidentified=True)
FOUND_OUT_LATE = [
    # name, facts, policy, owner, rule of the owner, reason
    ("unclaimed: the last receiver owns", [LATE], {}, "b", "last_receiver", "unclaimed"),
    ("claimed within 48 hours", [LATE, mine("a", HOUR)], {}, "a", "live_ownership", "claimed_in_time"),
    ("claimed in the last instant", [LATE, mine("a", WINDOW)], {}, "a", "live_ownership", "claimed_in_time"),
    ("claimed a second too late", [LATE, mine("a", WINDOW + SECOND)], {}, "b", "last_receiver", "unclaimed"),
    ("24 hours: too late", [LATE, mine("a", 25 * HOUR)], {"owner_claim_hours": 24}, "b", "last_receiver", "unclaimed"),
    ("claimed by somebody who owned nothing", [LATE, mine("c", HOUR)], {}, "b", "last_receiver", "unclaimed"),
    ("claimed for another visit", [LATE, mine("a", HOUR, "other")], {}, "b", "last_receiver", "unclaimed"),
    ("identified in time needs no claim", [received_now("b")], {}, "a", "live_ownership", "followed_up_in_time"),
    (
        "received by the owner anyway",
        [received_now("a", unidentified=True)],
        {},
        "a",
        "live_ownership",
        "followed_up_in_time",
    ),
    (
        "the claimant's ownership had lapsed",
        [LATE, mine("a", HOUR)],
        {"ownership_days": 5},
        "b",
        "received",
        "ownership_lapsed",
    ),
]


@pytest.mark.parametrize(
    ("facts", "policy", "owner", "rule", "reason"), [c[1:] for c in FOUND_OUT_LATE], ids=[c[0] for c in FOUND_OUT_LATE]
)
def test_found_out_after_the_visit(
    facts: list[Any], policy: dict[str, Any], owner: str, rule: str, reason: str
) -> None:
    said = verdict(case(visited(10, "a"), *facts, kind="return"), **policy)
    assert (said.owner_id, said.owner_rule, note(said, "live_ownership")[1]) == (owner, rule, reason)
    assert (said.open_until is not None) == (reason == "unclaimed")


AFTERWARDS = [
    # name, facts about the visit 5 days ago, owner now
    ("unclaimed, it stays the last receiver's", [], "b"),
    ("claimed in time, it stays the owner's", [mine("a", WINDOW - 5 * DAY, "x@5")], "a"),
    ("claimed too late, it stays the last receiver's", [mine("a", WINDOW - 5 * DAY + SECOND, "x@5")], "b"),
]


@pytest.mark.parametrize(("facts", "owner"), [c[1:] for c in AFTERWARDS], ids=[c[0] for c in AFTERWARDS])
def test_the_visit_after_one_that_was_found_out_late(facts: list[Any], owner: str) -> None:
    late = received_now("b", after=-5 * DAY, unidentified=True).model_copy(update={"visit_id": "x@5"})
    assert verdict(case(visited(10, "a"), late, *facts, kind="return")).owner_id == owner


EARLIEST = {"good_faith": "earliest"}
TWO_FIRSTS = [SPOUSE, visited(6, "a", of="y", first=True), visited(5, "b", first=True)]
SHARES = [
    # name, facts, policy, shares of a later deal, shares of a deal today
    ("nobody owns", [], {}, {}, {}),
    ("the owner has it all", [visited(5, "a", first=True)], {}, {"a": 100}, {"a": 100}),
    ("two first visits in good faith", TWO_FIRSTS, {}, {"a": 50, "b": 50}, {"a": 50, "b": 50}),
    ("two first visits, the earliest has it", TWO_FIRSTS, EARLIEST, {"a": 100}, {"a": 100}),
    ("not in good faith", [SPOUSE, visited(6, "a", of="y", first=True), visited(5, "b")], {}, {"a": 100}, {"a": 100}),
    (
        "a call is no first visit",
        [SPOUSE, called(6, "a", of="y"), visited(5, "b", first=True)],
        {},
        {"a": 100},
        {"a": 100},
    ),
    (
        "one of the two lapsed",
        [SPOUSE, visited(21, "a", of="y", first=True), visited(5, "b", first=True)],
        {},
        {"b": 100},
        {"b": 100},
    ),
    ("one of the two left", [*TWO_FIRSTS, left(2, "b")], {}, {"a": 100}, {"a": 100}),
    (
        "the same consultant twice",
        [SPOUSE, visited(6, "a", of="y", first=True), visited(5, "a", first=True)],
        {},
        {"a": 100},
        {"a": 100},
    ),
    (
        "three first visits",
        [*TWO_FIRSTS, Member(customer_id="z", relation="child"), visited(4, "c", of="z", first=True)],
        {},
        {"a": 34, "b": 33, "c": 33},
        {"a": 34, "b": 33, "c": 33},
    ),
    ("two siblings apart are two files", [SIBLING, *TWO_FIRSTS[1:]], APART, {"b": 100}, {"b": 100}),
    ("an assistant shares a deal today", [visited(5, "a"), received_now("b")], {}, {"a": 100}, {"a": 50, "b": 50}),
    (
        "an assistant's part is a setting",
        [visited(5, "a"), received_now("b")],
        {"assist_share_percent": 30},
        {"a": 100},
        {"a": 70, "b": 30},
    ),
    (
        "an assistant's part is nothing",
        [visited(5, "a"), received_now("b")],
        {"assist_share_percent": 0},
        {"a": 100},
        {"a": 100},
    ),
    (
        "an assistant's part is all",
        [visited(5, "a"), received_now("b")],
        {"assist_share_percent": 100},
        {"a": 100},
        {"b": 100},
    ),
    ("an assistant who hid the visit", [visited(5, "a"), received_now("b", hidden=True)], {}, {"a": 100}, {"a": 100}),
    ("a good-faith owner assists nobody", [*TWO_FIRSTS, received_now("b")], {}, {"a": 50, "b": 50}, {"a": 50, "b": 50}),
    (
        "a third assists two owners",
        [*TWO_FIRSTS, received_now("c")],
        {},
        {"a": 50, "b": 50},
        {"a": 25, "b": 25, "c": 50},
    ),
    ("an assistant of a channel's customer", [reg(1), received_now("b")], {}, {"b": 100}, {"b": 100}),
    ("claimed in time: nobody assisted", [visited(5, "a"), LATE, mine("a", HOUR)], {}, {"a": 100}, {"a": 100}),
]


@pytest.mark.parametrize(("facts", "policy", "later", "today"), [c[1:] for c in SHARES], ids=[c[0] for c in SHARES])
def test_whose_deal(facts: list[Any], policy: dict[str, Any], later: dict[str, int], today: dict[str, int]) -> None:
    said = verdict(case(*facts), **policy)
    assert {s.consultant_id: s.percent for s in said.shares} == later
    assert {s.consultant_id: s.percent for s in said.same_day_shares} == today
