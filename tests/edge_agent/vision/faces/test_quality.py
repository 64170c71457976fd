"""Real portraits, made worse step by step: the score falls with each step and the reason is the right one."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pytest

from edge_agent.vision.engines.opencv import OpencvEngine
from edge_agent.vision.faces.quality import Quality, QualitySettings, assess, assess_shape, measure_light
from edge_agent.vision.ports import Face
from tests.support import portraits

GOOD = ["obama.jpg", "obama2.jpg", "obama3.jpg", "impostor_1.jpg", "person_a_2.jpg", "person_b_1.jpg", "person_b_2.jpg"]
Picture = Any


def found(engine: OpencvEngine, image: Picture) -> Face:
    return engine.detect(image)[0]


def sized(image: Picture, face: Face, width: float) -> Picture:
    scale = width / min(face.box[2:])
    return cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def blurred(image: Picture, sigma: float) -> Picture:
    return cv2.GaussianBlur(image, (0, 0), sigma) if sigma else image


def brightened(image: Picture, gain: float) -> Picture:
    return np.clip(image.astype(np.float32) * gain, 0, 255).astype(np.uint8)


def flattened(image: Picture, contrast: float) -> Picture:
    return ((image.astype(np.float32) - 90) * contrast + 90).astype(np.uint8)


def falls(steps: list[Quality]) -> bool:
    """A hair's breadth of rise is forgiven: the landmarks are found anew in none of the steps, the pixels are."""
    return all(worse.score <= better.score + 0.005 for better, worse in itertools.pairwise(steps))


@pytest.mark.parametrize("name", GOOD)
def test_a_portrait_is_good(engine: OpencvEngine, name: str) -> None:
    image = portraits.image(name)
    quality = assess(image, found(engine, image))
    assert quality.good
    assert 0.5 < quality.score <= 1.0


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.parametrize(
    ("harm", "steps", "reason"),
    [
        (blurred, (0, 1.0, 2.0, 4.0, 6.0, 9.0), "blurred"),
        (brightened, (0.8, 0.5, 0.35, 0.25, 0.15, 0.08), "dark"),
        (brightened, (1.6, 2.5, 4.0, 8.0, 16.0), "bright"),
        (flattened, (0.9, 0.5, 0.3, 0.2, 0.1), "dark"),
    ],
    ids=["blur", "dark", "bright", "flat"],
)
def test_the_worse_the_picture_the_lower_the_score(
    engine: OpencvEngine, name: str, harm: Callable[[Picture, float], Picture], steps: tuple[float, ...], reason: str
) -> None:
    whole = portraits.image(name)
    image = sized(whole, found(engine, whole), 110)
    face = found(engine, image)
    judged = [assess(harm(image, step), face) for step in steps]
    assert falls(judged)
    assert judged[0].good
    assert reason in judged[-1].reasons
    assert judged[-1].score < judged[0].score / 2


@pytest.mark.parametrize("name", GOOD)
def test_the_smaller_the_face_the_lower_the_score(engine: OpencvEngine, name: str) -> None:
    whole = portraits.image(name)
    large = found(engine, whole)
    widths = (110, 90, 70, 50, 30)
    judged = []
    for width in widths:
        image = sized(whole, large, width)
        judged.append(assess(image, found(engine, image)))
    assert all(worse.score <= better.score + 0.1 for better, worse in itertools.pairwise(judged))
    assert [("too_small" in quality.reasons) for quality in judged] == [width < 60 for width in widths]


@pytest.mark.parametrize("name", GOOD)
def test_near_and_far_are_equally_sharp(engine: OpencvEngine, name: str) -> None:
    """The same head at 75 and at 200 pixels: the figure describes the picture, not its size."""
    whole = portraits.image(name)
    large = found(engine, whole)
    near, far = sized(whole, large, 200), sized(whole, large, 75)
    ratio = measure_light(near, found(engine, near)).sharpness / measure_light(far, found(engine, far)).sharpness
    assert 0.5 < ratio < 2.0


@pytest.mark.parametrize("name", portraits.PARTIAL)
def test_half_a_face_at_the_edge_is_cut(engine: OpencvEngine, name: str) -> None:
    image = portraits.image(name)
    assert "cut" in assess(image, found(engine, image)).reasons


def test_the_more_is_cut_the_lower_the_score(engine: OpencvEngine) -> None:
    image = portraits.image("obama.jpg")
    face = found(engine, image)
    x, width = int(face.box[0]), face.box[2]
    judged = []
    for share in (-0.5, 0.0, 0.2, 0.4):
        cut = x + int(share * width)
        shifted = replace(
            face,
            box=(face.box[0] - cut, *face.box[1:]),
            landmarks=tuple((a - cut, b) for a, b in face.landmarks),
        )
        judged.append(assess(np.ascontiguousarray(image[:, cut:]), shifted))
    assert falls(judged)
    assert [quality.reasons for quality in judged][::3] == [(), ("cut",)]


@pytest.mark.parametrize(("angle", "good"), [(0, True), (20, True), (-30, True), (60, False), (-80, False)])
def test_a_head_laid_on_its_side_is_turned(engine: OpencvEngine, angle: float, good: bool) -> None:
    image = portraits.image("obama.jpg")
    face = found(engine, image)
    x, y = face.box[0] + face.box[2] / 2, face.box[1] + face.box[3] / 2
    matrix = cv2.getRotationMatrix2D((x, y), angle, 1.0)
    points = np.array(face.landmarks) @ matrix[:, :2].T + matrix[:, 2]
    turned = replace(face, landmarks=tuple((float(a), float(b)) for a, b in points))
    quality = assess(cv2.warpAffine(image, matrix, (image.shape[1], image.shape[0])), turned)
    assert ("turned" not in quality.reasons) is good


def test_a_nose_at_the_cheek_is_turned(engine: OpencvEngine) -> None:
    """The picture stays frontal: only the landmarks say that the head is turned."""
    image = portraits.image("obama.jpg")
    face = found(engine, image)
    eyes = face.landmarks[1][0] - face.landmarks[0][0]
    judged = []
    for share in (0.0, 0.2, 0.4, 0.6):
        nose = (face.landmarks[2][0] + share * eyes, face.landmarks[2][1])
        judged.append(assess(image, replace(face, landmarks=(*face.landmarks[:2], nose, *face.landmarks[3:]))))
    assert falls(judged)
    assert [("turned" in quality.reasons) for quality in judged] == [False, False, True, True]


def test_without_pixels_the_score_is_never_less(engine: OpencvEngine) -> None:
    for name in GOOD:
        image = portraits.image(name)
        face = found(engine, image)
        height, width = image.shape[:2]
        assert assess_shape(face, width, height, QualitySettings()).score >= assess(image, face).score


@pytest.mark.parametrize("shift", [(-5000, 0), (0, 5000), (5000, 5000)])
def test_a_face_beside_the_picture_is_cut_and_no_error(engine: OpencvEngine, shift: tuple[int, int]) -> None:
    image = portraits.image("obama.jpg")
    face = found(engine, image)
    moved = replace(
        face,
        box=(face.box[0] + shift[0], face.box[1] + shift[1], *face.box[2:]),
        landmarks=tuple((a + shift[0], b + shift[1]) for a, b in face.landmarks),
    )
    quality = assess(image, moved)
    assert "cut" in quality.reasons
    assert quality.score == 0.0


@pytest.mark.parametrize("least", [112.0, 150.0])
def test_a_camera_may_ask_for_more_than_a_full_size(engine: OpencvEngine, least: float) -> None:
    image = portraits.image("obama.jpg")
    face = found(engine, image)
    quality = assess(image, face, QualitySettings(size_least=least))
    assert quality.good
    assert quality.score <= 1.0
