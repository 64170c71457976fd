"""Does an engine tell people apart? Asked on pictures whose answer is known, before it may recognise anybody.

Damaged, wrongly quantised or otherwise unsuitable weights load without complaint and take strangers for one another;
an 8-bit SFace in insightface gives two strangers a similarity of 0.97.
"""

from dataclasses import dataclass
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from edge_agent.vision.ports import EngineError, FaceEngine

if TYPE_CHECKING:
    from edge_agent.vision.ports import Image, Vector

REFERENCE = Path(__file__).parent / "reference"


@dataclass(frozen=True, slots=True)
class Checked:
    """Cosines: the least of the same pairs, the most of the different ones."""

    same: float
    different: float


def selfcheck(engine: FaceEngine) -> Checked:
    """Raises EngineError unless every known pair comes out as it should."""
    vectors = {name: _embedded(engine, name, image) for name, image in _references().items()}
    same: list[float] = []
    different: list[float] = []
    for (one, first), (other, second) in combinations(vectors.items(), 2):
        (same if one[0] == other[0] else different).append(float(np.dot(first, second)))
    checked = Checked(min(same), max(different))
    if not checked.same >= engine.scale.same:
        raise _refused(
            engine,
            f"two photographs of one person come out as {checked.same:.2f} alike, at least {engine.scale.same:.2f} "
            "is needed",
        )
    if not checked.different <= engine.scale.different:
        raise _refused(
            engine,
            f"two strangers come out as {checked.different:.2f} alike, at most {engine.scale.different:.2f} is allowed",
        )
    return checked


def _embedded(engine: FaceEngine, name: str, image: "Image") -> "Vector":
    faces = engine.detect(image)
    if not faces:
        raise _refused(engine, f"it finds no face in the reference picture {name}")
    return engine.embed(image, faces[0])


@cache
def _references() -> "dict[str, Image]":
    pictures: dict[str, Image] = {}
    for path in sorted(REFERENCE.glob("*.jpg")):
        decoded = cv2.imread(str(path), cv2.IMREAD_COLOR)
        if decoded is None:
            raise EngineError(f"the reference picture {path} is damaged: install the program again")
        pictures[path.stem] = np.asarray(decoded, dtype=np.uint8)
    if not pictures:
        raise EngineError(f"the reference pictures in {REFERENCE} are missing: install the program again")
    return pictures


def _refused(engine: FaceEngine, reason: str) -> EngineError:
    return EngineError(
        f"the face engine {engine.id} fails its self-check: {reason}. Nobody is recognised with it. "
        "Its weights are damaged or unsuitable (8-bit weights often are): obtain them again or use others"
    )
