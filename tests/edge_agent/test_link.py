"""The agent's connection to the broker."""

import socket
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from edge_agent.config import BrokerConfig
from edge_agent.link import Hooks, Link
from tests.support.processes import until


def test_small_messages_do_not_wait_for_one_another(broker: Any) -> None:
    """With Nagle's algorithm a write waits for the broker's delayed confirmation of the one before: 40 ms a hop."""
    link = Link("yunqi", "lobby", BrokerConfig(port=broker.port), Hooks(_nothing, _nothing, lambda: b""))
    link.start()
    try:
        until(lambda: link.connected, seconds=10, what="the connection")
        opened = link._client.socket()
        assert isinstance(opened, socket.socket)
        assert opened.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0
    finally:
        link.stop(b"")


def _nothing() -> None: ...


def test_what_the_broker_kept_for_a_topic_waits_for_its_driver(broker: Any) -> None:
    """A session outlives the process: after a start messages come before the driver has said that it wants them."""
    first = Link("yunqi", "early", BrokerConfig(port=broker.port), Hooks(_nothing, _nothing, lambda: b""))
    first.subscribe("milesight/early", lambda payload, done: done())
    first.start()
    until(lambda: first.connected, seconds=10, what="the first connection")
    heard: list[bytes] = []
    publisher = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="early-publisher")
    publisher.connect("127.0.0.1", broker.port)
    publisher.loop_start()
    publisher.publish("milesight/early", b"known", qos=1).wait_for_publish(5)
    first.stop(b"")
    second = Link("yunqi", "early", BrokerConfig(port=broker.port), Hooks(_nothing, _nothing, lambda: b""))
    second.start()
    try:
        until(lambda: second.connected, seconds=10, what="the second connection")
        for n in range(3):
            publisher.publish("milesight/early", b"early %d" % n, qos=1).wait_for_publish(5)
        until(lambda: len(second._early) == 3, seconds=5, what="the messages to come before their driver")

        def take(payload: bytes, done: Any) -> None:
            heard.append(payload)
            done()

        second.subscribe("milesight/early", take)
        until(lambda: heard == [b"early 0", b"early 1", b"early 2"], seconds=5, what="the driver to be handed them")
    finally:
        publisher.disconnect()
        publisher.loop_stop()
        second.stop(b"")
