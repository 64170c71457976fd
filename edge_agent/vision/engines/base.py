"""What every engine does alike with pictures, vectors and model files."""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_agent.vision.ports import EngineError, Face

if TYPE_CHECKING:
    from edge_agent.vision.ports import Image, Vector

SMALLEST_SIDE = 16
"""Pixels. A picture thinner than this, at working size, holds no face that could be recognised."""


def bgr(image: "NDArray[Any]") -> "Image":
    """The picture as height × width × 3, BGR; gray and BGRA are converted. Raises ValueError for anything else."""
    if image.dtype != np.uint8 or image.ndim not in (2, 3):
        raise ValueError(f"a picture is height × width × 3 of uint8, got {image.shape} of {image.dtype}")
    if image.ndim == 3 and image.shape[2] == 3:
        return image
    if image.ndim == 2 or image.shape[2] == 1:
        return np.repeat(image.reshape(*image.shape[:2], 1), 3, axis=2)
    if image.shape[2] == 4:
        return np.ascontiguousarray(image[:, :, :3])
    raise ValueError(f"a picture has 1, 3 or 4 channels, got {image.shape[2]}")


def working_scale(image: "NDArray[Any]", side: int) -> float | None:
    """Factor (at most 1) that brings the longer side down to `side` pixels; None when no face would fit then."""
    height, width = image.shape[:2]
    if min(height, width) == 0:
        return None
    scale = min(1.0, side / max(height, width))
    return scale if min(height, width) * scale >= SMALLEST_SIDE else None


def shrunk(image: "Image", scale: float) -> "Image":
    if scale == 1.0:
        return image
    height, width = image.shape[:2]
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def largest_first(faces: Iterable[Face]) -> list[Face]:
    return sorted(faces, key=lambda face: face.box[2] * face.box[3], reverse=True)


def unit(features: "NDArray[Any]") -> "Vector":
    """The features as one vector of length 1. Raises EngineError when there is none: the weights cannot be right."""
    vector = np.asarray(features, dtype=np.float32).reshape(-1)
    length = float(np.linalg.norm(vector))
    if not np.isfinite(length) or length == 0.0:
        raise EngineError("the recogniser gave no usable features: its weights are damaged; obtain them again")
    return vector / np.float32(length)


def model_hash(files: Iterable[Path]) -> str:
    """SHA-256 over the content of the files in the given order, hex."""
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()
