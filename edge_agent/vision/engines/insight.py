"""InsightFace's FaceAnalysis on a model pack that the office brings, from a local folder and from nowhere else.

The packs that InsightFace publishes are for non-commercial research; its site sells licences for others. Hence the
sentence in the configuration. What the class would do by itself is asked beforehand: a folder that is missing makes it
download one, a pack without a detector ends in an AssertionError without text.
"""

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import onnxruntime
from insightface.app import FaceAnalysis
from insightface.app.common import Face as PackFace
from numpy.typing import NDArray

from edge_agent.vision.config import InsightfaceConfig
from edge_agent.vision.engines import base
from edge_agent.vision.engines.preflight import preflight
from edge_agent.vision.ports import EngineError, Face, Scale

if TYPE_CHECKING:
    from edge_agent.vision.ports import Image, Vector

SCALE = Scale(
    same=0.40,
    different=0.36,
    threshold_one=0.42,
    threshold_per_decade=0.045,
    threshold_most=0.60,
    margin_one=0.05,
    margin_per_decade=0.01,
)
"""Those of SFace, which are stricter than what is published for ArcFace packs (docs/adr/030-face-engines.md)."""

_LEAST_SCORE = 0.5
_STRIDE = 32


class InsightfaceEngine:
    """Raises EngineError when the licence is not acknowledged or the folder holds no usable pack; never downloads."""

    id = "insightface"
    scale = SCALE

    def __init__(self, config: InsightfaceConfig, detect_side: int) -> None:
        preflight(config)
        folder = config.model_dir
        analysis = _loaded(folder)
        self._side = max(_STRIDE, detect_side // _STRIDE * _STRIDE)
        analysis.prepare(ctx_id=-1, det_thresh=_LEAST_SCORE, det_size=(self._side, self._side))
        self._detector = analysis.models["detection"]
        self._recogniser = analysis.models["recognition"]
        self._lock = threading.Lock()
        self.model = base.model_hash([Path(self._detector.model_file), Path(self._recogniser.model_file)])
        self.dimensions = self._probed_dimensions(folder)

    def detect(self, image: "Image") -> list[Face]:
        if base.working_scale(image, self._side) is None:
            return []
        with self._lock:
            boxes, landmarks = self._detector.detect(base.bgr(image))
        found = zip(boxes.tolist(), landmarks.tolist(), strict=True)
        return base.largest_first(_face(box, points) for box, points in found if box[2] > box[0] and box[3] > box[1])

    def embed(self, image: "Image", face: Face) -> "Vector":
        known = PackFace(kps=np.array(face.landmarks, dtype=np.float32))
        with self._lock:
            return base.unit(self._recogniser.get(base.bgr(image), known))

    def _probed_dimensions(self, folder: Path) -> int:
        width, height = self._recogniser.input_size
        nothing: NDArray[np.uint8] = np.full((height, width, 3), 127, dtype=np.uint8)
        try:
            return int(np.asarray(self._recogniser.get_feat(nothing)).size)
        except Exception as error:
            raise EngineError(f"the recogniser of {folder} does not run: {error}. Use another pack") from error


def _loaded(folder: Path) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # one camera never takes the whole machine from the counters
    try:
        analysis = FaceAnalysis(
            name=str(folder),
            allowed_modules=["detection", "recognition"],
            providers=["CPUExecutionProvider"],
            sess_options=options,
        )
    except AssertionError as error:
        raise EngineError(
            f"{folder} holds no face detector that insightface knows (SCRFD or RetinaFace). Files: {_files(folder)}"
        ) from error
    except Exception as error:  # onnxruntime's own errors share no base class
        raise EngineError(f"insightface cannot load the pack in {folder}: {error}") from error
    if "recognition" not in analysis.models:
        raise EngineError(
            f"{folder} holds no face recogniser that insightface knows (ArcFace). Files: {_files(folder)}"
        )
    if not analysis.models["detection"].use_kps:
        raise EngineError(f"the detector of {folder} gives no landmarks; use a pack whose detector does")
    return analysis


def _files(folder: Path) -> str:
    return ", ".join(sorted(file.name for file in folder.glob("*.onnx")))


def _face(box: list[float], points: list[list[float]]) -> Face:
    left, top, right, bottom, score = box
    return Face(
        box=(left, top, right - left, bottom - top),
        landmarks=tuple((x, y) for x, y in points),
        score=min(1.0, max(0.0, score)),
    )
