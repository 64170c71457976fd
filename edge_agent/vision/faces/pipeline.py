"""Detect, follow, choose the best looks, embed them, offer them. One pipeline for each camera.

Faces are looked for in every picture given (the camera hands over its newest and drops the others). A face is embedded
only while the sink is active, once it has been seen twice, and when this look is good:

- the first looks as soon as they are good, a moment apart, so that a vote is possible within a second;
- then only clearly better ones, or one more after some patience, until the track had its share of looks.

In one picture the waiting faces are embedded most promising first, for as long as the camera's next picture is not due.

Kept between pictures: boxes, landmarks, figures, and for each track in view the vector of its last look, by which a
person who stepped into another's place unseen is found out; it goes with the track. No crop and no picture is kept.
"""

import itertools
import logging
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from contracts.values import utc_now
from edge_agent.vision.faces.quality import QualitySettings, assess, assess_shape
from edge_agent.vision.faces.tracking import FACE_TRACKING, FaceTrack, FaceTracker
from edge_agent.vision.faults import MODEL_FAULTS, ModelFaults
from edge_agent.vision.ports import Face, FaceEngine, Frame, Probe, ProbeSink
from edge_agent.vision.tracking.tracker import TrackerSettings

if TYPE_CHECKING:
    from edge_agent.vision.ports import Image, Vector

log = logging.getLogger(__name__)

_TRACK_IDS = itertools.count(1)
"""Of all cameras of this process: a camera that is opened again does not begin again."""


@dataclass(frozen=True, slots=True)
class PipelineSettings:
    """Times in seconds of the camera's clock.

    `eager_looks` at least `eager_gap` apart come first. Later ones are at least `better_gap` apart and better by
    `better_by`, or `patience` after the last one; `looks_most` in all. In one picture up to `embeds_most` faces are
    embedded, at least `embeds_least` however late it is. `faults_most`: failures in a row of detecting or embedding.
    """

    quality: QualitySettings = field(default_factory=QualitySettings)
    tracking: TrackerSettings = FACE_TRACKING
    seen_least: int = 2
    eager_looks: int = 3
    eager_gap: float = 0.12
    better_gap: float = 0.5
    better_by: float = 0.1
    patience: float = 3.0
    looks_most: int = 10
    embeds_least: int = 2
    embeds_most: int = 8
    faults_most: int = 25


@dataclass
class _Looks:
    """What was offered of one track. `vector` is dropped with the track, and when recognition is switched off."""

    count: int = 0
    tried: float = float("-inf")
    best: float = 0.0
    vector: "Vector | None" = None


@dataclass(frozen=True, slots=True)
class _Candidate:
    track: FaceTrack
    looks: _Looks
    promise: float
    """The score without light and sharpness: the real one is no greater."""


class FacePipeline:
    """`process` and `close` belong to the camera's thread; the engine and the sink may be shared with other cameras."""

    def __init__(
        self,
        camera: str,
        engine: FaceEngine,
        sink: ProbeSink,
        settings: PipelineSettings | None = None,
        *,
        ids: Iterator[int] = _TRACK_IDS,
        now: Callable[[], datetime] = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._camera = camera
        self._engine = engine
        self._sink = sink
        self._settings = settings or PipelineSettings()
        self._tracker = FaceTracker(ids, self._settings.tracking)
        self._looks: dict[int, _Looks] = {}
        self._pace = _Pace()
        self._faults = ModelFaults(f"camera {camera}", self._settings.faults_most)
        self._now = now
        self._monotonic = monotonic

    def process(self, frame: Frame) -> tuple[Face, ...]:
        """Take in one picture; returns its faces, largest first.

        Raises EngineError when the engine failed `faults_most` times in a row; of fewer failures the log speaks, and
        the picture gives no faces, or the look is not taken.
        """
        began = self._monotonic()
        if self._pace.restarted(frame):
            self._end(self._tracker.clear())
        try:
            faces = [face for face in self._engine.detect(frame.image) if _sound(face)]
        except MODEL_FAULTS as error:
            self._faults.add("detect", error, frame.taken)
            return ()
        self._faults.none("detect")
        self._end(self._tracker.update(faces, frame.taken))
        if self._sink.active:
            self._embed_best(frame, began + self._pace.interval)
        else:
            self._looks.clear()
        return tuple(faces)

    def close(self) -> None:
        """End all tracks. The pipeline may be used again afterwards."""
        self._end(self._tracker.clear())

    def _embed_best(self, frame: Frame, due: float) -> None:
        settings = self._settings
        embedded = 0
        for candidate in self._candidates(frame):
            late = embedded >= settings.embeds_least and self._monotonic() + self._pace.embed > due
            if embedded >= settings.embeds_most or late:
                break
            score = self._worth(frame.image, candidate)
            if score is None:
                continue
            before = self._monotonic()
            candidate.looks.tried = frame.taken
            try:
                vector = self._engine.embed(frame.image, candidate.track.seen)
            except MODEL_FAULTS as error:
                self._faults.add("embed", error, frame.taken)
                break
            self._faults.none("embed")
            self._pace.embedded(self._monotonic() - before)
            embedded += 1
            self._offer(candidate, frame, vector, score)

    def _candidates(self, frame: Frame) -> list[_Candidate]:
        """Faces that may have a look now, as far as can be told without their pixels; most promising first."""
        settings = self._settings
        height, width = frame.image.shape[:2]
        waiting = []
        for track in self._tracker.tracks:
            if not track.fresh or track.hits < settings.seen_least:
                continue
            looks = self._looks.setdefault(track.id, _Looks())
            if not self._may_look(looks, frame.taken):
                continue
            shape = assess_shape(track.seen, width, height, settings.quality)
            if shape.good:
                waiting.append(_Candidate(track, looks, shape.score))
        eager = settings.eager_looks
        return sorted(waiting, key=lambda candidate: (candidate.looks.count >= eager, -candidate.promise))

    def _may_look(self, looks: _Looks, taken: float) -> bool:
        settings = self._settings
        gap = settings.eager_gap if looks.count < settings.eager_looks else settings.better_gap
        return looks.count < settings.looks_most and taken - looks.tried >= gap

    def _worth(self, image: "Image", candidate: _Candidate) -> float | None:
        """The score of this look when it is good enough for its track, else None."""
        settings, looks = self._settings, candidate.looks
        wanted = 0.0
        if looks.count >= settings.eager_looks and self._pace.taken - looks.tried < settings.patience:
            wanted = looks.best + settings.better_by
        if candidate.promise < wanted:
            return None
        quality = assess(image, candidate.track.seen, settings.quality)
        return quality.score if quality.good and quality.score >= wanted else None

    def _offer(self, candidate: _Candidate, frame: Frame, vector: "Vector", score: float) -> None:
        track, looks = candidate.track, candidate.looks
        if looks.vector is not None and float(looks.vector @ vector) < self._engine.scale.different:
            log.info("camera %s: another person under track %d, which ends", self._camera, track.id)
            fresh = self._tracker.renew(track, frame.taken)
            self._end([track])
            track, looks = fresh, _Looks(tried=frame.taken)
            self._looks[track.id] = looks
        looks.count += 1
        looks.best = max(looks.best, score)
        looks.vector = vector
        age = max(self._monotonic() - frame.taken, 0.0)
        self._sink.offer(Probe(self._camera, track.id, self._now() - timedelta(seconds=age), vector, score))

    def _end(self, tracks: list[FaceTrack]) -> None:
        for track in tracks:
            self._looks.pop(track.id, None)
            self._sink.ended(self._camera, track.id)


def _sound(face: Face) -> bool:
    """What a detector should give. One odd answer (not a number, all landmarks on one spot) is no face."""
    numbers = [*face.box, *(value for point in face.landmarks for value in point)]
    if len(face.landmarks) != 5 or not all(map(math.isfinite, numbers)) or min(face.box[2:]) < 1:
        return False
    across, down = zip(*face.landmarks, strict=True)
    return max(across) - min(across) + max(down) - min(down) > 1


class _Pace:
    """How fast pictures come and how long an embedding takes, both smoothed."""

    def __init__(self) -> None:
        self.taken = 0.0
        self.interval = 0.1
        self.embed = 0.02
        self._number = 0

    def restarted(self, frame: Frame) -> bool:
        """Take note of a picture; True when its source was opened anew since the last one."""
        anew = frame.number <= self._number
        elapsed, pictures = frame.taken - self.taken, frame.number - self._number
        if self._number and not anew and elapsed > 0:
            # By the camera's own count: the pace of what is processed would slow down by itself.
            self.interval += 0.2 * (min(elapsed / pictures, 1.0) - self.interval)
        self.taken, self._number = frame.taken, frame.number
        return anew

    def embedded(self, seconds: float) -> None:
        self.embed += 0.2 * (seconds - self.embed)
