"""A UVC camera through V4L2."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from edge_agent.vision.config import UsbSource
from edge_agent.vision.ports import SourceError
from edge_agent.vision.sources.capture import Capture, CaptureStream, OpenCapture, cv2

if TYPE_CHECKING:
    from edge_agent.vision.ports import Image


class UsbStream(CaptureStream):
    """Motion JPEG, because raw YUYV does not fit through USB 2 above 640 × 480; one buffer, because old pictures lag.

    The order of the settings matters: the format first, since it decides which sizes and rates there are.
    """

    def __init__(self, config: UsbSource, capture: OpenCapture = cv2.VideoCapture) -> None:
        super().__init__()
        self._config = config
        self._open_capture = capture

    def next(self) -> "Image | None":
        if not Path(self._config.device).exists():
            raise self._unplugged()
        return super().next()

    def _connect(self) -> Capture:
        path = Path(self._config.device)
        if not path.exists():
            raise self._unplugged()
        if not os.access(path, os.R_OK | os.W_OK):
            raise SourceError("camera_permission", camera=str(path))
        # The links below /dev/v4l/by-id name the plug; V4L2 wants the device they lead to.
        capture = self._open_capture(str(path.resolve()), cv2.CAP_V4L2)
        if not capture.isOpened():
            capture.release()
            raise SourceError("camera_in_use", camera=str(path))
        for prop, value in self._settings():
            capture.set(prop, value)  # a camera may refuse any of them; the health check tells what it really gives
        return capture

    def _settings(self) -> tuple[tuple[int, float], ...]:
        return (
            (cv2.CAP_PROP_FOURCC, float(cv2.VideoWriter.fourcc(*"MJPG"))),
            (cv2.CAP_PROP_FRAME_WIDTH, float(self._config.width)),
            (cv2.CAP_PROP_FRAME_HEIGHT, float(self._config.height)),
            (cv2.CAP_PROP_FPS, float(self._config.fps)),
            (cv2.CAP_PROP_BUFFERSIZE, 1.0),
        )

    def _unplugged(self) -> SourceError:
        return SourceError("camera_gone", camera=str(self._config.device))

    def _ended(self) -> SourceError:
        if not Path(self._config.device).exists():
            return self._unplugged()
        return SourceError("camera_stopped", camera=str(self._config.device))
