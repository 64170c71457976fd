"""Everything of one node that has to do with faces, put together: engine, consents, vault or sealing, enrolment.

It sends nothing by itself: what goes out goes through the `AgentPorts` it is given. Whatever fails (packages, weights,
key file, vault) is told in `status` and tried again; the counters of the same agent run on.
"""

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from contracts.messages import Command, FaceStatus
from contracts.reasons import reason
from edge_agent.vision.camera import CameraServices
from edge_agent.vision.config import CameraConfig, FacesConfig
from edge_agent.vision.enrol.orders import EnrolDesk, Means
from edge_agent.vision.enrol.session import KeepError, KnownError, Order, Shot
from edge_agent.vision.host import AgentPorts
from edge_agent.vision.ports import CameraHub, EngineError, FaceEngine, Probe, ProbeSink
from edge_agent.vision.services import for_faces

if TYPE_CHECKING:
    from edge_agent.vision.keeping import Keeping

_log = logging.getLogger(__name__)
_JOIN_SECONDS = 10.0
_REASON_LENGTH = 500
BuildEngine = Callable[[FacesConfig], FaceEngine]


def build_engine(config: FacesConfig) -> FaceEngine:
    """An engine that passed its self-check. Raises EngineError."""
    from edge_agent.vision.engines.factory import build

    return build(config)


class FaceDesk:
    """The `FacePart` of an agent. `node` is its name; `cameras` are all those it has."""

    def __init__(
        self,
        config: FacesConfig,
        node: str,
        cameras: Sequence[CameraConfig],
        ports: AgentPorts,
        engine: BuildEngine = build_engine,
    ) -> None:
        self._config, self._node, self._ports, self._build_engine = config, node, ports, engine
        self._cameras = [camera for camera in cameras if camera.faces != "off"]
        self._hub = CameraHub()
        self._sink = LateSink()
        self._keeping: Keeping | None = None
        self._engine: FaceEngine | None = None
        self._reason = "starting"
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._prepare, name="faces", daemon=True)
        self.services: CameraServices = for_faces(self._hub, self._sink)
        self._enrolment = EnrolDesk(
            self._hub,
            [camera.id for camera in self._cameras if camera.enrols],
            config.preview_port,
            config.enrol,
            self._means,
            ports.report,
        )
        ports.subscribe("consents", self._on_consents)
        if config.vault is not None:
            ports.subscribe_everywhere("probe", self._on_probe)

    # ---- for the agent ------------------------------------------------------------------------------------------
    def start(self) -> None:
        """Returns at once; files and engine are opened on a thread of their own."""
        self._enrolment.start()
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._enrolment.stop()
        self._sink.become(None)
        if self._thread.is_alive():
            self._thread.join(_JOIN_SECONDS)
        keeping, self._keeping = self._keeping, None
        self._engine, self._reason = None, "stopped"
        if keeping is not None:
            keeping.stop()

    def connected(self) -> None:
        if self._keeping is not None:
            self._keeping.sync.on_connect()

    def execute(self, command: Command) -> dict[str, Any] | None:
        return self._enrolment.execute(command)

    def status(self) -> FaceStatus:
        keeping = self._keeping
        try:
            return self._without_files(self._reason) if keeping is None else self._with_files(keeping)
        except sqlite3.Error as error:
            return self._without_files(f"the vault cannot be read: {error}")

    def _without_files(self, reason: str) -> FaceStatus:
        return FaceStatus(
            engine=self._config.engine, model="", matching=False, reason=reason[:_REASON_LENGTH], vault=False
        )

    def _with_files(self, keeping: "Keeping") -> FaceStatus:
        engine, held = self._engine, keeping.held()
        lease_until = keeping.lease.until(self._ports.clock.stamp().time)
        reason = self._reason or held.reason or ("" if lease_until is not None else "no_lease")
        return FaceStatus(
            engine=engine.id if engine is not None else self._config.engine,
            model=engine.model if engine is not None else "",
            matching=not reason,
            reason=reason[:_REASON_LENGTH],
            vault=held.vault,
            vault_key=held.vault_key,
            people=held.people,
            templates=held.templates,
            looks=held.looks,
            through=keeping.sync.through,
            lease_until=lease_until,
            cameras=[c.id for c in self._cameras if not c.enrols or self._hub.ready(c.id)] if engine else [],
        )

    # ---- getting ready ------------------------------------------------------------------------------------------
    def _prepare(self) -> None:
        """First the consents and the vault: what is to be deleted is deleted without any engine."""
        self._retry(self._open_keeping)
        self._retry(self._open_engine)

    def _retry(self, step: Callable[[], str]) -> None:
        """Repeat `step` until it answers that nothing is wrong."""
        while not self._stopping.is_set():
            try:
                wrong = step()
            except Exception as error:
                _log.exception("faces cannot be used")
                wrong = f"internal error: {type(error).__name__}"
            self._tell(wrong)
            if not wrong:
                return
            self._stopping.wait(self._config.retry_seconds)

    def _open_keeping(self) -> str:
        try:
            from edge_agent.vision.keeping import TROUBLE, Keeping
        except ModuleNotFoundError as error:
            return f"the package {error.name} is not installed: install requirements/vision.txt"
        try:
            keeping = Keeping(self._config, self._node, self._ports)
        except TROUBLE as error:
            return str(error)
        keeping.start()
        self._keeping = keeping
        return ""

    def _open_engine(self) -> str:
        """An engine that fails its self-check recognises nobody: it is never handed on."""
        self._reason = "starting"
        keeping = self._keeping
        if keeping is None:
            return "starting"
        from edge_agent.vision.keeping import TROUBLE

        began = time.monotonic()
        try:
            engine = self._build_engine(self._config)
            keeping.use_engine(engine)
        except (EngineError, *TROUBLE) as error:
            self.services.no_engine = reason("faces_engine")
            return str(error)
        self._engine = engine
        self._sink.become(keeping.sink)
        self.services.engine = engine
        seconds = round(time.monotonic() - began, 2)
        _log.info("face engine ready", extra={"engine": engine.id, "model": engine.model, "seconds": seconds})
        return ""

    def _tell(self, reason: str) -> None:
        if reason and reason != self._reason:
            _log.warning("faces cannot be used yet", extra={"reason": reason})
        self._reason = reason
        self._ports.status_changed()

    # ---- messages -----------------------------------------------------------------------------------------------
    def _on_consents(self, payload: bytes) -> None:
        if self._keeping is not None:
            self._keeping.sync.on_page(payload)

    def _on_probe(self, node: str, payload: bytes) -> None:
        if self._keeping is not None:
            self._keeping.receive(node, payload)

    # ---- enrolment ----------------------------------------------------------------------------------------------
    def _means(self) -> Means | None:
        keeping, engine = self._keeping, self._engine
        if keeping is None or engine is None:
            return None

        from edge_agent.vision.keeping import TROUBLE
        from edge_agent.vision.vault.vault import AlreadyKnownError

        def keep(order: Order, shots: list[Shot], seconds: float) -> bool:
            vectors = [(shot.vector, shot.quality) for shot in shots]
            try:
                return keeping.enrol(order.consent_id, order.person_ref, order.camera, vectors, seconds)
            except AlreadyKnownError as error:
                raise KnownError(error.other_ref) from error
            except (ValueError, *TROUBLE) as error:
                raise KeepError(str(error)) from error

        return Means(engine, keeping.sync.renew, keeping.consents.granted, keep, lambda: not keeping.held().reason)


class LateSink:
    """A `ProbeSink` that cameras may have before there is one: inactive until `become`, and again after None."""

    def __init__(self) -> None:
        self._sink: ProbeSink | None = None

    def become(self, sink: ProbeSink | None) -> None:
        self._sink = sink

    @property
    def active(self) -> bool:
        sink = self._sink
        return sink is not None and sink.active

    def offer(self, probe: Probe) -> None:
        if (sink := self._sink) is not None:
            sink.offer(probe)

    def ended(self, camera: str, track: int) -> None:
        if (sink := self._sink) is not None:
            sink.ended(camera, track)
