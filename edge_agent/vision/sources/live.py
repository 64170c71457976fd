"""A live camera: one thread reads, only the newest picture is kept, and nobody ever waits on the camera itself."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from contracts.reasons import name_of
from edge_agent.vision.ports import Frame, SourceError

if TYPE_CHECKING:
    from edge_agent.vision.ports import Image

Taken = TypeVar("Taken")
"""What a stream hands over: a picture, or its still encoded bytes, which cost nothing when they are skipped."""

LONGEST_SIDE = 8192
"""Pixels. A larger picture is no camera's, and would fill the memory."""


class Stream(Protocol[Taken]):
    """The bytes of one camera. Used by the reading thread alone, but for `picture` and `interrupt`."""

    def open(self) -> None:
        """Raises SourceError."""
        ...

    def next(self) -> Taken | None:
        """The next picture; None when there was none for a while. Raises SourceError."""
        ...

    def picture(self, taken: Taken) -> "Image | None":
        """Decode, in the thread of whoever reads; None when it is damaged. Raises SourceError."""
        ...

    def interrupt(self) -> None:
        """End a `next` or `open` that hangs, where that is possible. Called from another thread."""
        ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: for the first picture, for each further one, and for a reader to end; damaged pictures in a row."""

    first: float = 12.0
    next: float = 5.0
    end: float = 1.0
    damaged: int = 30


def bounded(width: float, height: float) -> None:
    """Raises SourceError for a picture no camera of ours gives."""
    if max(width, height) > LONGEST_SIDE:
        raise SourceError("camera_large", width=round(width), height=round(height), most=LONGEST_SIDE)


class LiveSource(Generic[Taken]):
    """A `Source` over a `Stream`. `name` stands in reasons: an address or a path, never a password."""

    def __init__(self, name: str, connect: Callable[[], Stream[Taken]], patience: Patience | None = None) -> None:
        self._name = name
        self._connect = connect
        self._patience = patience or Patience()
        self._reader: _Reader[Taken] | None = None

    def open(self) -> None:
        """Returns at once: what goes wrong while connecting is raised by `read`."""
        before = self._reader
        if before is not None:
            before.stop(self._patience.end)
            if before.alive:
                raise SourceError("camera_hangs", camera=self._name)
        self._reader = _Reader(self._name, self._connect(), self._patience)
        self._reader.start()

    def read(self, timeout: float) -> Frame | None:
        if self._reader is None:
            raise SourceError("camera_closed", camera=self._name)
        return self._reader.read(timeout)

    def close(self) -> None:
        if self._reader is not None:
            self._reader.stop(self._patience.end)


class _Reader(Generic[Taken]):
    """One connection to the camera, from open to close."""

    def __init__(self, name: str, stream: Stream[Taken], patience: Patience) -> None:
        self._name = name
        self._stream = stream
        self._patience = patience
        self._changed = threading.Condition()
        self._newest: tuple[Taken, float, int] | None = None
        self._taken = 0
        self._damaged = 0
        self._fault: SourceError | None = None
        self._closed = False
        self._deadline = time.monotonic() + patience.first
        self._thread = threading.Thread(target=self._run, name=f"camera-{name}", daemon=True)

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def start(self) -> None:
        self._thread.start()

    def stop(self, seconds: float) -> None:
        """A thread stuck in a driver is left behind; it lets go of the camera by itself when the driver returns."""
        with self._changed:
            self._closed, self._newest = True, None
            self._changed.notify_all()
        self._stream.interrupt()
        self._thread.join(seconds)

    def read(self, timeout: float) -> Frame | None:
        until = time.monotonic() + timeout
        while (found := self._await_newest(until)) is not None:
            taken, at, number = found
            image = self._stream.picture(taken)
            if image is not None:
                self._damaged = 0
                bounded(image.shape[1], image.shape[0])
                return Frame(image, at, number)
            self._damaged += 1
            if self._damaged >= self._patience.damaged:
                raise SourceError("camera_damaged", camera=self._name)
        return None

    def _await_newest(self, until: float) -> tuple[Taken, float, int] | None:
        with self._changed:
            while self._newest is None:
                if self._closed:
                    raise SourceError("camera_closed", camera=self._name)
                if self._fault is not None:
                    raise self._fault
                now = time.monotonic()
                if now >= self._deadline:
                    raise self._silence()
                if now >= until:
                    return None
                self._changed.wait(min(until, self._deadline) - now)
            found, self._newest = self._newest, None
            return found

    def _silence(self) -> SourceError:
        seconds = self._patience.next if self._taken else self._patience.first
        return SourceError("camera_silent", camera=self._name, seconds=seconds)

    def _run(self) -> None:
        try:
            self._stream.open()
            while not self._closed:
                taken = self._stream.next()
                if taken is not None:
                    self._put(taken)
        except SourceError as fault:
            self._fail(fault)
        except Exception as error:  # whatever a camera's library throws is the camera's trouble, told to who reads
            self._fail(SourceError("camera_error", camera=self._name, error=name_of(error)))
        finally:
            self._stream.close()

    def _put(self, taken: Taken) -> None:
        with self._changed:
            if self._closed:
                return
            self._taken += 1
            now = time.monotonic()
            self._newest, self._deadline = (taken, now, self._taken), now + self._patience.next
            self._changed.notify_all()

    def _fail(self, fault: SourceError) -> None:
        with self._changed:
            self._fault = fault
            self._changed.notify_all()
