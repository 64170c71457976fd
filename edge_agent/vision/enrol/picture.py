"""A frame as the preview shows it: small, mirrored, an oval around the face. Nothing is written anywhere."""

from typing import TYPE_CHECKING

import cv2
import numpy as np

from edge_agent.vision.ports import Face

if TYPE_CHECKING:
    from edge_agent.vision.ports import Image

_QUALITY = 80
_WAITING, _GOOD = (235, 235, 235), (96, 200, 64)
"""BGR."""


def mirror_jpeg(image: "Image", face: Face | None, *, good: bool, side: int) -> bytes:
    """JPEG of `image`, its longer side at most `side` pixels, left and right exchanged as in a mirror."""
    height, width = image.shape[:2]
    scale = min(1.0, side / max(height, width))
    size = (max(round(width * scale), 1), max(round(height * scale), 1))
    small = np.asarray(cv2.flip(cv2.resize(image, size, interpolation=cv2.INTER_AREA), 1), dtype=np.uint8)
    if face is not None:
        _oval(small, face, scale, _GOOD if good else _WAITING)
    taken, jpeg = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    if not taken:
        raise ValueError(f"a picture of {width}×{height} could not be encoded")
    return np.asarray(jpeg).tobytes()


def _oval(mirrored: "Image", face: Face, scale: float, colour: tuple[int, int, int]) -> None:
    x, y, width, height = (value * scale for value in face.box)
    centre = (round(mirrored.shape[1] - (x + width / 2)), round(y + height / 2))
    axes = (max(round(width * 0.62), 1), max(round(height * 0.62), 1))
    cv2.ellipse(mirrored, centre, axes, 0, 0, 360, colour, thickness=3, lineType=cv2.LINE_AA)
