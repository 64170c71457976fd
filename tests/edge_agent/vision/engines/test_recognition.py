"""What both engines must do on real photographs."""

import threading
from functools import cache
from itertools import combinations

import cv2
import numpy as np
import pytest

from edge_agent.vision.ports import FaceEngine
from tests.support import portraits
from tests.support.portraits import MACRON, OBAMA, PEOPLE, Person

SEVERAL = [person for person in PEOPLE if person.live]


def embedded(engine: FaceEngine, name: str) -> np.ndarray:
    image = portraits.image(name)
    return engine.embed(image, engine.detect(image)[0])


vector = cache(embedded)


@pytest.mark.parametrize("person", SEVERAL, ids=lambda person: person.name)
def test_a_person_is_alike_on_other_photographs(engine: FaceEngine, person: Person) -> None:
    for enrolled in person.enrol:
        for live in person.live:
            assert vector(engine, enrolled) @ vector(engine, live) > engine.scale.threshold_most


@pytest.mark.parametrize(("one", "other"), list(combinations(PEOPLE, 2)), ids=lambda person: person.name)
def test_two_people_are_not_alike(engine: FaceEngine, one: Person, other: Person) -> None:
    most = max(vector(engine, a) @ vector(engine, b) for a in one.pictures for b in other.pictures)
    assert most < engine.scale.threshold_one


def test_every_portrait_holds_one_face_with_its_eyes_above_its_mouth(engine: FaceEngine) -> None:
    for name in (name for person in PEOPLE for name in person.pictures):
        (face,) = engine.detect(portraits.image(name))
        right_eye, left_eye, nose, right_mouth, left_mouth = face.landmarks
        assert right_eye[0] < nose[0] < left_eye[0]
        assert max(right_eye[1], left_eye[1]) < nose[1] < min(right_mouth[1], left_mouth[1])
        assert 0.5 < face.score <= 1.0


def test_a_face_cut_by_the_border_is_still_that_person(engine: FaceEngine) -> None:
    for name in portraits.PARTIAL:
        assert vector(engine, name) @ vector(engine, "obama3.jpg") > engine.scale.threshold_one


def test_twenty_faces_in_one_picture_are_found_and_told_apart(engine: FaceEngine) -> None:
    names = [OBAMA.enrol[0], MACRON.enrol[0], "person_b_1.jpg", "biden.jpg", "impostor_2.jpg"]
    alone = [vector(engine, name) for name in names]
    crowd = np.full((1080, 1920, 3), 160, dtype=np.uint8)
    for place in range(20):
        row, column = divmod(place, 5)
        tile = head(engine, names[(row + column) % 5], 240)
        crowd[15 + row * 265 :, 70 + column * 380 :][:240, :240] = tile
    faces = engine.detect(crowd)
    assert len(faces) == 20
    for face in faces:
        row, column = int(face.box[1]) // 270, int(face.box[0]) // 384
        similarities = [float(engine.embed(crowd, face) @ each) for each in alone]
        assert int(np.argmax(similarities)) == (row + column) % 5
        assert max(similarities) > engine.scale.threshold_most


@cache
def head(engine: FaceEngine, name: str, side: int) -> np.ndarray:
    image = portraits.image(name)
    x, y, width, height = engine.detect(image)[0].box
    reach = max(width, height) * 0.7
    left, top = max(0, int(x + width / 2 - reach)), max(0, int(y + height / 2 - reach))
    square = image[top : top + int(2 * reach), left : left + int(2 * reach)]
    scale = side / max(square.shape[:2])
    tile = cv2.resize(square, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return cv2.copyMakeBorder(
        tile, 0, side - tile.shape[0], 0, side - tile.shape[1], cv2.BORDER_CONSTANT, value=(160, 160, 160)
    )


def test_faces_come_largest_first(engine: FaceEngine) -> None:
    picture = np.full((600, 1000, 3), 160, dtype=np.uint8)
    picture[50:250, 50:250] = head(engine, "biden.jpg", 200)
    picture[50:550, 400:900] = head(engine, "impostor_2.jpg", 500)
    boxes = [face.box for face in engine.detect(picture)]
    assert len(boxes) == 2
    assert boxes[0][0] > 400 > boxes[1][0]


def test_vectors_have_length_one_and_the_promised_size(engine: FaceEngine) -> None:
    found = vector(engine, "biden.jpg")
    assert found.shape == (engine.dimensions,)
    assert found.dtype == np.float32
    assert np.linalg.norm(found) == pytest.approx(1.0, abs=1e-5)


def test_the_same_picture_gives_the_same_vector_whatever_was_looked_at_before(engine: FaceEngine) -> None:
    before = vector(engine, "biden.jpg")
    embedded(engine, "person_a_1.jpg")
    np.testing.assert_array_equal(embedded(engine, "biden.jpg"), before)


def test_a_gray_picture_is_the_same_person(engine: FaceEngine) -> None:
    colour = portraits.image("impostor_2.jpg")
    gray = cv2.cvtColor(colour, cv2.COLOR_BGR2GRAY)
    for picture in (gray, gray[:, :, None], cv2.cvtColor(colour, cv2.COLOR_BGR2BGRA)):
        similarity = engine.embed(picture, engine.detect(picture)[0]) @ vector(engine, "impostor_2.jpg")
        assert similarity > engine.scale.threshold_most


def test_4k_is_looked_through_at_working_size_and_embedded_from_full_size(engine: FaceEngine) -> None:
    portrait = portraits.image("person_a_2.jpg")
    large = np.full((2160, 3840, 3), 90, dtype=np.uint8)
    large[600 : 600 + portrait.shape[0], 1500 : 1500 + portrait.shape[1]] = portrait
    (face,) = engine.detect(large)
    (alone,) = engine.detect(portrait)
    assert face.box[0] - 1500 == pytest.approx(alone.box[0], abs=20)
    assert face.box[1] - 600 == pytest.approx(alone.box[1], abs=20)
    assert engine.embed(large, face) @ engine.embed(portrait, alone) > 0.9


@pytest.mark.parametrize(
    "shape",
    [(0, 0, 3), (0, 640, 3), (1, 1, 3), (8, 8, 3), (15, 4000, 3), (4000, 3, 3), (480, 640, 3), (17, 17)],
    ids=str,
)
def test_a_picture_without_room_for_a_face_has_none(engine: FaceEngine, shape: tuple[int, ...]) -> None:
    assert engine.detect(np.zeros(shape, dtype=np.uint8)) == []


def test_noise_holds_no_face(engine: FaceEngine) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (480, 640, 3), dtype=np.uint8)
    assert engine.detect(noise) == []


@pytest.mark.parametrize("wrong", [np.zeros((480, 640, 3), np.float32), np.zeros((480, 640, 2), np.uint8)], ids=str)
def test_what_is_no_picture_is_refused(engine: FaceEngine, wrong: np.ndarray) -> None:
    with pytest.raises(ValueError, match="a picture"):
        engine.detect(wrong)


def test_threads_may_share_an_engine(engine: FaceEngine) -> None:
    names = ["biden.jpg", "impostor_2.jpg", "person_b_1.jpg", "person_a_1.jpg"]
    expected = [vector(engine, name) for name in names]
    found: dict[int, list[np.ndarray]] = {}

    def look(place: int) -> None:
        found[place] = [embedded(engine, names[place]) for _ in range(3)]

    threads = [threading.Thread(target=look, args=(place,)) for place in range(len(names))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    for place, vectors in found.items():
        for each in vectors:
            np.testing.assert_allclose(each, expected[place], atol=1e-5)
    assert len(found) == len(names)
