"""A video or a folder of pictures in place of a camera: every picture in order, never faster than its pace."""

import math
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

from contracts.reasons import name_of
from edge_agent.vision.config import FileSource
from edge_agent.vision.ports import Frame, RecordingOverError, SourceError
from edge_agent.vision.sources import jpeg
from edge_agent.vision.sources.capture import cv2
from edge_agent.vision.sources.live import bounded

if TYPE_CHECKING:
    from edge_agent.vision.ports import Image

PICTURES = frozenset({".jpg", ".jpeg", ".png"})
PICTURES_PER_SECOND = 10.0
"""Of a folder, and of a video that tells none."""


class Recording:
    """A `Source` of a file. Unlike a camera it skips nothing: who reads late gets the next picture late."""

    def __init__(self, config: FileSource) -> None:
        self._config = config
        self._closed = threading.Event()
        self._pictures: Iterator[Image] | None = None
        self._period = 0.0
        self._due = 0.0
        self._number = 0

    def open(self) -> None:
        path = self._config.path
        if not path.exists():
            raise SourceError("recording_missing", file=str(path))
        pictures = _folder(path)
        own = PICTURES_PER_SECOND if pictures else _own_pace(path)
        self._period = 1 / (self._config.fps or own)
        self._pictures = self._play(pictures)
        self._number, self._due = 0, time.monotonic()
        self._closed.clear()

    def read(self, timeout: float) -> Frame | None:
        if self._pictures is None:
            raise SourceError("recording_closed")
        wait = self._due - time.monotonic()
        if self._closed.wait(max(0.0, min(wait, timeout))):
            raise SourceError("recording_closed")
        if wait > timeout:
            return None
        image = next(self._pictures, None)
        if image is None:
            raise RecordingOverError("recording_over", file=self._config.path.name)
        now = time.monotonic()
        self._due = max(self._due + self._period, now)
        self._number += 1
        return Frame(image, now, self._number)

    def close(self) -> None:
        self._closed.set()
        self._pictures = None

    def _play(self, pictures: list[Path]) -> "Iterator[Image]":
        path = self._config.path
        while True:
            yield from (_picture(file) for file in pictures) if pictures else _video(path)
            if not self._config.loop:
                return


def _folder(path: Path) -> list[Path]:
    """The pictures of a folder, by name; a single picture is a folder of one; none for a video."""
    if path.is_dir():
        found = sorted(file for file in path.iterdir() if file.suffix.lower() in PICTURES)
        if not found:
            raise SourceError("recording_empty", file=str(path))
        return found
    return [path] if path.suffix.lower() in PICTURES else []


def _picture(file: Path) -> "Image":
    try:
        image = jpeg.decode(file.read_bytes())
    except OSError as error:
        raise SourceError("recording_unreadable", file=str(file), error=name_of(error)) from error
    if image is None:
        raise SourceError("recording_no_picture", file=str(file))
    return image


def _own_pace(path: Path) -> float:
    capture = _opened(path)
    try:
        told = capture.get(cv2.CAP_PROP_FPS)
    finally:
        capture.release()
    return told if math.isfinite(told) and 0 < told <= 1000 else PICTURES_PER_SECOND


def _video(path: Path) -> "Iterator[Image]":
    capture = _opened(path)
    try:
        good, image = capture.read()
        if not good:
            raise SourceError("recording_no_picture", file=str(path))
        while good:
            yield cast("Image", image)
            good, image = capture.read()
    finally:
        capture.release()


def _opened(path: Path) -> cv2.VideoCapture:
    capture = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
    if not capture.isOpened():
        capture.release()
        raise SourceError("recording_no_video", file=str(path))
    bounded(capture.get(cv2.CAP_PROP_FRAME_WIDTH), capture.get(cv2.CAP_PROP_FRAME_HEIGHT))
    return capture
