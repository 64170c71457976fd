"""YuNet finds faces, SFace embeds them, both in OpenCV. Licences (MIT, Apache-2.0) that allow sale: the default engine.

YuNet: Wu et al., "YuNet: a tiny millisecond-level face detector", 2023. SFace: Zhong et al., "SFace:
sigmoid-constrained hypersphere loss for robust face recognition", 2021.
"""

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_agent.vision import models
from edge_agent.vision.engines import base
from edge_agent.vision.ports import EngineError, Face, Scale

if TYPE_CHECKING:
    from edge_agent.vision.ports import Image, Vector

SCALE = Scale(
    same=0.55,
    different=0.36,
    threshold_one=0.42,
    threshold_per_decade=0.045,
    threshold_most=0.60,
    margin_one=0.05,
    margin_per_decade=0.01,
)
"""Why these: docs/adr/030-face-engines.md."""

_LEAST_SCORE = 0.7
_OVERLAP = 0.3
_MOST_FACES = 200
_DIMENSIONS = 128


class OpencvEngine:
    """`models`: the folder that holds `opencv/` (`edge_agent.vision.models`). `detect_side`: pixels, longest side.

    Raises EngineError when the weights are missing, are not the pinned ones, or do not load.
    """

    id = "opencv"
    dimensions = _DIMENSIONS
    scale = SCALE

    def __init__(self, models_folder: Path, detect_side: int) -> None:
        models.check(models_folder)
        folder = models_folder / models.FOLDER
        files = [folder / weights.name for weights in models.WEIGHTS]
        self.model = base.model_hash(files)
        self._side = detect_side
        self._lock = threading.Lock()
        try:
            self._detector, self._recogniser = _loaded(files[0], files[1])
        except cv2.error as error:
            raise EngineError(
                f"OpenCV {cv2.__version__} cannot load the weights in {folder}: {error}. "
                "Install the packages of requirements/vision.txt"
            ) from error

    def detect(self, image: "Image") -> list[Face]:
        scale = base.working_scale(image, self._side)
        if scale is None:
            return []
        small = base.shrunk(base.bgr(image), scale)
        with self._lock:
            self._detector.setInputSize((small.shape[1], small.shape[0]))
            # Its stub does not say that OpenCV gives None when there is no face.
            rows: NDArray[Any] | None = self._detector.detect(small)[1]
        if rows is None:
            return []
        usable = rows[np.isfinite(rows).all(axis=1) & (rows[:, 2:4] > 0).all(axis=1)]
        return base.largest_first(_face(row, scale) for row in usable)

    def embed(self, image: "Image", face: Face) -> "Vector":
        """Aligned from the full picture, however small the one was in which the face was found."""
        with self._lock:
            aligned = self._recogniser.alignCrop(base.bgr(image), _row(face))
            return base.unit(self._recogniser.feature(aligned))


def _loaded(detector: Path, recogniser: Path) -> tuple[cv2.FaceDetectorYN, cv2.FaceRecognizerSF]:
    level = cv2.utils.logging.getLogLevel()
    # OpenCV 5 warns of targets that nobody asked for.
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)
    try:
        return (
            cv2.FaceDetectorYN.create(str(detector), "", (320, 320), _LEAST_SCORE, _OVERLAP, _MOST_FACES),
            cv2.FaceRecognizerSF.create(str(recogniser), ""),
        )
    finally:
        cv2.utils.logging.setLogLevel(level)


def _face(row: "NDArray[np.float32]", scale: float) -> Face:
    full = [float(value) / scale for value in row[:14]]
    return Face(
        box=(full[0], full[1], full[2], full[3]),
        landmarks=tuple((full[at], full[at + 1]) for at in range(4, 14, 2)),
        score=min(1.0, max(0.0, float(row[14]))),
    )


def _row(face: Face) -> "NDArray[np.float32]":
    points = [coordinate for point in face.landmarks for coordinate in point]
    return np.array([[*face.box, *points, face.score]], dtype=np.float32)
