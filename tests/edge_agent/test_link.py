"""Messages are acknowledged to the broker in the order they came."""

import socket
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from edge_agent.config import BrokerConfig
from edge_agent.link import Hooks, InOrder, Link
from tests.support.processes import until


@given(st.permutations(range(8)))
def test_whatever_order_the_handlers_finish_in(order: list[int]) -> None:
    acknowledged: list[int] = []
    queue = InOrder(acknowledged.append)
    finish = [queue.expect(mid) for mid in range(8)]
    for mid in order:
        finish[mid]()
        assert acknowledged == sorted(acknowledged)
    assert acknowledged == list(range(8))


def test_what_belongs_to_a_lost_connection_is_not_acknowledged_on_the_next() -> None:
    acknowledged: list[int] = []
    queue = InOrder(acknowledged.append)
    before = queue.expect(1)
    queue.forget()
    after = queue.expect(1)
    before()
    assert acknowledged == []
    after()
    assert acknowledged == [1]


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
