"""One id per person: through dropouts, jitter, hiding and crossing, at 5 and at 30 pictures a second."""

import itertools
import math
import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_agent.vision.faces.tracking import FaceTracker, landmarks_differ
from edge_agent.vision.ports import Face

Path = Callable[[float], tuple[float, float, float]]
"""Time in seconds → centre x, y and width of the face, pixels."""


def face(x: float, y: float, width: float, turn: float = 0.0) -> Face:
    """A face whose landmarks lie as YuNet sees them; `turn` shifts them sideways as a turned head does."""
    height = width * 1.35
    places = ((-0.22, -0.12), (0.22, -0.12), (turn, 0.06), (-0.17, 0.24), (0.17, 0.24))
    landmarks = tuple((x + (a + turn * 0.4) * width, y + b * height) for a, b in places)
    return Face((x - width / 2, y - height / 2, width, height), landmarks, 0.9)


def smooth(seed: int, lane: int) -> Path:
    """Somebody who ambles within a lane of 200 px: slow sines of random phase, at most about 1.5 sizes a second."""
    chance = random.Random(seed * 100 + lane)
    phase, other = chance.uniform(0, 6), chance.uniform(0, 6)
    pace, width = chance.uniform(0.1, 0.5), chance.uniform(60, 90)
    return lambda t: (
        600 + 300 * math.sin(pace * t + phase),
        150 + 200 * lane + 30 * math.sin(0.8 * t + other),
        width * (1 + 0.2 * math.sin(0.3 * t + other)),
    )


def ids_of(
    paths: list[Path], fps: float, seconds: float, seen: Callable[[int, float], bool], seed: int = 1
) -> list[list[int]]:
    """Run the tracker over jittered detections in random order; for each person the ids under which they were seen."""
    tracker, chance = FaceTracker(itertools.count(1)), random.Random(seed)
    history: list[list[int]] = [[] for _ in paths]
    for n in range(int(seconds * fps)):
        t = n / fps
        faces = {}
        for person, path in enumerate(paths):
            if seen(person, t):
                x, y, width = path(t)
                shake = [chance.gauss(0, 0.03) * width for _ in range(3)]
                faces[person] = face(x + shake[0], y + shake[1], width + shake[2])
        order = list(faces.values())
        chance.shuffle(order)
        tracker.update(order, t)
        for person, one in faces.items():
            history[person] += [track.id for track in tracker.tracks if track.fresh and track.seen is one]
    return history


@given(
    seed=st.integers(0, 10_000),
    people=st.integers(1, 4),
    fps=st.sampled_from([5.0, 15.0, 30.0]),
    lost=st.floats(0, 0.4),
)
@settings(max_examples=60, deadline=None)
def test_each_person_keeps_one_id_through_random_dropouts(seed: int, people: int, fps: float, lost: float) -> None:
    chance = random.Random(seed)
    history = ids_of(
        [smooth(seed, lane) for lane in range(people)], fps, 6.0, lambda _, t: t < 0.5 or chance.random() >= lost, seed
    )
    assert [len(set(ids)) for ids in history] == [1] * people
    assert len({ids[0] for ids in history}) == people


@pytest.mark.parametrize("fps", [5.0, 30.0])
@pytest.mark.parametrize("hidden", [0.5, 1.0, 1.8])
def test_a_walker_hidden_behind_a_column_keeps_the_id(fps: float, hidden: float) -> None:
    (ids,) = ids_of([lambda t: (100 + 110 * t, 300, 80)], fps, 6.0, lambda _, t: not 2.0 <= t < 2.0 + hidden)
    assert set(ids) == {1}


def test_after_a_longer_absence_the_id_is_new_and_the_old_track_is_over() -> None:
    tracker = FaceTracker(itertools.count(1))
    for n in range(5):
        tracker.update([face(300, 300, 80)], n / 10)
    assert [track.id for track in tracker.update([face(300, 300, 80)], 3.0)] == [1]
    assert [track.id for track in tracker.tracks] == [2]


@pytest.mark.parametrize("fps", [5.0, 30.0])
@pytest.mark.parametrize("apart", [0.0, 15.0])
def test_two_who_cross_do_not_swap_though_one_hides_the_other(fps: float, apart: float) -> None:
    """They meet at 2.5 s; while they overlap by more than a third of a face only the nearer one is detected."""
    left: Path = lambda t: (200 + 120 * t, 300, 90)  # noqa: E731
    right: Path = lambda t: (800 - 120 * t, 300 + apart, 80)  # noqa: E731
    near_each_other = lambda t: abs(left(t)[0] - right(t)[0]) < 55  # noqa: E731
    history = ids_of([left, right], fps, 5.0, lambda person, t: person == 0 or not near_each_other(t))
    assert [set(ids) for ids in history] in ([{1}, {2}], [{2}, {1}])


def test_two_who_meet_on_one_spot_are_told_apart_by_the_landmarks() -> None:
    """A frontal face and a profile meet on one spot: the places speak for the wrong pairs, the poses for the right."""
    tracker = FaceTracker(itertools.count(1))
    for n in range(10):
        tracker.update([face(300 + 6 * n, 300, 80), face(420 - 6 * n, 300, 80, turn=0.25)], n / 10)
    tracker.update([face(356, 300, 80, turn=0.25), face(364, 300, 80)], 1.0)
    assert [(track.id, round(track.seen.box[0])) for track in tracker.tracks] == [(1, 324), (2, 316)]


@pytest.mark.parametrize("fps", [5.0, 30.0])
def test_two_who_cross_behind_a_column_come_out_where_they_were_going(fps: float) -> None:
    """For a second nobody is seen; then each stands where the other was lost."""
    left: Path = lambda t: (200 + 120 * t, 300, 80)  # noqa: E731
    right: Path = lambda t: (800 - 120 * t, 300, 80)  # noqa: E731
    history = ids_of([left, right], fps, 5.0, lambda _, t: not 2.0 < t < 3.0)
    assert [set(ids) for ids in history] in ([{1}, {2}], [{2}, {1}])


def test_a_new_person_next_to_one_who_left_is_somebody_else() -> None:
    tracker = FaceTracker(itertools.count(1))
    for n in range(10):
        tracker.update([face(300, 300, 80)], n / 10)
    tracker.update([face(900, 300, 80)], 1.1)
    assert [track.id for track in tracker.tracks if track.fresh] == [2]


def test_a_single_false_detection_is_soon_forgotten() -> None:
    tracker = FaceTracker(itertools.count(1))
    tracker.update([face(300, 300, 80)], 0.0)
    assert [track.id for track in tracker.update([], 1.0)] == [1]


def test_ids_go_on_after_clear() -> None:
    tracker = FaceTracker(itertools.count(1))
    tracker.update([face(300, 300, 80), face(600, 300, 80)], 0.0)
    assert sorted(track.id for track in tracker.clear()) == [1, 2]
    tracker.update([face(300, 300, 80)], 0.1)
    assert [track.id for track in tracker.tracks] == [3]


def test_the_clock_of_a_camera_may_stand_or_step_back() -> None:
    tracker = FaceTracker(itertools.count(1))
    for taken in (1.0, 1.0, 1.1, 1.05, 1.2):
        tracker.update([face(300, 300, 80)], taken)
    assert [(track.id, track.hits) for track in tracker.tracks] == [(1, 5)]


def test_twenty_faces_in_rows_keep_twenty_ids() -> None:
    paths: list[Path] = [
        (lambda t, n=n: (120 + 180 * (n % 5) + 25 * math.sin(t + n), 120 + 180 * (n // 5), 70.0)) for n in range(20)
    ]
    history = ids_of(paths, 10.0, 3.0, lambda *_: True)
    assert sorted({number for ids in history for number in ids}) == list(range(1, 21))
    assert all(len(set(ids)) == 1 for ids in history)


def test_landmarks_say_nothing_about_place_and_size() -> None:
    tracker = FaceTracker(itertools.count(1))
    tracker.update([face(300, 300, 80)], 0.0)
    (track,) = tracker.tracks
    assert landmarks_differ(track, face(500, 100, 120), 0.1) == pytest.approx(0.0, abs=1e-9)
    assert landmarks_differ(track, face(300, 300, 80, turn=0.2), 0.1) > 1.0
