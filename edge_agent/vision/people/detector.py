"""Finding people with an ONNX file of the office, in the YOLOX layout.

The layout (Megvii-BaseDetection/YOLOX, tools/export_onnx.py as it is by default, from version 0.1.1 on): one input,
1 × 3 × height × width, BGR, 0 to 255, the picture in the upper left corner and grey 114 around it; one output,
1 × cells × (5 + classes), cells of strides 8, 16 and 32 one after the other, row by row; in each the offset of the
centre within the cell, the logarithm of width and height (all in strides), then the score that anything is there and
that of each class, both 0 to 1. Class 0 is a person (COCO's order).
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import cv2
import numpy as np

from edge_agent.vision.ports import EngineError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from edge_agent.vision.ports import Image

_STRIDES = (8, 16, 32)
_GREY = 114
_BEFORE_CLASSES = 5
_PERSON = _BEFORE_CLASSES
_OVERLAP = 0.65
"""Two boxes with more in common are one person; people in a crowd overlap. As in YOLOX's own evaluation."""
_LARGEST_LOG = 8.0
"""exp of more is wider than any picture: a broken cell must not overflow."""


@dataclass(frozen=True, slots=True)
class Person:
    """`box` x, y, width, height in pixels of the picture; `score` 0 to 1."""

    box: tuple[float, float, float, float]
    score: float


class PersonDetector(Protocol):
    def detect(self, image: "Image") -> list[Person]:
        """Surest first, also doubtful ones. Raises EngineError."""
        ...


class YoloxDetector:
    """`input_side` is used where the file leaves its input's size open. `least`: the score below which nobody is told.

    Raises EngineError, which says what was expected and what was found: no file, no ONNX, another layout.
    """

    def __init__(self, model: Path, input_side: int = 416, least: float = 0.1) -> None:
        self._model = model
        self._least = least
        self._size = _input_size(model, input_side)
        width, height = self._size
        self._centres, self._strides = _grid(width, height)
        self._run = _runner(model, (1, 3, height, width))
        self._check_scores(self._forward(np.full((height, width, 3), _GREY, np.uint8)))

    def detect(self, image: "Image") -> list[Person]:
        width, height = self._size
        scale = min(width / image.shape[1], height / image.shape[0])
        wide, high = max(round(image.shape[1] * scale), 1), max(round(image.shape[0] * scale), 1)
        boxed = np.full((height, width, 3), _GREY, np.uint8)
        shrinking = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        boxed[:high, :wide] = cv2.resize(image, (wide, high), interpolation=shrinking)
        cells = self._forward(boxed)
        scores = cells[:, 4] * cells[:, _PERSON]
        # A comparison with a number that is none is false, so such a cell is left out as well.
        chosen = np.flatnonzero((scores >= self._least) & np.isfinite(cells[:, :4]).all(axis=1))
        middle = (cells[chosen, :2] + self._centres[chosen]) * self._strides[chosen, None]
        size = np.exp(np.minimum(cells[chosen, 2:4], _LARGEST_LOG)) * self._strides[chosen, None]
        boxes = np.hstack([middle - size / 2, size]) / scale
        kept = cv2.dnn.NMSBoxes(boxes.tolist(), scores[chosen].tolist(), self._least, _OVERLAP) if len(chosen) else []
        people = [(boxes[at].tolist(), float(scores[chosen][at])) for at in np.asarray(kept, dtype=np.intp).ravel()]
        return [Person((x, y, w, h), score) for (x, y, w, h), score in people]

    def _forward(self, boxed: "Image") -> "NDArray[np.float32]":
        """One row for each cell. Raises EngineError for an output of another shape."""
        blob = np.ascontiguousarray(boxed.transpose(2, 0, 1)[None], dtype=np.float32)
        found = self._run(blob)
        expected = len(self._strides)
        if len(found) != 1 or found[0].ndim != 3 or found[0].shape[1] != expected or found[0].shape[2] <= _PERSON:
            shapes = ", ".join(" × ".join(map(str, one.shape)) for one in found)
            width, height = self._size
            raise EngineError(
                f"{self._model} is not in the YOLOX layout: for an input of {width} × {height} one output of "
                f"1 × {expected} × (5 + classes) is expected, found {shapes or 'none'}. "
                "Export it with YOLOX's tools/export_onnx.py, without --decode_in_inference"
            )
        cells: NDArray[np.float32] = found[0][0]
        return cells

    def _check_scores(self, cells: "NDArray[np.float32]") -> None:
        scores = cells[:, 4:]
        if not (np.isfinite(scores).all() and scores.min() >= 0 and scores.max() <= 1):
            raise EngineError(
                f"{self._model} is not in the YOLOX layout: from the fifth column on scores of 0 to 1 are expected, "
                f"found {scores.min():g} to {scores.max():g}"
            )


def _input_size(model: Path, side: int) -> tuple[int, int]:
    """Width and height that the file asks for, or `side` where it leaves them open."""
    import onnx
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped]

    if not model.is_file():
        raise EngineError(f"{model} is missing: people are counted with an ONNX file of your own, in the YOLOX layout")
    try:
        graph = onnx.load(str(model), load_external_data=False).graph
    except (DecodeError, OSError) as error:
        raise EngineError(f"{model} cannot be read as ONNX: {error}") from error
    constants = {one.name for one in graph.initializer}
    inputs = [one for one in graph.input if one.name not in constants]
    shapes = [[part.dim_value for part in one.type.tensor_type.shape.dim] for one in inputs]
    if len(shapes) != 1 or len(shapes[0]) != 4 or shapes[0][1] not in (0, 3) or shapes[0][0] not in (0, 1):
        raise EngineError(
            f"{model} is not in the YOLOX layout: one input of 1 × 3 × height × width is expected, found {shapes}"
        )
    height, width = shapes[0][2] or side, shapes[0][3] or side
    if width % _STRIDES[-1] or height % _STRIDES[-1]:
        raise EngineError(
            f"{model}: width and height of a YOLOX input are multiples of {_STRIDES[-1]}, found {width} × {height}; "
            "set input_side to one"
        )
    return width, height


def _grid(width: int, height: int) -> tuple["NDArray[np.float32]", "NDArray[np.float32]"]:
    """For each cell its column and row, and its stride in pixels."""
    centres, strides = [], []
    for stride in _STRIDES:
        rows, columns = np.mgrid[0 : height // stride, 0 : width // stride]
        centres.append(np.stack([columns.ravel(), rows.ravel()], axis=1))
        strides.append(np.full(rows.size, stride))
    return np.concatenate(centres).astype(np.float32), np.concatenate(strides).astype(np.float32)


_Run = Callable[["NDArray[np.float32]"], "list[NDArray[np.float32]]"]


def _runner(model: Path, shape: tuple[int, ...]) -> _Run:
    """OpenCV's own runtime; onnxruntime, where it is installed, for what OpenCV cannot run."""
    blank = np.full(shape, float(_GREY), np.float32)
    try:
        run = _with_opencv(model)
        run(blank)
    except cv2.error as refused:
        try:
            run = _with_onnxruntime(model)
        except ModuleNotFoundError:
            raise EngineError(
                f"OpenCV {cv2.__version__} cannot run {model}: {refused}. Install onnxruntime, or export another file"
            ) from refused
        run(blank)
    return run


def _with_opencv(model: Path) -> _Run:
    net = cv2.dnn.readNetFromONNX(str(model))
    outputs = net.getUnconnectedOutLayersNames()

    def run(blob: "NDArray[np.float32]") -> "list[NDArray[np.float32]]":
        net.setInput(blob)
        return [np.asarray(one) for one in net.forward(outputs)]

    return run


def _with_onnxruntime(model: Path) -> _Run:
    """Raises ModuleNotFoundError when onnxruntime is not installed, EngineError when it cannot load the file."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    try:
        session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its errors have no common class below Exception
        raise EngineError(f"neither OpenCV nor onnxruntime can load {model}: {error}") from error
    name = session.get_inputs()[0].name

    def run(blob: "NDArray[np.float32]") -> "list[NDArray[np.float32]]":
        return [np.asarray(one) for one in session.run(None, {name: blob})]

    return run
