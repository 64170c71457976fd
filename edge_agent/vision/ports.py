"""What the parts of the camera pipeline say to each other. No heavy import: shapes only.

source → Frame → engine.detect → tracks → best shots → engine.embed → Probe → ProbeSink (the vault here, or sealed)
"""

import threading
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, TypeAlias

from contracts.reasons import ReasonedError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Image: TypeAlias = "NDArray[np.uint8]"
    """Height × width × 3, BGR, as OpenCV has it."""
    Vector: TypeAlias = "NDArray[np.float32]"
    """One face, unit length, `FaceEngine.dimensions` long. The cosine of two is their dot product."""


class SourceError(ReasonedError):
    """The camera gave no usable picture; the reason is what people are told. It is opened again, later."""


class RecordingOverError(SourceError):
    """A recording is over. It is not begun again."""


class LoginRefusedError(SourceError):
    """The camera rejects the user name or the password. Asking again soon may lock the account."""


class EngineError(RuntimeError):
    """The engine cannot be used (weights missing, wrong, or failing their self-check); the text says what to do."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture in memory. `taken` is `time.monotonic()` seconds; `number` counts from 1 since the source opened.

    The picture is no part of its `repr`, nor a probe's vector: neither gets into a log or a traceback by accident.
    """

    image: "Image" = field(repr=False)
    taken: float
    number: int


class Source(Protocol):
    """A camera. One thread reads; `close` may come from another."""

    def open(self) -> None:
        """Raises SourceError."""
        ...

    def read(self, timeout: float) -> Frame | None:
        """The newest frame not yet read; None when none came within `timeout` seconds. Raises SourceError."""
        ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Face:
    """One face of a picture, in its full-size pixels.

    `box` x, y, width, height. `landmarks` five points: right eye, left eye, nose tip, right and left mouth corner (of
    the person). `score` 0 to 1: how sure the detector is.
    """

    box: tuple[float, float, float, float]
    landmarks: tuple[tuple[float, float], ...]
    score: float


@dataclass(frozen=True, slots=True)
class Scale:
    """How an engine's similarities are to be read.

    `same` and `different` bound its own self-check: a known same pair is at least `same`, a known different pair at
    most `different`. `threshold` and `margin` grow with the number of people in the gallery (`decide.threshold`).
    """

    same: float
    different: float
    threshold_one: float
    threshold_per_decade: float
    threshold_most: float
    margin_one: float
    margin_per_decade: float


class FaceEngine(Protocol):
    """Detects and embeds. Safe from any thread; calls are served one after another."""

    @property
    def id(self) -> str:
        """Stable name, stored with each template; templates of different engines are never compared."""
        ...

    @property
    def model(self) -> str:
        """SHA-256 over the model files, hex; stored with each template likewise."""
        ...

    @property
    def dimensions(self) -> int: ...

    @property
    def scale(self) -> Scale: ...

    def detect(self, image: "Image") -> list[Face]:
        """Largest first; empty when there is none."""
        ...

    def embed(self, image: "Image", face: Face) -> "Vector": ...


@dataclass(frozen=True, slots=True)
class Probe:
    """One look at one tracked face. Lives in memory only; `track` is unique for this camera since the agent began."""

    camera: str
    track: int
    at: datetime
    vector: "Vector" = field(repr=False)
    quality: float


class ProbeSink(Protocol):
    """Where probes go: the vault of this node, or sealed to another's. Never blocks for long; safe from any thread."""

    @property
    def active(self) -> bool:
        """False: do not even embed. No lease, no consents, no vault, or an engine that failed its check."""
        ...

    def offer(self, probe: Probe) -> None: ...

    def ended(self, camera: str, track: int) -> None:
        """The track is over: whatever was kept of it is dropped."""
        ...


@dataclass(frozen=True, slots=True)
class Look:
    """What one camera saw in one frame, for whoever watches (an enrolment, never a disk)."""

    frame: Frame
    faces: tuple[Face, ...]


class Watcher(Protocol):
    """Sees every frame of a camera while it is registered (`CameraHub.watch`)."""

    def look(self, look: Look) -> None: ...


@dataclass
class CameraHub:
    """Joins running cameras with those who may look through them: the enrolment of this node."""

    _watchers: dict[str, Watcher] = field(default_factory=dict)
    _cameras: dict[str, bool] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def camera_ready(self, camera: str, ready: bool) -> None:
        with self._lock:
            self._cameras[camera] = ready

    def ready(self, camera: str) -> bool:
        """Whether that camera exists here and gives pictures."""
        with self._lock:
            return self._cameras.get(camera, False)

    def watch(self, camera: str, watcher: Watcher) -> None:
        """Raises KeyError for an unknown camera, ValueError when somebody else watches it."""
        with self._lock:
            if camera not in self._cameras:
                raise KeyError(camera)
            if camera in self._watchers:
                raise ValueError(f"{camera} is in use by another enrolment")
            self._watchers[camera] = watcher

    def release(self, camera: str) -> None:
        with self._lock:
            self._watchers.pop(camera, None)

    def watcher(self, camera: str) -> Watcher | None:
        with self._lock:
            return self._watchers.get(camera)
