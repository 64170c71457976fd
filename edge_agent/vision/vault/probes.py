"""Looks at faces that travel: a camera node without the vault seals each to the vault's key and keeps nothing."""

import base64
import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
from pydantic import ValidationError

from contracts.boxes import BoxError, read_public_key
from contracts.events import FaceEnrolment
from contracts.ids import uuid7
from contracts.messages import ProbeContent, SealedProbe
from contracts.values import utc_now
from edge_agent.vision.config import MatchingConfig
from edge_agent.vision.ports import Probe
from edge_agent.vision.vault.consents import ConsentCopy
from edge_agent.vision.vault.debts import Report
from edge_agent.vision.vault.keys import Keys
from edge_agent.vision.vault.lease import Lease
from edge_agent.vision.vault.sealed import open_probe, seal_probe
from edge_agent.vision.vault.sync import Publish
from edge_agent.vision.vault.templates import VaultError
from edge_agent.vision.vault.vault import AlreadyKnownError, EngineFacts, NotGrantedError, Vault

if TYPE_CHECKING:
    from edge_agent.vision.ports import Vector

_log = logging.getLogger(__name__)
_BURST_SECONDS = 2.0
_FARTHEST_EXPIRY = timedelta(minutes=10)
"""A probe that claims to live longer is refused: ids are remembered until their expiry."""
_MAX_IDS = 100_000
_MAX_ENROLMENTS = 20
_ENROLMENT_SECONDS = 60.0
_RENEW_SECONDS = 5.0


class SealingSink:
    """`ports.ProbeSink` of a node without the vault. Safe from any thread; keeps no vector.

    `vault_key` gives the office's vault key (base64) as of the newest page of consents, empty when there is none.
    `publish(leaf, payload)` answers False when it was not taken: the look is then gone. `engine` is None until one has
    passed its check.
    """

    def __init__(
        self,
        *,
        node: str,
        lease: Lease,
        consents: ConsentCopy,
        vault_key: Callable[[], str],
        publish: Publish,
        rules: MatchingConfig | None = None,
        now: Callable[[], datetime] = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._node, self._lease, self._consents = node, lease, consents
        self._vault_key, self._publish = vault_key, publish
        self._rules = rules or MatchingConfig()
        self._now, self._monotonic = now, monotonic
        self._engine: EngineFacts | None = None
        self._lock = threading.Lock()
        self._allowance = self._burst
        self._counted_at = monotonic()
        self._sent_of: dict[tuple[str, int], float] = {}
        self._dropped = 0

    def use_engine(self, engine: EngineFacts) -> None:
        self._engine = engine

    @property
    def active(self) -> bool:
        return self._engine is not None and self._lease.running and self._consents.count > 0 and bool(self._vault_key())

    @property
    def dropped(self) -> int:
        """Looks that were not sent: too many, or no connection."""
        return self._dropped

    def offer(self, probe: Probe) -> None:
        if not self.active or self._engine is None:
            return
        track = (probe.camera, probe.track)
        if not self._may_send(track):
            self._dropped += 1
            return
        content = self._content("match", probe.camera, probe.track, probe.at, self._engine)
        sent = self._send(content.model_copy(update={"vector": pack(probe.vector), "quality": probe.quality}))
        self._dropped += not sent

    def ended(self, camera: str, track: int) -> None:
        """Told to the vault only when it has heard of the track."""
        with self._lock:
            known = self._sent_of.pop((camera, track), None)
        if known is not None and self._engine is not None and self._vault_key():
            self._send(self._content("end", camera, track, self._now(), self._engine))

    def enrol(
        self, consent_id: str, person_ref: str, camera: str, shots: "Sequence[tuple[Vector, float]]", seconds: float
    ) -> None:
        """Send the (vector, quality) pairs of an enrolment, which took `seconds`, to the vault's node.

        That node reports how it ended. Raises NotGrantedError when the consent does not stand in this node's copy,
        VaultError when no vault is known, no engine is at work, or they could not be sent.
        """
        engine = self._engine
        if engine is None or not self._vault_key():
            raise VaultError("no vault is known to this node, or no face engine is at work: nothing can be enrolled")
        if not self._consents.granted(consent_id, person_ref):
            raise NotGrantedError
        for number, (vector, quality) in enumerate(shots, start=1):
            content = self._content("enrol", camera, 0, self._now(), engine).model_copy(
                update={
                    "vector": pack(vector),
                    "quality": quality,
                    "consent_id": consent_id,
                    "person_ref": person_ref,
                    "shot": number,
                    "of": len(shots),
                    "seconds": seconds,
                }
            )
            if not self._send(content):
                raise VaultError("the vault's node could not be reached: enrol again")

    def _content(self, kind: str, camera: str, track: int, at: datetime, engine: EngineFacts) -> ProbeContent:
        return ProbeContent.model_validate(
            {
                "kind": kind,
                "node": self._node,
                "camera": camera,
                "track": track,
                "at": at,
                "engine": engine.id,
                "model": engine.model,
            }
        )

    def _send(self, content: ProbeContent) -> bool:
        try:
            to = read_public_key(self._vault_key())
            expires_at = self._now() + timedelta(seconds=self._rules.probe_seconds)
            sealed = seal_probe(content, to, probe_id=uuid7(), expires_at=expires_at)
        except BoxError as error:
            _log.error("a look could not be sealed", extra={"reason": str(error)})
            return False
        return self._publish("probe", sealed.model_dump_json().encode())

    @property
    def _burst(self) -> float:
        return max(self._rules.probes_per_second * _BURST_SECONDS, 1.0)

    def _may_send(self, track: tuple[str, int]) -> bool:
        """A bucket of `probes_per_second`, two seconds deep."""
        with self._lock:
            now = self._monotonic()
            refill = (now - self._counted_at) * self._rules.probes_per_second
            self._allowance = min(self._allowance + refill, self._burst)
            self._counted_at = now
            if self._allowance < 1:
                return False
            self._allowance -= 1
            idle = now - self._rules.track_idle_seconds
            self._sent_of = {known: at for known, at in self._sent_of.items() if at > idle}
            self._sent_of[track] = now
            return True


@dataclass(slots=True)
class _Collected:
    """Shots of one enrolment on their way in; dropped when the rest does not come."""

    began: float
    person_ref: str
    of: int
    shots: "dict[int, tuple[Vector, float]]"


class ProbeReceiver:
    """At the vault's node: opens what others sealed. Safe from any thread; `receive` does not wait for anything.

    `report` gets the `FaceEnrolment` of those that another node took the pictures for. Their consent is minutes old at
    most: `renew(seconds)` compares the copy anew (`ConsentSync.renew`) when it does not know it yet.
    """

    def __init__(
        self,
        vault: Vault,
        keys: Keys,
        report: Report,
        renew: Callable[[float], bool],
        *,
        now: Callable[[], datetime] = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._vault, self._keys, self._report, self._renew = vault, keys, report, renew
        # The answer to `renew` comes through the thread that `receive` is called on.
        self._storing = ThreadPoolExecutor(max_workers=1, thread_name_prefix="face-enrol")
        self._now, self._monotonic = now, monotonic
        self._lock = threading.Lock()
        self._seen: dict[str, datetime] = {}
        self._enrolments: dict[str, _Collected] = {}
        self._refused = 0

    def stop(self) -> None:
        self._storing.shutdown(wait=True, cancel_futures=True)
        with self._lock:
            self._enrolments.clear()

    @property
    def refused(self) -> int:
        """Probes that were not believed: another key, engine or sender, expired, or seen before."""
        return self._refused

    def receive(self, payload: bytes, node: str) -> None:
        """One message of leaf `probe`; `node` is the branch it was published under. Never raises for what it says."""
        try:
            probe = SealedProbe.model_validate_json(payload)
            with self._lock:
                self._check_fresh(probe)
                content = open_probe(probe, self._keys.private)
                self._seen[probe.id] = probe.expires_at
                self._check_ours(content, node)
                self._take(content)
        except ValidationError as error:
            self._refuse("not a sealed probe", node, mistakes=error.error_count())
        except (BoxError, ValueError) as error:
            self._refuse(str(error), node)

    def _refuse(self, reason: str, node: str, **more: int) -> None:
        self._refused += 1
        _log.warning("a probe was refused", extra={"reason": reason, "sender": node, **more})

    def _check_fresh(self, probe: SealedProbe) -> None:
        now = self._now()
        if not now < probe.expires_at <= now + _FARTHEST_EXPIRY:
            raise BoxError("a probe has expired, or the clocks of the nodes disagree")
        if probe.id in self._seen:
            raise BoxError("a probe came twice")
        if len(self._seen) >= _MAX_IDS or any(at <= now for at in list(self._seen.values())[:1]):
            self._seen = {known: at for known, at in self._seen.items() if at > now}
        if len(self._seen) >= _MAX_IDS:
            raise BoxError("more probes than any office sends")

    def _check_ours(self, content: ProbeContent, node: str) -> None:
        if content.node != node:
            raise BoxError("a probe names another node than the one that sent it")
        engine = self._vault.engine
        if engine is None:
            raise BoxError("the vault has no engine at work")
        if content.kind != "end" and (content.engine, content.model) != (engine.id, engine.model):
            raise BoxError("a probe was made by another engine or model: give all nodes the same")

    def _take(self, content: ProbeContent) -> None:
        if content.kind == "end":
            self._vault.ended(content.node, content.camera, content.track)
        elif content.kind == "match":
            look = Probe(content.camera, content.track, content.at, unpack(content.vector), content.quality)
            self._vault.offer(content.node, look)
        else:
            self._collect(content)

    # ---- enrolment ----------------------------------------------------------------------------------------------
    def _collect(self, content: ProbeContent) -> None:
        if content.consent_id is None or content.person_ref is None or not 1 <= content.shot <= content.of:
            raise BoxError("an enrolment lacks its consent or its number")
        now = self._monotonic()
        fresh = {c: e for c, e in self._enrolments.items() if now - e.began < _ENROLMENT_SECONDS}
        found = fresh.get(content.consent_id)
        if found is None or (found.person_ref, found.of) != (content.person_ref, content.of):
            found = _Collected(now, content.person_ref, content.of, {})
        found.shots[content.shot] = (unpack(content.vector), content.quality)
        fresh[content.consent_id] = found
        self._enrolments = dict(list(fresh.items())[-_MAX_ENROLMENTS:])
        if len(found.shots) == found.of:
            del self._enrolments[content.consent_id]
            self._storing.submit(self._store, content, found)

    def _store(self, content: ProbeContent, collected: _Collected) -> None:
        reason, other_ref = "", None
        try:
            self._enrol(content.consent_id or "", collected)
        except NotGrantedError:
            reason = "consent"
        except AlreadyKnownError as error:
            other_ref = error.other_ref
        except (VaultError, ValueError) as error:
            _log.error("an enrolment could not be stored", extra={"reason": str(error), "sender": content.node})
            reason = "vault"
        event = FaceEnrolment(
            consent_id=content.consent_id or "",
            person_ref=collected.person_ref,
            outcome="already_known" if other_ref else "failed" if reason else "done",
            shots=0 if reason else collected.of,
            seconds=content.seconds,
            engine=content.engine,
            model=content.model,
            reason=reason,
            other_ref=other_ref,
        )
        try:
            self._report(event)
        except RuntimeError as error:
            _log.error("an enrolment could not be reported", extra={"reason": str(error)})

    def _enrol(self, consent_id: str, collected: _Collected) -> None:
        shots = [collected.shots[number] for number in sorted(collected.shots)]
        try:
            self._vault.enrol(consent_id, collected.person_ref, shots)
        except NotGrantedError:
            if not self._renew(_RENEW_SECONDS):
                raise
            self._vault.enrol(consent_id, collected.person_ref, shots)


def pack(vector: "Vector") -> str:
    """base64 of little-endian float32."""
    return base64.b64encode(vector.astype("<f4").tobytes()).decode()


def unpack(text: str) -> "Vector":
    """Raises ValueError, without the vector's numbers."""
    try:
        return np.frombuffer(base64.b64decode(text, validate=True), dtype="<f4")
    except ValueError:
        raise ValueError("a probe's vector is not base64 of float32") from None
