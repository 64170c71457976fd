"""What the person before the camera should do, as a code the screen says in words. Pure: no camera, no clock."""

from collections.abc import Sequence
from typing import Literal

from edge_agent.vision.config import EnrolConfig
from edge_agent.vision.ports import Face

Hint = Literal["", "no_face", "several_faces", "closer", "farther", "straight", "still", "light", "hold"]


_OF_REASON: dict[str, Hint] = {
    "too_small": "closer",
    "cut": "farther",
    "turned": "straight",
    "blurred": "still",
    "dark": "light",
    "bright": "light",
}
"""For each reason of `faces.quality` what helps."""


def of_count(faces: Sequence[Face], picture: tuple[int, int], rules: EnrolConfig) -> tuple[Hint, Face | None]:
    """The one face that counts, or why there is none. `picture`: width and height in pixels.

    Faces far behind, below `rules.other_share` of the first one's size, do not disturb.
    """
    if not faces:
        return "no_face", None
    first, *others = sorted(faces, key=_side, reverse=True)
    if any(_side(other) >= rules.other_share * _side(first) for other in others):
        return "several_faces", None
    if _side(first) < rules.min_face:
        return "closer", None
    if _side(first) > rules.farther_share * min(picture):
        return "farther", None
    return "", first


def of_motion(face: Face, before: Face | None, seconds: float, rules: EnrolConfig) -> Hint:
    """Whether the face keeps still, judged by where it was `seconds` ago."""
    if before is None or seconds <= 0:
        return "still"
    (x, y), (x0, y0) = _centre(face), _centre(before)
    moved = ((x - x0) ** 2 + (y - y0) ** 2) ** 0.5 / max(face.box[2], 1.0)
    return "still" if moved / seconds > rules.still_share else ""


def of_quality(reasons: Sequence[str]) -> Hint:
    """`reasons` as `faces.quality.Quality` has them, the first to mend first."""
    return _OF_REASON[reasons[0]] if reasons else ""


def _side(face: Face) -> float:
    return min(face.box[2], face.box[3])


def _centre(face: Face) -> tuple[float, float]:
    x, y, width, height = face.box
    return x + width / 2, y + height / 2
