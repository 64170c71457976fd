"""What holds of all signals: no order of reading, no other office's and no withdrawn data, changes them."""

import random
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.fraud.domain import Arrived, Facts, Registered
from gateway.fraud.service import signals
from tests.gateway.fraud.facts import came, claimed, of

PEOPLE = ("p", "q", "s")
MINUTES = st.integers(-40, 40).map(lambda n: n * 15.0)


@st.composite
def registrations(draw: st.DrawFn) -> Registered:
    who, masked = draw(st.sampled_from(PEOPLE)), draw(st.booleans())
    agent = draw(st.sampled_from(("c1", "c2", "d1", "e1")))
    return claimed(draw(MINUTES), agent=agent, number=None if masked else who, ends=who)


@st.composite
def arrivals(draw: st.DrawFn) -> Arrived:
    brought = draw(st.sampled_from(("", "C", "D")))
    return came(
        draw(MINUTES), who=draw(st.sampled_from(PEOPLE)), source="channel" if brought else "walk_in", by=brought
    )


def unique(facts: Facts) -> Facts:
    """One visit and one registration of each id."""
    visits = {visit.visit_id: visit for visit in facts.visits}
    claims = {claim.registration_id: claim for claim in facts.registrations}
    return replace(facts, visits=list(visits.values()), registrations=list(claims.values()))


@st.composite
def worlds(draw: st.DrawFn) -> Facts:
    """Small numbers as thresholds, so that signals of each kind occur."""
    facts = draw(st.lists(st.one_of(registrations(), arrivals()), max_size=24))
    policy = {"fraud_fast_cases": 2, "fraud_confidence": 0.5, "fraud_phone_channels": 2, "fraud_rival_cases": 1}
    return unique(of(*facts, **policy))


@settings(deadline=None)
@given(worlds(), st.integers(0, 2**16))
def test_no_order_of_reading_changes_them(facts: Facts, seed: int) -> None:
    visits, claims = list(facts.visits), list(facts.registrations)
    random.Random(seed).shuffle(visits)
    random.Random(seed + 1).shuffle(claims)
    assert signals(replace(facts, visits=visits, registrations=claims)) == signals(facts)


@settings(deadline=None)
@given(worlds(), st.lists(MINUTES, min_size=1, max_size=4))
def test_visits_of_another_office_change_nothing(facts: Facts, times: list[float]) -> None:
    """A gateway is sent registrations of its own office only; of whom they bring elsewhere it hears nothing."""
    elsewhere = [came(minutes, who="elsewhere") for minutes in times]
    assert signals(replace(facts, visits=[*facts.visits, *elsewhere])) == signals(facts)


@settings(deadline=None)
@given(worlds())
def test_each_is_of_the_period_once_and_newest_first(facts: Facts) -> None:
    found = signals(facts)
    assert len({signal.signal_id for signal in found}) == len(found)
    assert [signal.at for signal in found] == sorted((signal.at for signal in found), reverse=True)
    later = replace(facts, since=facts.until, until=facts.until.replace(year=2027))
    assert not {s.signal_id for s in signals(later)} & {s.signal_id for s in found}


@settings(deadline=None)
@given(worlds(), st.floats(0.1, 0.9))
def test_a_period_in_two_halves_shows_each_visits_signals_in_one(facts: Facts, part: float) -> None:
    middle = facts.since + (facts.until - facts.since) * part
    halves = [*signals(replace(facts, until=middle)), *signals(replace(facts, since=middle))]
    of_visits = {s.signal_id for s in signals(facts) if s.visit_id}
    assert sorted(s.signal_id for s in halves if s.visit_id) == sorted(of_visits)
