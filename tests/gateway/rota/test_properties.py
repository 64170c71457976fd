"""What must hold of the rota whatever the day brings."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gateway.policy import PolicyConfig
from gateway.rota.domain import Absence, Decision, Inputs, Request, Seat, SeatState, decide
from tests.gateway.people import uid

START = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
POLICY = PolicyConfig()
STATES: list[SeatState] = ["free", "serving", "away", "offered", "signed_out"]


@dataclass
class Day:
    """A day of the rota as the store keeps it: places, make-ups and turns offered."""

    names: list[str]
    places: dict[str, int] = field(default_factory=dict)
    make_ups: dict[str, datetime] = field(default_factory=dict)
    offered: dict[str, int] = field(default_factory=dict)
    now: datetime = START

    def __post_init__(self) -> None:
        self.places = {n: i for i, n in enumerate(self.names)}
        self.offered = dict.fromkeys(self.names, 0)

    def inputs(self, states: dict[str, SeatState]) -> Inputs:
        self.now += timedelta(minutes=1)
        lunch = Absence(reason="lunch", since=START)
        seats = tuple(
            Seat(
                consultant_id=n,
                place=self.places[n],
                state=states[n],
                free_since=self.now,
                absence=lunch if states[n] == "away" else None,
                make_up_since=self.make_ups.get(n),
            )
            for n in self.names
        )
        return Inputs(request=Request(visit_id="v"), seats=seats, now=self.now, local_time=time(12), policy_version=1)

    def apply(self, decision: Decision) -> None:
        for name in decision.make_ups_opened:
            assert name not in self.make_ups, "one open make-up at a time"
            self.make_ups[name] = self.now
        if decision.make_up_used:
            del self.make_ups[decision.make_up_used]
        for name in decision.to_end:
            self.places[name] = max(self.places.values()) + 1
        if decision.uses_turn:
            self.offered[decision.chosen[0]] += 1


@st.composite
def days(draw: st.DrawFn) -> tuple[list[str], int, list[dict[str, SeatState]]]:
    """Consultants, how many of them (the first) are always free, and the states of all at each arrival."""
    size = draw(st.integers(2, 6))
    names = [uid(c) for c in "abcdef"[:size]]
    steady = draw(st.integers(1, size))
    arrivals = draw(st.lists(st.lists(st.sampled_from(STATES), min_size=size, max_size=size), max_size=40))
    return names, steady, [{n: "free" if i < steady else states[i] for i, n in enumerate(names)} for states in arrivals]


@given(days())
def test_always_eligible_consultants_differ_by_at_most_one_turn(
    day: tuple[list[str], int, list[dict[str, SeatState]]],
) -> None:
    names, steady, arrivals = day
    rota = Day(names)
    for states in arrivals:
        rota.apply(decide(rota.inputs(states), POLICY))
        shares = [rota.offered[n] for n in names[:steady]]
        assert max(shares) - min(shares) <= 1


@given(days())
def test_no_turn_is_lost_or_doubled(day: tuple[list[str], int, list[dict[str, SeatState]]]) -> None:
    names, _, arrivals = day
    rota = Day(names)
    for states in arrivals:
        decision = decide(rota.inputs(states), POLICY)
        assert len(decision.chosen) == 1, "somebody is always free here"
        assert states[decision.chosen[0]] == "free"
        assert len(set(decision.to_end)) == len(decision.to_end)
        assert sorted(c.consultant_id for c in decision.candidates) == names
        rota.apply(decision)
        assert len(set(rota.places.values())) == len(names)
    assert sum(rota.offered.values()) == len(arrivals)


@given(days(), st.randoms(use_true_random=False))
def test_replay_of_stored_inputs_and_any_order_of_seats_decide_alike(
    day: tuple[list[str], int, list[dict[str, SeatState]]], random: object
) -> None:
    names, _, arrivals = day
    rota = Day(names)
    for states in arrivals[:5]:
        inputs = rota.inputs(states)
        shuffled = list(inputs.seats)
        random.shuffle(shuffled)  # type: ignore[attr-defined]
        decision = decide(inputs, POLICY)
        assert decide(Inputs.model_validate_json(inputs.model_dump_json()), POLICY) == decision
        assert decide(inputs.model_copy(update={"seats": tuple(shuffled)}), POLICY) == decision
        rota.apply(decision)
