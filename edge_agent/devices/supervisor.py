"""Each device in a thread of its own: started again after trouble, its state told when it changes."""

import logging
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Literal

from contracts.events import Data, DeviceState
from contracts.messages import DeviceStatus
from contracts.reasons import Reason, name_of, reason
from edge_agent.allowance import Limits
from edge_agent.clock import Clock
from edge_agent.counting import Step
from edge_agent.devices.base import Device, DeviceError, MessageHandler, PushHandler
from edge_agent.devices.beat import Stopping
from edge_agent.increments import Interval
from edge_agent.outbox.transaction import IntervalReading, Reading, Transaction
from edge_agent.outbox.writer import Outbox

_log = logging.getLogger(__name__)
_FIRST_BACKOFF = 0.5
_LAST_BACKOFF = 4.0
_STOP_SECONDS = 5.0

State = Literal["ok", "degraded", "offline"]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What every supervised device shares."""

    outbox: Outbox
    clock: Clock
    subscribe: Callable[[str, MessageHandler], Callable[[], None]]
    """Returns what ends the subscription."""
    status_changed: Callable[[], None]
    receive: Callable[[str, Path, PushHandler], Callable[[], None]]
    """Likewise, what is pushed to a device."""
    patience: float = 60.0
    """Seconds in which a driver's loop must turn: more than any answer is waited for."""


class SupervisedDevice:
    """The `Host` of one driver. Not heard of yet means offline."""

    def __init__(self, name: str, driver: str, device: Device, around: Surroundings, begun: str = "not_heard") -> None:
        self.name = name
        self.driver = driver
        self.device = device
        self.stopping = Stopping()
        self._around = around
        self._lock = threading.Lock()
        self._state: State = "offline"
        self._reason: Reason | None = reason(begun)
        self._last_seen: datetime | None = None
        self._discarded = 0
        self._given_up = False
        self._endings: list[Callable[[], None]] = []
        self._thread = threading.Thread(target=self._run, name=f"device-{name}", daemon=True)

    # ---- what a driver may do -----------------------------------------------------------------------------------
    def report(self, data: Data) -> "Future[int]":
        self._check_wanted()
        stamp = self._around.clock.stamp()
        return self._around.outbox.submit(lambda tx: tx.append(self.name, data, stamp), wait=True)

    def count(
        self, line: int, total_in: int, total_out: int, limits: Limits, reported_at: float | None = None, day: str = ""
    ) -> "Future[Step]":
        self._check_wanted()
        stamp = self._around.clock.stamp()
        reading = Reading(self.name, line, total_in, total_out, limits, stamp, reported_at, day)
        counted = self._around.outbox.submit(partial(Transaction.count, reading=reading))
        counted.add_done_callback(self._note_jump)
        return counted

    def count_interval(self, line: int, interval: Interval, limits: Limits) -> "Future[Step]":
        self._check_wanted()
        reading = IntervalReading(self.name, line, interval, limits, self._around.clock.stamp())
        counted = self._around.outbox.submit(partial(Transaction.count_interval, reading=reading), wait=True)
        counted.add_done_callback(self._note_jump)
        return counted

    def subscribe(self, topic: str, handler: MessageHandler) -> None:
        self._endings.append(self._around.subscribe(topic, handler))

    def receive(self, secret_file: Path, handler: PushHandler) -> None:
        self._endings.append(self._around.receive(self.name, secret_file, handler))

    def discard(self, reason: str, pieces: int = 1) -> None:
        with self._lock:
            self._discarded += pieces
        _log.debug("discarded", extra={"device": self.name, "reason": reason, "pieces": pieces})

    def ok(self) -> None:
        self._last_seen = self._around.clock.stamp().time
        self._become("ok", None)

    def degraded(self, reason: Reason) -> None:
        self._become("degraded", reason)

    def offline(self, reason: Reason) -> None:
        self._become("offline", reason)

    # ---- what the agent may do ----------------------------------------------------------------------------------
    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ask to stop; `join` waits."""
        self.stopping.set()

    def join(self) -> None:
        """It hears nothing any more, and has ended where it can."""
        for end in self._endings:
            end()
        if self._thread.ident is not None:
            self._thread.join(_STOP_SECONDS)

    def give_up(self) -> None:
        """Its thread hangs and another driver takes over: nothing it still says is accepted."""
        self._given_up = True
        self.stopping.set()
        for end in self._endings:
            end()

    def look(self) -> bool:
        """Whether its loop stands still, which is then its state. Waiting for the disk is no hang of the driver."""
        patience, outbox = self._around.patience, self._around.outbox
        if outbox.fault is not None or outbox.stuck(patience):
            self.stopping.excuse()
        hangs = self.alive and self.stopping.silent_seconds > patience and not self.stopping.is_set()
        if hangs:
            self._become_without_outbox(reason("hangs", seconds=patience))
        return hangs

    @property
    def well(self) -> bool:
        with self._lock:
            return self._state == "ok"

    @property
    def alive(self) -> bool:
        """Its thread runs, whatever it does."""
        return self._thread.is_alive()

    @property
    def dead(self) -> bool:
        """Its thread began and ended though nobody asked."""
        return self._thread.ident is not None and not self._thread.is_alive() and not self.stopping.is_set()

    def status(self) -> DeviceStatus:
        with self._lock:
            return DeviceStatus(
                device=self.name,
                driver=self.driver,
                state=self._state,
                reason="" if self._reason is None else self._reason.code,
                facts={} if self._reason is None else self._reason.facts,
                last_seen=self._last_seen,
                discarded=self._discarded,
            )

    # ---- inside -------------------------------------------------------------------------------------------------
    def _check_wanted(self) -> None:
        if self._given_up:
            raise DeviceError("taken_over")

    def _become(self, state: State, reason: Reason | None) -> None:
        with self._lock:
            if (state, reason) == (self._state, self._reason):
                return
            changed = state != self._state
            self._state, self._reason = state, reason
        _log.log(
            logging.INFO if state == "ok" else logging.WARNING,
            "device state",
            extra={"device": self.name, "state": state, "reason": str(reason or "")},
        )
        if changed and not self.stopping.is_set():
            self.report(DeviceState(state=state, reason="" if reason is None else reason.code))
        self._around.status_changed()

    def _note_jump(self, counted: "Future[Step]") -> None:
        if counted.exception() is None and "jump" in counted.result().flags:
            _log.warning("implausible step kept out of the counts", extra={"device": self.name})

    def _run(self) -> None:
        self.stopping.belongs()
        backoff = _FIRST_BACKOFF
        while not self.stopping.is_set():
            began = self._last_seen
            try:
                self.device.run(self)
            except DeviceError as fault:
                self._become("degraded", fault.reason)
            except sqlite3.Error as error:
                self._become_without_outbox(reason("outbox", error=name_of(error)))
            except Exception as error:
                _log.exception("driver failed", extra={"device": self.name})
                self._become_without_outbox(reason("internal", error=type(error).__name__))
            backoff = _FIRST_BACKOFF if self._last_seen != began else min(backoff * 2, _LAST_BACKOFF)
            self.stopping.wait(backoff)

    def _become_without_outbox(self, reason: Reason) -> None:
        """The change may be impossible to write down; the status still tells it."""
        try:
            self._become("degraded", reason)
        except RuntimeError:
            _log.warning("the outbox is closed", extra={"device": self.name})
