"""Where a box will be: constant velocity with a Kalman filter. Lengths in pixels, times in seconds.

All noise is in units of the box's own size (the root of its area): near and far faces are followed alike.
"""

import math
from dataclasses import dataclass

Box = tuple[float, float, float, float]
"""x, y of the upper left corner, width, height."""


def iou(a: Box, b: Box) -> float:
    """Area in common over area in all, 0 to 1."""
    wide = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    high = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    if wide <= 0 or high <= 0:
        return 0.0
    common = wide * high
    return common / (a[2] * a[3] + b[2] * b[3] - common)


def centre(box: Box) -> tuple[float, float]:
    return box[0] + box[2] / 2, box[1] + box[3] / 2


def size(box: Box) -> float:
    """Root of the area; at least one pixel, so that it may be divided by."""
    return math.sqrt(max(box[2], 1.0) * max(box[3], 1.0))


@dataclass(frozen=True, slots=True)
class MotionSettings:
    """In sizes of the box. `jitter`: how far the detector misses; `start_speed`: before two sightings tell more;
    `unrest`: by how much the speed changes within a second; `resize`: share of a new width and height that is believed.
    """

    jitter: float = 0.05
    start_speed: float = 4.0
    unrest: float = 2.5
    resize: float = 0.5


class Motion:
    """The position, speed and size of one box, and how sure they are."""

    def __init__(self, box: Box, taken: float, settings: MotionSettings) -> None:
        self._settings = settings
        self._x, self._y = centre(box)
        self._speed_x = self._speed_y = 0.0
        self._width, self._height = box[2], box[3]
        self._at = taken
        scale = size(box)
        self._place = (settings.jitter * scale) ** 2
        self._both = 0.0
        self._speed = (settings.start_speed * scale) ** 2

    def predict(self, taken: float) -> Box:
        """The box expected at `taken`; a time already past gives the present one."""
        ahead = max(taken - self._at, 0.0)
        x, y = self._x + self._speed_x * ahead, self._y + self._speed_y * ahead
        return x - self._width / 2, y - self._height / 2, self._width, self._height

    def variance(self, taken: float) -> float:
        """Of the distance along one axis between the prediction and what will be seen, in square pixels."""
        place, _, _ = self._grown(max(taken - self._at, 0.0))
        return place + (self._settings.jitter * size(self.predict(taken))) ** 2

    def correct(self, box: Box, taken: float) -> None:
        """Take in a sighting."""
        expected_x, expected_y = centre(self.predict(taken))
        total = self.variance(taken)
        place, both, speed = self._grown(max(taken - self._at, 0.0))
        of_place, of_speed = place / total, both / total
        seen_x, seen_y = centre(box)
        self._x = expected_x + of_place * (seen_x - expected_x)
        self._y = expected_y + of_place * (seen_y - expected_y)
        self._speed_x += of_speed * (seen_x - expected_x)
        self._speed_y += of_speed * (seen_y - expected_y)
        self._place, self._both, self._speed = (1 - of_place) * place, (1 - of_place) * both, speed - of_speed * both
        self._width += self._settings.resize * (box[2] - self._width)
        self._height += self._settings.resize * (box[3] - self._height)
        self._at = max(taken, self._at)

    def _grown(self, ahead: float) -> tuple[float, float, float]:
        """The covariance after `ahead` seconds of white noise in the acceleration."""
        unrest = (self._settings.unrest * math.sqrt(max(self._width, 1.0) * max(self._height, 1.0))) ** 2
        place = self._place + 2 * ahead * self._both + ahead**2 * self._speed + unrest * ahead**3 / 3
        both = self._both + ahead * self._speed + unrest * ahead**2 / 2
        return place, both, self._speed + unrest * ahead
