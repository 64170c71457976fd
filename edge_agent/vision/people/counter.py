"""From pictures to counts. Nothing but boxes and feet is kept, and for no longer than somebody is in view."""

import itertools
from collections import Counter
from collections.abc import Callable

from edge_agent.vision.config import PeopleConfig
from edge_agent.vision.faults import MODEL_FAULTS, ModelFaults
from edge_agent.vision.people.detector import PersonDetector, YoloxDetector
from edge_agent.vision.people.lines import Crossing, Line, Way, feet
from edge_agent.vision.people.tracker import PersonTracker
from edge_agent.vision.ports import Frame

Report = Callable[[int, int, int], None]
"""Number of the line, people who just went in, people who just went out; never both 0."""
FAULTS_MOST = 25


class PeopleCounter:
    """One for each camera; `process` and `close` belong to the camera's thread.

    Raises EngineError when the configured model cannot be used. Loads it, unless a detector is given.
    """

    def __init__(self, config: PeopleConfig, report: Report, detector: PersonDetector | None = None) -> None:
        self._config = config
        self._report = report
        self._detector = detector or YoloxDetector(config.model, config.input_side, min(0.1, config.confidence))
        self._tracker = PersonTracker(itertools.count(1), config.confidence)
        self._crossings: dict[int, list[Crossing]] = {}
        self._faults = ModelFaults("people counter", FAULTS_MOST)
        self._size = (0, 0)
        self._number = 0

    def process(self, frame: Frame) -> None:
        """Take in one picture and report each line that was crossed since the last.

        Raises EngineError when the detector failed on `FAULTS_MOST` pictures in a row.
        """
        height, width = frame.image.shape[:2]
        if frame.number <= self._number or (width, height) != self._size:
            self.close()
        self._number, self._size = frame.number, (width, height)
        try:
            people = self._detector.detect(frame.image)
        except MODEL_FAULTS as error:
            self._faults.add("find people", error, frame.taken)
            return
        self._faults.none("find people")
        for track in self._tracker.follow(people, frame.taken):
            self._crossings.pop(track.id, None)
        crossed: Counter[tuple[int, Way]] = Counter()
        for track in self._tracker.tracks:
            if track.fresh:
                crossed.update(self._step(track.id, feet(track.seen.box, height)))
        for line in sorted({line for line, _ in crossed}):
            self._report(line, crossed[line, "in"], crossed[line, "out"])

    def close(self) -> None:
        """Forget who is in view. May be used again afterwards."""
        self._tracker.clear()
        self._crossings.clear()

    def _step(self, track: int, spot: tuple[float, float]) -> list[tuple[int, Way]]:
        if track not in self._crossings:
            self._crossings[track] = [Crossing(Line.of(line, *self._size)) for line in self._config.lines]
        steps = zip(self._config.lines, self._crossings[track], strict=True)
        return [(config.line, way) for config, crossing in steps if (way := crossing.step(spot))]
