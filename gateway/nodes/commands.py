"""Commands to nodes, and their replies. A command is stored first, then published; it expires by itself."""

import logging
from collections.abc import Callable
from typing import Any

from pydantic import ValidationError
from sqlalchemy import update
from sqlmodel import col

from contracts.messages import Command, Reply
from contracts.topics import Leaf, Topic
from gateway.broker import BrokerLink, Received
from gateway.tables import StoredCommand
from gateway.writer import UnitOfWork, Writer

log = logging.getLogger(__name__)
Listener = Callable[[UnitOfWork, Reply], None]


class Commands:
    """`send` may be called from any thread; from inside a unit of work, call it by `after_commit`."""

    def __init__(self, office: str, writer: Writer, broker: BrokerLink) -> None:
        self._office = office
        self._writer = writer
        self._broker = broker
        self._listeners: dict[str, Listener] = {}

    @property
    def connected(self) -> bool:
        """Whether the broker, and so any node, can be reached now."""
        return self._broker.connected

    def send(self, node: str, command: Command) -> None:
        """Publish on the node's command topic. Its fate is in the `commands` table; nobody waits for it."""

        def store(uow: UnitOfWork) -> None:
            row = StoredCommand(
                id=command.id,
                node=node,
                device=command.device,
                type=command.type,
                sent_at=uow.now,
                expires_at=command.expires_at,
            )
            uow.session.merge(row)

        self._writer.submit(store, lambda result, error: self._publish(node, command, error))

    def retain(self, node: str, leaf: Leaf, payload: str) -> bool:
        """Publish what the broker keeps for the node. False while the broker is away."""
        return self._broker.publish(Topic(self._office, node, leaf), payload, retain=True)

    def answers(self, command_type: str, listener: Listener) -> None:
        """Hand every reply to a command of that type to `listener`, in the transaction that stores the reply.

        It is called on the writer's thread, and again when the broker delivers a reply twice.
        """
        self._listeners[command_type] = listener

    def on_reply(self, received: Received) -> None:
        try:
            reply = Reply.model_validate_json(received.payload)
        except ValidationError:
            log.warning("a reply that cannot be read", extra={"node": received.topic.node})
            received.acknowledge()
            return

        def store(uow: UnitOfWork) -> None:
            row = uow.session.get(StoredCommand, reply.command_id)
            if row is None or row.node != received.topic.node:
                return
            row.replied_at, row.ok, row.error = uow.now, reply.ok, reply.error[:200]
            uow.session.add(row)
            self._tell(uow, row, reply)

        self._writer.submit(store, lambda result, error: _acknowledge(received, error))

    def _tell(self, uow: UnitOfWork, row: StoredCommand, reply: Reply) -> None:
        listener = self._listeners.get(row.type)
        if listener is None:
            return
        try:
            with uow.isolated():
                listener(uow, reply)
        except Exception as error:
            log.error("a reply was not digested", extra={"command_type": row.type, "error": type(error).__name__})

    def _publish(self, node: str, command: Command, error: BaseException | None) -> None:
        if error is not None:
            log.error("a command was not stored and not sent", extra={"node": node, "error": type(error).__name__})
        elif not self._broker.publish(Topic(self._office, node, "command"), command.model_dump_json()):
            log.warning("a command was not sent: the broker is away", extra={"node": node, "command": command.id})
            self._writer.submit(lambda uow: _mark_unsent(uow, command.id), _ignore)


def _mark_unsent(uow: UnitOfWork, command_id: str) -> None:
    uow.session.exec(update(StoredCommand).where(col(StoredCommand.id) == command_id).values(error="broker_away"))


def _ignore(result: Any, error: BaseException | None) -> None:
    if error is not None:
        log.error("a command's fate was not stored", extra={"error": type(error).__name__})


def _acknowledge(received: Received, error: BaseException | None) -> None:
    received.acknowledge()  # also after a failure: a message kept back would hold up all that follow
    if error is not None:
        log.error("a reply was not stored", extra={"node": received.topic.node, "error": type(error).__name__})
