"""Where two readings of domain.md (判客) differed: what it says, by name (docs/adr/045-verdicts-contested.md)."""

from typing import Any

import pytest

from gateway.attribution.evidence import Member
from gateway.attribution.owners import Share
from tests.gateway.attribution.world import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    before,
    called,
    came,
    case,
    contact,
    left,
    masked,
    mine,
    received_now,
    ref,
    reg,
    scan,
    verdict,
    visited,
)

SPOUSE = Member(customer_id="y", relation="spouse")
SETTLED: list[tuple[str, list[Any], dict[str, Any]]] = [
    (
        "registering again extends nothing: withdrawing the first afterwards does not revive the second",
        [reg(16, name="old", withdrawn_at=before(1)), reg(14, name="again"), reg(3, "D")],
        {"rule": "registration", "channel_id": "D"},
    ),
    (
        "registering again extends nothing: withdrawn before it, the second is a new claim",
        [reg(16, name="old", withdrawn_at=before(14)), reg(14, name="again"), reg(3, "D")],
        {"rule": "registration", "claim_id": "again"},
    ),
    (
        "registering again extends nothing: what a visit blocked never was a claim to repeat",
        [came(18), reg(14, name="blocked"), reg(5, name="good")],
        {"rule": "registration", "claim_id": "good"},
    ),
    (
        "masked: the full number of a relative proves nothing about this number",
        [SPOUSE, masked(9, name="mine"), reg(3, name="hers", customer_id="y"), reg(5, "D")],
        {"rule": "registration", "channel_id": "D"},
    ),
    (
        "masked: against another channel the full number of the two counts, not the older masked one",
        [SPOUSE, masked(9, name="masked"), reg(3, name="full", customer_id="y"), masked(5, "D")],
        {"rule": "registration", "claim_id": "full"},
    ),
    (
        "masked: claims of one channel alone have no tie to break, the oldest counts",
        [SPOUSE, masked(9, name="masked"), reg(3, name="full", customer_id="y")],
        {"rule": "registration", "claim_id": "masked"},
    ),
    (
        "masked: a scan proves every claim of its channel",
        [SPOUSE, masked(9, name="older"), masked(3, name="newer", customer_id="y"), reg(5, "D"), scan("C")],
        {"rule": "registration", "claim_id": "older"},
    ),
    (
        "masked: a full number that has lapsed proves nothing any more",
        [reg(20, name="lapsed"), masked(4, name="masked"), reg(2, "D")],
        {"rule": "registration", "channel_id": "D"},
    ),
    (
        "masked: the full number registered once somebody else owned the customer proves nothing",
        [masked(9, name="masked"), *visited(6, "a"), reg(4, name="full"), reg(7, "D")],
        {"rule": "registration", "channel_id": "D"},
    ),
    (
        "older ownership is named as what beat the claim, also when nobody claims the customer in time",
        [*visited(10, "a"), reg(3), received_now("b", unidentified=True)],
        {"rule": "live_ownership", "source": "walk_in", "owner_rule": "last_receiver", "owner_id": "b"},
    ),
    (
        "good faith: the last receiver of an unclaimed customer takes over from all who shared",
        [
            SPOUSE,
            *visited(10, "a", first=True),
            *visited(5, "b", first=True, of="y"),
            received_now("b", unidentified=True),
        ],
        {"owner_rule": "last_receiver", "shares": (Share(consultant_id="b", percent=100),)},
    ),
    (
        "an own visit is named only when it stopped a claim that would count today",
        [came(18), reg(17)],
        {"rule": "walk_in", "source": "walk_in"},
    ),
    (
        "an own visit that stopped a live claim is named",
        [came(12), reg(11)],
        {"rule": "recent_visit", "source": "walk_in"},
    ),
    (
        "a visit that somebody else received keeps the owner's customer",
        [*visited(20, "a"), *visited(10, "b")],
        {"owner_id": "a", "owner_rule": "live_ownership"},
    ),
    (
        "somebody else's follow-up keeps nothing",
        [*visited(20, "a"), contact(10, "b")],
        {"owner_id": None, "owner_rule": "nobody_yet"},
    ),
    (
        "unidentified: until claimed the receiver counts as owner, also on the next visit inside the 48 hours",
        [*visited(9, "a"), *visited(1, "b", unidentified=True)],
        {"owner_id": "b", "owner_rule": "live_ownership"},
    ),
    (
        "unidentified: a claim in the last instant of the 48 hours, after the next visit, gives the customer back",
        [*visited(9, "a"), *visited(1, "b", unidentified=True), mine("a", DAY, f"x@{before(1).isoformat()}")],
        {"owner_id": "a", "owner_rule": "live_ownership"},
    ),
    (
        "unidentified: a second late",
        [*visited(9, "a"), *visited(1, "b", unidentified=True), mine("a", DAY + SECOND, f"x@{before(1).isoformat()}")],
        {"owner_id": "b", "owner_rule": "live_ownership"},
    ),
    (
        "a departure ends what its consultant owned, and an earlier assistant does not inherit it",
        [*visited(9, "a"), *visited(5, "b"), left(2, "a")],
        {"owner_id": None, "owner_rule": "nobody_yet"},
    ),
    (
        "a call a minute before the arrival makes the number known to the office",
        [ref(2), called(MINUTE, "a")],
        {"rule": "live_ownership", "source": "walk_in"},
    ),
    (
        "a follow-up that did not reach them still shows that there was a file",
        [ref(2), contact(HOUR, "a", reached=False)],
        {"rule": "walk_in", "source": "walk_in"},
    ),
    (
        "a claim that names no project holds for all",
        [reg(3, project="")],
        {"rule": "registration", "channel_id": "C"},
    ),
]


@pytest.mark.parametrize(("facts", "expected"), [row[1:] for row in SETTLED], ids=[row[0] for row in SETTLED])
def test_settled(facts: list[Any], expected: dict[str, Any]) -> None:
    said = verdict(case(*facts, project="P"))
    assert {name: getattr(said, name) for name in expected} == expected


def test_a_scan_picks_the_claim_of_the_agent_who_brings_them() -> None:
    claims = [
        reg(5, name="colleague", agent_id="c1"),
        reg(3, name="own", agent_id="c2", customer_id="y"),
        reg(9, "D"),
    ]
    said = verdict(case(SPOUSE, *claims, scan("C", agent="c2")), channel_rule="first_brought")
    assert (said.claim_id, said.agent_id) == ("own", "c2")
