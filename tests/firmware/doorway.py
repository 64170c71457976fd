"""The firmware's counting logic, compiled by the host's compiler, and people who walk under a simulated sensor."""

import ctypes
import math
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COMPONENT = ROOT / "firmware_configs" / "esphome" / "components" / "door_tof"
HOST = Path(__file__).with_name("host")
COMPILER = shutil.which("g++")
FAULTS = ("none", "silent", "unreadable", "covered", "blocked")

OUTER, INNER = 0, 1
DISTANCE, NOTHING, UNREADABLE = 0, 1, 2
SENSOR_MM = 2200
PERSON_MM = 1400
"""Nearer than this is a person: nobody under 0.8 m counts."""
RANGING_MS = 36
HALF_ANGLE = math.radians(10)
"""Of one zone; the sensor's 27 degrees are measured over the diagonal (data sheet DS12385)."""

Sample = tuple[int, int, int, int]
"""Zone, sight, millimetres, milliseconds."""


def build(folder: Path) -> Path:
    """Compile the shared library, every warning an error; the sanitizer ends the process on undefined behaviour."""
    assert COMPILER is not None
    library = folder / "doorway.so"
    flags = ["-std=c++17", "-O1", "-Wall", "-Wextra", "-Werror", "-fsanitize=undefined", "-fno-sanitize-recover"]
    source = HOST / "doorway_c.cpp"
    subprocess.run(
        [COMPILER, *flags, "-shared", "-fPIC", f"-I{COMPONENT}", str(source), "-o", str(library)], check=True
    )
    return library


class Doorway:
    """One door. Totals of people in and out, and the fault the firmware would tell."""

    def __init__(self, library: ctypes.CDLL, person_mm: int = PERSON_MM) -> None:
        library.doorway_new.restype = ctypes.c_void_p
        self._library = library
        self._at = ctypes.c_void_p(library.doorway_new(ctypes.c_uint16(person_mm)))
        self.people_in = self.people_out = 0
        self.now = 0

    def measured(self, zone: int, sight: int, mm: int, now: int) -> None:
        passed = self._library.doorway_measured(
            self._at, ctypes.c_uint8(zone), ctypes.c_uint8(sight), ctypes.c_uint16(mm), ctypes.c_uint32(now)
        )
        self.people_in += passed >> 8
        self.people_out += passed & 0xFF
        self.now = now

    def feed(self, samples: Iterable[Sample]) -> tuple[int, int]:
        for sample in samples:
            self.measured(*sample)
        return self.people_in, self.people_out

    def fault(self, later_ms: int = 0) -> str:
        return FAULTS[self._library.doorway_fault(self._at, ctypes.c_uint32((self.now + later_ms) % 2**32))]

    def close(self) -> None:
        self._library.doorway_delete(self._at)


@dataclass(frozen=True)
class Walker:
    """A body of three cylinders: head, shoulders, legs. `at`: seconds → metres from the door line, outside negative."""

    at: Callable[[float], float]
    height: float = 1.70

    @property
    def parts(self) -> tuple[tuple[float, float], ...]:
        """Height of the top and half the depth in the walking direction, metres."""
        return (self.height, 0.10), (self.height * 0.82, 0.13), (self.height * 0.5, 0.12)


def walking(speed: float = 1.2, start: float = 1.0, since: float = 1.0) -> Callable[[float], float]:
    """Inwards from `start` metres before the door; a negative speed walks outwards from as far inside."""
    origin = -math.copysign(start, speed)
    return lambda seconds: origin + speed * max(0.0, seconds - since)


def through(*points: tuple[float, float]) -> Callable[[float], float]:
    """Along a line of (seconds, metres), standing before the first and after the last."""

    def at(seconds: float) -> float:
        for (t0, x0), (t1, x1) in pairwise(points):
            if t0 <= seconds <= t1:
                return x0 + (x1 - x0) * (seconds - t0) / (t1 - t0)
        return points[0][1] if seconds < points[0][0] else points[-1][1]

    return at


def _distance(walkers: Iterable[Walker], zone: int, seconds: float) -> int:
    nearest = SENSOR_MM
    for walker in walkers:
        middle = walker.at(seconds)
        for top, half_depth in walker.parts:
            down = SENSOR_MM / 1000 - top
            width = down * math.tan(HALF_ANGLE)
            low, high = (-width, 0.0) if zone == OUTER else (0.0, width)
            if middle + half_depth > low and middle - half_depth < high:
                nearest = min(nearest, round(down * 1000))
    return nearest


def seen(*walkers: Walker, seconds: float = 5.0, start_ms: int = 0) -> Iterator[Sample]:
    """What the sensor measures while they walk, zone by zone; the floor first and last."""
    for number in range(int(seconds * 1000 / RANGING_MS)):
        ms = number * RANGING_MS
        zone = number % 2
        yield zone, DISTANCE, _distance(walkers, zone, ms / 1000), (start_ms + ms) % 2**32
