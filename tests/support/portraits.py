"""Licensed portraits of six people (build/portraits, see CREDITS.md there), and the weights to look at them with.

Enrolment and recognition never use the same photograph. Without `make models` the tests that need them are skipped, in
CI they fail.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.support.processes import ROOT

MODELS = ROOT / "build" / "models"
INSIGHTFACE_PACK = MODELS / "insightface" / "adapter"
QUANTISED_PACK = MODELS / "insightface" / "quantised"
PORTRAITS = ROOT / "build" / "portraits"


@dataclass(frozen=True, slots=True)
class Person:
    """`enrol` and `live` are disjoint photographs; who has one only cannot be both enrolled and met."""

    name: str
    enrol: tuple[str, ...]
    live: tuple[str, ...] = ()

    @property
    def pictures(self) -> tuple[str, ...]:
        return self.enrol + self.live


OBAMA = Person("obama", enrol=("obama.jpg", "obama2.jpg", "impostor_1.jpg"), live=("obama3.jpg",))
MACRON = Person("macron", enrol=("person_a_2.jpg",), live=("person_a_1.jpg",))
ARDERN = Person("ardern", enrol=("person_b_1.jpg",), live=("person_b_2.jpg",))
BIDEN = Person("biden", enrol=("biden.jpg",))
SUNAK = Person("sunak", enrol=("impostor_2.jpg",))
COLLINS = Person("collins", enrol=("astronaut.png",))
PEOPLE = (OBAMA, MACRON, ARDERN, BIDEN, SUNAK, COLLINS)
PARTIAL = ("obama_partial_face.jpg", "obama_partial_face2.jpg")
"""Half a face of OBAMA, cut at the border of the picture."""


def path(name: str) -> Path:
    """Skips the test when the picture is not there."""
    found = PORTRAITS / name
    if not found.is_file():
        pytest.skip(f"{found.relative_to(ROOT)} is missing: run `make models`")
    return found


@cache
def _decoded(name: str) -> Any:
    import cv2

    return cv2.imread(str(path(name)))


def image(name: str) -> Any:
    """A copy of the picture as the engines want it: height × width × 3, BGR."""
    return _decoded(name).copy()


def models() -> Path:
    """The folder of weights (`[faces] models`); skips the test when they are not there."""
    for file in ("face_detection_yunet_2023mar.onnx", "face_recognition_sface_2021dec.onnx"):
        if not (MODELS / "opencv" / file).is_file():
            pytest.skip(f"build/models/opencv/{file} is missing: run `make models`")
    return MODELS


def pack(folder: Path = INSIGHTFACE_PACK) -> Path:
    """A model directory for insightface; skips the test when it is not there."""
    if not folder.is_dir():
        pytest.skip(f"{folder.relative_to(ROOT)} is missing: run `make models`")
    return folder
