"""Synthetic scenes: licensed portraits moving across a background, as a camera would see them.

Everything is made from the seed and the time asked for; nothing is written to a disk.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import cv2
import numpy as np

from edge_agent.vision.ports import Frame
from tests.support import portraits

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from edge_agent.vision.ports import Image

Place = tuple[float, float, float]
"""Centre of the face x, y and its width, in pixels of the scene."""
Where = Callable[[float], Place | None]
"""Seconds since the scene began → where the face is; None while it is not in view."""

FACES: dict[str, Place] = {
    "obama": (492.0, 255.5, 240.0),
    "obama2": (339.5, 431.5, 275.0),
    "obama3": (776.5, 446.0, 265.0),
    "impostor_1": (342.5, 333.0, 245.0),
    "impostor_2": (376.5, 384.0, 279.0),
    "biden": (566.0, 377.0, 300.0),
    "person_a_1": (103.5, 99.5, 73.0),
    "person_a_2": (360.5, 373.5, 315.0),
    "person_b_1": (360.0, 345.5, 286.0),
    "person_b_2": (349.5, 331.5, 285.0),
}
"""Where the face is in each portrait (pixels; looked up once with YuNet)."""
STRANGERS = ("obama", "person_a_2", "person_b_1", "impostor_2", "biden")
"""Five different people."""

_HEAD = 1.9
"""How much of a portrait is pasted, in widths of the face each way."""


@dataclass(frozen=True)
class Actor:
    """One person: which portrait, and where the face is at each moment."""

    picture: str
    where: Where


def standing(x: float, y: float, width: float) -> Where:
    return lambda _: (x, y, width)


def walking(start: Place, end: Place, seconds: float, begin: float = 0.0) -> Where:
    """In a straight line from `start` to `end`; not in view before and after."""

    def where(t: float) -> Place | None:
        share = (t - begin) / seconds
        if not 0 <= share <= 1:
            return None
        x, y, width = (a + (b - a) * share for a, b in zip(start, end, strict=True))
        return x, y, width

    return where


@cache
def background(width: int, height: int, seed: int = 1) -> "Image":
    """A dim wall with soft patches of light: no face is found in it."""
    chance = np.random.default_rng(seed)
    coarse = chance.integers(70, 130, (9, 16, 3), dtype=np.uint8)
    smooth = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    grain = chance.integers(0, 8, (height, width, 1), dtype=np.uint8)
    return np.clip(smooth.astype(np.int16) + grain, 0, 255).astype(np.uint8)


def compose(actors: Sequence[Actor], t: float, width: int = 1280, height: int = 720) -> "Image":
    """The picture at `t`; later actors stand before earlier ones."""
    image = background(width, height).copy()
    for actor in actors:
        if (place := actor.where(t)) is not None:
            paste(image, portraits.image(f"{actor.picture}.jpg"), FACES[actor.picture], place)
    return image


def frames(
    actors: Sequence[Actor], *, fps: float, seconds: float, width: int = 1280, height: int = 720, start: float = 1000.0
) -> Iterator[Frame]:
    """The pictures of a camera whose clock showed `start` when the scene began."""
    for n in range(round(seconds * fps)):
        yield Frame(compose(actors, n / fps, width, height), start + n / fps, n + 1)


def paste(image: "Image", source: "Image", face: Place, place: Place) -> None:
    """Put the head of `source` into the scene, scaled, through a soft oval; what lies beyond the edge is cut."""
    (from_x, from_y, from_width), (x, y, width) = face, place
    scale = width / from_width
    half = round(_HEAD * width / 2)
    if scale < 1:
        shrunk = cv2.resize(source, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        matrix = np.array([[1.0, 0.0, half - from_x * scale], [0.0, 1.0, half - from_y * scale]])
    else:
        shrunk = source
        matrix = np.array([[scale, 0.0, half - from_x * scale], [0.0, scale, half - from_y * scale]])
    head = cv2.warpAffine(shrunk, matrix, (2 * half, 2 * half), borderMode=cv2.BORDER_REPLICATE)
    left, top = round(x) - half, round(y) - half
    x0, y0 = max(left, 0), max(top, 0)
    x1, y1 = min(left + 2 * half, image.shape[1]), min(top + 2 * half, image.shape[0])
    if x0 >= x1 or y0 >= y1:
        return
    part = np.s_[y0 - top : y1 - top, x0 - left : x1 - left]
    mask = _oval(2 * half)[part]
    below = image[y0:y1, x0:x1].astype(np.float32)
    image[y0:y1, x0:x1] = (below + (head[part].astype(np.float32) - below) * mask).astype(np.uint8)


@cache
def _oval(side: int) -> "NDArray[np.float32]":
    rows, columns = np.mgrid[0:side, 0:side].astype(np.float32)
    apart = np.hypot((columns - side / 2) / (side * 0.42), (rows - side / 2) / (side * 0.5))
    return np.clip((1.0 - apart) * 8, 0, 1)[..., None].astype(np.float32)
