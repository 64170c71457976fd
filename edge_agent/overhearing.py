"""A program that only listens on the office's broker for a while: for `probe` and `record`, beside a running agent."""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from edge_agent.broker import BrokerConfig

_ANSWERS_WITHIN = 5.0


class BrokerError(RuntimeError):
    """The broker cannot be listened to; the text says why."""


@contextmanager
def overhearing(broker: BrokerConfig, topics: Iterable[str], hear: Callable[[str, bytes], None]) -> Iterator[None]:
    """Call `hear(topic, payload)` on the client's thread for what is published, from when the broker has agreed.

    Raises BrokerError when it cannot be reached, refuses us or what we ask for, or does not answer.
    """
    refused: list[str] = []
    answered = threading.Event()
    client = mqtt.Client(CallbackAPIVersion.VERSION2)
    if broker.username:
        client.username_pw_set(broker.username, broker.password())
    if broker.tls_ca_file:
        client.tls_set(ca_certs=broker.tls_ca_file)

    def connected(client: mqtt.Client, userdata: Any, flags: Any, reason: Any, properties: Any) -> None:
        if reason.is_failure:
            refused.append(str(reason))
            answered.set()
        else:
            client.subscribe([(topic, 1) for topic in topics])

    def subscribed(client: mqtt.Client, userdata: Any, mid: int, reasons: list[Any], properties: Any) -> None:
        refused.extend(str(reason) for reason in reasons if reason.is_failure)
        answered.set()

    client.on_connect, client.on_subscribe = connected, subscribed
    client.on_message = lambda _client, _userdata, message: hear(message.topic, bytes(message.payload))
    place = f"the broker {broker.host}:{broker.port}"
    try:
        client.connect(broker.host, broker.port, keepalive=30)
    except OSError as error:
        raise BrokerError(f"{place}: {error}") from error
    client.loop_start()
    try:
        if not answered.wait(_ANSWERS_WITHIN):
            raise BrokerError(f"{place}: no answer")
        if refused:
            raise BrokerError(f"{place}: {refused[0]}")
        yield
    finally:
        client.disconnect()
        client.loop_stop()
