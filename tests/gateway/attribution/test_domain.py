"""The attribution decision table (判客): each case names its rule."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.attribution.domain import Contact, Evidence, Received, Signal, judge
from gateway.policy import PolicyConfig

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
POLICY = PolicyConfig()


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def received(days: float, by: str = "a", visit: str = "") -> Received:
    return Received(at=ago(days), visit_id=visit or f"v-{days}", consultant_id=by)


def contact(days: float, by: str = "a", *, reached: bool = True) -> Contact:
    return Contact(at=ago(days), consultant_id=by, reached=reached)


def evidence(*signals: Signal, kind: str = "return", **more: object) -> Evidence:
    return Evidence.model_validate(
        {"visit_id": "now", "customer_id": "x", "visit_kind": kind, "arrived_at": NOW, "signals": signals, **more}
    )


CASES = [
    # name, evidence, rule, owner, reason of the ownership rule
    ("first visit of an unknown number", evidence(kind="first"), "walk_in", None, "no_earlier_visit"),
    ("no number given", evidence(kind="unknown", customer_id=None), "walk_in", None, "visitor_unknown"),
    ("returning within 15 days", evidence(received(10)), "live_ownership", "a", "followed_up_in_time"),
    ("the last instant of 15 days counts", evidence(received(15)), "live_ownership", "a", "followed_up_in_time"),
    ("15 days and a moment: lapsed", evidence(received(15.001)), "walk_in", None, "ownership_lapsed"),
    (
        "a follow-up that reached renews",
        evidence(received(20), contact(10)),
        "live_ownership",
        "a",
        "followed_up_in_time",
    ),
    (
        "an unanswered call renews nothing",
        evidence(received(20), contact(10, reached=False)),
        "walk_in",
        None,
        "ownership_lapsed",
    ),
    (
        "a colleague's call renews nothing",
        evidence(received(20), contact(10, "b")),
        "walk_in",
        None,
        "ownership_lapsed",
    ),
    (
        "a call after the lapse revives nothing",
        evidence(received(40), contact(10)),
        "walk_in",
        None,
        "ownership_lapsed",
    ),
    (
        "received by another while owned: ownership stays",
        evidence(received(10, "a"), received(5, "b")),
        "live_ownership",
        "a",
        "followed_up_in_time",
    ),
    (
        "received by another after the lapse: theirs",
        evidence(received(40, "a"), received(5, "b")),
        "live_ownership",
        "b",
        "followed_up_in_time",
    ),
    (
        "a departed consultant's customer goes to the pool",
        evidence(received(10), departed=["a"]),
        "walk_in",
        None,
        "owner_departed",
    ),
    (
        "a first visit belongs to who received it",
        evidence(received(-0.001, "b", visit="now"), kind="first"),
        "walk_in",
        "b",
        "no_earlier_visit",
    ),
    ("earlier visits nobody received", evidence(), "walk_in", None, "never_received"),
    (
        "what happened after the arrival does not count",
        evidence(received(-1, "b")),
        "walk_in",
        None,
        "never_received",
    ),
]


@pytest.mark.parametrize(
    ("given_evidence", "rule", "owner", "reason"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_verdict(given_evidence: Evidence, rule: str, owner: str | None, reason: str) -> None:
    verdict = judge(given_evidence, POLICY)
    assert (verdict.rule, verdict.owner_id) == (rule, owner)
    assert verdict.source == "walk_in"
    assert next(n for n in verdict.rules if n.rule == "live_ownership").reason == reason


def test_every_rule_is_weighed_and_one_wins() -> None:
    verdict = judge(evidence(received(3)), POLICY)
    assert [n.rule for n in verdict.rules] == ["live_ownership", "referral", "registration", "walk_in"]
    assert [n.rule for n in verdict.rules if n.outcome == "won"] == ["live_ownership"]


signals = st.lists(
    st.one_of(
        st.builds(received, st.floats(0, 60), st.sampled_from("abc")),
        st.builds(contact, st.floats(0, 60), st.sampled_from("abc"), reached=st.booleans()),
    ),
    max_size=12,
)


@given(signals, st.randoms(use_true_random=False))
def test_verdict_does_not_depend_on_the_order_of_signals(found: list[Signal], random: object) -> None:
    shuffled = list(found)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert judge(evidence(*found), POLICY) == judge(evidence(*shuffled), POLICY)


@given(signals)
def test_stored_evidence_replays_to_the_same_verdict(found: list[Signal]) -> None:
    given_evidence = evidence(*found)
    assert judge(Evidence.model_validate_json(given_evidence.model_dump_json()), POLICY) == judge(
        given_evidence, POLICY
    )
