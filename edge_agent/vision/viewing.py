"""One run of a camera, from its first picture to its last: what is done with each picture, and what it is worth."""

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, cast

import cv2

from contracts.reasons import Reason, reason
from edge_agent.vision.camera import CameraServices, Crossed, FacePipeline, Pace, PeopleCounter
from edge_agent.vision.config import CameraConfig, CsiSource, UsbSource
from edge_agent.vision.health import Limits, Orientation, PictureHealth
from edge_agent.vision.ports import EngineError, Face, FaceEngine, Frame, Look

if TYPE_CHECKING:
    from edge_agent.vision.ports import Image

_log = logging.getLogger(__name__)

_TURNS = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}


class Viewing:
    """`crossed` hears of people over a line. Not shared between threads."""

    def __init__(self, config: CameraConfig, services: CameraServices, crossed: Crossed, pace: Pace) -> None:
        self._config = config
        self._services = services
        self._crossed = crossed
        self._pace = pace
        limits = Limits(frozen_seconds=config.frozen_seconds)
        source = config.source
        asked = (source.width, source.height) if isinstance(source, UsbSource | CsiSource) else None
        self._health = PictureHealth(limits, asked)
        self._orientation = Orientation(pace.upright)
        self._pipeline: FacePipeline | None = None
        self._people: PeopleCounter | None = None
        self._people_trouble: Reason | None = None
        self._people_retry = float("-inf")

    def see(self, frame: Frame) -> Reason | None:
        """What people should know about this camera; None when all is well. Raises EngineError."""
        problem = self._health.look(frame)
        usable = problem is None or problem.usable
        if self._config.enrols:
            self._services.hub.camera_ready(self._config.id, usable)
        if problem is not None and not problem.usable:
            self._forget()
            return problem.reason
        if self._config.rotate:
            frame = replace(frame, image=turned(frame.image, self._config.rotate))
        lacking = self._look_for_faces(frame)
        uncounted = self._count_people(frame)
        worst = self._orientation.problem or problem
        return worst.reason if worst else lacking or uncounted

    def close(self) -> None:
        self._forget()
        people, self._people = self._people, None
        if people is not None:
            people.close()

    def _look_for_faces(self, frame: Frame) -> Reason | None:
        """Where somebody waits for them: recognition, an enrolment, or the check which way is up."""
        engine = self._services.engine
        if self._config.faces == "off":
            return None
        if engine is None:
            return self._services.no_engine
        faces = self._recognise(frame, engine)
        watcher = self._services.hub.watcher(self._config.id) if self._config.enrols else None
        check = self._orientation.due(frame.taken)
        if faces is None and (watcher is not None or check):
            faces = tuple(engine.detect(frame.image))
        if watcher is not None:
            watcher.look(Look(frame, faces or ()))
        if check:
            self._orientation.judge(faces or (), engine.detect(turned(frame.image, 180)))
        return None

    def _recognise(self, frame: Frame, engine: FaceEngine) -> tuple[Face, ...] | None:
        """The faces of the picture; None when nobody may be recognised now."""
        sink, make = self._services.sink, self._services.face_pipeline
        if not self._config.recognises or sink is None or make is None or not sink.active:
            self._forget()
            return None
        if self._pipeline is None:
            self._pipeline = make(self._config, engine, sink)
        return self._pipeline.process(frame)

    def _forget(self) -> None:
        """Nothing of a face outlives the moment in which it may be recognised."""
        pipeline, self._pipeline = self._pipeline, None
        if pipeline is not None:
            pipeline.close()

    def _count_people(self, frame: Frame) -> Reason | None:
        """Faces are still looked for when people cannot be counted; the model is tried again now and then."""
        config, make = self._config.people, self._services.people_counter
        if config is None:
            return None
        if make is None:
            return reason("people_none")
        try:
            if self._people is None and frame.taken >= self._people_retry:
                self._people, self._people_trouble = make(config, self._crossed), None
            if self._people is not None:
                self._people.process(frame)
        except EngineError as error:
            self._people, self._people_retry = None, frame.taken + self._pace.people
            _log.warning("people are not counted", extra={"camera": self._config.id, "error": str(error)})
            self._people_trouble = reason("people_engine")
        return self._people_trouble


def turned(image: "Image", degrees: int) -> "Image":
    """The picture clockwise by 90, 180 or 270 degrees."""
    return cast("Image", cv2.rotate(image, _TURNS[degrees]))
