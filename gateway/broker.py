"""The line to the MQTT broker: subscribes, publishes, and acknowledges what the broker sent only when told to.

Nothing here is durable: what is lost with the broker or this process is sent again by the nodes (design.md).
"""

import logging
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from contracts import topics
from contracts.mqtt import InOrder
from contracts.topics import Leaf, Topic
from gateway.config import BrokerConfig, read_secret

log = logging.getLogger(__name__)
KEEPALIVE_SECONDS = 15
_QUEUED = 10_000


@dataclass(frozen=True, slots=True)
class Received:
    """One message. Call `acknowledge` once what it says is stored; until then the broker keeps it for us."""

    topic: Topic
    payload: bytes
    acknowledge: Callable[[], None]


Receive = Callable[[Received], None]


class BrokerLink:
    """Handlers are called on paho's thread and must not block; `publish` may be called from any thread."""

    def __init__(self, config: BrokerConfig, office: str) -> None:
        self._config = config
        self._office = office
        self._handlers: dict[Leaf, Receive] = {}
        self._on_connected: list[Callable[[], None]] = []
        self._up = threading.Event()
        client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=f"gateway-{office}", manual_ack=True)
        if config.username:
            client.username_pw_set(config.username, read_secret(config.password_file))
        client.max_inflight_messages_set(100)
        client.max_queued_messages_set(_QUEUED)
        client.reconnect_delay_set(min(1, config.retry_seconds), config.retry_seconds)  # type: ignore[arg-type]
        client.on_socket_open = _send_at_once
        client.on_connect = self._connected
        client.on_subscribe = self._subscribed
        client.on_disconnect = self._disconnected
        client.on_message = self._message
        client.on_publish = _expect_more
        self._client = client
        self._in_order = InOrder(lambda mid: self._acknowledge(mid))

    @property
    def connected(self) -> bool:
        return self._up.is_set()

    def on(self, leaf: Leaf, handler: Receive) -> None:
        """Subscribe to one leaf of every node of the office."""
        self._handlers[leaf] = handler

    def on_connected(self, action: Callable[[], None]) -> None:
        """Called on paho's thread after every connect."""
        self._on_connected.append(action)

    def start(self) -> None:
        self._client.connect_async(self._config.host, self._config.port, keepalive=KEEPALIVE_SECONDS)
        self._client.loop_start()

    def stop(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()
        self._up.clear()

    def publish(self, topic: Topic, payload: str, *, retain: bool = False) -> bool:
        """Send with QoS 1. False while the broker is away: then nothing is queued."""
        if not self.connected:
            return False
        return self._client.publish(str(topic), payload.encode(), qos=1, retain=retain).rc == mqtt.MQTT_ERR_SUCCESS

    def _connected(
        self, client: mqtt.Client, userdata: Any, flags: mqtt.ConnectFlags, reason: ReasonCode, extra: Properties | None
    ) -> None:
        if reason.is_failure:
            log.error("the broker refused us", extra={"reason": str(reason)})
            return
        self._in_order.forget()
        client.subscribe([(topics.everywhere(self._office, leaf), 1) for leaf in self._handlers])

    def _subscribed(
        self, client: mqtt.Client, userdata: Any, mid: int, reasons: list[ReasonCode], extra: Properties | None
    ) -> None:
        """Only now does the broker keep for us what nodes say: before, we are not there."""
        if any(reason.is_failure for reason in reasons):
            log.error("the broker refused a subscription", extra={"reasons": [str(reason) for reason in reasons]})
        self._up.set()
        log.info("connected to the broker", extra={"host": self._config.host, "port": self._config.port})
        for action in self._on_connected:
            self._guarded(action)

    def _disconnected(
        self,
        client: mqtt.Client,
        userdata: Any,
        flags: mqtt.DisconnectFlags,
        reason: ReasonCode,
        extra: Properties | None,
    ) -> None:
        self._up.clear()
        log.warning("the broker is away", extra={"reason": str(reason)})

    def _message(self, client: mqtt.Client, userdata: Any, message: mqtt.MQTTMessage) -> None:
        acknowledge = self._in_order.expect(message.mid) if message.qos else _nothing
        if not self._guarded(self._dispatch, message, acknowledge):
            acknowledge()  # what was never acknowledged would hold up every later acknowledgement
        _expect_more(client)

    def _acknowledge(self, mid: int) -> None:
        self._client.ack(mid, 1)

    def _dispatch(self, message: mqtt.MQTTMessage, acknowledge: Callable[[], None]) -> None:
        try:
            topic = Topic.parse(message.topic)
            handler = self._handlers[topic.leaf]
        except (ValueError, KeyError, UnicodeDecodeError):
            log.warning("a message on a topic that is not ours", extra={"size": len(message.payload)})
            acknowledge()
            return
        handler(Received(topic, bytes(message.payload), acknowledge))

    def _guarded(self, action: Callable[..., None], *arguments: Any) -> bool:
        """False when it raised. An exception that left a paho callback would end its thread, and the office's ears."""
        try:
            action(*arguments)
        except Exception:
            log.exception("handling a broker message failed")
            return False
        return True


def _nothing() -> None:
    """QoS 0 is not acknowledged."""


def _send_at_once(client: mqtt.Client, userdata: Any, opened: Any) -> None:
    """An acknowledgement to the broker and one to the node are two small writes: Nagle would delay the second 40 ms."""
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _expect_more(client: mqtt.Client, *_: Any) -> None:
    """Tell the kernel to confirm what arrived at once: brokers that leave Nagle on wait for that before the next event.

    Linux falls back to delayed confirmations by itself (tcp(7)), so this is said again after every message.
    """
    opened = client.socket()
    if isinstance(opened, socket.socket) and hasattr(socket, "TCP_QUICKACK"):
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
