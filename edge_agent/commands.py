"""Orders from the gateway: checked, claimed durably, executed at most once, answered.

Each device has a queue and a thread of its own, so that a slow one holds up nobody else (ADR 073).
"""

import logging
import queue
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from pydantic import ValidationError

from contracts.messages import Command, Reply
from edge_agent.clock import Clock
from edge_agent.devices.base import Commanded, DeviceError, Done, OrderError
from edge_agent.outbox.transaction import CommandRecord, Transaction
from edge_agent.outbox.writer import Outbox

_log = logging.getLogger(__name__)
_PATIENCE = 10.0
_WAITING = 32
"""Commands one device may have before it; a device that takes none for so long is broken."""
EXPIRED = "expired"
BUSY = "busy"
INTERRUPTED = "interrupted"
"""The agent was stopped between claiming the command and finishing it: it may or may not have been carried out."""
_ANSWERS_KEPT = 64
ANSWERED_WITH_DATA = frozenset({"face.enrol.v1"})


class Worker:
    """One device's commands, one after another."""

    def __init__(self, name: str, carry_out: Callable[[Command], None]) -> None:
        self._carry_out = carry_out
        self._queue: queue.Queue[Command | None] = queue.Queue(_WAITING)
        self._thread = threading.Thread(target=self._run, name=f"commands-{name}", daemon=True)
        self._thread.start()

    def take(self, command: Command) -> bool:
        """False when too many wait already."""
        try:
            self._queue.put_nowait(command)
        except queue.Full:
            return False
        return True

    def stop(self) -> None:
        try:
            self._queue.put_nowait(None)
        except queue.Full:
            return  # a device that hangs with a full queue: its thread ends with the process
        self._thread.join(_PATIENCE)

    def _run(self) -> None:
        while (command := self._queue.get()) is not None:
            try:
                self._carry_out(command)
            except Exception:
                _log.exception("a command failed", extra={"device": command.device})


class CommandDesk:
    """A thread that checks and claims commands and hands each to its device. `reply` must be safe from any thread.

    `orders` take every command of their type, whatever device it names; the others go to the device. What a command
    answered with is kept in memory only (it may be a secret): when it is repeated the answer is the same, and after a
    restart of the agent `interrupted`.
    """

    def __init__(
        self,
        outbox: Outbox,
        clock: Clock,
        devices: Mapping[str, Commanded],
        reply: Callable[[Reply], None],
        orders: Mapping[str, Commanded] | None = None,
    ) -> None:
        self._outbox, self._clock, self._devices, self._reply = outbox, clock, devices, reply
        self._orders = orders or {}
        self._answers: OrderedDict[str, dict[str, Any]] = OrderedDict()
        self._at_work: set[str] = set()
        self._lock = threading.Lock()
        self._workers: dict[int, Worker] = {}
        self._queue: queue.SimpleQueue[tuple[bytes, Done] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="commands", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._queue.put(None)
        if self._thread.is_alive():
            self._thread.join(_PATIENCE)
        for worker in self._workers.values():
            worker.stop()

    def on_message(self, payload: bytes, done: Done) -> None:
        self._queue.put((payload, done))

    def _run(self) -> None:
        while (item := self._queue.get()) is not None:
            payload, done = item
            try:
                self._handle(payload, done)
            except Exception:
                _log.exception("a command failed")
                done()

    def _handle(self, payload: bytes, done: Done) -> None:
        try:
            command = Command.model_validate_json(payload)
        except ValidationError as mistakes:
            _log.warning("not a command", extra={"mistakes": mistakes.error_count()})
            done()
            return
        with self._lock:
            if command.id in self._at_work:
                done()  # told twice while it is carried out: the answer comes when it is
                return
        now = self._clock.stamp().time
        claim = partial(Transaction.begin_command, command_id=command.id, expires_at=command.expires_at, now=now)
        known = self._outbox.submit(claim).result(_PATIENCE)
        done()
        if known is not None:
            self._answer(command, *self._remembered(command, known))
        else:
            self._hand_over(command)

    def _hand_over(self, command: Command) -> None:
        device = self._orders.get(command.type) or self._devices.get(command.device)
        if device is None:
            self._finish(command, f"unknown device {command.device!r}", None)
            return
        if id(device) not in self._workers:
            self._workers[id(device)] = Worker(command.device, lambda each: self._carry_out(device, each))
        with self._lock:
            self._at_work.add(command.id)
        if not self._workers[id(device)].take(command):
            self._finish(command, BUSY, None)

    def _carry_out(self, device: Commanded, command: Command) -> None:
        """Expiry counts when its turn comes: what waited too long is not done any more."""
        if self._clock.stamp().time >= command.expires_at:
            self._finish(command, EXPIRED, None)
        else:
            self._finish(command, *self._execute(device, command))

    def _finish(self, command: Command, error: str, data: dict[str, Any] | None) -> None:
        try:
            self._outbox.submit(lambda tx: tx.end_command(command.id, not error, error)).result(_PATIENCE)
        finally:
            with self._lock:
                self._at_work.discard(command.id)
                if data is not None:
                    self._keep(command.id, data)
        self._answer(command, error, data)

    @staticmethod
    def _execute(device: Commanded, command: Command) -> tuple[str, dict[str, Any] | None]:
        """Returns what went wrong, or nothing, and what it answered."""
        try:
            return "", device.execute(command)
        except DeviceError as error:
            return error.reason.code, None
        except (OrderError, ValueError) as error:
            return str(error), None
        except Exception as error:
            _log.exception("a command failed", extra={"device": command.device})
            return f"internal error: {type(error).__name__}", None

    def _keep(self, command_id: str, data: dict[str, Any]) -> None:
        self._answers[command_id] = data
        while len(self._answers) > _ANSWERS_KEPT:
            self._answers.popitem(last=False)

    def _remembered(self, command: Command, known: CommandRecord) -> tuple[str, dict[str, Any] | None]:
        if known.ok is None:
            return INTERRUPTED, None
        if not known.ok:
            return known.error, None
        with self._lock:
            data = self._answers.get(command.id)
        if data is None and command.type in ANSWERED_WITH_DATA:
            return INTERRUPTED, None
        return "", data

    def _answer(self, command: Command, error: str, data: dict[str, Any] | None = None) -> None:
        _log.info("command", extra={"command": command.id, "device": command.device, "error": error})
        self._reply(
            Reply(command_id=command.id, ok=not error, error=error, at=self._clock.stamp().time, data=data or {})
        )
