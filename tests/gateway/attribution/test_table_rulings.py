"""Decision table of rulings: what a manager decided on an appeal goes before every rule (docs/adr/045)."""

from typing import Any

import pytest

from gateway.attribution.evidence import Ruled
from gateway.attribution.owners import Share
from tests.gateway.attribution.world import (
    DAY,
    HOUR,
    NOW,
    before,
    case,
    left,
    masked,
    note,
    received_now,
    reg,
    stands,
    verdict,
    visited,
)


def ruled(visit: str = "now", *, at: Any = NOW, ruled_at: Any = NOW + HOUR, name: str = "1", **says: Any) -> Ruled:
    return Ruled(at=at, ruled_at=ruled_at, ruling_id=name, visit_id=visit, customer_id="x", **says)


def channel(by: str = "D", **more: Any) -> Ruled:
    return ruled(source="channel", channel_id=by, agent_id=by.lower(), **more)


EARLIER = f"x@{before(5).isoformat()}"
ALL = (Share(consultant_id="c", percent=100),)
RULED: list[tuple[str, list[Any], dict[str, Any]]] = [
    ("before a walk-in", [channel()], {"rule": "appeal_upheld", "source": "channel", "channel_id": "D"}),
    (
        "before a valid registration",
        [reg(3), channel()],
        {"rule": "appeal_upheld", "channel_id": "D", "claim_id": None},
    ),
    ("before a source that stands", [stands(5), channel()], {"rule": "appeal_upheld", "channel_id": "D"}),
    ("before a conflict of masked ones", [masked(3), masked(2, "D"), channel()], {"conflict": (), "channel_id": "D"}),
    ("before older live ownership", [*visited(9, "a"), channel()], {"source": "channel", "owner_id": "a"}),
    ("a walk-in against a claim", [reg(3), ruled(source="walk_in")], {"rule": "appeal_upheld", "source": "walk_in"}),
    (
        "only the source: the owner stays as judged",
        [received_now("a"), channel()],
        {"owner_id": "a", "owner_rule": "received"},
    ),
    (
        "only the owner: the source stays as judged",
        [reg(3), ruled(owner_id="c")],
        {"rule": "registration", "owner_id": "c"},
    ),
    (
        "the owner",
        [*visited(9, "a"), received_now("b"), ruled(owner_id="c")],
        {"owner_rule": "appeal_upheld", "shares": ALL},
    ),
    (
        "the owner of an unclaimed visit",
        [*visited(9, "a"), received_now("b", unidentified=True), ruled(owner_id="c")],
        {"owner_id": "c", "open_until": None},
    ),
    (
        "of two rulings the newest counts",
        [channel(), channel("E", name="2", ruled_at=NOW + 2 * HOUR)],
        {"channel_id": "E"},
    ),
    (
        "of two rulings on different questions both count",
        [channel(), ruled(owner_id="c", name="2", ruled_at=NOW + 2 * HOUR)],
        {"channel_id": "D", "owner_id": "c"},
    ),
    (
        "on an earlier visit: who owned then owns now",
        [*visited(5, "b"), ruled(EARLIER, at=before(5), owner_id="c")],
        {"owner_id": "c", "owner_rule": "live_ownership"},
    ),
    (
        "on an earlier visit: that ownership lapses as any other",
        [*visited(16, "b"), ruled(f"x@{before(16).isoformat()}", at=before(16), owner_id="c")],
        {"owner_id": None, "owner_rule": "nobody_yet"},
    ),
    (
        "on an earlier visit: it ends with a departure",
        [*visited(5, "b"), ruled(EARLIER, at=before(5), owner_id="c"), left(1, "c")],
        {"owner_id": None},
    ),
    (
        "on an earlier visit: the owner it confirms is renewed",
        [*visited(9, "c"), *visited(5, "b"), ruled(EARLIER, at=before(5), owner_id="c"), reg(7)],
        {"rule": "live_ownership", "owner_id": "c"},
    ),
    (
        "on an earlier visit: its source is what that visit's newest verdict says",
        [ruled(EARLIER, at=before(5), source="walk_in"), reg(2)],
        {"rule": "registration", "channel_id": "C"},
    ),
]


@pytest.mark.parametrize(("facts", "expected"), [row[1:] for row in RULED], ids=[row[0] for row in RULED])
def test_ruled(facts: list[Any], expected: dict[str, Any]) -> None:
    said = verdict(case(*facts))
    assert {name: getattr(said, name) for name in expected} == expected


@pytest.mark.parametrize("earlier", [reg(3), stands(5)])
def test_what_lost_to_a_ruling_is_told(earlier: Any) -> None:
    said = verdict(case(earlier, channel()))
    assert note(said, "appeal_upheld") == ("won", "ruled")
    assert note(said, "registration" if hasattr(earlier, "masked") else "source_in_force") == (
        "lost",
        "ruled_otherwise",
    )


def test_a_ruling_long_after_still_counts() -> None:
    said = verdict(case(channel(ruled_at=NOW + 300 * DAY)))
    assert said.rule == "appeal_upheld"
