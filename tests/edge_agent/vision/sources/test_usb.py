"""USB cameras as far as they can be tested without one: what is asked of V4L2, and what is said when it fails."""

import os
from pathlib import Path
from typing import Any

import cv2
import pytest

from edge_agent.vision.config import UsbSource
from edge_agent.vision.ports import SourceError
from edge_agent.vision.sources.capture import CaptureStream
from edge_agent.vision.sources.factory import build
from edge_agent.vision.sources.live import LiveSource, Patience
from edge_agent.vision.sources.usb import UsbStream
from tests.edge_agent.vision.sources.pictures import room, wait_fault, wait_frame


class PretendV4l2:
    """What OpenCV's V4L2 capture does, remembering what was asked of it."""

    def __init__(self, *, opens: bool = True) -> None:
        self.opens = opens
        self.opened: list[tuple[Any, ...]] = []
        self.settings: list[tuple[int, float]] = []
        self.alive = True
        self.released = 0

    def __call__(self, *arguments: Any) -> "PretendV4l2":
        self.opened.append(arguments)
        return self

    def isOpened(self) -> bool:  # noqa: N802
        return self.opens

    def set(self, prop: int, value: float, /) -> bool:
        self.settings.append((prop, value))
        return True

    def get(self, prop: int, /) -> float:
        return dict(self.settings).get(prop, 0.0)

    def read(self) -> tuple[bool, Any]:
        return self.alive, room(90, 1280, 720) if self.alive else None

    def release(self) -> None:
        self.released += 1


@pytest.fixture
def device(tmp_path: Path) -> Path:
    """A stable name below by-id that leads to the device."""
    node, stable = tmp_path / "video3", tmp_path / "usb-Maker_Cam-video-index0"
    node.touch()
    stable.symlink_to(node)
    return stable


def source(device: Path, v4l2: PretendV4l2) -> LiveSource[Any]:
    config = UsbSource(kind="usb", device=str(device), width=1280, height=720, fps=15)
    return LiveSource(str(device), lambda: UsbStream(config, v4l2), Patience(first=3, next=1))


def test_the_format_is_set_before_the_size_and_only_one_picture_is_buffered(device: Path) -> None:
    v4l2 = PretendV4l2()
    camera = source(device, v4l2)
    camera.open()
    assert wait_frame(camera).image.shape == (720, 1280, 3)
    camera.close()
    assert v4l2.opened == [(str(device.resolve()), cv2.CAP_V4L2)]
    assert v4l2.settings == [
        (cv2.CAP_PROP_FOURCC, float(0x47504A4D)),  # "MJPG"
        (cv2.CAP_PROP_FRAME_WIDTH, 1280.0),
        (cv2.CAP_PROP_FRAME_HEIGHT, 720.0),
        (cv2.CAP_PROP_FPS, 15.0),
        (cv2.CAP_PROP_BUFFERSIZE, 1.0),
    ]
    assert v4l2.released == 1


def test_an_unplugged_camera_is_noticed_and_found_again(device: Path) -> None:
    v4l2 = PretendV4l2()
    camera = source(device, v4l2)
    camera.open()
    wait_frame(camera)
    device.resolve().unlink()
    assert wait_fault(camera, 3) == f"camera {device} is gone: unplugged?"
    camera.open()
    assert wait_fault(camera, 3) == f"camera {device} is gone: unplugged?"
    (device.parent / "video3").touch()
    camera.open()
    wait_frame(camera)
    camera.close()


def test_a_camera_that_stops_sending_is_noticed(device: Path) -> None:
    v4l2 = PretendV4l2()
    camera = source(device, v4l2)
    camera.open()
    wait_frame(camera)
    v4l2.alive = False
    assert "stopped sending" in wait_fault(camera, 3)
    camera.close()


def test_a_camera_in_use_is_told(device: Path) -> None:
    v4l2 = PretendV4l2(opens=False)
    camera = source(device, v4l2)
    camera.open()
    assert "in use by another program" in wait_fault(camera, 3)
    camera.close()


def test_a_missing_permission_names_the_group(device: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(SourceError, match="group video"):
        UsbStream(UsbSource(kind="usb", device=str(device)), PretendV4l2()).open()


def test_the_real_v4l2_refuses_what_is_no_camera(device: Path) -> None:
    camera = build(UsbSource(kind="usb", device=str(device)))
    camera.open()
    assert "cannot be opened" in wait_fault(camera)
    camera.close()


def test_a_stream_that_does_not_say_how_it_is_opened_cannot_be_made() -> None:
    class Half(CaptureStream):
        def _ended(self) -> str:
            return "over"

    with pytest.raises(TypeError, match="_connect"):
        Half()  # type: ignore[abstract]
