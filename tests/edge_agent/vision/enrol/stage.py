"""A camera, an engine and a person for tests of enrolment: no picture is needed to try every turn it may take."""

import threading
import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from contracts.events import FaceEnrolment
from contracts.ids import uuid7
from edge_agent.vision.config import EnrolConfig
from edge_agent.vision.enrol.session import EnrolSession, KeepError, Order, Shot, Tools
from edge_agent.vision.faces.quality import Quality, Reason
from edge_agent.vision.ports import CameraHub, Face, Frame, Look, Scale
from tests.support.processes import until

CAMERA = "cam-kiosk"
PERSON = np.array([1.0, 0.0], dtype=np.float32)
ANOTHER = np.array([0.0, 1.0], dtype=np.float32)


def face(x: float = 500, y: float = 200, size: float = 250) -> Face:
    spots = ((0.3, 0.4), (0.7, 0.4), (0.5, 0.6), (0.35, 0.8), (0.65, 0.8))
    return Face((x, y, size, size), tuple((x + a * size, y + b * size) for a, b in spots), 0.9)


class Engine:
    """`vector` is who stands there now."""

    id, model, dimensions = "stage", "0" * 64, 2
    scale = Scale(
        0.45,
        0.35,
        0.5,
        0.0,
        0.5,
        0.05,
        0.0,
    )

    def __init__(self) -> None:
        self.vector = PERSON
        self.fault: Exception | None = None

    def detect(self, image: Any) -> list[Face]:
        return []

    def embed(self, image: Any, face: Face) -> Any:
        if self.fault is not None:
            raise self.fault
        return self.vector


@dataclass
class Stage:
    """Shows looks to a session at a pace of its own: `seconds` between them are the frames', not the test's."""

    rules: EnrolConfig = field(default_factory=lambda: EnrolConfig(apart_seconds=0.5))
    engine: Engine = field(default_factory=Engine)
    hub: CameraHub = field(default_factory=CameraHub)
    wrong: tuple[Reason, ...] = ()
    permitted: bool = True
    committed: bool = True
    refusal: KeepError | None = None
    kept: list[list[Shot]] = field(default_factory=list)
    told: list[FaceEnrolment] = field(default_factory=list)
    storing: threading.Event = field(default_factory=threading.Event)
    now: float = field(default_factory=lambda: float(int(time.monotonic())))  # whole: eighths add up exactly
    number: int = 0

    def __post_init__(self) -> None:
        self.hub.camera_ready(CAMERA, True)
        self.storing.set()

    def session(self, *, shots: int = 3, seconds: float = 30) -> EnrolSession:
        order = Order(uuid7(), uuid7(), CAMERA, shots, seconds)
        tools = Tools(
            self.engine,
            self.hub,
            lambda image, face: Quality(0.8, self.wrong),
            self.keep,
            self.allowed,
            self.told.append,
        )
        return EnrolSession(order, tools, self.rules)

    def allowed(self) -> bool:
        return self.permitted

    def keep(self, order: Order, shots: list[Shot], seconds: float) -> bool:
        assert self.storing.wait(5)
        if self.refusal is not None:
            raise self.refusal
        self.kept.append(shots)
        return self.committed

    def show(self, session: EnrolSession, *faces: Face, after: float = 0.125) -> None:
        self.now += after
        self.number += 1
        frame = Frame(np.full((720, 1280, 3), 100, dtype=np.uint8), self.now, self.number)
        session.look(Look(frame, faces))

    def stand_still(self, session: EnrolSession, looks: int) -> None:
        for _ in range(looks):
            self.show(session, face())

    def wait_end(self, session: EnrolSession) -> FaceEnrolment:
        until(lambda: self.told, seconds=5, what="the enrolment to be told")
        assert session.ended()
        return self.told[-1]
