"""When somebody has crossed a line, and which way. Pure geometry.

The convention. A person stands where the bottom of the box has its centre (the feet). Distances are in heights of the
picture, also across it, so that a circle is one. Seen by who walks along the line from its first point to its second,
the picture taken as the floor seen from above, right is a quarter turn clockwise on the screen: a line drawn from left
to right has the lower part of the picture on its right. From left to right is `in`, from right to left `out`.

A person is on a side only beyond the hysteresis; nearer to the line they are on their way. Between two sides they may
pass the line several times: passages between its end points are summed up, one way against the other, and passages
beyond its ends are none. Who arrives on the other side with a sum in that direction has crossed, once. So loitering
on the line, and walking round its end, count nothing; and a film run backwards gives `in` for `out`.
"""

import math
from dataclasses import dataclass, field
from typing import Literal

from edge_agent.vision.config import LineConfig

Spot = tuple[float, float]
"""x and y in heights of the picture, from its upper left corner, y downwards."""
Way = Literal["in", "out"]


def feet(box: tuple[float, float, float, float], height: int) -> Spot:
    """The foot point of a box of pixels in a picture of that height."""
    x, y, wide, high = box
    return (x + wide / 2) / height, (y + high) / height


@dataclass(frozen=True, slots=True)
class Line:
    """A directed line on the floor. Raises ValueError when both ends are one point."""

    start: Spot
    end: Spot
    hysteresis: float

    def __post_init__(self) -> None:
        if self.start == self.end:
            raise ValueError(f"a line needs two ends, but both are at {self.start}")

    @classmethod
    def of(cls, config: LineConfig, width: int, height: int) -> "Line":
        """The configured line in a picture of that size, pixels."""
        aspect = width / height
        (a, b), (c, d) = config.from_, config.to
        return cls((a * aspect, b), (c * aspect, d), config.hysteresis)

    def right_of(self, spot: Spot) -> float:
        """How far to the right of the (endless) line; negative to its left."""
        dx, dy = self.end[0] - self.start[0], self.end[1] - self.start[1]
        return ((spot[1] - self.start[1]) * dx - (spot[0] - self.start[0]) * dy) / math.hypot(dx, dy)

    def passage(self, before: Spot, after: Spot) -> int:
        """A straight step: 1 when it goes over the line between its ends to the right, −1 to the left, else 0."""
        here, there = self.right_of(before), self.right_of(after)
        if (here >= 0) == (there >= 0):
            return 0
        share = here / (here - there)
        x, y = (a + share * (b - a) for a, b in zip(before, after, strict=True))
        dx, dy = self.end[0] - self.start[0], self.end[1] - self.start[1]
        along = ((x - self.start[0]) * dx + (y - self.start[1]) * dy) / (dx * dx + dy * dy)
        if not 0 <= along <= 1:
            return 0
        return 1 if there >= 0 else -1


@dataclass(slots=True)
class Crossing:
    """One person and one line."""

    line: Line
    _last: Spot | None = field(default=None, init=False)
    _side: int = field(default=0, init=False)
    _passages: int = field(default=0, init=False)

    def step(self, spot: Spot) -> Way | None:
        """The person now stands there. The way, when that completes a crossing."""
        if self._last is not None:
            self._passages += self.line.passage(self._last, spot)
        self._last = spot
        distance = self.line.right_of(spot)
        if abs(distance) <= self.line.hysteresis:
            return None
        side = 1 if distance > 0 else -1
        came_from, passages = self._side, self._passages
        self._side, self._passages = side, 0
        if came_from in (0, side) or passages * side <= 0:
            return None
        return "in" if side > 0 else "out"
