"""What holds for any signals whatever."""

from collections import Counter
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.policy import PolicyConfig
from gateway.visits.assembly import assemble
from gateway.visits.signals import ARRIVALS, in_order
from tests.gateway.visits.days import ZONE, captured
from tests.gateway.visits.test_oracle import random_day

seeds = st.integers(min_value=0, max_value=10**9)


@given(seeds, seeds)
@settings(max_examples=150, deadline=None)
def test_visits_do_not_depend_on_the_order_in_which_signals_arrive(seed: int, order: int) -> None:
    signals = random_day(seed)
    shuffled = Random(order).sample(signals, len(signals))
    assert assemble(shuffled, PolicyConfig(), ZONE) == assemble(signals, PolicyConfig(), ZONE)


@given(seeds)
@settings(max_examples=100, deadline=None)
def test_a_signal_told_twice_is_told_once(seed: int) -> None:
    signals = random_day(seed)
    assert assemble(signals + signals, PolicyConfig(), ZONE) == assemble(signals, PolicyConfig(), ZONE)


@given(seeds)
@settings(max_examples=150, deadline=None)
def test_nobody_at_the_door_belongs_to_two_visits(seed: int) -> None:
    signals = random_day(seed)
    came = {s.signal_id: s.people for s in signals if s.kind == "crossing"}
    taken: Counter[str] = Counter()
    for counted in assemble(signals, PolicyConfig(), ZONE).counted:
        assert sum(part.people for part in counted.taken) <= counted.people
        for part in counted.taken:
            taken[part.crossing_id] += part.people
    assert all(people <= came[crossing] for crossing, people in taken.items())


@given(seeds)
@settings(max_examples=150, deadline=None)
def test_every_visit_names_its_rules_and_every_arrival_has_one_place(seed: int) -> None:
    signals = random_day(seed)
    day = assemble(signals, PolicyConfig(), ZONE)
    assert all(visit.steps and visit.visit_id in visit.signals for visit in day.visits)
    placed = Counter(s for visit in day.visits for s in visit.signals)
    placed.update(s for s in day.unplaced if s not in placed)
    arrivals = {s.signal_id for s in signals if s.kind in ARRIVALS}
    assert all(placed[arrival] == 1 for arrival in arrivals)


@given(seeds, st.integers(min_value=1, max_value=30))
@settings(max_examples=150, deadline=None)
def test_what_was_decided_stands_when_the_day_goes_on(seed: int, known: int) -> None:
    """So the live path, which knows no more than the day so far, decides as the whole day does."""
    signals = sorted(random_day(seed), key=in_order)
    so_far, whole = (assemble(part, PolicyConfig(), ZONE) for part in (signals[:known], signals))
    later = {visit.visit_id: visit for visit in whole.visits}
    for visit in so_far.visits:
        assert visit.signals <= later[visit.visit_id].signals
        assert visit.arrived_at == later[visit.visit_id].arrived_at
        assert visit.steps == later[visit.visit_id].steps[: len(visit.steps)]


@given(seeds)
@settings(max_examples=100, deadline=None)
def test_nobody_is_taken_out_who_was_not_counted(seed: int) -> None:
    signals = random_day(seed)
    of_day = captured(assemble(signals, PolicyConfig(), ZONE), signals)
    assert of_day.staff + of_day.non_customers + of_day.re_entries <= of_day.counted
    assert of_day.rate is None or 0 <= of_day.rate <= 1
