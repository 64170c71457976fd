"""One identity per thing seen, for as long as it is in view. Faces and people are followed by the same rules.

Each picture's detections are paired with the predicted boxes at the least total cost. The cost of a pair is how
unlikely it is: the distance to the predicted place in standard deviations, the change of size, how little the boxes
overlap, and whatever more the caller knows (`differ`). Weak detections may continue a track but never begin one
(ByteTrack, Zhang et al. 2022). An id is given once and never again.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from edge_agent.vision.tracking.assignment import IMPOSSIBLE, assign
from edge_agent.vision.tracking.motion import Box, Motion, MotionSettings, centre, iou, size


class Boxed(Protocol):
    @property
    def box(self) -> Box: ...


Seen = TypeVar("Seen", bound=Boxed)


@dataclass(frozen=True, slots=True)
class TrackerSettings:
    """`lost_seconds`: how long a track waits for what is hidden; `doubtful_seconds`: the same for one seen only once.

    `reach`: farthest jump from the prediction, in sizes of the box; `deviations`: the same in standard deviations.
    `resize`: greatest ratio of sizes between two sightings. `dear`: the cost from which two are not the same.
    """

    motion: MotionSettings = field(default_factory=MotionSettings)
    lost_seconds: float = 2.0
    doubtful_seconds: float = 0.7
    reach: float = 2.5
    deviations: float = 4.0
    resize: float = 1.8
    dear: float = 30.0


class Track(Generic[Seen]):
    """One thing in view. `seen`: its newest detection, made at `last`; `fresh`: in the newest picture itself."""

    def __init__(self, number: int, seen: Seen, taken: float, settings: MotionSettings) -> None:
        self.id = number
        self.seen = seen
        self.first = self.last = taken
        self.hits = 1
        self.fresh = True
        self.motion = Motion(seen.box, taken, settings)

    def take(self, seen: Seen, taken: float) -> None:
        self.motion.correct(seen.box, taken)
        self.seen, self.last, self.fresh = seen, taken, True
        self.hits += 1


Differ = Callable[[Track[Seen], Seen, float], float]
"""More cost for going on with this track by that detection, taken at this time."""


class Tracker(Generic[Seen]):
    """Not safe for several threads: a camera has one."""

    def __init__(
        self, ids: Iterator[int], settings: TrackerSettings | None = None, differ: Differ[Seen] | None = None
    ) -> None:
        self._ids = ids
        self._settings = settings or TrackerSettings()
        self._differ = differ
        self._tracks: list[Track[Seen]] = []

    @property
    def tracks(self) -> tuple[Track[Seen], ...]:
        """All that live, also those hidden at the moment, oldest first."""
        return tuple(self._tracks)

    def update(self, seen: Sequence[Seen], taken: float, weak: Sequence[Seen] = ()) -> list[Track[Seen]]:
        """Take in the detections of a picture of `taken` (monotonic seconds). Returns the tracks that are over."""
        over = self._expire(taken)
        for track in self._tracks:
            track.fresh = False
        strangers = self._continue(seen, taken)
        if weak:
            self._continue(weak, taken)
        self._tracks += [Track(next(self._ids), one, taken, self._settings.motion) for one in strangers]
        return over

    def renew(self, track: Track[Seen], taken: float) -> Track[Seen]:
        """Somebody else is seen under this track: it is over, and a new one begins with its newest detection."""
        fresh = Track(next(self._ids), track.seen, taken, self._settings.motion)
        fresh.hits = 2
        self._tracks[self._tracks.index(track)] = fresh
        return fresh

    def clear(self) -> list[Track[Seen]]:
        """End all tracks and return them."""
        over, self._tracks = self._tracks, []
        return over

    def _expire(self, taken: float) -> list[Track[Seen]]:
        """Those not seen for too long, reckoned before this picture: it may come after a long gap itself."""
        over = [track for track in self._tracks if taken - track.last > self._patience(track)]
        if over:
            self._tracks = [track for track in self._tracks if track not in over]
        return over

    def _patience(self, track: Track[Seen]) -> float:
        return self._settings.lost_seconds if track.hits > 1 else self._settings.doubtful_seconds

    def _continue(self, seen: Sequence[Seen], taken: float) -> list[Seen]:
        """Go on with tracks not yet seen in this picture; returns the detections that belong to none."""
        waiting = [track for track in self._tracks if not track.fresh]
        costs = [[self._cost(track, one, taken) for one in seen] for track in waiting]
        pairs = assign(costs, self._settings.dear)
        for row, column in pairs:
            waiting[row].take(seen[column], taken)
        known = {column for _, column in pairs}
        return [one for column, one in enumerate(seen) if column not in known]

    def _cost(self, track: Track[Seen], seen: Seen, taken: float) -> float:
        """A negative logarithm of likelihood, up to a constant."""
        settings = self._settings
        expected = track.motion.predict(taken)
        scale = size(expected)
        (x, y), (seen_x, seen_y) = centre(expected), centre(seen.box)
        apart = (x - seen_x) ** 2 + (y - seen_y) ** 2
        variance = track.motion.variance(taken)
        if apart > (settings.reach * scale) ** 2 or apart > settings.deviations**2 * variance:
            return IMPOSSIBLE
        growth = abs(math.log(size(seen.box) / scale))
        if growth > math.log(settings.resize):
            return IMPOSSIBLE
        uncertainty = 2 * math.log(variance / (settings.motion.jitter * scale) ** 2)
        cost = apart / variance + uncertainty + (growth / 0.15) ** 2 / 2 + (1 - iou(expected, seen.box))
        return cost + (self._differ(track, seen, taken) if self._differ else 0.0)
