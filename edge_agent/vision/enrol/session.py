"""One enrolment: looks through one camera until it has good, agreeing shots of one person, and hands their vectors on.

`look` runs on the camera's thread; a thread of the session's own watches the time and stores. Pictures live in memory
until the next one comes; vectors until they are handed on.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

from contracts.events import FaceEnrolment
from contracts.messages import FacePreviewState
from edge_agent.vision.config import EnrolConfig
from edge_agent.vision.enrol import hints
from edge_agent.vision.enrol.hints import Hint
from edge_agent.vision.ports import CameraHub, EngineError, Face, FaceEngine, Frame, Look

if TYPE_CHECKING:
    from edge_agent.vision.ports import Image, Vector

_log = logging.getLogger(__name__)
_TICK_SECONDS = 0.2
_JOIN_SECONDS = 5.0
State = Literal["looking", "storing", "done", "failed", "cancelled"]


class KeepError(RuntimeError):
    """The templates could not be stored; the text is for the log."""


class KnownError(KeepError):
    """The vault recognises the face as another person, `other_ref`."""

    def __init__(self, other_ref: str) -> None:
        super().__init__("the face is already enrolled under another reference")
        self.other_ref = other_ref


@dataclass(frozen=True, slots=True)
class Order:
    """Whom to enrol: `shots` pictures through `camera`, within `seconds`."""

    consent_id: str
    person_ref: str
    camera: str
    shots: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Shot:
    """What is kept of one good picture."""

    vector: "Vector"
    quality: float


@dataclass(frozen=True, slots=True)
class View:
    """The newest picture, for the preview. `good`: it was fit to enrol from. `number` grows with each."""

    frame: Frame
    face: Face | None
    good: bool
    number: int


class Judged(Protocol):
    """`faces.quality.Quality`: what is wrong with a look, and how good it is, 0 to 1."""

    @property
    def score(self) -> float: ...

    @property
    def reasons(self) -> tuple[str, ...]: ...


class Keep(Protocol):
    def __call__(self, order: Order, shots: list[Shot], seconds: float) -> bool:
        """Store the templates. True: they are committed here; False: another node stores and reports them.

        Raises KnownError, KeepError.
        """
        ...


@dataclass(frozen=True, slots=True)
class Tools:
    """What a session works with. `allowed`: whether the consent stands at this node."""

    engine: FaceEngine
    hub: CameraHub
    judge: Callable[["Image", Face], Judged]
    keep: Keep
    allowed: Callable[[], bool]
    report: Callable[[FaceEnrolment], None]


@dataclass(slots=True)
class _Progress:
    """Changes only under the session's lock."""

    state: State = "looking"
    hint: Hint = "no_face"
    shots: list[Shot] = field(default_factory=list)
    taken: int = 0
    """How many shots there are or were: the vectors are gone once they are handed on."""
    reason: str = ""
    other_ref: str | None = None
    silent: bool = False
    view: View | None = None
    last_shot: float = float("-inf")
    looked: float = field(default_factory=time.monotonic)


class EnrolSession:
    """Implements `ports.Watcher`. Ends by itself: stored, failed, cancelled, out of time or out of pictures."""

    def __init__(self, order: Order, tools: Tools, rules: EnrolConfig) -> None:
        self.order = order
        self._tools, self._rules = tools, rules
        self._began = time.monotonic()
        self._changed = threading.Condition()
        self._progress = _Progress()
        self._before: tuple[Face, float] | None = None
        self._views = 0
        self._thread = threading.Thread(target=self._run, name=f"enrol-{order.camera}", daemon=True)

    def start(self) -> None:
        """Begin to look. Raises KeyError for an unknown camera, ValueError when it is in use."""
        self._tools.hub.watch(self.order.camera, self)
        self._began = time.monotonic()
        self._thread.start()

    def cancel(self, *, silently: bool = False) -> None:
        """End it while it looks; what is being stored is stored.

        `silently`: another enrolment of the same consent takes its place, so that nothing is to be told of this one.
        """
        with self._changed:
            if self._looking():
                self._progress.silent = silently
                self._end("cancelled", "cancelled")

    def stop(self) -> None:
        """The agent stops, and its cameras with it: nothing the person did."""
        with self._changed:
            if self._looking():
                self._end("failed", "camera")

    def join(self) -> None:
        if self._thread.is_alive():
            self._thread.join(_JOIN_SECONDS)

    def ended(self) -> bool:
        return self._progress.state in ("done", "failed", "cancelled")

    def _looking(self) -> bool:
        return self._progress.state == "looking"

    def state(self) -> FacePreviewState:
        with self._changed:
            now = self._progress
            hint = now.hint if now.state == "looking" else ""
            return FacePreviewState(state=now.state, shots=now.taken, of=self.order.shots, hint=hint)

    def next_view(self, after: int, timeout: float) -> View | None:
        """The first view newer than number `after`; None when none came within `timeout` seconds or it has ended."""
        with self._changed:
            self._changed.wait_for(lambda: self.ended() or self._newer(after), timeout)
            return self._progress.view if self._newer(after) else None

    def _newer(self, after: int) -> bool:
        view = self._progress.view
        return view is not None and view.number > after

    # ---- on the camera's thread ---------------------------------------------------------------------------------
    def look(self, look: Look) -> None:
        """A failing engine ends the enrolment, not the camera."""
        try:
            self._look(look)
        except Exception:
            _log.exception("an enrolment could not look", extra={"camera": self.order.camera})
            with self._changed:
                self._end("failed", "camera")

    def _look(self, look: Look) -> None:
        if not self._looking():
            self._show(look.frame, None, "")
            return
        hint, face, quality = self._judge(look)
        taken = look.frame.taken
        if hint == "" and taken - self._progress.last_shot < self._rules.apart_seconds:
            hint = "hold"
        shot: Shot | None = None
        if hint == "" and face is not None:
            shot = Shot(self._tools.engine.embed(look.frame.image, face), quality)
        with self._changed:
            if not self._looking():
                return
            self._progress.hint = hint if shot is None else "hold"
            if shot is not None:
                self._take(shot, taken)
        self._show(look.frame, face, hint)

    def _judge(self, look: Look) -> tuple[Hint, Face | None, float]:
        image, taken = look.frame.image, look.frame.taken
        hint, face = hints.of_count(look.faces, (image.shape[1], image.shape[0]), self._rules)
        before, self._before = self._before, None if face is None else (face, taken)
        if face is None:
            return hint, None, 0.0
        judged = self._tools.judge(image, face)
        hint = hints.of_quality(judged.reasons)
        if hint == "":
            earlier, since = before if before is not None else (None, taken)
            hint = hints.of_motion(face, earlier, taken - since, self._rules)
        return hint, face, judged.score

    def _take(self, shot: Shot, taken: float) -> None:
        """With the lock held. A shot that disagrees with the others is another person: begin again with it."""
        now = self._progress
        same = self._tools.engine.scale.same
        if any(float(shot.vector @ other.vector) < same for other in now.shots):
            _log.info("shots disagree, enrolment begins again", extra={"camera": self.order.camera})
            now.shots.clear()
        now.shots.append(shot)
        now.taken, now.last_shot = len(now.shots), taken
        if now.taken == self.order.shots:
            now.state = "storing"
            self._changed.notify_all()

    def _show(self, frame: Frame, face: Face | None, hint: Hint) -> None:
        with self._changed:
            if self.ended():
                return
            self._views += 1
            self._progress.looked = time.monotonic()
            self._progress.view = View(frame, face, hint in ("", "hold"), self._views)
            self._changed.notify_all()

    # ---- on the session's own thread ----------------------------------------------------------------------------
    def _run(self) -> None:
        try:
            self._watch_limits()
            if self._progress.state == "storing":
                self._store()
        except Exception:
            _log.exception("an enrolment failed", extra={"camera": self.order.camera})
            with self._changed:
                self._end("failed", "vault")
        finally:
            self._tools.hub.release(self.order.camera)
        self._tell()

    def _watch_limits(self) -> None:
        while True:
            with self._changed:
                if self._changed.wait_for(lambda: not self._looking(), _TICK_SECONDS):
                    return
            allowed, ready = self._tools.allowed(), self._tools.hub.ready(self.order.camera)
            with self._changed:
                reason = self._spent(allowed, ready)
                if reason and self._looking():
                    self._end("failed", reason)

    def _spent(self, allowed: bool, ready: bool) -> str:
        """Why it cannot go on, as a code; empty when it can."""
        now, clock = self._progress, time.monotonic()
        unseen = clock - now.looked
        if not allowed:
            return "consent"
        if unseen > self._rules.lost_seconds or (not ready and unseen > self._rules.lost_seconds / 4):
            return "camera"
        if clock - self._began > self.order.seconds:
            return now.hint if now.hint in ("no_face", "several_faces") else "timeout"
        return ""

    def _store(self) -> None:
        shots = list(self._progress.shots)
        if not self._tools.allowed():
            with self._changed:
                self._end("failed", "consent")
            return
        try:
            committed = self._tools.keep(self.order, shots, self._elapsed())
        except KnownError as error:
            with self._changed:
                self._progress.other_ref = error.other_ref
                self._end("failed", "")
            return
        except (KeepError, EngineError) as error:
            _log.warning("templates could not be stored", extra={"camera": self.order.camera, "error": str(error)})
            with self._changed:
                self._end("failed", "vault")
            return
        with self._changed:
            self._progress.silent = not committed
            self._end("done", "")

    def _end(self, state: State, reason: str) -> None:
        """With the lock held. The first end counts; pictures and vectors are let go."""
        if self.ended():
            return
        now = self._progress
        now.state, now.reason, now.view = state, reason, None
        now.shots.clear()
        self._before = None
        self._changed.notify_all()

    def _elapsed(self) -> float:
        return round(time.monotonic() - self._began, 2)

    def _tell(self) -> None:
        now = self._progress
        _log.info("enrolment ended", extra={"camera": self.order.camera, "state": now.state, "reason": now.reason})
        if now.silent or now.state == "looking" or now.state == "storing":
            return
        self._tools.report(
            FaceEnrolment(
                consent_id=self.order.consent_id,
                person_ref=self.order.person_ref,
                outcome="already_known" if now.other_ref is not None else now.state,
                shots=now.taken,
                seconds=self._elapsed(),
                engine=self._tools.engine.id,
                model=self._tools.engine.model,
                reason=now.reason,
                other_ref=now.other_ref,
            )
        )
