"""The agent's connection to the broker."""

import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from edge_agent.config import BrokerConfig
from edge_agent.devices.base import Done, MessageHandler
from edge_agent.link import Hooks, Link
from tests.support.processes import until
from tests.support.wire import Mosquitto

MOSQUITTO = shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")


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


@contextmanager
def linked(port: int, name: str) -> Iterator[tuple[Link, mqtt.Client]]:
    """A link, and somebody else who publishes."""
    link = Link("yunqi", name, BrokerConfig(port=port), Hooks(_nothing, _nothing, lambda: b""))
    publisher = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=f"{name}-publisher")
    publisher.connect("127.0.0.1", port)
    publisher.loop_start()
    link.start()
    try:
        until(lambda: link.connected, seconds=10, what="the connection")
        yield link, publisher
    finally:
        publisher.disconnect()
        publisher.loop_stop()
        link.stop(b"")


@pytest.mark.skipif(MOSQUITTO is None, reason="mosquitto is not installed")
def test_an_acknowledgement_does_not_wait_behind_what_the_devices_said(tmp_path: Path) -> None:
    """The devices' messages are not acknowledged, so that the broker holds back what has to wait for them."""
    with Mosquitto(tmp_path) as broker, linked(broker.port, "flooded") as (link, publisher):
        said: list[bytes] = []
        heard: list[bytes] = []
        link.subscribe("milesight/flood", lambda payload, done: said.append(payload))
        link.subscribe("commands", lambda payload, done: heard.append(payload))
        link.subscribe("acks", lambda payload, done: heard.append(payload), unqueued=True)
        until(lambda: publisher.publish("acks", b"ready", qos=1) and heard, seconds=5, what="the subscriptions")
        for n in range(150):
            publisher.publish("milesight/flood", b"%d" % n, qos=1)
        publisher.publish("commands", b"waits", qos=1)
        publisher.publish("acks", b"overtakes", qos=1)
        until(lambda: b"overtakes" in heard, seconds=5, what="the acknowledgement")
        assert b"waits" not in heard and len(said) < 150


def test_a_topic_that_is_given_up_is_heard_no_more(broker: Any) -> None:
    with linked(broker.port, "ended") as (link, publisher):
        first: list[bytes] = []
        second: list[bytes] = []
        end = link.subscribe("milesight/ended", _into(first))
        link.subscribe("milesight/ended", _into(second))
        heard_by_both = lambda: publisher.publish("milesight/ended", b"both", qos=1) and first and second  # noqa: E731
        until(heard_by_both, seconds=5, what="both to hear it")
        end()
        publisher.publish("milesight/ended", b"one", qos=1)
        until(lambda: b"one" in second, seconds=5, what="the other one to hear more")
        assert b"one" not in first


def _into(heard: list[bytes]) -> MessageHandler:
    def take(payload: bytes, done: Done) -> None:
        heard.append(payload)
        done()

    return take
