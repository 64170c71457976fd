"""People in pictures become counts: synthetic walks with jitter, hiding and dropouts, and a real ONNX file."""

import itertools
import math
import random
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_agent.vision.config import PeopleConfig
from edge_agent.vision.people.counter import PeopleCounter
from edge_agent.vision.people.detector import Person
from edge_agent.vision.ports import EngineError, Frame
from tests.edge_agent.vision.people import yolox

WIDTH, HEIGHT = 1600, 900
BLANK = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
MIDDLE = {"line": 1, "from": [0.0, 0.5], "to": [1.0, 0.5], "hysteresis": 0.05}
Walk = Callable[[float], tuple[float, float] | None]
"""Seconds → feet in pixels; None while not in view."""


class Seen:
    """Gives what the test says is in the picture."""

    def __init__(self) -> None:
        self.people: list[Person] = []

    def detect(self, image: object) -> list[Person]:
        return self.people


def at(x: float, y: float, score: float = 0.8, width: float = 70, height: float = 200) -> Person:
    return Person((x - width / 2, y - height, width, height), score)


def config(*lines: object, model: Path = Path("none.onnx")) -> PeopleConfig:
    return PeopleConfig.model_validate({"model": model, "lines": lines or [MIDDLE]})


class Door:
    """A counter with made-up eyes, and the sums of what it reported."""

    def __init__(self, *lines: object) -> None:
        self.seen = Seen()
        self.reports: list[tuple[int, int, int]] = []
        self.feet: dict[int, list[float]] = defaultdict(list)
        self.counter = PeopleCounter(config(*lines), lambda *report: self.reports.append(report), self.seen)
        self.numbers = itertools.count(1)

    def show(self, people: list[Person], taken: float) -> None:
        self.seen.people = people
        self.counter.process(Frame(BLANK, taken, next(self.numbers)))

    def sums(self, line: int = 1) -> tuple[int, int]:
        mine = [report for report in self.reports if report[0] == line]
        return sum(report[1] for report in mine), sum(report[2] for report in mine)


def film(walks: list[Walk], fps: float, seconds: float, seen: Callable[[int, float], bool], seed: int = 1) -> Door:
    door, chance = Door(), random.Random(seed)
    for n in range(int(fps * seconds)):
        people = []
        for person, walk in enumerate(walks):
            if (feet := walk(n / fps)) is not None and seen(person, n / fps):
                x, y = feet[0] + chance.gauss(0, 2), feet[1] + chance.gauss(0, 2)
                door.feet[person].append(y)
                people.append(at(x, y))
        chance.shuffle(people)
        door.show(people, 50 + n / fps)
    return door


def changes_of_side(feet: list[float]) -> tuple[int, int]:
    """The truth, for one who stays between the ends of the middle line: 45 px are its hysteresis."""
    sides = [y > 450 for y in feet if abs(y - 450) > 45]
    changes = list(itertools.pairwise(sides))
    return changes.count((False, True)), changes.count((True, False))


def strolling(seed: int, lane: int) -> Walk:
    """Up and down in a lane, over the line and back, turning well away from it."""
    chance = random.Random(seed * 31 + lane)
    pace, phase = chance.uniform(0.5, 1.1), chance.uniform(0, 6.28)
    return lambda t: (250 + 350 * lane + 20 * math.sin(0.7 * t + phase), 450 + 150 * math.sin(pace * t + phase))


def visible(seed: int, fps: float, seconds: float, lost: float) -> list[bool]:
    """For each picture whether the person is found in it; never hidden for longer than a second."""
    chance, shown, hidden = random.Random(seed), [True, True], 0
    while len(shown) < fps * seconds:
        shown.append(chance.random() >= lost or hidden >= fps)
        hidden = 0 if shown[-1] else hidden + 1
    return shown


@given(
    seed=st.integers(0, 10_000),
    people=st.integers(1, 4),
    fps=st.sampled_from([5.0, 12.0, 25.0]),
    lost=st.floats(0, 0.5),
)
@settings(max_examples=40, deadline=None)
def test_random_walks_are_counted_exactly_through_dropouts(seed: int, people: int, fps: float, lost: float) -> None:
    walks = [strolling(seed, lane) for lane in range(people)]
    shown = [visible(seed + person, fps, 12, lost) for person in range(people)]
    seen = lambda person, t: shown[person][round(t * fps)]  # noqa: E731
    door = film(walks, fps, 12, seen, seed)
    truth = [changes_of_side(feet) for feet in door.feet.values()]
    assert door.sums() == (sum(one[0] for one in truth), sum(one[1] for one in truth))


@pytest.mark.parametrize("fps", [5.0, 25.0])
@pytest.mark.parametrize("hidden", [0.4, 1.0, 1.6])
def test_hidden_while_on_the_line_counts_once(fps: float, hidden: float) -> None:
    """Somebody walks behind a column that stands on the line."""
    walk: Walk = lambda t: (800.0, 200 + 110 * t)  # noqa: E731
    middle = 250 / 110
    door = film([walk], fps, 5, lambda _, t: abs(t - middle) > hidden / 2)
    assert door.sums() == (1, 0)


@pytest.mark.parametrize("fps", [5.0, 25.0])
def test_two_who_pass_each_other_on_the_line_count_one_each_way(fps: float) -> None:
    down: Walk = lambda t: (780.0, 200 + 110 * t)  # noqa: E731
    up: Walk = lambda t: (850.0, 700 - 110 * t)  # noqa: E731
    assert film([down, up], fps, 5, lambda *_: True).sums() == (1, 1)


def test_a_film_run_backwards_swaps_in_and_out() -> None:
    walks = [strolling(7, lane) for lane in range(4)]
    forth = film(walks, 10, 12, lambda *_: True)
    back = film([lambda t, w=walk: w(11.9 - t) for walk in walks], 10, 12, lambda *_: True)
    assert sum(forth.sums()) >= 8
    assert back.sums() == forth.sums()[::-1]


def test_who_stands_on_the_line_for_a_minute_is_not_counted() -> None:
    assert film([lambda t: (800.0, 450 + 12 * math.sin(3 * t))], 5, 60, lambda *_: True).reports == []


def test_a_doubtful_detection_goes_on_with_a_person_but_begins_none() -> None:
    """Half hidden on the line the score falls below the bound: the walk is still one walk."""
    door = Door()
    for n in range(60):
        door.show([at(800, 300 + 5 * n, score=0.2 if 15 <= n < 45 else 0.8)], n / 10)
    assert door.sums() == (1, 0)
    doubtful = Door()
    for n in range(30):
        doubtful.show([at(800, 300 + 10 * n, score=0.2)], n / 10)
    assert doubtful.reports == []


def test_each_line_counts_for_itself() -> None:
    door = Door(
        {"line": 1, "from": [0.0, 0.4], "to": [1.0, 0.4]},
        {"line": 2, "from": [1.0, 0.6], "to": [0.0, 0.6]},
        {"line": 3, "from": [0.0, 0.5], "to": [0.2, 0.5]},
    )
    for n in range(40):
        door.show([at(800, 250 + 12 * n)], n / 10)
    assert (door.sums(1), door.sums(2), door.sums(3)) == ((1, 0), (0, 1), (0, 0))
    assert door.reports == [(1, 1, 0), (2, 0, 1)]


def test_people_who_cross_in_the_same_picture_are_one_report() -> None:
    door = Door()
    for n in range(6):
        door.show([at(x, 300 + 60 * n) for x in (300, 700, 1100)], n / 5)
    assert door.reports == [(1, 3, 0)]


@pytest.mark.parametrize("closed", [True, False], ids=["closed", "pictures numbered anew"])
def test_a_camera_opened_anew_does_not_join_two_people_into_a_crossing(closed: bool) -> None:
    door = Door()
    for n in range(5):
        door.show([at(800, 380)], n / 10)
    if closed:
        door.counter.close()
    else:
        door.numbers = itertools.count(1)
    for n in range(5, 10):
        door.show([at(800, 520)], 1.2 + n / 10)
    assert door.reports == []


def test_a_real_model_file_counts_a_block_that_walks_over_the_line(tmp_path: Path) -> None:
    """File, runtime, decoding, tracking and line together. Feet: two cells below the block that is seen."""
    model = yolox.write(tmp_path / "blocks.onnx", active=8)
    reports: list[tuple[int, int, int]] = []
    people = config({"line": 4, "from": [0, 0.5], "to": [1, 0.5]}, model=model)
    counter = PeopleCounter(people, lambda *report: reports.append(report))
    for n in range(24):
        image = np.full((416, 416, 3), 114, np.uint8)
        row = 10 + n
        image[8 * row : 8 * row + 8, 200:208] = yolox.colour(14, 40, 0.9, stride=8)
        counter.process(Frame(image, n / 5, n + 1))
    assert reports == [(4, 1, 0)]


def test_without_a_usable_model_there_is_no_counter(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="missing"):
        PeopleCounter(config(model=tmp_path / "none.onnx"), lambda *_: None)


class Unlucky(Seen):
    def __init__(self, broken: set[int]) -> None:
        super().__init__()
        self._broken, self._calls = broken, 0

    def detect(self, image: object) -> list[Person]:
        self._calls += 1
        if self._calls in self._broken:
            raise cv2.error("an unlucky picture")
        return self.people


def test_one_unlucky_picture_does_not_stop_the_count() -> None:
    door = Door()
    door.seen = Unlucky({3, 4, 12})
    door.counter = PeopleCounter(config(), lambda *report: door.reports.append(report), door.seen)
    for n in range(30):
        door.show([at(800, 300 + 10 * n)], n / 10)
    assert door.sums() == (1, 0)


def test_a_detector_that_only_fails_is_said() -> None:
    door = Door()
    door.counter = PeopleCounter(config(), lambda *_: None, Unlucky(set(range(1, 1000))))
    with pytest.raises(EngineError, match="failed to find people 25 times in a row"):
        for n in range(100):
            door.show([], n / 10)
