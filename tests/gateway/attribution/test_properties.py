"""What holds of every verdict, whatever the evidence."""

from datetime import timedelta
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gateway.attribution.domain import Verdict, judge
from gateway.attribution.evidence import Evidence, Member
from gateway.policy import PolicyConfig
from tests.gateway.attribution.world import (
    NOW,
    SHANGHAI,
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
    stands,
    verdict,
    visited,
)

hours = st.integers(-24, 24 * 45).map(lambda h: timedelta(hours=h))
past = st.integers(1, 24 * 45).map(lambda h: timedelta(hours=h))
consultants, channels = st.sampled_from("ab"), st.sampled_from("CDE")
people = st.sampled_from("xy")
signals = st.one_of(
    st.builds(came, past, st.none() | channels, of=people),
    st.builds(
        visited, past, consultants, st.none() | channels, of=people, first=st.booleans(), unidentified=st.booleans()
    ),
    st.builds(called, past, consultants, of=people),
    st.builds(contact, past, consultants, reached=st.booleans(), of=people),
    st.builds(left, past, consultants),
    st.builds(received_now, consultants, unidentified=st.booleans()),
    st.builds(mine, consultants, past),
)
claims = st.one_of(
    st.builds(reg, hours, channels, customer_id=people),
    st.builds(masked, hours, channels, customer_id=people),
    st.builds(ref, hours, st.sampled_from("op"), owner_present=st.booleans()),
    st.builds(scan, channels, refused=st.sampled_from(["", "expired"])),
    st.builds(stands, past, channels),
)
facts = st.lists(signals | claims, max_size=10)
policies = st.builds(
    PolicyConfig,
    day_count=st.sampled_from(["rolling", "calendar_day"]),
    channel_rule=st.sampled_from(["first_registered", "first_brought"]),
    good_faith=st.sampled_from(["split", "earliest"]),
    siblings_are_family=st.booleans(),
)
relations = st.sampled_from(["spouse", "sibling"])


def built(found: list[Any], relation: str = "spouse") -> Evidence:
    """Each claim under an id of its own, given by its place in the list."""
    named = [
        f.model_copy(update={key: f"{place:02}"})
        if (key := next((k for k in ("registration_id", "referral_id") if hasattr(f, k)), None))
        else f
        for place, f in enumerate(found)
    ]
    return case(Member.model_validate({"customer_id": "y", "relation": relation}), *named)


def decided(said: Verdict) -> Verdict:
    return said.model_copy(update={"rules": ()})


@given(facts, policies, relations, st.randoms(use_true_random=False))
def test_the_order_of_evidence_never_matters(
    found: list[Any], policy: PolicyConfig, relation: str, random: Random
) -> None:
    given_evidence = built(found, relation)
    lists = ("signals", "registrations", "referrals", "scans", "standing", "party")
    shuffled = {
        name: random.sample(getattr(given_evidence, name), len(getattr(given_evidence, name))) for name in lists
    }
    other = Evidence.model_validate({**given_evidence.model_dump(), **shuffled})
    assert judge(other, policy, SHANGHAI) == judge(given_evidence, policy, SHANGHAI)


@given(facts, policies)
def test_stored_evidence_and_policy_replay_to_the_same_verdict(found: list[Any], policy: PolicyConfig) -> None:
    given_evidence = built(found)
    said = judge(given_evidence, policy, SHANGHAI)
    stored = Evidence.model_validate_json(given_evidence.model_dump_json())
    again = judge(stored, PolicyConfig.model_validate_json(policy.model_dump_json()), SHANGHAI)
    assert Verdict.model_validate_json(again.model_dump_json()) == said


@given(facts, channels)
def test_a_claim_that_never_was_valid_changes_nothing(found: list[Any], channel: str) -> None:
    said = verdict(built(found))
    never = [
        reg(timedelta(minutes=29), channel),
        reg(-0.1, channel),
        reg(1, channel, customer_id="z"),
        reg(3, "W", withdrawn_at=NOW - timedelta(days=2)),  # of nobody's: one of the same channel forbids a repetition
        ref(1, signed_at=None),
        scan(channel, refused="used_before"),
    ]
    for claim in never:
        assert decided(verdict(built([*found, claim]))) == decided(said)


@given(facts, past)
def test_an_earlier_valid_registration_is_never_beaten_by_a_later_one(found: list[Any], span: timedelta) -> None:
    found = [f for f in found if not hasattr(f, "refused") and not getattr(f, "masked", False)]
    said = verdict(built(found))
    if said.rule != "registration":
        return
    won = next(r for r in built(found).registrations if r.registration_id == said.claim_id)
    if (at := NOW - span) > won.accepted_at:
        later = verdict(built([*found, reg(span, "F")]))
        assert (later.claim_id, later.channel_id) == (said.claim_id, said.channel_id), at


@given(facts, past, consultants)
def test_a_follow_up_never_erases_a_live_channel_claim(found: list[Any], span: timedelta, who: str) -> None:
    """Unless it keeps alive what is older than the registration."""
    given_evidence = built(found)
    said = verdict(given_evidence)
    if said.source != "channel":
        return
    claims = [r.accepted_at for r in given_evidence.registrations if r.registration_id == said.claim_id]
    after = verdict(built([*found, contact(span, who)]))
    if said.rule == "source_in_force" or not _owned_at(given_evidence, min(claims, default=None)):
        assert (after.source, after.channel_id, after.claim_id) == (said.source, said.channel_id, said.claim_id)


def _owned_at(given_evidence: Evidence, when: Any) -> bool:
    """Whether anybody could have owned the customer when the registration was accepted."""
    return when is None or any(s.at <= when and s.kind in ("received", "called") for s in given_evidence.signals)


@given(facts, policies)
def test_shares_of_a_deal_add_up(found: list[Any], policy: PolicyConfig) -> None:
    said = judge(built(found), policy, SHANGHAI)
    for shares in (said.shares, said.same_day_shares):
        assert sum(s.percent for s in shares) == (0 if said.owner_id is None else 100)
        assert len({s.consultant_id for s in shares}) == len(shares)
    assert said.owner_id is None or said.owner_id in {s.consultant_id for s in said.shares}


@given(facts, policies)
def test_a_verdict_names_whom_its_source_pays(found: list[Any], policy: PolicyConfig) -> None:
    said = judge(built(found), policy, SHANGHAI)
    paid = {"walk_in": (False, False), "channel": (not said.conflict, False), "referral": (False, True)}[said.source]
    assert (said.channel_id is not None, said.referrer_id is not None) == paid
    assert next(n.outcome for n in said.rules if n.rule == said.rule) == "won"


@given(facts, st.integers(1, 1000))
def test_an_assistants_visit_never_moves_ownership(found: list[Any], minutes: int) -> None:
    found = [f for f in found if getattr(f, "visit_id", "") != "now"]
    said = verdict(built(found))
    if said.owner_rule == "live_ownership":
        assisted = verdict(built([*found, received_now("c", after=timedelta(minutes=minutes))]))
        assert (assisted.owner_id, assisted.shares) == (said.owner_id, said.shares)
