"""Takes snapshots one after another: judges, tries, keeps or takes back, and says what became of each."""

import json
import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from pydantic import BaseModel, ValidationError

from contracts.messages import MOST_REASONS, ConfigState, ConfigStatus, DeviceStatus, PlacedReason
from contracts.node_config import MAX_SNAPSHOT_BYTES, NodeConfig, checksum
from contracts.reasons import name_of
from edge_agent.config import AgentConfig, DeviceConfig, DevicesError, with_devices
from edge_agent.devices.base import BaseDeviceConfig, DeviceError, Done
from edge_agent.devices.running import RunningDevices
from edge_agent.mistakes import placed
from edge_agent.remote.kept import Kept, KeptFile
from edge_agent.remote.limits import violations
from edge_agent.vision.config import CameraConfig

_log = logging.getLogger(__name__)
_LOOK_SECONDS = 0.2
SETTLE_SECONDS = 2.0
"""So long a trial takes at least: a device that ends the agent does so at once."""
_WRITE_AGAIN_SECONDS = 2.0
_DEATHS = 2
_MOST_TOLD = 8 * 1024
"""Bytes of devices in a status, which must stay below what a broker takes."""


class RefusedError(ValueError):
    """A reason for each mistake, with its place."""

    def __init__(self, reasons: list[PlacedReason]) -> None:
        self.reasons = reasons
        super().__init__("\n".join(map(str, reasons)))


class RemoteDevices:
    """Which devices run: those of the file, or of the newest snapshot that proved itself.

    `choose` first, before any device is built; then `start` with the devices that run.
    """

    def __init__(self, config: AgentConfig, changed: Callable[[], None]) -> None:
        self._config = config
        self._changed = changed
        self._file = KeptFile(config.remote.folder)
        self._kept = Kept()
        self._unwritten = False
        self._queue: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="remote-devices", daemon=True)
        self._devices: RunningDevices | None = None

    # ---- at the start -------------------------------------------------------------------------------------------
    def choose(self) -> Sequence[BaseDeviceConfig]:
        """The devices to begin with. A trial that ended the agent twice is over."""
        if not self._config.remote.accept:
            return self._config.devices
        try:
            return self._choose()
        except OSError as error:
            _log.error("what became of a snapshot cannot be noted, the file's own devices run", exc_info=error)
            self._kept = Kept()
            return self._config.devices

    def _choose(self) -> Sequence[BaseDeviceConfig]:
        self._kept = self._file.read()
        if self._kept.candidate is not None:
            self._count_start(self._kept.candidate)
        wanted = self._kept.candidate or self._kept.good
        if wanted is None:
            return self._config.devices
        try:
            return self._judged(wanted)
        except RefusedError as error:
            # The file changed beneath it, or the program did.
            self._conclude(wanted, "refused", error.reasons, candidate=None, good=None)
            return self._config.devices

    def _count_start(self, candidate: NodeConfig) -> None:
        starts = self._kept.starts + 1
        if starts >= _DEATHS:
            self._conclude(candidate, "rolled_back", [placed("died")])
        else:
            self._keep(self._kept.model_copy(update={"starts": starts}))

    def start(self, devices: RunningDevices) -> None:
        self._devices = devices
        self._thread.start()

    def stop(self) -> None:
        """A trial under way goes on at the next start, and a clean stop is no death."""
        self._stopping.set()
        self._queue.put(None)
        if self._thread.is_alive():
            self._thread.join(10)
        if self._kept.candidate is not None and self._kept.starts:
            self._note(self._kept.model_copy(update={"starts": 0}))

    def status(self) -> ConfigStatus:
        if not self._config.remote.accept:
            return self._kept.outcome
        return self._kept.outcome.model_copy(update={"accepts": True, "running": self._running_devices()})

    def _running_devices(self) -> list[dict[str, Any]] | None:
        wanted = self._kept.candidate or self._kept.good
        if wanted is not None:
            found = wanted.devices
        else:
            own = [device for device in self._config.devices if not isinstance(device, CameraConfig)]
            found = [device.model_dump(mode="json", exclude_unset=True) for device in own]
        return found if len(json.dumps(found)) <= _MOST_TOLD else None

    def on_message(self, payload: bytes, done: Done) -> None:
        """The broker keeps the snapshot and hands it again at the next connection: nothing is lost by taking it now."""
        done()
        if len(payload) > MAX_SNAPSHOT_BYTES:
            _log.warning("a configuration snapshot that is too large", extra={"bytes": len(payload)})
        elif payload:
            self._queue.put(payload)

    # ---- its own thread -----------------------------------------------------------------------------------------
    def _run(self) -> None:
        candidate = self._kept.candidate
        if candidate is not None:
            self._guarded(lambda: self._try(candidate, self._kept.worked))
        while (payload := self._next()) is not None:
            self._guarded(partial(self._take, payload))

    def _next(self) -> bytes | None:
        """Meanwhile what the disk did not take is tried again."""
        while self._unwritten:
            try:
                return self._queue.get(timeout=_WRITE_AGAIN_SECONDS)
            except queue.Empty:
                self._note(self._kept)
        return self._queue.get()

    @staticmethod
    def _guarded(step: Callable[[], None]) -> None:
        try:
            step()
        except Exception as error:
            _log.error("a snapshot could not be carried out or noted", exc_info=error)

    def _take(self, payload: bytes) -> None:
        try:
            snapshot = NodeConfig.model_validate_json(payload)
        except ValidationError as error:
            _log.warning("not a configuration snapshot", extra={"mistakes": error.error_count()})
            return
        seen = (self._kept.outcome.version, self._kept.judged)
        if seen == (snapshot.version, _identity(snapshot)):
            return
        try:
            configs = self._judged(snapshot, fresh=True)
        except RefusedError as error:
            self._conclude(snapshot, "refused", error.reasons, candidate=None)
            return
        worked = frozenset(status.device for status in self._statuses() if status.state == "ok")
        trying = ConfigStatus(version=snapshot.version, state="trying", active=self._kept.active)
        self._keep(
            self._kept.model_copy(
                update={
                    "candidate": snapshot,
                    "worked": worked,
                    "starts": 0,
                    "outcome": trying,
                    "judged": _identity(snapshot),
                }
            )
        )
        try:
            started = self._running.change(configs)
        except (ValueError, DeviceError, OSError) as error:
            self._conclude(snapshot, "refused", [_not_built(error)], candidate=None)
            return
        self._try(snapshot, worked & started)

    def _judged(self, snapshot: NodeConfig, *, fresh: bool = False) -> list[DeviceConfig]:
        """The devices it asks for with this node's own cameras. Raises RefusedError."""
        own, remote = self._config, self._config.remote
        if not remote.accept:
            raise RefusedError([placed("not_accepted")])
        if (snapshot.office, snapshot.node) != (own.office, own.node):
            raise RefusedError([placed("wrong_node")])
        if snapshot.checksum != checksum(snapshot.devices):
            raise RefusedError([placed("checksum")])
        if fresh and snapshot.version <= max(self._kept.active, self._kept.outcome.version):
            newest = max(self._kept.active, self._kept.outcome.version)
            raise RefusedError([placed("version_old", version=snapshot.version, newest=newest)])
        if any(device.get("driver") == "camera" for device in snapshot.devices):
            raise RefusedError([placed("cameras_by_file")])
        mine = [_plain(device) for device in own.devices]
        if found := violations(snapshot.devices, mine, remote):
            raise RefusedError(found)
        cameras = [device for device in own.devices if isinstance(device, CameraConfig)]
        try:
            return with_devices(own, cameras, snapshot.devices)
        except DevicesError as error:
            raise RefusedError(error.reasons) from error

    def _try(self, snapshot: NodeConfig, must_return: frozenset[str]) -> None:
        """Wait until what worked works again, at most the time set; else go back."""
        began = time.monotonic()
        while not self._stopping.wait(_LOOK_SECONDS):
            lasted = time.monotonic() - began
            missing = [s for s in self._statuses() if s.device in must_return and self._fails(s)]
            if not missing and lasted >= min(SETTLE_SECONDS, self._config.remote.trial_seconds):
                self._conclude(snapshot, "applied", [], candidate=None, good=snapshot)
                return
            if missing and lasted >= self._config.remote.trial_seconds:
                self._go_back(snapshot, missing)
                return

    def _fails(self, status: DeviceStatus) -> bool:
        """A device that reports now and then has not failed because it has not spoken yet."""
        speaks_rarely = status.device in self._running.rare(self._config.remote.trial_seconds)
        return status.state == "degraded" or (status.state == "offline" and not speaks_rarely)

    def _go_back(self, snapshot: NodeConfig, missing: list[DeviceStatus]) -> None:
        reasons = [_lost(status) for status in missing]
        good = self._kept.good
        try:
            self._running.change(self._config.devices if good is None else self._judged(good))
        except (RefusedError, ValueError, DeviceError, OSError) as error:
            _log.error("the last good devices do not fit any more", extra={"error": str(error)})
            self._running.change(self._config.devices)
        self._conclude(snapshot, "rolled_back", reasons, candidate=None)

    def _conclude(
        self, snapshot: NodeConfig, state: ConfigState, reasons: Sequence[PlacedReason], **kept: NodeConfig | None
    ) -> None:
        after = self._kept.model_copy(update={"candidate": None, "starts": 0, **kept})
        told = list(reasons[:MOST_REASONS])
        outcome = ConfigStatus(version=snapshot.version, state=state, reasons=told, active=after.active)
        _log.log(
            logging.INFO if state == "applied" else logging.WARNING,
            "configuration snapshot",
            extra={"version": snapshot.version, "state": state, "reasons": list(map(str, told))},
        )
        self._note(after.model_copy(update={"outcome": outcome, "judged": _identity(snapshot)}))

    def _note(self, kept: Kept) -> None:
        """How a trial ended is so whether the disk takes it or not: until it does, the next start tries again."""
        try:
            self._keep(kept)
            self._unwritten = False
        except OSError as error:
            if not self._unwritten:
                _log.error("a snapshot's outcome cannot be written, trying again", extra={"error": str(error)})
            self._kept, self._unwritten = kept, True
            self._changed()

    def _keep(self, kept: Kept) -> None:
        """Raises OSError: a trial that could not be noted must not begin."""
        if self._config.remote.accept:
            self._file.write(kept)
        self._kept = kept
        self._changed()

    @property
    def _running(self) -> RunningDevices:
        if self._devices is None:
            raise RuntimeError("no devices run yet")
        return self._devices

    def _statuses(self) -> list[DeviceStatus]:
        return self._running.statuses()


def _not_built(error: Exception) -> PlacedReason:
    if isinstance(error, DeviceError):
        return PlacedReason(code=error.reason.code, facts=error.reason.facts)
    return placed("build_failed", error=name_of(error))


def _lost(status: DeviceStatus) -> PlacedReason:
    """Why a device that worked does not work now."""
    if not status.reason:
        return placed("device_silent", at=status.device)
    return PlacedReason(at=status.device, code=status.reason, facts=status.facts)


def _identity(snapshot: NodeConfig) -> str:
    return f"{snapshot.version} {checksum(snapshot.devices)} {snapshot.checksum}"


def _plain(device: BaseModel) -> dict[str, Any]:
    return device.model_dump(mode="json")
