"""Orders from the gateway: checked, claimed durably, executed at most once, answered."""

import logging
import queue
import threading
from collections.abc import Callable, Mapping
from functools import partial

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


class CommandDesk:
    """A thread that executes commands one after another. `reply` must be safe from any thread."""

    def __init__(
        self, outbox: Outbox, clock: Clock, devices: Mapping[str, Commanded], reply: Callable[[Reply], None]
    ) -> None:
        self._outbox, self._clock, self._devices, self._reply = outbox, clock, devices, reply
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
            self._answer(command, _remembered(known))
            return
        error = EXPIRED if now >= command.expires_at else self._execute(command)
        self._outbox.submit(lambda tx: tx.end_command(command.id, not error, error)).result(_PATIENCE)
        self._answer(command, error)

    def _execute(self, command: Command) -> str:
        """Returns what went wrong, or nothing."""
        device = self._devices.get(command.device)
        if device is None:
            return f"unknown device {command.device!r}"
        try:
            device.execute(command)
        except (DeviceError, ValueError) as error:
            return str(error)
        except Exception as error:
            _log.exception("a command failed", extra={"device": command.device})
            return f"internal error: {type(error).__name__}"
        return ""

    def _answer(self, command: Command, error: str) -> None:
        _log.info("command", extra={"command": command.id, "device": command.device, "error": error})
        self._reply(Reply(command_id=command.id, ok=not error, error=error, at=self._clock.stamp().time))


def _remembered(known: CommandRecord) -> str:
    if known.ok is None:
        return INTERRUPTED
    return "" if known.ok else known.error
