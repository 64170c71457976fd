"""Between the broker and the database: hands messages to the writer, answers the nodes after the commit."""

import asyncio
import logging
import time
from datetime import timedelta
from typing import Any

from sqlalchemy.exc import DBAPIError, SQLAlchemyError, StatementError

from contracts.messages import Ack, NodeStatus
from contracts.topics import Topic
from gateway.broker import BrokerLink, Received
from gateway.context import Context
from gateway.ingest import store
from gateway.ingest.service import HandlerFailedError, Taken, put_aside, take_message
from gateway.ingest.store import StreamState
from gateway.metrics import Metrics
from gateway.nodes.service import take_status
from gateway.writer import UnitOfWork

log = logging.getLogger(__name__)
RETRY_SECONDS = 1.0
_RECENT = timedelta(days=30)


class Receiver:
    """`on_events` and `on_status` are called on the broker's thread, all else on the event loop."""

    def __init__(self, context: Context, broker: BrokerLink, metrics: Metrics) -> None:
        self._context = context
        self._broker = broker
        self._metrics = metrics
        self._loop = asyncio.get_running_loop()
        self._acks: dict[tuple[str, str], Ack] = {}
        broker.on("events", self.on_events)
        broker.on("status", self.on_status)
        broker.on_connected(self._on_connected)

    def on_events(self, received: Received) -> None:
        self._submit_events(received, time.monotonic(), careful=False)

    def _submit_events(self, received: Received, began: float, *, careful: bool) -> None:
        def work(uow: UnitOfWork) -> Taken:
            return take_message(uow, self._context, received.topic, received.payload, careful=careful)

        def done(taken: Taken | None, error: BaseException | None) -> None:
            if isinstance(error, HandlerFailedError):
                self._submit_events(received, began, careful=True)
            elif error is not None and not _storage_failed(error):
                self._put_aside(received, error)
            elif taken is None:
                self._again(lambda: self._submit_events(received, began, careful=careful), error)
            else:
                received.acknowledge()
                self._metrics.took(taken, time.monotonic() - began)
                for ack in taken.acks:
                    self._answer(received.topic.node, ack)

        self._context.writer.submit(work, done)

    def on_status(self, received: Received) -> None:
        def work(uow: UnitOfWork) -> NodeStatus | None:
            uow.routine = True
            return take_status(uow, self._context, received.topic, received.payload)

        def done(status: NodeStatus | None, error: BaseException | None) -> None:
            if error is not None and not _storage_failed(error):
                self._put_aside(received, error)
                return
            if error is not None:
                self._again(lambda: self.on_status(received), error)
                return
            received.acknowledge()
            if status is not None and status.online and status.stream is not None:
                self._answer_stream(status.node, status.stream)

        self._context.writer.submit(work, done)

    def _put_aside(self, received: Received, error: BaseException) -> None:
        """Trying again would fail again, and a message never acknowledged holds up all that the broker sends us."""

        def work(uow: UnitOfWork) -> None:
            put_aside(uow, self._context, received.topic, received.payload, error)

        def done(_: None, failed: BaseException | None) -> None:
            if failed is not None:
                self._again(lambda: self._put_aside(received, error), failed)
            else:
                received.acknowledge()

        log.error("a message could not be digested", extra={"node": received.topic.node}, exc_info=error)
        self._context.writer.submit(work, done)

    def publish_acks(self, states: list[StreamState]) -> None:
        """Tell nodes where their streams stand now."""
        for state in states:
            self._answer(state.node, state.ack(self._context.epoch))

    def _again(self, action: Any, error: BaseException | None) -> None:
        """The database could not store a message (a full disk?): it stays with the broker, and is tried again."""
        self._metrics.storage_failures.inc()
        log.error("a message was not stored", extra={"error": type(error).__name__})
        self._loop.call_later(RETRY_SECONDS, self._if_running, action)

    def _if_running(self, action: Any) -> None:
        if self._context.writer.alive:
            action()

    def _answer(self, node: str, ack: Ack) -> None:
        """Acknowledgements of one group go out together, only the newest of each stream."""
        if not self._acks:
            self._loop.call_soon(self._publish)
        self._acks[node, ack.stream] = ack

    def _publish(self) -> None:
        acks, self._acks = self._acks, {}
        for (node, _), ack in acks.items():
            self._broker.publish(Topic(self._context.config.office, node, "ack"), ack.model_dump_json())

    def _answer_stream(self, node: str, stream: str) -> None:
        with self._context.database.read() as session:
            state = store.load(session.connection(), stream, node)
        if state.node == node:
            self._answer(node, state.ack(self._context.epoch))

    def _on_connected(self) -> None:
        self._loop.call_soon_threadsafe(self._tell_everyone)

    def _tell_everyone(self) -> None:
        with self._context.database.read() as session:
            states = store.heard_since(session, self._context.clock() - _RECENT)
        self.publish_acks(states)


def _storage_failed(error: BaseException) -> bool:
    """Whether the database, and not the message, is the reason: then it may go better later."""
    if isinstance(error, StatementError) and not isinstance(error, DBAPIError):
        return False  # a value that no column can hold
    return isinstance(error, SQLAlchemyError | OSError)
