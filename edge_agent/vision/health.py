"""Is what the camera shows worth looking at? Judged over time, from small copies; told in words people can act on."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import cv2
import numpy as np

from contracts.reasons import Reason, reason
from edge_agent.vision.ports import Face, Frame

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from edge_agent.vision.ports import Image


@dataclass(frozen=True, slots=True)
class Limits:
    """What is still a picture. Grey levels run from 0 to 255; times are seconds.

    `frozen_difference`: what rounding may change in a picture that is the same; sensor noise is more. `sharpness`: how
    much the steepest slopes bend, at `working_width` pixels: 0.6 divided by their width, whatever their height;
    portraits in focus have 0.59 to 0.83, blurred by 3 pixels 0.22 to 0.28, with noise up to 0.30. `slope_to_judge`:
    grey levels a pixel; without an edge (a bare wall, soft light) there is nothing to be blurred.
    """

    frozen_seconds: float = 8.0
    look_seconds: float = 0.5
    settle_seconds: float = 2.0
    frozen_difference: int = 1
    black_level: int = 32
    white_level: int = 250
    white_share: float = 0.6
    covered_contrast: float = 3.0
    sharpness: float = 0.30
    slope_to_judge: float = 6.0
    working_width: int = 640
    pictures_per_second: float = 2.0
    rate_seconds: float = 10.0


@dataclass(frozen=True, slots=True)
class Problem:
    """`usable`: faces may still be looked for. The reason holds no changing figures, so that it is told once."""

    reason: Reason
    usable: bool = True


FROZEN = Problem(reason("picture_frozen"), usable=False)
BLACK = Problem(reason("picture_black"), usable=False)
COVERED = Problem(reason("picture_covered"), usable=False)
OVEREXPOSED = Problem(reason("picture_overexposed"))
BLURRED = Problem(reason("picture_blurred"))
UPSIDE_DOWN = Problem(reason("picture_upside_down"))


class PictureHealth:
    """One camera's pictures, from open to close. `size`: what it was asked for, width and height, if anything."""

    def __init__(self, limits: Limits, size: tuple[int, int] | None = None) -> None:
        self._limits = limits
        self._size = size
        self._still = Stillness(limits.frozen_difference)
        self._rate = Rate(limits.rate_seconds)
        self._looked = float("-inf")
        self._told: Problem | None = None
        self._found: Problem | None = None
        self._since = float("-inf")

    def look(self, frame: Frame) -> Problem | None:
        """What is wrong with the pictures, as of this one; None when nothing is.

        A problem is told once it has lasted `settle_seconds` (so that somebody passing close by is none), and until
        the pictures have been good as long. Frozen has a time of its own, and ends with the next new picture.
        """
        self._rate.note(frame)
        if frame.taken - self._looked < self._limits.look_seconds:
            return self._told
        self._looked = frame.taken
        if self._still.seconds(frame) >= self._limits.frozen_seconds:
            self._told = self._found = FROZEN
            return self._told
        found = self._judge(frame)
        if found != self._found:
            self._found, self._since = found, frame.taken
        if self._told == FROZEN or frame.taken - self._since >= self._limits.settle_seconds:
            self._told = found
        return self._told

    def _judge(self, frame: Frame) -> Problem | None:
        limits = self._limits
        return appearance(frame.image, limits) or self._wrong_size(frame.image) or self._too_slow()

    def _wrong_size(self, image: "Image") -> Problem | None:
        height, width = image.shape[:2]
        if self._size is None or (width, height) == self._size:
            return None
        wanted = f"{self._size[0]} × {self._size[1]}"
        return Problem(reason("picture_size", width=width, height=height, wanted=wanted))

    def _too_slow(self) -> Problem | None:
        rate, least = self._rate.per_second(), self._limits.pictures_per_second
        if rate is None or rate >= least:
            return None
        return Problem(reason("picture_slow", least=least))


class Stillness:
    """How long the same picture has been shown. Every eighth pixel in each direction is compared."""

    def __init__(self, difference: int) -> None:
        self._difference = difference
        self._reference: NDArray[np.int16] | None = None
        self._since = 0.0

    def seconds(self, frame: Frame) -> float:
        sample = frame.image[::8, ::8].astype(np.int16)
        before = self._reference
        if before is None or before.shape != sample.shape or int(np.abs(sample - before).max()) > self._difference:
            self._reference, self._since = sample, frame.taken
        return frame.taken - self._since


class Rate:
    """Pictures a second that reached this node, whether or not they were looked at, over the last seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._seen: deque[tuple[float, int]] = deque()

    def note(self, frame: Frame) -> None:
        self._seen.append((frame.taken, frame.number))
        while frame.taken - self._seen[0][0] > self._seconds and len(self._seen) > 2:
            self._seen.popleft()

    def per_second(self) -> float | None:
        """None until half the time has been seen."""
        (began, first), (ended, last) = self._seen[0], self._seen[-1]
        if ended - began < self._seconds / 2:
            return None
        return (last - first) / (ended - began)


def appearance(image: "Image", limits: Limits) -> Problem | None:
    """What a single picture (BGR) suffers from."""
    factor = min(1.0, limits.working_width / image.shape[1])
    small = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA) if factor < 1 else image
    grey = cast("Image", cv2.cvtColor(small, cv2.COLOR_BGR2GRAY))
    if np.percentile(grey, 99) < limits.black_level:
        return BLACK
    if (grey >= limits.white_level).mean() > limits.white_share:
        return OVEREXPOSED
    coarse = cv2.resize(grey, (64, 36), interpolation=cv2.INTER_AREA)
    if coarse.std() < limits.covered_contrast:
        return COVERED
    slope, bend = edges(grey)
    return BLURRED if slope >= limits.slope_to_judge and bend < limits.sharpness * slope else None


def edges(grey: "Image") -> tuple[float, float]:
    """The steepest slopes (levels a pixel) and the strongest bends (levels a square pixel), noise smoothed away.

    A step of height h, blurred to the width s, has the slope 0.40 h / s and the bend 0.24 h / s²: divided, 0.6 / s.
    """
    smooth = cv2.GaussianBlur(grey.astype(np.float32), (0, 0), 1.0)
    across, down = (cv2.Sobel(smooth, cv2.CV_32F, *way, scale=1 / 8) for way in ((1, 0), (0, 1)))
    bends = np.abs(cv2.Laplacian(smooth, cv2.CV_32F))
    return _steepest(cv2.magnitude(across, down)), _steepest(bends)


def _steepest(values: "cv2.typing.MatLike") -> float:
    """All but one pixel in a thousand have less."""
    flat = values.ravel()
    at = flat.size - 1 - flat.size // 1000
    return float(np.partition(flat, at)[at])


class Orientation:
    """Does the picture stand on its head?

    A detector finds faces upside down too (YuNet: score 0.74 to 0.91 where the right way up gives 0.93 to 0.95) and
    puts eyes and mouth in the wrong places, so that such a face is taken for a stranger's. So the same picture is
    looked at both ways round, now and then, and the better score wins when it wins several times in a row.
    """

    def __init__(self, every_seconds: float = 30.0, in_a_row: int = 3, lead: float = 0.02, surely: float = 0.8) -> None:
        self._every = every_seconds
        self._in_a_row = in_a_row
        self._lead = lead
        self._surely = surely
        self._looked = float("-inf")
        self._against = 0
        self._upside_down = False

    @property
    def problem(self) -> Problem | None:
        return UPSIDE_DOWN if self._upside_down else None

    def due(self, now: float) -> bool:
        """At most once in `every_seconds`. `now`: monotonic seconds."""
        if now - self._looked < self._every:
            return False
        self._looked = now
        return True

    def judge(self, as_is: Sequence[Face], turned: Sequence[Face]) -> None:
        """The faces of one picture as it is, and turned by 180°. Without any nothing is learned."""
        upright, reverse = (max((face.score for face in faces), default=0.0) for faces in (as_is, turned))
        if max(upright, reverse) < self._surely:
            return
        if reverse > upright + self._lead:
            self._against = min(self._against + 1, self._in_a_row)
        elif upright > reverse + self._lead:
            self._against = max(self._against - 1, 0)
        if self._against == self._in_a_row:
            self._upside_down = True
        elif self._against == 0:
            self._upside_down = False
