"""Whether one look at a face is worth embedding, and why not.

The defaults were chosen by degrading the licensed portraits and watching how far the similarity to the other
photographs of the same person falls (SFace; mean 0.73 unharmed; docs/adr/032-face-pipeline.md has the table):

- size: −0.01 at 60 px, −0.02 at 40, −0.08 at 26, −0.16 at 20 (shorter side of the box);
- blur: sharpness 0.15 and more unharmed; −0.04 at 0.06–0.26, −0.11 at 0.03–0.12, −0.20 at 0.02–0.08, −0.40 below 0.05;
- light: mean grey 38–57 −0.03, 20–32 −0.08, 9–16 −0.27; over-exposed: −0.02 up to 0.37 of the face, −0.22 up to 0.64;
- contrast: grey deviation 10–20 −0.05, 7–13 −0.10, 4–7 −0.39;
- cut by the edge: −0.1 when a fifth of the standard crop is missing at the top or at a side.

Turning cannot be measured on frontal portraits: the bounds for pose are those usual for enrolment, not measured.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import cv2
import numpy as np

from edge_agent.vision.faces.alignment import Pose, pose, share_outside, to_standard
from edge_agent.vision.ports import Face

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from edge_agent.vision.ports import Image

Reason = Literal["too_small", "blurred", "turned", "dark", "bright", "cut"]

_SIDE = 64
"""Side of the crop on which light and sharpness are measured: no face worth recognising is blown up to it."""
_EDGE = 8
"""Margin of that crop left out: hair and background."""
_OVEREXPOSED = 250
_NOISE = 25.0
"""Grey levels squared, added to the variance: a face without contrast is not sharp because of its noise."""
_MIDDLE_GREY = 110.0


@dataclass(frozen=True, slots=True)
class QualitySettings:
    """For each property the bound from which a look is refused, and the value from which it is as good as can be.

    Sizes in pixels of the shorter side of the box, angles in degrees, greys 0 to 255, shares 0 to 1.
    """

    size_least: float = 60.0
    size_full: float = 112.0
    sharpness_least: float = 0.05
    sharpness_full: float = 0.2
    yaw_most: float = 35.0
    pitch_most: float = 30.0
    roll_most: float = 45.0
    grey_least: float = 30.0
    grey_full: float = 60.0
    overexposed_most: float = 0.45
    contrast_least: float = 9.0
    contrast_full: float = 20.0
    outside_most: float = 0.2


@dataclass(frozen=True, slots=True)
class Quality:
    """`score` 0 to 1, the product of how good each property is; `reasons`: what is wrong, worst first to mend."""

    score: float
    reasons: tuple[Reason, ...]

    @property
    def good(self) -> bool:
        return not self.reasons


@dataclass(frozen=True, slots=True)
class Light:
    """Of the middle of the standard crop. `sharpness`: variance of the Laplacian over the variance of the greys."""

    sharpness: float
    grey: float
    contrast: float
    overexposed: float


def assess(image: "Image", face: Face, settings: QualitySettings | None = None) -> Quality:
    """Judge one look. Costs about 0.2 ms. Raises ValueError for a face without five distinct landmarks."""
    settings = settings or QualitySettings()
    shape = assess_shape(face, image.shape[1], image.shape[0], settings)
    light = measure_light(image, face)
    sharp = _rise(light.sharpness, settings.sharpness_least, settings.sharpness_full)
    grey = _rise(light.grey, settings.grey_least, settings.grey_full)
    contrast = _rise(light.contrast, settings.contrast_least, settings.contrast_full)
    glare = _fall(light.overexposed, settings.overexposed_most)
    reasons = list(shape.reasons)
    if light.sharpness < settings.sharpness_least:
        reasons.append("blurred")
    flat = light.contrast < settings.contrast_least
    if light.grey < settings.grey_least or (flat and light.grey < _MIDDLE_GREY):
        reasons.append("dark")
    elif light.overexposed > settings.overexposed_most or flat:
        reasons.append("bright")
    return Quality(shape.score * sharp * grey * contrast * glare, tuple(reasons))


def assess_shape(face: Face, width: int, height: int, settings: QualitySettings) -> Quality:
    """The part that needs no pixels: size, pose and edges, in a picture of that size. Never less than the whole score.

    Costs about 0.05 ms. Raises ValueError for a face without five distinct landmarks.
    """
    short = min(face.box[2], face.box[3])
    turned = pose(face.landmarks)
    outside = share_outside(face.landmarks, width, height)
    score = _rise(short, settings.size_least, settings.size_full)
    for angle, most in _angles(turned, settings):
        score *= _fall(abs(angle), most)
    score *= _fall(outside, settings.outside_most)
    reasons: list[Reason] = []
    if short < settings.size_least:
        reasons.append("too_small")
    if outside > settings.outside_most:
        reasons.append("cut")
    if any(abs(angle) > most for angle, most in _angles(turned, settings)):
        reasons.append("turned")
    return Quality(score, tuple(reasons))


def _angles(turned: Pose, settings: QualitySettings) -> tuple[tuple[float, float], ...]:
    return (turned.yaw, settings.yaw_most), (turned.pitch, settings.pitch_most), (turned.roll, settings.roll_most)


def measure_light(image: "Image", face: Face) -> Light:
    """Measured on a grey crop of fixed scale, so that the same face near and far gives the same figures."""
    crop = _upright(image, face)[_EDGE:-_EDGE, _EDGE:-_EDGE]
    variance = float(crop.var())
    edges = cv2.Laplacian(crop, cv2.CV_32F, ksize=1)
    return Light(
        sharpness=float(edges.var()) / (variance + _NOISE),
        grey=float(crop.mean()),
        contrast=variance**0.5,
        overexposed=float(np.count_nonzero(crop >= _OVEREXPOSED)) / crop.size,
    )


def _upright(image: "Image", face: Face) -> "NDArray[np.float32]":
    """The standard crop in grey. Shrunk by area first: a plain warp would skip pixels and look sharper than it is."""
    transform = to_standard(face.landmarks, _SIDE)
    corners = [transform.back(complex(x, y)) for x in (0, _SIDE) for y in (0, _SIDE)]
    left, right = _within([corner.real for corner in corners], image.shape[1])
    top, bottom = _within([corner.imag for corner in corners], image.shape[0])
    region = cv2.cvtColor(image[top:bottom, left:right], cv2.COLOR_BGR2GRAY)
    shrink = min(transform.scale, 1.0)
    wide, high = max(round(region.shape[1] * shrink), 1), max(round(region.shape[0] * shrink), 1)
    if shrink < 1:
        region = cv2.resize(region, (wide, high), interpolation=cv2.INTER_AREA)
    turn, shift = transform.turn, transform(complex(left, top))
    across, down = (right - left) / wide, (bottom - top) / high
    matrix = np.array(
        [[turn.real * across, -turn.imag * down, shift.real], [turn.imag * across, turn.real * down, shift.imag]]
    )
    warped = cv2.warpAffine(region, matrix, (_SIDE, _SIDE), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return warped.astype(np.float32)


def _within(places: list[float], length: int) -> tuple[int, int]:
    """At least one pixel of the picture, also for a face that lies beside it."""
    first = min(max(int(min(places)), 0), length - 1)
    return first, min(max(int(max(places)) + 1, first + 1), length)


def _rise(value: float, least: float, full: float) -> float:
    """0 at 0, a half at the bound, 1 from `full` on."""
    if value < least:
        return max(0.5 * value / least, 0.0)
    return min(0.5 + 0.5 * (value - least) / (full - least), 1.0) if full > least else 1.0


def _fall(value: float, most: float) -> float:
    """1 at 0, a half at the bound, 0 from twice the bound on."""
    return max(1.0 - 0.5 * value / most, 0.0)
