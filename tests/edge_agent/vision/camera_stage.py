"""One camera at work, with its source, engine, pipeline and people counter pretended."""

import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from edge_agent.devices.base import DeviceError
from edge_agent.vision.camera import Camera, CameraServices, Crossed, Pace
from edge_agent.vision.config import CameraConfig
from edge_agent.vision.ports import CameraHub, EngineError, Face, Frame, Look, SourceError
from tests.edge_agent.devices.hosts import RememberingHost
from tests.edge_agent.vision.sources.pictures import room
from tests.support.processes import until

FACE = Face((10, 10, 80, 80), ((0.0, 0.0),) * 5, 0.95)
QUICK = Pace(read=0.05, report=0.3, refused=0.3, upright=60, people=0.2)


class PretendSource:
    """A camera held in the hand: shows `picture(number)`, or raises `fault`."""

    def __init__(self) -> None:
        self.picture: Callable[[int], Any] = lambda number: room(80 + number % 5 * 30, 320, 240)
        self.fault: SourceError | None = None
        self.silent = False
        self.opened = self.closed = 0
        self.number = 0
        self.shown: list[weakref.ref[Any]] = []

    def open(self) -> None:
        self.opened += 1
        self.number = 0
        if self.fault:
            raise self.fault

    def read(self, timeout: float) -> Frame | None:
        time.sleep(min(timeout, 0.02))
        if self.fault:
            raise self.fault
        if self.silent:
            return None
        self.number += 1
        image = self.picture(self.number)
        self.shown.append(weakref.ref(image))
        return Frame(image, time.monotonic(), self.number)

    def close(self) -> None:
        self.closed += 1


class PretendEngine:
    id, model, dimensions, scale = "pretend", "0" * 64, 128, None

    def __init__(self) -> None:
        self.detected = 0

    def detect(self, image: Any) -> list[Face]:
        self.detected += 1
        return [FACE]

    def embed(self, image: Any, face: Face) -> Any:
        raise AssertionError("the driver never embeds")


@dataclass
class PretendSink:
    active: bool = True

    def offer(self, probe: Any) -> None: ...

    def ended(self, camera: str, track: int) -> None: ...


@dataclass
class PretendPipeline:
    seen: list[int] = field(default_factory=list)
    widths: list[int] = field(default_factory=list)
    closed: int = 0
    error: Exception | None = None

    def process(self, frame: Frame) -> tuple[Face, ...]:
        if self.error:
            raise self.error
        self.seen.append(frame.number)
        self.widths.append(frame.image.shape[1])
        return (FACE,)

    def close(self) -> None:
        self.closed += 1


class PretendPeople:
    def __init__(self, crossed: Crossed) -> None:
        self.crossed = crossed
        self.seen = 0
        self.closed = 0

    def process(self, frame: Frame) -> None:
        self.seen += 1
        self.crossed(1 + frame.number % 2, 1, 2)

    def close(self) -> None:
        self.closed += 1


class Watching:
    def __init__(self) -> None:
        self.looks = 0
        self.faces: tuple[Face, ...] = ()

    def look(self, look: Look) -> None:
        self.looks += 1
        self.faces = look.faces


class Stage:
    """One camera, run as the supervisor runs it, with everything around it pretended."""

    def __init__(self, **more: Any) -> None:
        self.config = CameraConfig.model_validate(
            {"id": "cam", "driver": "camera", "source": {"kind": "file", "path": "/none"}, "frozen_seconds": 1, **more}
        )
        self.source, self.engine, self.sink = PretendSource(), PretendEngine(), PretendSink()
        self.hub, self.host = CameraHub(), RememberingHost()
        self.pipelines: list[PretendPipeline] = []
        self.people: list[PretendPeople] = []
        self.people_error: EngineError | None = None
        self.services = CameraServices(
            hub=self.hub,
            engine=self.engine,  # type: ignore[arg-type]
            sink=self.sink,
            face_pipeline=lambda *_: self._pipeline(),
            people_counter=lambda _, crossed: self._counter(crossed),
            source=lambda _: self.source,
        )
        self.faults: list[str] = []
        self.thread = threading.Thread(target=self._run, daemon=True)

    @contextmanager
    def running(self, pace: Pace = QUICK) -> Iterator["Stage"]:
        self.camera = Camera(self.config, self.services, pace)
        self.thread.start()
        try:
            yield self
        finally:
            self.stop()

    def stop(self) -> float:
        began = time.monotonic()
        self.host.stopping.set()
        self.thread.join(10)
        assert not self.thread.is_alive()
        return time.monotonic() - began

    def wait(self, condition: Callable[[], Any], what: str, seconds: float = 10) -> None:
        until(condition, seconds=seconds, what=what)

    def wait_state(self, state: str, reason: str = "") -> None:
        self.wait(
            lambda: self.host.states and self.host.states[-1][0] == state and reason in self.host.states[-1][1],
            f"{state} {reason}",
        )

    def _run(self) -> None:
        while not self.host.stopping.is_set():
            try:
                self.camera.run(self.host)
            except DeviceError as fault:
                self.faults.append(str(fault))
            self.host.stopping.wait(0.05)

    def _pipeline(self) -> PretendPipeline:
        self.pipelines.append(PretendPipeline())
        return self.pipelines[-1]

    def _counter(self, crossed: Crossed) -> PretendPeople:
        if self.people_error:
            raise self.people_error
        self.people.append(PretendPeople(crossed))
        return self.people[-1]


PEOPLE = {"model": "/none.onnx", "lines": [{"from": [0, 0.5], "to": [1, 0.5]}]}
