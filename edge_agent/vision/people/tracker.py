"""Following people: as faces are followed, in two steps (ByteTrack, Zhang et al. 2022).

Sure detections go on with tracks and begin new ones; what is left of the tracks may go on with doubtful detections, as
people give who are half hidden behind somebody else.
"""

from collections.abc import Iterator, Sequence

from edge_agent.vision.people.detector import Person
from edge_agent.vision.tracking.motion import MotionSettings
from edge_agent.vision.tracking.tracker import Track, Tracker, TrackerSettings

PEOPLE_TRACKING = TrackerSettings(
    motion=MotionSettings(jitter=0.05, start_speed=1.2, unrest=1.2), lost_seconds=2.0, reach=2.5, resize=1.7
)
"""A standing person is about 0.9 m in size (0.5 × 1.7 m) and walks at up to 2 m/s."""


class PersonTracker(Tracker[Person]):
    """`sure`: the score from which a detection begins a track."""

    def __init__(self, ids: Iterator[int], sure: float, settings: TrackerSettings = PEOPLE_TRACKING) -> None:
        super().__init__(ids, settings)
        self._sure = sure

    def follow(self, people: Sequence[Person], taken: float) -> list[Track[Person]]:
        """Take in a picture's detections, doubtful ones among them. Returns the tracks that are over."""
        sure = [person for person in people if person.score >= self._sure]
        return self.update(sure, taken, [person for person in people if person.score < self._sure])
