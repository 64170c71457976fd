"""A live camera whose driver hangs, fails or floods: whoever reads is never held up."""

import threading
import time
from typing import Any

import pytest

from edge_agent.vision.ports import SourceError
from edge_agent.vision.sources.live import LiveSource, Patience
from tests.edge_agent.vision.sources.pictures import room, wait_fault, wait_frame
from tests.support.processes import until

PATIENCE = Patience(first=0.6, next=0.4, end=0.2)


class Scripted:
    """A stream that hangs in `open` or `next` until it is let go, as a driver in the kernel may."""

    def __init__(self, *, hang_open: bool = False, hang_after: int = 10**9) -> None:
        self.hang_open, self.hang_after = hang_open, hang_after
        self.let_go = threading.Event()
        self.sent = 0
        self.closed = 0
        self.error: Exception | None = None

    def open(self) -> None:
        if self.hang_open:
            self.let_go.wait()

    def next(self) -> Any:
        if self.error:
            raise self.error
        if self.sent >= self.hang_after:
            self.let_go.wait()
        time.sleep(0.005)
        self.sent += 1
        return room(100, 64, 48)

    def picture(self, taken: Any) -> Any:
        return taken

    def interrupt(self) -> None: ...

    def close(self) -> None:
        self.closed += 1


def test_a_driver_that_hangs_while_opening_is_reported_and_not_opened_twice() -> None:
    stream = Scripted(hang_open=True)
    source = LiveSource("cam", lambda: stream, PATIENCE)
    source.open()
    assert source.read(0.05) is None
    assert wait_fault(source, 3) == "no picture from cam for 0.6 s"
    began = time.monotonic()
    source.close()
    with pytest.raises(SourceError, match="cam hangs"):
        source.open()
    assert time.monotonic() - began < 2
    stream.let_go.set()
    until(lambda: stream.closed == 1, seconds=3, what="the driver to be closed by its own thread")
    source.open()
    wait_frame(source)
    source.close()
    assert stream.closed == 2


def test_a_driver_that_hangs_between_pictures_is_reported() -> None:
    stream = Scripted(hang_after=3)
    source = LiveSource("cam", lambda: stream, PATIENCE)
    source.open()
    wait_frame(source, lambda frame: frame.number == 3)
    assert wait_fault(source, 3) == "no picture from cam for 0.4 s"
    stream.let_go.set()
    source.close()


def test_a_library_that_throws_anything_is_the_cameras_trouble() -> None:
    stream = Scripted()
    source = LiveSource("cam", lambda: stream, PATIENCE)
    source.open()
    wait_frame(source)
    stream.error = ValueError("rtsp://anna:secret@cam")
    assert wait_fault(source, 3) == "cam: ValueError"
    source.close()


def test_only_the_newest_picture_waits() -> None:
    stream = Scripted()
    source = LiveSource("cam", lambda: stream, PATIENCE)
    source.open()
    wait_frame(source)
    before = stream.sent
    until(lambda: stream.sent > before + 20, seconds=3, what="twenty more pictures")
    frame = source.read(0.1)
    assert frame is not None and frame.number > before + 15
    source.close()
    with pytest.raises(SourceError, match="closed"):
        source.read(0.1)
