"""The camera driver: newest picture → health → faces → whoever watches → people. No heavy import until it runs."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from contracts.events import DoorCrossing
from contracts.reasons import Reason, reason
from edge_agent.devices.base import DeviceError, Host
from edge_agent.vision.config import CameraConfig, PeopleConfig, SourceConfig
from edge_agent.vision.ports import (
    CameraHub,
    EngineError,
    Face,
    FaceEngine,
    Frame,
    LoginRefusedError,
    ProbeSink,
    RecordingOverError,
    Source,
    SourceError,
)
from edge_agent.vision.sources.factory import build

_log = logging.getLogger(__name__)
_NO_ENGINE = reason("faces_none")

Crossed = Callable[[int, int, int], None]
"""Takes a line, people in and people out since the previous call."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds. `read`: one wait for a picture, so that a stop is noticed. `report`: between two counts of people.

    `refused`: between two logins after a wrong password, since cameras lock an account that is tried too often.
    `upright`: between two looks at which way is up. `people`: until a counter of people that failed is tried again.
    """

    read: float = 0.5
    report: float = 1.0
    refused: float = 60.0
    upright: float = 30.0
    people: float = 30.0


class FacePipeline(Protocol):
    """Detects, tracks, embeds best shots and offers them to the sink it was made with."""

    def process(self, frame: Frame) -> tuple[Face, ...]: ...

    def close(self) -> None:
        """Forget every track."""
        ...


class PeopleCounter(Protocol):
    def process(self, frame: Frame) -> None: ...

    def close(self) -> None: ...


@dataclass
class CameraServices:
    """What the cameras of a node share. `engine` None: no faces here, for the reason `no_engine`.

    Both may change while cameras run: an engine is put in once it has passed its check.
    """

    hub: CameraHub
    engine: FaceEngine | None = None
    sink: ProbeSink | None = None
    face_pipeline: Callable[[CameraConfig, FaceEngine, ProbeSink], FacePipeline] | None = None
    people_counter: Callable[[PeopleConfig, Crossed], PeopleCounter] | None = None
    source: Callable[[SourceConfig], Source] = build
    no_engine: Reason = _NO_ENGINE


class Camera:
    """A `Device`. Trouble with the camera is a DeviceError; the supervisor then opens it again."""

    def __init__(self, config: CameraConfig, services: CameraServices, pace: Pace | None = None) -> None:
        self._config = config
        self._services = services
        self._pace = pace or Pace()
        self._source = services.source(config.source)
        self._crossings = Crossings(self._pace.report)
        if config.enrols:
            services.hub.camera_ready(config.id, False)

    def run(self, host: Host) -> None:
        try:
            self._source.open()
            self._serve(host)
        except RecordingOverError as over:
            host.offline(over.reason)
            host.stopping.wait()
        except LoginRefusedError as refused:
            host.degraded(refused.reason)
            host.stopping.wait(self._pace.refused)
            raise DeviceError(refused.reason) from refused
        except SourceError as fault:
            raise DeviceError(fault.reason) from fault
        except EngineError as fault:
            _log.warning("the face engine failed", extra={"camera": self._config.id, "error": str(fault)})
            raise DeviceError("faces_engine") from fault
        finally:
            self._source.close()

    def _serve(self, host: Host) -> None:
        from edge_agent.vision.viewing import Viewing

        viewing = Viewing(self._config, self._services, self._crossings.add, self._pace)
        try:
            while not host.stopping.is_set():
                frame = self._source.read(self._pace.read)
                if frame is not None:
                    trouble = viewing.see(frame)
                    del frame  # not kept while waiting for the next
                    if trouble:
                        host.degraded(trouble)
                    else:
                        host.ok()
                self._crossings.report(host, time.monotonic())
        finally:
            viewing.close()
            if self._config.enrols:
                self._services.hub.camera_ready(self._config.id, False)
            self._crossings.report(host, time.monotonic(), at_once=True)


class Crossings:
    """People over each line, since the last report that is durable."""

    def __init__(self, every_seconds: float) -> None:
        self._every = every_seconds
        self._waiting: dict[int, tuple[int, int]] = {}
        self._reported = float("-inf")

    def add(self, line: int, count_in: int, count_out: int) -> None:
        before_in, before_out = self._waiting.get(line, (0, 0))
        self._waiting[line] = (before_in + count_in, before_out + count_out)

    def report(self, host: Host, now: float, *, at_once: bool = False) -> None:
        """Otherwise once in `every_seconds`. Returns when the events are durable, so that a failure loses none."""
        if not self._waiting or (now - self._reported < self._every and not at_once):
            return
        self._reported = now
        for line, (count_in, count_out) in sorted(self._waiting.items()):
            host.report(DoorCrossing(line=line, count_in=count_in, count_out=count_out)).result()
            del self._waiting[line]
