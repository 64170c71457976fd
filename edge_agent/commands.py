"""Orders from the gateway: checked, claimed durably, executed at most once, answered."""

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
from edge_agent.devices.base import Commanded, DeviceError, Done
from edge_agent.outbox.transaction import CommandRecord, Transaction
from edge_agent.outbox.writer import Outbox

_log = logging.getLogger(__name__)
_PATIENCE = 10.0
EXPIRED = "expired"
INTERRUPTED = "interrupted"
"""The agent was stopped between claiming the command and finishing it: it may or may not have been carried out."""


_ANSWERS_KEPT = 64
ANSWERED_WITH_DATA = frozenset({"face.enrol.v1"})


class CommandDesk:
    """A thread that executes commands one after another. `reply` must be safe from any thread.

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
        self._queue: queue.SimpleQueue[tuple[bytes, Done] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="commands", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._queue.put(None)
        if self._thread.is_alive():
            self._thread.join(_PATIENCE)

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
        now = self._clock.stamp().time
        claim = partial(Transaction.begin_command, command_id=command.id, expires_at=command.expires_at, now=now)
        known = self._outbox.submit(claim).result(_PATIENCE)
        done()
        if known is not None:
            self._answer(command, *self._remembered(command, known))
            return
        error, data = (EXPIRED, None) if now >= command.expires_at else self._execute(command)
        self._outbox.submit(lambda tx: tx.end_command(command.id, not error, error)).result(_PATIENCE)
        if data is not None:
            self._keep(command.id, data)
        self._answer(command, error, data)

    def _execute(self, command: Command) -> tuple[str, dict[str, Any] | None]:
        """Returns what went wrong, or nothing, and what it answered."""
        device = self._orders.get(command.type) or self._devices.get(command.device)
        if device is None:
            return f"unknown device {command.device!r}", None
        try:
            return "", device.execute(command)
        except (DeviceError, ValueError) as error:
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
        data = self._answers.get(command.id)
        if data is None and command.type in ANSWERED_WITH_DATA:
            return INTERRUPTED, None
        return "", data

    def _answer(self, command: Command, error: str, data: dict[str, Any] | None = None) -> None:
        _log.info("command", extra={"command": command.id, "device": command.device, "error": error})
        self._reply(
            Reply(command_id=command.id, ok=not error, error=error, at=self._clock.stamp().time, data=data or {})
        )
