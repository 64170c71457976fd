"""The gateway's connection to the broker."""

import threading
from collections.abc import Iterator

import paho.mqtt.client as mqtt
import pytest
from iotcore import Broker
from paho.mqtt.enums import CallbackAPIVersion

from contracts.topics import Topic
from gateway.broker import BrokerLink, Received
from gateway.config import BrokerConfig
from tests.support.processes import free_port, until


@pytest.fixture
def port() -> Iterator[int]:
    port = free_port()
    broker = Broker(port=port, listen="127.0.0.1")
    broker.start()
    yield port
    broker.stop()


def test_handlers_that_finish_in_another_order_do_not_end_the_session(port: int) -> None:
    """An ask is done at once while an event before it is still being stored; rumqttd hangs up on swapped replies."""
    link = BrokerLink(BrokerConfig(port=port), "yunqi")
    events: list[Received] = []
    asks: list[Received] = []
    connects = []
    link.on("events", events.append)
    link.on("ask", lambda received: (asks.append(received), received.acknowledge())[0])
    link.on_connected(lambda: connects.append(threading.get_ident()))
    link.start()
    node = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="node")
    try:
        until(lambda: link.connected, seconds=10, what="the gateway to be connected")
        node.connect("127.0.0.1", port)
        node.loop_start()
        for round_ in range(5):
            for leaf in ("events", "ask"):
                node.publish(str(Topic("yunqi", "lobby", leaf)), b"[]", qos=1).wait_for_publish(5)
            until(lambda n=round_: len(asks) > n, seconds=5, what="the ask")
        for received in reversed(events):
            received.acknowledge()
        node.publish(str(Topic("yunqi", "lobby", "events")), b"[]", qos=1).wait_for_publish(5)
        until(lambda: len(events) == 6, seconds=5, what="the event after them")
        assert len(connects) == 1
        assert len(asks) == 5
    finally:
        node.disconnect()
        node.loop_stop()
        link.stop()
