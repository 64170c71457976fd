"""Where a face lies and how it is turned, from its five landmarks alone. Pure arithmetic, no pixels.

Points are complex numbers: x + iy, y downwards. The standard places are those of ArcFace's 112 × 112 crop (Deng et al.
2019), which SFace and the insightface packs share, so what is measured here is what an embedding sees.
"""

import cmath
import math
from dataclasses import dataclass

CROP = 112
"""Side of the standard crop, pixels."""
STANDARD = tuple(
    complex(x, y)
    for x, y in ((38.2946, 51.6963), (73.5318, 51.5014), (56.0252, 71.7366), (41.5493, 92.3655), (70.7299, 92.2041))
)
_NOSE_AT = 0.494
"""How far down from the eyes to the mouth the nose tip stands in the standard crop."""
_NOSE_OUT = 0.5
"""The nose tip before the plane of eyes and mouth, in distances between the eyes (about 32 of 63 mm in adults)."""
_EYES_TO_MOUTH = 1.155
"""Of the standard crop, in distances between the eyes."""

Landmarks = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Similarity:
    """z → turn · z + shift: turns, scales and moves, never shears."""

    turn: complex
    shift: complex

    @property
    def scale(self) -> float:
        return abs(self.turn)

    def __call__(self, point: complex) -> complex:
        return self.turn * point + self.shift

    def back(self, point: complex) -> complex:
        return (point - self.shift) / self.turn


def to_standard(landmarks: Landmarks, side: int = CROP) -> Similarity:
    """The least-squares similarity from the picture to the standard crop of `side` pixels.

    Raises ValueError for landmarks that are not five or all lie on one point.
    """
    points = _points(landmarks)
    middle, standard_middle = sum(points) / 5, sum(STANDARD) / 5
    spread = sum(abs(point - middle) ** 2 for point in points)
    if spread <= 1e-9:
        raise ValueError("all landmarks of a face lie on one point")
    pairs = zip(points, STANDARD, strict=True)
    turn = sum((point - middle).conjugate() * (place - standard_middle) for point, place in pairs) / spread
    factor = side / CROP
    return Similarity(turn * factor, (standard_middle - turn * middle) * factor)


@dataclass(frozen=True, slots=True)
class Pose:
    """Degrees. `yaw` > 0: the nose points to the picture's right; `pitch` > 0: down; `roll` > 0: clockwise."""

    yaw: float
    pitch: float
    roll: float


def pose(landmarks: Landmarks) -> Pose:
    """A rigid head seen from afar: the nose tip moves against the plane of eyes and mouth. Good to about 10 degrees."""
    right_eye, left_eye, nose, right_mouth, left_mouth = _points(landmarks)
    eyes, mouth = (right_eye + left_eye) / 2, (right_mouth + left_mouth) / 2
    across = (left_eye - right_eye) + (left_mouth - right_mouth) - 2j * (mouth - eyes)
    upright = across / abs(across) if abs(across) > 1e-9 else 1 + 0j
    down = ((mouth - eyes) / upright).imag
    width = max(((left_eye - right_eye) / upright).real, 1e-9)
    tip = (nose - eyes) / upright
    sideways = tip.real - ((mouth - eyes) / upright).real * _NOSE_AT
    yaw = math.atan2(sideways, _NOSE_OUT * width)
    pitch = math.atan2(tip.imag - _NOSE_AT * down, max(down, 1e-9) * _NOSE_OUT / _EYES_TO_MOUTH)
    return Pose(math.degrees(yaw), math.degrees(pitch), math.degrees(cmath.phase(upright)))


def share_outside(landmarks: Landmarks, width: int, height: int) -> float:
    """How much of the standard crop lies outside a picture of that size, 0 to 1: the face is cut by its edge."""
    transform = to_standard(landmarks)
    outside = 0
    for row in range(_GRID):
        for column in range(_GRID):
            place = complex((column + 0.5) * CROP / _GRID, (row + 0.5) * CROP / _GRID)
            point = transform.back(place)
            outside += not (0 <= point.real < width and 0 <= point.imag < height)
    return outside / _GRID**2


_GRID = 12


def _points(landmarks: Landmarks) -> tuple[complex, ...]:
    if len(landmarks) != 5:
        raise ValueError(f"a face has five landmarks, not {len(landmarks)}")
    return tuple(complex(x, y) for x, y in landmarks)
