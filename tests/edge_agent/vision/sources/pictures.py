"""Pictures that can be told apart, and what reads them."""

import time
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np

from edge_agent.vision.ports import Frame, Source, SourceError


def room(shade: int = 128, width: int = 640, height: int = 480, noise: float = 0.0, seed: int = 0) -> Any:
    """A sharp, evenly lit scene; `shade` is the grey of its middle, by which it is told apart."""
    image = np.full((height, width, 3), 110, np.uint8)
    cell = max(8, height // 24)
    checks = (np.indices((height, width)).sum(axis=0) // cell) % 2
    image[checks == 1] = 150
    image[height // 4 : height * 3 // 4, width // 4 : width * 3 // 4] = shade
    if noise:
        grain = np.random.default_rng(seed).normal(0, noise, image.shape)
        image = np.clip(np.rint(image + grain), 0, 255).astype(np.uint8)
    return image


def shade(image: Any) -> int:
    height, width = image.shape[:2]
    return round(float(image[height * 3 // 8 : height * 5 // 8, width * 3 // 8 : width * 5 // 8].mean()))


def jpeg(image: Any, quality: int = 85) -> bytes:
    good, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert good
    return bytes(data)


def wait_frame(source: Source, wanted: Callable[[Frame], bool] = lambda _: True, seconds: float = 15.0) -> Frame:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        frame = source.read(0.2)
        if frame is not None and wanted(frame):
            return frame
    raise AssertionError(f"no such picture within {seconds:g} s")


def wait_fault(source: Source, seconds: float = 15.0) -> str:
    """Read until the source fails; its reason."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            source.read(0.2)
        except SourceError as fault:
            return str(fault)
    raise AssertionError(f"no fault within {seconds:g} s")
