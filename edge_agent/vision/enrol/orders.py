"""Orders to enrol: checked, answered with a preview, one person at a time at each camera."""

import logging
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from contracts.events import FaceEnrolment
from contracts.messages import Command, FaceCancel, FaceEnrol, FacePreview
from edge_agent.devices.base import OrderError
from edge_agent.vision.config import EnrolConfig
from edge_agent.vision.enrol.preview import PreviewServer
from edge_agent.vision.enrol.session import EnrolSession, Judged, Keep, Order, Tools, View
from edge_agent.vision.ports import CameraHub, Face, FaceEngine

if TYPE_CHECKING:
    from edge_agent.vision.ports import Image

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Means:
    """What an enrolment needs of the node, once it is there.

    `renew(seconds)` compares the consents with the gateway's, False when it did not answer in time;
    `granted(consent_id, person_ref)` is the node's own word; `can_keep`: whether templates could be stored.
    """

    engine: FaceEngine
    renew: Callable[[float], bool]
    granted: Callable[[str, str], bool]
    keep: Keep
    can_keep: Callable[[], bool]


class EnrolDesk:
    """`cameras` may enrol. `means` answers None while there is no engine or no vault."""

    def __init__(
        self,
        hub: CameraHub,
        cameras: Collection[str],
        port: int,
        rules: EnrolConfig,
        means: Callable[[], Means | None],
        report: Callable[[FaceEnrolment], object],
    ) -> None:
        self._hub, self._cameras, self._rules, self._means, self._report = hub, frozenset(cameras), rules, means, report
        self._preview = PreviewServer(port, self._encode, fps=rules.preview_fps, linger=rules.linger_seconds)
        self._sessions: dict[str, EnrolSession] = {}
        self._lock = threading.Lock()

    def start(self) -> None:
        """Offer the preview. A port that is taken now may be free when it is needed."""
        try:
            self._preview.start()
        except OSError as error:
            _log.warning("the enrolment preview has no port", extra={"error": str(error)})

    def stop(self) -> None:
        with self._lock:
            sessions = list(self._sessions.values())
        for session in sessions:
            session.stop()
        for session in sessions:
            session.join()
        self._preview.stop()

    def execute(self, command: Command) -> dict[str, Any] | None:
        """Raises OrderError with the code of what is missing, ValueError when the command makes no sense."""
        try:
            if command.type == "face.cancel.v1":
                self._cancel(FaceCancel.model_validate(command.data))
                return None
            return self._enrol(FaceEnrol.model_validate(command.data), command.device)
        except ValidationError as error:
            raise ValueError(f"the command is no valid {command.type}") from error

    def _enrol(self, wanted: FaceEnrol, camera: str) -> dict[str, Any]:
        if camera not in self._cameras or not self._hub.ready(camera):
            raise OrderError("camera")
        means = self._means()
        if means is None:
            raise OrderError("engine")
        if not means.can_keep():
            raise OrderError("vault")
        if not means.renew(self._rules.sync_seconds) or not means.granted(wanted.consent_id, wanted.person_ref):
            raise OrderError("consent")
        self._offer_preview()
        order = Order(wanted.consent_id, wanted.person_ref, camera, wanted.shots, wanted.seconds)
        session = self._begin(order, means)
        return FacePreview(port=self._preview.port, token=self._preview.admit(session)).model_dump()

    def _begin(self, order: Order, means: Means) -> EnrolSession:
        """Asking again for the same consent begins anew; another person's enrolment is not disturbed."""
        with self._lock:
            self._sessions = {known: each for known, each in self._sessions.items() if not each.ended()}
            before = self._sessions.get(order.consent_id)
        if before is not None:
            before.cancel(silently=True)
            before.join()
        tools = Tools(
            engine=means.engine,
            hub=self._hub,
            judge=_judge(self._rules),
            keep=means.keep,
            allowed=lambda: means.granted(order.consent_id, order.person_ref),
            report=self._tell,
        )
        session = EnrolSession(order, tools, self._rules)
        try:
            session.start()
        except (KeyError, ValueError) as error:
            raise OrderError("busy") from error
        with self._lock:
            self._sessions[order.consent_id] = session
        return session

    def _cancel(self, wanted: FaceCancel) -> None:
        """What has ended already needs no cancelling."""
        with self._lock:
            session = self._sessions.get(wanted.consent_id)
        if session is not None:
            session.cancel()

    def _offer_preview(self) -> None:
        try:
            self._preview.start()
        except OSError as error:
            _log.warning("the enrolment preview has no port", extra={"error": str(error)})
            raise OrderError("preview") from error

    def _tell(self, event: FaceEnrolment) -> None:
        self._report(event)

    def _encode(self, view: View) -> bytes:
        from edge_agent.vision.enrol.picture import mirror_jpeg

        return mirror_jpeg(view.frame.image, view.face, good=view.good, side=self._rules.preview_side)


def _judge(rules: EnrolConfig) -> Callable[["Image", Face], Judged]:
    """The rules every look is judged by, stricter: what is kept for months may ask for a better picture."""
    from edge_agent.vision.faces.quality import QualitySettings, assess

    usual, turned = QualitySettings(), rules.turned_most
    settings = QualitySettings(
        size_least=float(rules.min_face),
        size_full=max(rules.min_face + 1.0, usual.size_full),
        sharpness_least=rules.sharpness,
        sharpness_full=max(rules.sharpness + 0.01, usual.sharpness_full),
        yaw_most=turned,
        pitch_most=turned,
        roll_most=turned,
    )
    return lambda image, face: assess(image, face, settings)
