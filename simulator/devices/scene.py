"""What the simulated camera sees: an invented lobby, and licensed portraits that walk up to the lens.

The portraits are photographs of real people under free licences (their CREDITS lie beside them); the scene is
synthetic. A picture is drawn anew for every frame, with sensor noise of its own, as a real camera's would be.
"""

import math
import random
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
_WALK_SECONDS = 2.5
_FAR = 0.55
"""The height of a portrait when its person comes into view, as a share of where they stop."""
_NOISE = 3.0
_NOISES = 4
_EMPTIES = 12
_JPEG_QUALITY = 82


class PortraitError(ValueError):
    """No such portrait, or not a picture."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A person before the camera. `x` is the middle and `height` the size, as shares of the picture; times in seconds.

    Above 1 the lower part is out of sight. `until` is `inf` for somebody who stays.
    """

    portrait: str
    x: float
    height: float
    since: float
    until: float = math.inf


class Portraits:
    """Pictures by the stem of their file name, cut to a width that fits a standing person."""

    def __init__(self, folder: Path) -> None:
        self._files = {path.stem: path for path in sorted(folder.glob("*.jpg"))}
        self._loaded: dict[str, Picture] = {}

    @property
    def names(self) -> list[str]:
        return list(self._files)

    def get(self, name: str) -> Picture:
        """Raises PortraitError."""
        if name not in self._loaded:
            if name not in self._files:
                raise PortraitError(f"no portrait {name!r}; there are {', '.join(self._files) or 'none'}")
            picture = cv2.imread(str(self._files[name]))
            if picture is None:
                raise PortraitError(f"{self._files[name].name} is no picture")
            self._loaded[name] = np.asarray(picture, np.uint8)
        return self._loaded[name]


class Scene:
    """One camera's view, `width` × `height` pixels. Not for use from several threads at once."""

    def __init__(self, width: int, height: int, seed: int) -> None:
        self.width, self.height = width, height
        chance = np.random.default_rng(seed)
        self._empty = _lobby(width, height)
        self._noises = [
            chance.normal(0, _NOISE, (height, width, 1)).astype(np.float32).repeat(3, axis=2) for _ in range(_NOISES)
        ]
        self._chance = random.Random(seed)
        self._empties: list[bytes] = []

    def draw(self, standing: list[Standing], portraits: Portraits, now: float) -> Picture:
        """BGR, height × width × 3."""
        picture = self._empty.copy()
        for each in sorted(standing, key=lambda s: s.height):
            self._paste(picture, portraits.get(each.portrait), each, now)
        noisy = picture.astype(np.float32) + self._chance.choice(self._noises)
        return np.asarray(np.clip(noisy, 0, 255), np.uint8)

    def jpeg(self, standing: list[Standing], portraits: Portraits, now: float) -> bytes:
        """An empty lobby is drawn a few times only: most of the day nothing else is seen."""
        if not standing and len(self._empties) == _EMPTIES:
            return self._chance.choice(self._empties)
        encoded = self._encode(standing, portraits, now)
        if not standing:
            self._empties.append(encoded)
        return encoded

    def _encode(self, standing: list[Standing], portraits: Portraits, now: float) -> bytes:
        _, encoded = cv2.imencode(
            ".jpg", self.draw(standing, portraits, now), [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY]
        )
        return bytes(encoded)

    def _paste(self, picture: Picture, portrait: Picture, person: Standing, now: float) -> None:
        nearer = min(1.0, (now - person.since) / _WALK_SECONDS)
        tall = int(self.height * person.height * (_FAR + (1 - _FAR) * nearer))
        wide = max(2, round(portrait.shape[1] * tall / portrait.shape[0]))
        sway = math.sin(now * 1.3 + person.since) * 0.012
        left = int((person.x + sway) * self.width - wide / 2)
        top = max(self.height - tall, self.height // 20)
        x0, x1 = max(0, left), min(self.width, left + wide)
        if x1 - x0 < 2 or tall < 2:
            return
        small = cv2.resize(portrait, (wide, tall), interpolation=cv2.INTER_AREA)
        seen = self.height - top
        shown = small[:seen, x0 - left : x1 - left].astype(np.float32)
        mask = _feather(wide, tall)[:seen, x0 - left : x1 - left, None]
        behind = picture[top:, x0:x1].astype(np.float32)
        picture[top:, x0:x1] = (shown * mask + behind * (1 - mask)).astype(np.uint8)


def _feather(wide: int, tall: int) -> NDArray[np.float32]:
    """A soft edge, so that the photograph's frame does not stand in the lobby."""
    edge = max(2, min(wide, tall) // 14)
    across = np.minimum(np.arange(wide), np.arange(wide)[::-1]) / edge
    down = np.minimum(np.arange(tall) / edge, 1.0)
    return np.asarray(np.minimum(np.clip(across, 0, 1)[None, :], down[:, None]), np.float32)


def _lobby(width: int, height: int) -> Picture:
    """A wall with windows, a counter and a tiled floor: edges enough for a camera that checks its own focus."""
    rows = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    top, bottom = np.array([196, 205, 210], np.float32), np.array([150, 166, 178], np.float32)
    picture = np.broadcast_to(top * (1 - rows) + bottom * rows, (height, width, 3)).astype(np.uint8).copy()
    thin = max(1, width // 320)
    floor = int(height * 0.72)
    for place in range(4):
        x = int(width * (0.04 + 0.25 * place))
        corner, end = (x, int(height * 0.08)), (x + int(width * 0.17), int(height * 0.5))
        cv2.rectangle(picture, corner, end, (228, 224, 214), -1)
        cv2.rectangle(picture, corner, end, (88, 96, 104), 2 * thin)
        for part in (1, 2):
            across = corner[0] + (end[0] - corner[0]) * part // 3
            cv2.line(picture, (across, corner[1]), (across, end[1]), (88, 96, 104), thin)
    cv2.rectangle(picture, (0, floor), (width, height), (132, 150, 166), -1)
    for place in range(-12, 25):
        foot = (int(width * place / 12), height)
        cv2.line(picture, (int(width / 2 + (foot[0] - width / 2) * 0.45), floor), foot, (96, 112, 126), thin)
    for depth in (0.76, 0.82, 0.9):
        cv2.line(picture, (0, int(height * depth)), (width, int(height * depth)), (96, 112, 126), thin)
    return picture
