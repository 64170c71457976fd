"""The state machine of the door counter's firmware: simulated walks under the sensor, compiled by the host's g++."""

import ctypes
import random
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.firmware.doorway import (
    COMPILER,
    DISTANCE,
    INNER,
    NOTHING,
    OUTER,
    PERSON_MM,
    RANGING_MS,
    SENSOR_MM,
    UNREADABLE,
    Doorway,
    Sample,
    Walker,
    build,
    seen,
    through,
    walking,
)

pytestmark = [pytest.mark.firmware, pytest.mark.skipif(COMPILER is None, reason="g++ is not installed")]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    return ctypes.CDLL(str(build(tmp_path_factory.mktemp("doorway"))))


@pytest.fixture
def door(library: ctypes.CDLL) -> Iterator[Doorway]:
    made = Doorway(library)
    yield made
    made.close()


SPEEDS = [0.3, 0.8, 1.2, 1.8, 2.5]


@pytest.mark.parametrize("speed", SPEEDS)
@pytest.mark.parametrize("height", [1.0, 1.2, 1.55, 1.7, 1.95])
def test_one_person_in_is_one_in(door: Doorway, speed: float, height: float) -> None:
    assert door.feed(seen(Walker(walking(speed), height), seconds=10)) == (1, 0)


@pytest.mark.parametrize("speed", SPEEDS)
def test_one_person_out_is_one_out(door: Doorway, speed: float) -> None:
    assert door.feed(seen(Walker(walking(-speed)), seconds=10)) == (0, 1)


def test_who_is_lower_than_the_smallest_person_is_nobody(door: Doorway) -> None:
    assert door.feed(seen(Walker(walking(), height=0.6))) == (0, 0)


@pytest.mark.parametrize("turning", [-0.15, -0.05, 0.0, 0.05, 0.15, 0.25])
@pytest.mark.parametrize("side", [1, -1], ids=["from outside", "from inside"])
def test_who_turns_back_in_the_doorway_is_nobody(door: Doorway, turning: float, side: int) -> None:
    walk = through((1, -1.0 * side), (2, turning * side), (3, turning * side), (4, -1.0 * side))
    assert door.feed(seen(Walker(walk), seconds=6)) == (0, 0)


@pytest.mark.parametrize("apart", [0.8, 1.0, 1.5])
@pytest.mark.parametrize("speed", [0.8, 1.2, 1.6, -0.8, -1.2, -1.6])
def test_two_in_a_row_are_two(door: Doorway, apart: float, speed: float) -> None:
    first, second = Walker(walking(speed)), Walker(walking(speed, start=1.0 + apart), height=1.6)
    assert door.feed(seen(first, second, seconds=8)) == ((2, 0) if speed > 0 else (0, 2))


def test_three_close_behind_each_other_are_three(door: Doorway) -> None:
    row = [Walker(walking(1.0, start=1.0 + 0.8 * number)) for number in range(3)]
    assert door.feed(seen(*row, seconds=8)) == (3, 0)


def test_who_follows_closely_and_turns_back_is_not_counted_with_the_first(door: Doorway) -> None:
    first = Walker(through((1, -1.0), (3, 1.5)))
    second = Walker(through((1, -1.8), (2.4, -0.1), (2.8, -0.1), (4, -1.8)))
    assert door.feed(seen(first, second, seconds=6)) == (1, 0)


def test_one_in_and_one_out_after_the_other_are_one_each(door: Doorway) -> None:
    assert door.feed(seen(Walker(walking(1.2)), Walker(walking(-1.2, since=4.0)), seconds=8)) == (1, 1)


def test_who_stands_in_the_doorway_for_minutes_counts_once_and_is_told_as_blocked(door: Doorway) -> None:
    walk = through((1, -1.0), (2, -0.02), (150, 0.02), (151, 1.0))
    samples = list(seen(Walker(walk), seconds=155))
    standing = [sample for sample in samples if sample[3] < 149_000]
    assert door.feed(standing) == (0, 0)
    assert door.fault() == "blocked"
    assert door.feed(samples[len(standing) :]) == (1, 0)
    assert door.fault() == "none"


def test_who_stands_there_at_power_up_is_not_counted_going_in(door: Doorway) -> None:
    assert door.feed(seen(Walker(through((2, 0.0), (3, 1.0))))) == (0, 0)


def test_a_dark_head_that_vanishes_for_single_measurements_counts_once(door: Doorway) -> None:
    samples = [
        (zone, NOTHING, 0, ms) if number % 5 == 0 else (zone, sight, mm, ms)
        for number, (zone, sight, mm, ms) in enumerate(seen(Walker(walking(1.0))))
    ]
    assert door.feed(samples) == (1, 0)


def test_with_a_fifth_of_the_measurements_lost_few_people_are_missed_and_none_invented(library: ctypes.CDLL) -> None:
    counted = []
    for seed in range(200):
        sorts, door = random.Random(seed), Doorway(library)
        counted.append(door.feed(s for s in seen(Walker(walking(0.8))) if sorts.random() > 0.2))
        door.close()
    assert set(counted) <= {(1, 0), (0, 0)}
    assert counted.count((1, 0)) >= 190


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (lambda sample: (sample[0], UNREADABLE, sample[2], sample[3]), "unreadable"),
        (lambda sample: None, "none"),  # heard again since, and both zones free
    ],
    ids=["unreadable", "silent"],
)
def test_a_sensor_that_fails_while_somebody_is_there_counts_nobody(
    door: Doorway, spoil: Callable[[Sample], Sample | None], fault: str
) -> None:
    walk = through((1, -1.0), (2, 0.1), (4, 0.1), (5, 1.0))
    spoiled = [spoil(s) if 1_900 < s[3] < 3_400 else s for s in seen(Walker(walk), seconds=8)]
    samples = [sample for sample in spoiled if sample is not None]
    door.feed(sample for sample in samples if sample[3] < 3_400)
    assert door.fault() in (fault, "none")
    assert door.feed(sample for sample in samples if sample[3] >= 3_400) == (0, 0)
    assert door.fault() == "none"
    late = [(zone, sight, mm, ms + 8_000) for zone, sight, mm, ms in seen(Walker(walking()))]
    assert door.feed(late) == (1, 0), "it counts again"


def test_a_dead_sensor_is_told_within_two_seconds(door: Doorway) -> None:
    assert door.fault() == "silent", "nothing was ever measured"
    door.feed(seen(seconds=1))
    assert door.fault() == "none"
    assert door.fault(later_ms=1_001) == "silent"


def test_a_covered_glass_is_told_and_a_hand_is_not(door: Doorway) -> None:
    def hand(seconds: float) -> Iterator[Sample]:
        for zone, sight, _, ms in seen(seconds=seconds):
            yield zone, sight, 20, ms

    door.feed(hand(5))
    assert door.fault() == "none"
    door.feed((zone, sight, mm, ms + 5_000) for zone, sight, mm, ms in hand(8))
    assert door.fault() == "covered"


def test_the_clock_of_the_chip_may_overflow_in_the_middle_of_a_walk(door: Doorway) -> None:
    assert door.feed(seen(Walker(walking()), start_ms=2**32 - 1_900)) == (1, 0)


measurements = st.lists(
    st.tuples(
        st.sampled_from([OUTER, INNER]),
        st.sampled_from([DISTANCE, DISTANCE, DISTANCE, NOTHING, UNREADABLE]),
        st.sampled_from([0, 30, 500, PERSON_MM - 1, PERSON_MM, PERSON_MM + 61, SENSOR_MM, 65_535]),
        st.integers(1, 400),
    ),
    max_size=300,
)


def _timed(drawn: list[tuple[int, int, int, int]]) -> list[Sample]:
    now, samples = 0, []
    for zone, sight, mm, after in drawn:
        now += after
        samples.append((zone, sight, mm, now))
    return samples


@given(measurements)
def test_whatever_is_measured_nobody_passes_without_being_seen_in_both_zones(
    library: ctypes.CDLL, drawn: list[tuple[int, int, int, int]]
) -> None:
    door = Doorway(library)
    people = sum(door.feed(_timed(drawn)))
    near = [
        sum(1 for zone, sight, mm, _ in drawn if zone == which and sight == DISTANCE and mm < PERSON_MM + 60)
        for which in (OUTER, INNER)
    ]
    door.close()
    assert people <= min(near)


@given(measurements)
def test_a_door_turned_round_counts_the_same_people_the_other_way(
    library: ctypes.CDLL, drawn: list[tuple[int, int, int, int]]
) -> None:
    door, turned = Doorway(library), Doorway(library)
    there = door.feed(_timed(drawn))
    back = turned.feed((1 - zone, sight, mm, ms) for zone, sight, mm, ms in _timed(drawn))
    door.close()
    turned.close()
    assert there == back[::-1]


def test_the_simulated_walk_lasts_several_measurements_of_each_zone() -> None:
    """At 1.2 m/s under a sensor at 2.2 m: what the other tests rest on."""
    near = [zone for zone, _, mm, _ in seen(Walker(walking())) if mm < PERSON_MM]
    assert min(near.count(OUTER), near.count(INNER)) >= 3
    assert RANGING_MS == 36
