"""OpenCV as every source uses it: quiet, because its own messages know nothing of passwords; one picture at a time."""

import os
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, cast

# Read by OpenCV once, at its first use of FFmpeg. A dead camera is told once, as its device's state.
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")

import cv2

from edge_agent.vision.ports import SourceError
from edge_agent.vision.sources.live import bounded

if TYPE_CHECKING:
    from edge_agent.vision.ports import Image

__all__ = ["Capture", "CaptureStream", "OpenCapture", "cv2"]

cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
cv2.setNumThreads(1)


class Capture(Protocol):
    """What is used of `cv2.VideoCapture`."""

    def isOpened(self) -> bool: ...  # noqa: N802
    def set(self, prop: int, value: float, /) -> bool: ...
    def get(self, prop: int, /) -> float: ...
    def read(self) -> tuple[bool, Any]: ...
    def release(self) -> None: ...


OpenCapture = Callable[..., Capture]
"""`cv2.VideoCapture`: a path or URL, a backend, and perhaps pairs of property and value."""


class CaptureStream(ABC):
    """A `Stream` over an open capture. Subclasses say how it is opened and why it may have ended."""

    def __init__(self) -> None:
        self._capture: Capture | None = None

    def open(self) -> None:
        capture = self._connect()
        self._capture = capture
        bounded(capture.get(cv2.CAP_PROP_FRAME_WIDTH), capture.get(cv2.CAP_PROP_FRAME_HEIGHT))

    def next(self) -> "Image | None":
        if self._capture is None:
            raise self._ended()
        good, image = self._capture.read()
        if not good:
            raise self._ended()
        return cast("Image", image)

    def picture(self, taken: "Image") -> "Image | None":
        return taken

    def interrupt(self) -> None:  # noqa: B027 - complete as it is
        """Nothing of OpenCV may be called beside its own thread; its time-outs end the wait."""

    def close(self) -> None:
        if self._capture is not None:
            self._capture.release()
            self._capture = None

    @abstractmethod
    def _connect(self) -> Capture:
        """An open capture. Raises SourceError."""

    @abstractmethod
    def _ended(self) -> SourceError:
        """Why it gives no more pictures."""
