"""Following faces: boxes that move, told apart also by where their five landmarks lie.

No appearance is kept here: a track knows the place and the landmarks of its newest sighting only. Two faces that cross
keep their ids because each is expected where its own motion leads; a profile that passes a frontal face differs in
its landmarks as well. What motion cannot tell (somebody steps into another's place unseen) the pipeline finds out by
comparing embeddings (`Tracker.renew`).
"""

from collections.abc import Iterator

from edge_agent.vision.ports import Face
from edge_agent.vision.tracking.motion import MotionSettings, centre, size
from edge_agent.vision.tracking.tracker import Track, Tracker, TrackerSettings

FACE_TRACKING = TrackerSettings(motion=MotionSettings(jitter=0.06, start_speed=4.0, unrest=2.5))
"""A face is about 0.19 m in size and walks at up to 1.5 m/s, 8 sizes a second across the picture."""
_LANDMARK_SPREAD = 0.12
"""Standard deviation of a landmark's place within its box from one picture to the next, in sizes."""
_MOST_FOR_LANDMARKS = 6.0
"""A head may turn while it is hidden: landmarks alone never forbid a pair."""

FaceTrack = Track[Face]


class FaceTracker(Tracker[Face]):
    def __init__(self, ids: Iterator[int], settings: TrackerSettings = FACE_TRACKING) -> None:
        super().__init__(ids, settings, landmarks_differ)


def landmarks_differ(track: FaceTrack, seen: Face, taken: float) -> float:
    """How far the landmarks moved within the face itself: 0 for the same pose at another place and size."""
    before, now = _within(track.seen), _within(seen)
    if not before or len(before) != len(now):
        return 0.0
    apart = sum((a - c) ** 2 + (b - d) ** 2 for (a, b), (c, d) in zip(before, now, strict=True)) / len(now)
    return min(apart / _LANDMARK_SPREAD**2, _MOST_FOR_LANDMARKS)


def _within(face: Face) -> list[tuple[float, float]]:
    x, y = centre(face.box)
    scale = size(face.box)
    return [((a - x) / scale, (b - y) / scale) for a, b in face.landmarks]
