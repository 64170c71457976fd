"""The office's template vault at work: enrol, match, forget. It sends nothing itself: it reports to who made it."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from contracts.events import FaceRecognised
from contracts.ids import uuid7
from contracts.values import utc_now
from edge_agent.vision.config import MatchingConfig
from edge_agent.vision.ports import Probe, Scale
from edge_agent.vision.vault.consents import ConsentCopy
from edge_agent.vision.vault.debts import Report
from edge_agent.vision.vault.decide import Recognised, Votes, known_as, threshold
from edge_agent.vision.vault.gallery import Gallery, Match, Near, unit
from edge_agent.vision.vault.keys import Keys
from edge_agent.vision.vault.lease import Lease
from edge_agent.vision.vault.templates import Template, TemplateStore, VaultError

if TYPE_CHECKING:
    from edge_agent.vision.ports import Vector

_log = logging.getLogger(__name__)
_JOIN_SECONDS = 10.0


class NotGrantedError(VaultError):
    """There is no such consent in this node's copy, or it has ended."""

    def __init__(self) -> None:
        super().__init__("the consent does not stand in this node's copy: nothing was stored")


class AlreadyKnownError(VaultError):
    """The face is in the gallery as somebody else, `other_ref`, whose consent stands."""

    def __init__(self, other_ref: str) -> None:
        super().__init__("the face is already enrolled under another reference: nothing was stored")
        self.other_ref = other_ref


class EngineFacts(Protocol):
    """What the vault needs to know of a `FaceEngine`."""

    @property
    def id(self) -> str: ...
    @property
    def model(self) -> str: ...
    @property
    def dimensions(self) -> int: ...
    @property
    def scale(self) -> Scale: ...


@dataclass(frozen=True, slots=True)
class VaultStatus:
    """The vault's parts of `FaceStatus`. `re_enrol`: templates that are not matched: of another engine or
    model, or damaged. `looks` were compared with the gallery.

    `reason` is empty, `no_engine` or `vault_moved`. `dropped` counts looks that were not matched for want of time.
    """

    vault: bool
    vault_key: str
    people: int
    templates: int
    re_enrol: int
    looks: int
    dropped: int
    reason: str


@dataclass(slots=True)
class _Serving:
    engine: EngineFacts
    gallery: Gallery
    re_enrol: int


_Look = tuple[str, Probe]
_End = tuple[str, str, int]


class Vault:
    """Safe from any thread. Deleting works without an engine; matching and enrolling need `use_engine` first."""

    def __init__(
        self,
        path: Path,
        keys: Keys,
        *,
        node: str,
        consents: ConsentCopy,
        lease: Lease,
        report: Report,
        rules: MatchingConfig | None = None,
        now: Callable[[], datetime] = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Open or make the vault at `path`. Raises VaultError."""
        self.rules = rules or MatchingConfig()
        self.node = node
        self.keys = keys
        self.sink = LocalSink(self)
        self._consents, self._lease, self._report = consents, lease, report
        self._now, self._monotonic = now, monotonic
        self._store = TemplateStore(path, keys.aes)
        self._state = self._store.state()[0]
        self._votes = Votes(self.rules)
        self._serving: _Serving | None = None
        # Held while matching and while changing what is matched. Order: this one, the consents', the store's.
        self._lock = threading.RLock()
        self._waiting: deque[_Look | _End] = deque()
        self._arrived = threading.Condition()
        self._busy = False
        self._looks = self._dropped = 0
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="face-matcher", daemon=True)

    def use_engine(self, engine: EngineFacts) -> None:
        """Load the templates that this engine and model made; one that does not open counts as to be enrolled again."""
        gallery, others = Gallery(engine.dimensions), 0
        damaged: list[str] = []
        with self._lock:
            for template in self._store.load(damaged):
                if (template.engine, template.model, template.dimensions) != _made_by(engine):
                    others += 1
                    continue
                vector = np.frombuffer(template.vector, dtype="<f4")
                gallery.add(template.person_ref, template.consent_id, vector)
            self._serving = _Serving(engine, gallery, others + len(damaged))
        if damaged:
            _log.error("templates are damaged and match nobody", extra={"consents": sorted(set(damaged))})
        _log.info("templates loaded", extra={"templates": gallery.templates, "other_engine": others})

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Drop what waits, forget the vectors in memory, close the file."""
        with self._arrived:
            self._stopping = True
            self._waiting.clear()
            self._arrived.notify_all()
        if self._thread.is_alive():
            self._thread.join(_JOIN_SECONDS)
        with self._lock:
            if self._serving is not None:
                self._serving.gallery.clear()
                self._serving = None
            self._store.close()

    @property
    def engine(self) -> EngineFacts | None:
        serving = self._serving
        return None if serving is None else serving.engine

    @property
    def active(self) -> bool:
        """Whether a look can lead to anything: engine, lease, at least one person, and the vault not moved away."""
        serving = self._serving
        return serving is not None and self._state == "active" and self._lease.running and serving.gallery.templates > 0

    def status(self) -> VaultStatus:
        people, templates = self._store.counts()
        serving = self._serving
        reason = "vault_moved" if self._state != "active" else "no_engine" if serving is None else ""
        others = 0 if serving is None else serving.re_enrol
        key = self.keys.public_text if self._state == "active" else ""
        return VaultStatus(self._state == "active", key, people, templates, others, self._looks, self._dropped, reason)

    # ---- what is kept -------------------------------------------------------------------------------------------
    def enrol(self, consent_id: str, person_ref: str, shots: "Sequence[tuple[Vector, float]]") -> None:
        """Store (vector, quality) pairs as the templates of a consent, in place of any earlier ones of it.

        Committed and matched when it returns. Raises NotGrantedError, AlreadyKnownError, VaultError without engine or
        after a move, and ValueError for a vector that is none; then what was held before is held still.
        """
        with self._lock, self._consents.lock:
            serving = self._ready_to_enrol()
            if not self._consents.granted(consent_id, person_ref):
                raise NotGrantedError
            if not shots:
                raise ValueError("an enrolment needs at least one shot")
            vectors = [unit(vector, serving.engine.dimensions) for vector, _ in shots]
            self._refuse_known(serving, person_ref, vectors)
            qualities = [quality for _, quality in shots]
            self._store.replace(consent_id, self._rows(serving.engine, consent_id, person_ref, vectors, qualities))
            serving.gallery.remove(consent_id)
            for vector in vectors:
                serving.gallery.add(person_ref, consent_id, vector)

    def forget(self, consent_id: str) -> int:
        """Stop matching by the templates of a consent, then delete them; how many there were.

        Raises VaultError when the deletion could not be carried out or proved, or while an export is under way that
        still holds them: ask again later.
        """
        with self._lock:
            serving = self._serving
            if serving is not None:
                serving.gallery.remove(consent_id)
            person_ref = self._store.person_of(consent_id)
            if person_ref is None:
                return 0
            self._votes.forget(person_ref)
            if self._state == "exported":
                raise VaultError("the vault is being moved: the deletion is confirmed once the new machine has it")
            return self._store.delete(consent_id)

    def count(self, consent_id: str) -> int:
        """Templates held under a consent."""
        return self._store.count_of(consent_id)

    def held(self) -> dict[str, str]:
        """consent_id → person_ref of everything held."""
        return self._store.consents()

    # ---- looks --------------------------------------------------------------------------------------------------
    def offer(self, node: str, probe: Probe) -> None:
        """One look, from this node or another. Never blocks: when the matcher is behind, the oldest look is dropped."""
        if self.active:
            self._put((node, probe))

    def ended(self, node: str, camera: str, track: int) -> None:
        self._put((node, camera, track))

    def wait_idle(self, seconds: float) -> bool:
        """Wait until every look offered so far was matched; whether that was within `seconds`."""
        with self._arrived:
            return self._arrived.wait_for(lambda: not self._waiting and not self._busy, seconds)

    def _put(self, item: _Look | _End) -> None:
        with self._arrived:
            if self._stopping:
                return
            self._waiting.append(item)
            if len(self._waiting) > self.rules.queue:
                self._waiting.popleft()
                self._dropped += 1
            self._arrived.notify_all()

    def _run(self) -> None:
        while (item := self._next()) is not None:
            try:
                self._handle(item)
            except Exception:
                _log.exception("a look could not be matched")
            with self._arrived:
                self._busy = False
                self._arrived.notify_all()

    def _next(self) -> _Look | _End | None:
        with self._arrived:
            while not self._waiting and not self._stopping:
                self._arrived.wait()
            if self._stopping:
                return None
            self._busy = True
            return self._waiting.popleft()

    def _handle(self, item: _Look | _End) -> None:
        with self._lock:
            if len(item) == 3:
                self._votes.ended(item)
                return
            serving = self._serving
            if serving is None or not self.active:
                self._votes.clear()
                return
            node, probe = item
            match = self._standing_match(serving.gallery, probe)
            self._looks += 1
            track, people = (node, probe.camera, probe.track), serving.gallery.people
            decided = self._votes.look(track, match, serving.engine.scale, people, self._monotonic())
            if decided is not None and self.active:
                self._tell(self._event(decided, node, probe, people, serving.engine))

    def _standing_match(self, gallery: Gallery, probe: Probe) -> Match | None:
        """A person whose consent does not stand is nobody, also while their templates wait for deletion."""
        match = gallery.match(probe.vector)
        if match is None or not self._consents.granted(match.consent_id, match.person_ref):
            return None
        return match

    def _event(self, who: Recognised, node: str, probe: Probe, people: int, engine: EngineFacts) -> FaceRecognised:
        return FaceRecognised(
            person_ref=who.person_ref,
            consent_id=who.consent_id,
            node=node,
            camera=probe.camera,
            track=probe.track,
            seen_at=probe.at,
            score=round(who.score, 4),
            second=round(who.second, 4),
            threshold=round(min(who.threshold, 1.0), 4),
            votes=who.votes,
            frames=who.frames,
            gallery=people,
            engine=engine.id,
            model=engine.model,
        )

    def _tell(self, event: FaceRecognised) -> None:
        def done(future: "Future[int]") -> None:
            if future.cancelled() or future.exception() is not None:
                _log.error("a recognised person could not be reported", extra={"person_ref": event.person_ref})

        self._report(event).add_done_callback(done)

    # ---- enrolment ----------------------------------------------------------------------------------------------
    def _ready_to_enrol(self) -> _Serving:
        if self._state != "active":
            raise VaultError("the vault was moved to another machine: enrol there")
        if self._serving is None:
            raise VaultError("no face engine is at work: nothing can be enrolled")
        return self._serving

    def _rows(
        self, engine: EngineFacts, consent_id: str, person_ref: str, vectors: "list[Vector]", qualities: list[float]
    ) -> list[Template]:
        at = self._now().isoformat()
        return [
            Template(
                template_id=uuid7(),
                person_ref=person_ref,
                consent_id=consent_id,
                engine=engine.id,
                model=engine.model,
                dimensions=engine.dimensions,
                shot=number,
                quality=float(quality),
                at=at,
                vector=vector.astype("<f4").tobytes(),
            )
            for number, (vector, quality) in enumerate(zip(vectors, qualities, strict=True), start=1)
        ]

    def _refuse_known(self, serving: _Serving, person_ref: str, vectors: "list[Vector]") -> None:
        """Raises AlreadyKnownError when a look would be recognised as another person."""
        limit = threshold(serving.engine.scale, serving.gallery.people)
        looks = [self._standing(serving.gallery.near(vector, limit)) for vector in vectors]
        other_ref = known_as([near for near in looks if near is not None], person_ref)
        if other_ref is not None:
            _log.warning(
                "a face is already enrolled under another reference",
                extra={"person_ref": person_ref, "other_ref": other_ref},
            )
            raise AlreadyKnownError(other_ref)

    def _standing(self, nearest_first: list[Near]) -> Near | None:
        granted = self._consents.granted
        return next((near for near in nearest_first if granted(near.consent_id, near.person_ref)), None)


class LocalSink:
    """`ports.ProbeSink` of the node that has the vault."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    @property
    def active(self) -> bool:
        return self._vault.active

    def offer(self, probe: Probe) -> None:
        self._vault.offer(self._vault.node, probe)

    def ended(self, camera: str, track: int) -> None:
        self._vault.ended(self._vault.node, camera, track)


def _made_by(engine: EngineFacts) -> tuple[str, str, int]:
    return engine.id, engine.model, engine.dimensions
