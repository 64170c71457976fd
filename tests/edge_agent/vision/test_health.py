"""What is wrong with a camera's pictures, and when it is right again."""

from collections.abc import Callable
from functools import cache
from typing import Any

import cv2
import numpy as np
import pytest

from edge_agent.vision.health import (
    BLACK,
    BLURRED,
    COVERED,
    FROZEN,
    OVEREXPOSED,
    UPSIDE_DOWN,
    Limits,
    Orientation,
    PictureHealth,
    Problem,
    appearance,
)
from edge_agent.vision.ports import Face, Frame
from tests.edge_agent.vision.sources.pictures import jpeg, room
from tests.support import portraits

LIMITS = Limits(frozen_seconds=8, settle_seconds=2)


class Watching:
    """A camera whose clock the test owns."""

    def __init__(self, size: tuple[int, int] | None = None) -> None:
        self.health = PictureHealth(LIMITS, size)
        self.now, self.number = 100.0, 0

    def see(self, picture: Callable[[int], Any], seconds: float, fps: float = 10) -> list[Problem | None]:
        told = []
        for _ in range(round(seconds * fps)):
            self.now += 1 / fps
            self.number += 1
            told.append(self.health.look(Frame(picture(self.number), self.now, self.number)))
        return told


def lively(number: int) -> Any:
    return _shaded(80 + number % 5 * 30)


@cache
def _shaded(shade: int) -> Any:
    return room(shade)


def quiet_room(number: int) -> Any:
    return _noisy(number % 7)


@cache
def _noisy(seed: int) -> Any:
    return room(120, noise=1.0, seed=seed)


def still(_: int) -> Any:
    return _shaded(120)


def black(number: int) -> Any:
    return np.full((480, 640, 3), number % 6, np.uint8)


def test_a_lively_picture_has_no_problem() -> None:
    assert set(Watching().see(lively, 30)) == {None}


def test_the_same_picture_for_eight_seconds_is_frozen_and_the_next_new_one_is_not() -> None:
    camera = Watching()
    told = camera.see(still, 12)
    assert told[:79].count(FROZEN) == 0 and told[-30:].count(FROZEN) == 30
    assert camera.see(lively, 1)[-1] is None


def test_the_noise_of_a_sensor_in_a_quiet_room_is_not_frozen() -> None:
    assert set(Watching().see(quiet_room, 20)) == {None}


def test_what_compression_leaves_of_a_quiet_rooms_noise_is_not_frozen() -> None:
    def compressed(number: int) -> Any:
        return cv2.imdecode(np.frombuffer(jpeg(quiet_room(number), 70), np.uint8), cv2.IMREAD_COLOR)

    assert set(Watching().see(compressed, 12, fps=5)) == {None}


@pytest.mark.parametrize(
    ("bad", "problem"),
    [
        (black, BLACK),
        (lambda n: np.full((480, 640, 3), 250 + n % 6, np.uint8), OVEREXPOSED),
        (lambda n: np.random.default_rng(n).normal(90, 4, (480, 640, 3)).astype(np.uint8), COVERED),
        (lambda n: cv2.GaussianBlur(_shaded(n % 5), (0, 0), 4), BLURRED),
    ],
    ids=["black", "over-exposed", "covered", "blurred"],
)
def test_a_bad_picture_is_told_after_a_while_and_forgotten_after_a_while(
    bad: Callable[[int], Any], problem: Problem
) -> None:
    camera = Watching()
    camera.see(lively, 3)
    told = camera.see(bad, 5)
    assert told[:15] == [None] * 15 and told[-1] == problem
    told = camera.see(lively, 5)
    assert told[0] == problem and told[-1] is None


def test_somebody_passing_close_by_is_no_problem() -> None:
    camera = Watching()
    camera.see(lively, 3)
    assert set(camera.see(black, 1) + camera.see(lively, 5)) == {None}


def test_a_bare_wall_in_focus_is_not_blurred() -> None:
    wall = np.full((480, 640, 3), 150, np.uint8)
    wall[:, 500:] = 120
    assert appearance(wall, LIMITS) is None


def test_soft_light_on_a_wall_is_not_blurred() -> None:
    light = np.tile(np.linspace(90, 170, 640), (480, 1)).astype(np.uint8)
    assert appearance(cv2.cvtColor(light, cv2.COLOR_GRAY2BGR), LIMITS) is None


@pytest.mark.parametrize("person", portraits.PEOPLE, ids=lambda person: person.name)
def test_a_portrait_is_sharp_until_it_is_blurred(person: portraits.Person) -> None:
    image = portraits.image(person.enrol[0])
    image = cv2.resize(image, (640, 640 * image.shape[0] // image.shape[1]), interpolation=cv2.INTER_AREA)
    grain = np.random.default_rng(1).normal(0, 2, image.shape)
    noisy = np.clip(cv2.GaussianBlur(image, (0, 0), 4).astype(float) + grain, 0, 255).astype(np.uint8)
    assert appearance(image, LIMITS) is None
    assert appearance(cv2.GaussianBlur(image, (0, 0), 1), LIMITS) is None
    assert appearance(cv2.GaussianBlur(image, (0, 0), 4), LIMITS) == appearance(noisy, LIMITS) == BLURRED


def test_a_sharp_scene_is_sharp_at_any_size() -> None:
    for height in (240, 480, 1080, 2160):
        assert appearance(room(200, height * 4 // 3, height), LIMITS) is None


def test_a_wrong_size_is_told_with_both() -> None:
    told = Watching((1280, 720)).see(lively, 5)[-1]
    assert told is not None and told.usable
    assert str(told.reason) == "the camera gives 640 × 480, not 1280 × 720: configure a size it has"


def test_five_pictures_a_second_are_enough_and_one_is_too_few() -> None:
    camera = Watching()
    assert set(camera.see(lively, 20, fps=5)) == {None}
    told = camera.see(lively, 25, fps=1)[-1]
    assert told is not None and "fewer than 2 pictures a second" in str(told.reason)
    assert camera.see(lively, 20, fps=5)[-1] is None


def test_a_slow_pipeline_is_not_a_slow_camera() -> None:
    camera, told = Watching(), []
    for _ in range(20):
        camera.now += 1
        camera.number += 15  # fourteen were skipped
        told.append(camera.health.look(Frame(lively(camera.number // 15), camera.now, camera.number)))
    assert set(told) == {None}


def face(score: float) -> list[Face]:
    return [Face((0, 0, 100, 100), ((0, 0),) * 5, score)]


def test_upside_down_is_told_when_the_turned_picture_wins_three_times_in_a_row() -> None:
    orientation = Orientation(every_seconds=30)
    for _ in range(2):
        orientation.judge(face(0.91), face(0.95))
    assert orientation.problem is None
    orientation.judge([], [])
    orientation.judge([], face(0.94))
    assert orientation.problem == UPSIDE_DOWN
    for _ in range(3):
        orientation.judge(face(0.95), face(0.84))
    assert orientation.problem is None


def test_one_odd_face_does_not_turn_the_picture() -> None:
    orientation = Orientation()
    for _ in range(10):
        orientation.judge(face(0.88), face(0.93))
        orientation.judge(face(0.94), face(0.85))
        assert orientation.problem is None


def test_the_check_is_rare() -> None:
    orientation = Orientation(every_seconds=30)
    assert [at for at in range(100) if orientation.due(float(at))] == [0, 30, 60, 90]
