"""The agent's connection to the office's broker: one MQTT client, persistent session, manual acknowledgement."""

import logging
import socket
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode

from contracts.mqtt import InOrder
from contracts.topics import Leaf, Topic, everywhere
from edge_agent.broker import BrokerConfig, ConfigError
from edge_agent.devices.base import Done, MessageHandler
from edge_agent.trust import Authority, Trouble, trouble, valid_until

_TopicHandler = Callable[[str, bytes, Done], None]
_log = logging.getLogger(__name__)
_FAREWELL_SECONDS = 2.0
_TOPICS_REMEMBERED = 1000
_EARLY_SECONDS = 15.0
"""The broker keeps our subscriptions: after a start it sends before the driver that asked for them listens again."""


@dataclass(frozen=True, slots=True)
class Hooks:
    """`will` is called before each start: the payload published for us when we vanish."""

    connected: Callable[[], None]
    disconnected: Callable[[], None]
    will: Callable[[], bytes]


class Link:
    """Survives the broker being away at the start or later. Handlers run on the client's thread."""

    def __init__(self, office: str, node: str, broker: BrokerConfig, hooks: Hooks) -> None:
        self._office, self._node, self._broker, self._hooks = office, node, broker, hooks
        self._handlers: dict[str, list[_TopicHandler]] = {}
        self._listeners: dict[str, list[_TopicHandler]] = {}
        self._unqueued: set[str] = set()
        self._early: list[tuple[str, bytes, Done]] = []
        self._early_until = 0.0
        self._early_lock = threading.Lock()
        self._in_order = InOrder(lambda mid: self._acknowledge(mid))
        self._trouble: Trouble | None = trouble(None)
        self._certificate_until: datetime | None = None
        self._authority = _authority(broker)
        self._client = self._make_client()

    @property
    def connected(self) -> bool:
        return self._client.is_connected()

    @property
    def trouble(self) -> Trouble | None:
        """Why there is no connection; None while there is one."""
        return self._trouble

    @property
    def certificate_until(self) -> datetime | None:
        """When the certificate that the broker showed last ends."""
        return self._certificate_until

    def topic(self, leaf: Leaf) -> str:
        return str(Topic(self._office, self._node, leaf))

    def subscribe(self, topic: str, handler: MessageHandler, *, unqueued: bool = False) -> Callable[[], None]:
        """Safe at any time and from any thread; several handlers may share a topic. Returns what ends it.

        `unqueued` asks for QoS 0, for what may be lost and must not wait: the broker sends it past the queue of what
        our devices said.
        """
        if unqueued:
            self._unqueued.add(topic)

        def take(_: str, payload: bytes, done: Done) -> None:
            handler(payload, done)

        self._subscribe(topic, take)
        return lambda: self._unsubscribe(topic, take)

    def subscribe_everywhere(self, leaf: Leaf, handler: Callable[[str, bytes], None]) -> None:
        """Hear one leaf of every node of the office. `handler` takes the node whose branch it is, and the payload."""

        def take(topic: str, payload: bytes, done: Done) -> None:
            done()
            handler(Topic.parse(topic).node, payload)

        self._subscribe(everywhere(self._office, leaf), take)

    def _subscribe(self, topic: str, handler: _TopicHandler) -> None:
        with self._early_lock:
            self._handlers[topic] = [*self._handlers.get(topic, []), handler]
            self._listeners.clear()
            waiting = [early for early in self._early if mqtt.topic_matches_sub(topic, early[0])]
            self._early = [early for early in self._early if early not in waiting]
        for heard, payload, done in waiting:
            self._hand(handler, heard, payload, done)
        if self._client.is_connected():
            self._client.subscribe(topic, qos=self._qos(topic))

    def _qos(self, topic: str) -> int:
        return 0 if topic in self._unqueued else 1

    def _unsubscribe(self, topic: str, handler: _TopicHandler) -> None:
        with self._early_lock:
            left = [each for each in self._handlers.get(topic, []) if each is not handler]
            if left:
                self._handlers[topic] = left
            else:
                self._handlers.pop(topic, None)
            self._listeners.clear()
        if not left and self._client.is_connected():
            self._client.unsubscribe(topic)

    def publish(self, leaf: Leaf, payload: bytes, *, retain: bool = False) -> bool:
        """Hand a message to the client. False when it was not taken: no connection, or its queue is full."""
        if not self._client.is_connected():
            return False
        return (
            self._client.publish(self.topic(leaf), payload, qos=1, retain=retain).rc == MQTTErrorCode.MQTT_ERR_SUCCESS
        )

    def start(self) -> None:
        self._early_until = time.monotonic() + _EARLY_SECONDS
        self._client.will_set(self.topic("status"), self._hooks.will(), qos=1, retain=True)
        self._client.connect_async(self._broker.host, self._broker.port, self._broker.keepalive_seconds)
        self._client.loop_start()

    def stop(self, farewell: bytes) -> None:
        """Publish `farewell` as our status, then leave; a clean leave silences the last will."""
        if self._client.is_connected():
            sent = self._client.publish(self.topic("status"), farewell, qos=1, retain=True)
            try:
                sent.wait_for_publish(_FAREWELL_SECONDS)
            except (ValueError, RuntimeError) as error:
                _log.warning("could not say goodbye", extra={"error": str(error)})
        self._client.disconnect()
        self._client.loop_stop()

    # ---- the client ---------------------------------------------------------------------------------------------
    def _make_client(self) -> mqtt.Client:
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"anchang-{self._office}-{self._node}",
            clean_session=False,
            manual_ack=True,
        )
        client.max_inflight_messages_set(64)
        client.max_queued_messages_set(256)
        client.reconnect_delay_set(1, 5)
        if self._broker.username:
            client.username_pw_set(self._broker.username, self._broker.password())
        if self._authority is not None:
            client.tls_set_context(self._authority.context)
        client.on_socket_open = _send_at_once
        client.on_connect = self._on_connect
        client.on_connect_fail = self._on_connect_fail
        client.on_pre_connect = self._on_pre_connect
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        return client

    def _on_connect(self, client: mqtt.Client, userdata: Any, flags: Any, reason: Any, properties: Any) -> None:
        if reason.is_failure:
            self._become(Trouble("broker_refuses", f"the broker refuses us: {reason}"))
            return
        self._trouble = None
        self._certificate_until = valid_until(client.socket())
        _log.info("connected to the broker")
        self._in_order.forget()
        with self._early_lock:
            self._early = []  # the broker sends them again
        for topic in list(self._handlers):
            client.subscribe(topic, qos=self._qos(topic))
        self._guarded(self._hooks.connected)

    def _on_disconnect(self, client: mqtt.Client, userdata: Any, flags: Any, reason: Any, properties: Any) -> None:
        if self._trouble is None:
            self._become(Trouble("broker_away", f"the connection ended: {reason}"))
        self._guarded(self._hooks.disconnected)

    def _on_pre_connect(self, client: mqtt.Client, userdata: Any) -> None:
        if self._authority is not None:
            self._authority.read_again()

    def _on_connect_fail(self, client: mqtt.Client, userdata: Any) -> None:
        """Called by paho while it handles what connecting raised."""
        self._become(trouble(sys.exc_info()[1]))

    def _become(self, found: Trouble) -> None:
        """Told once, however often it is tried."""
        if found != self._trouble:
            self._trouble = found
            _log.warning("no connection to the broker", extra={"code": found.code, "reason": found.reason})

    def _on_message(self, client: mqtt.Client, userdata: Any, message: mqtt.MQTTMessage) -> None:
        """An exception here would end the client's thread for good."""
        done = self._in_order.expect(message.mid) if message.qos else _nothing
        payload = bytes(message.payload)
        with self._early_lock:
            early = time.monotonic() < self._early_until
            handlers = self._handlers_of(message.topic)
            if not handlers and early:
                self._early.append((message.topic, payload, done))
            unwanted, self._early = ([], self._early) if early else (self._early, [])
        countdown = _Countdown(len(handlers), done)
        for handler in handlers:
            self._hand(handler, message.topic, payload, countdown)
        if not handlers and not early:
            done()
        for _, _, nobody_listens in unwanted:
            nobody_listens()

    def _handlers_of(self, heard: str) -> "list[_TopicHandler]":
        """Filters are compared once for each topic: with many devices that was a quarter of the work."""
        found = self._listeners.get(heard)
        if found is None:
            if len(self._listeners) >= _TOPICS_REMEMBERED:
                self._listeners.clear()
            found = self._listeners[heard] = [
                handler
                for topic, several in self._handlers.items()
                if mqtt.topic_matches_sub(topic, heard)
                for handler in several
            ]
        return found

    def _hand(self, handler: "_TopicHandler", heard: str, payload: bytes, done: Done) -> None:
        try:
            handler(heard, payload, done)
        except Exception:
            _log.exception("a message could not be handled", extra={"topic": heard})
            done()

    def _acknowledge(self, mid: int) -> None:
        self._client.ack(mid, 1)

    @staticmethod
    def _guarded(hook: Callable[[], None]) -> None:
        try:
            hook()
        except Exception:
            _log.exception("a connection hook failed")


def _authority(broker: BrokerConfig) -> Authority | None:
    if not broker.tls_ca_file:
        return None
    try:
        return Authority(Path(broker.tls_ca_file))
    except OSError as error:
        raise ConfigError(f"broker.tls_ca_file: {broker.tls_ca_file}: {error}") from error


def _send_at_once(client: mqtt.Client, userdata: Any, opened: Any) -> None:
    """A batch that follows an acknowledgement is a second small write: Nagle would hold it back 40 ms."""
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _nothing() -> None:
    """QoS 0 is not acknowledged."""


class _Countdown:
    """Calls `done` after as many calls as there are handlers."""

    def __init__(self, handlers: int, done: Callable[[], None]) -> None:
        self._left, self._done, self._lock = handlers, done, threading.Lock()

    def __call__(self) -> None:
        with self._lock:
            self._left -= 1
            last = self._left == 0
        if last:
            self._done()
