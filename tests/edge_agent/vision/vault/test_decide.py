"""When looks become a recognised person, as rules that hold for every sequence of looks."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_agent.vision.config import MatchingConfig
from edge_agent.vision.vault.decide import MAX_TRACKS, Recognised, Votes, margin, threshold, votes_for
from edge_agent.vision.vault.gallery import Match
from tests.edge_agent.vision.vault.support import SCALE

RULES = MatchingConfig()
TRACK = ("door", "cam", 1)
people = st.sampled_from(["anna", "bela", "cora"])
cosines = st.floats(-1, 1, allow_nan=False)
looks = st.none() | st.builds(Match, people, st.just("consent"), cosines, cosines)
sizes = st.integers(1, 100_000)


def sure(person: str, score: float = 0.9, second: float = 0.1) -> Match:
    return Match(person, f"consent-{person}", score, second)


def run(votes: Votes, sequence: list[Match | None], *, size: int = 100, now: float = 0.0) -> list[Recognised]:
    found = [votes.look(TRACK, look, SCALE, size, now + n / 10) for n, look in enumerate(sequence)]
    return [who for who in found if who is not None]


@given(sizes, sizes)
def test_more_people_never_make_it_easier(fewer: int, more: int) -> None:
    fewer, more = sorted((fewer, more))
    assert threshold(SCALE, fewer) <= threshold(SCALE, more) <= SCALE.threshold_most
    assert margin(SCALE, fewer) <= margin(SCALE, more)


def test_each_tenfold_adds_one_step() -> None:
    assert threshold(SCALE, 1) == threshold(SCALE, 0) == SCALE.threshold_one
    assert math.isclose(threshold(SCALE, 1000), SCALE.threshold_one + 3 * SCALE.threshold_per_decade)
    assert threshold(SCALE, 10**9) == SCALE.threshold_most
    assert math.isclose(margin(SCALE, 100), SCALE.margin_one + 2 * SCALE.margin_per_decade)


@given(st.lists(looks, max_size=40), sizes)
@settings(max_examples=300, deadline=None)
def test_a_track_decides_at_most_once_and_only_by_agreeing_looks_in_the_window(
    sequence: list[Match | None], size: int
) -> None:
    votes = Votes(RULES)
    decided: list[tuple[int, Recognised]] = []
    for n, look in enumerate(sequence):
        who = votes.look(TRACK, look, SCALE, size, n / 10)
        if who is not None:
            decided.append((n, who))

    assert len(decided) <= 1
    for n, who in decided:
        window = sequence[max(0, n + 1 - RULES.looks) : n + 1]
        speaking = [look for look in window if look is not None and votes_for(look, SCALE, size)]
        assert {look.person_ref for look in speaking} == {who.person_ref}
        assert len(speaking) == who.votes >= RULES.votes_needed
        assert who.frames == len(window)
        assert who.score == max(look.score for look in speaking) >= who.threshold
        assert who.score - who.second >= margin(SCALE, size)


@given(st.lists(looks, max_size=40), sizes)
@settings(max_examples=200, deadline=None)
def test_a_decision_is_never_missed(sequence: list[Match | None], size: int) -> None:
    votes = Votes(RULES)
    found = run(votes, sequence, size=size)

    agreed = False
    for n in range(len(sequence)):
        window = sequence[max(0, n + 1 - RULES.looks) : n + 1]
        speaking = [look.person_ref for look in window if look is not None and votes_for(look, SCALE, size)]
        agreed = agreed or (len(speaking) >= RULES.votes_needed and len(set(speaking)) == 1)
    assert bool(found) == agreed


@pytest.mark.parametrize("score", [0.4799, 0.4801])
def test_the_threshold_is_sharp(score: float) -> None:
    assert bool(run(Votes(RULES), [sure("anna", score)] * 3)) == (score > threshold(SCALE, 100))


@pytest.mark.parametrize("second", [0.80, 0.82])
def test_the_margin_is_sharp(second: float) -> None:
    assert bool(run(Votes(RULES), [sure("anna", 0.9, second)] * 3)) == (0.9 - second >= margin(SCALE, 100))


def test_two_people_with_votes_are_a_conflict_until_one_has_dropped_out() -> None:
    votes = Votes(RULES)
    assert run(votes, [sure("bela"), sure("anna"), sure("anna"), sure("anna"), sure("anna")]) == []
    (who,) = run(votes, [sure("anna")], now=1)
    assert (who.person_ref, who.votes, who.frames) == ("anna", 5, 5)


def test_the_same_person_is_reported_again_on_that_camera_only_after_the_quiet_time() -> None:
    votes = Votes(RULES)

    def seen(track: tuple[str, str, int], now: float) -> bool:
        return any(votes.look(track, sure("anna"), SCALE, 10, now + n) for n in range(3))

    assert seen(("door", "cam", 1), 0)
    assert not seen(("door", "cam", 2), 30)
    assert seen(("door", "other", 3), 31)
    assert seen(("lobby", "cam", 4), 32)
    assert seen(("door", "cam", 5), 62)


def test_nothing_outlives_the_track_but_who_was_reported_when() -> None:
    votes = Votes(RULES)
    run(votes, [sure("anna")] * 2)
    votes.ended(TRACK)
    assert votes.tracks == 0
    assert run(votes, [sure("anna")], now=1) == []

    run(votes, [sure("anna")] * 3, now=2)
    votes.ended(TRACK)
    assert votes._reported == {("anna", "door", "cam"): pytest.approx(2.1)}
    votes.look(("door", "cam", 9), None, SCALE, 10, 100.0)
    assert votes._reported == {}


def test_a_track_nobody_ended_is_over_when_it_is_not_heard_of() -> None:
    votes = Votes(RULES)
    run(votes, [sure("anna")] * 2)
    votes.look(("door", "cam", 2), None, SCALE, 10, RULES.track_idle_seconds + 1)

    assert votes.tracks == 1


def test_tracks_are_bounded() -> None:
    votes = Votes(RULES)
    for number in range(2 * MAX_TRACKS):
        votes.look(("door", "cam", number), None, SCALE, 10, 0.0)

    assert votes.tracks <= MAX_TRACKS


def test_votes_for_a_forgotten_person_are_gone() -> None:
    votes = Votes(RULES)
    run(votes, [sure("anna")] * 2)
    votes.forget("anna")

    assert run(votes, [sure("anna")], now=1) == []
