"""The agent's connection to the broker."""

import socket
from typing import Any

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
