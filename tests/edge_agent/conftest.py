"""A real broker, a gateway that listens, an agent when asked for."""

from collections.abc import Iterator

import pytest
from iotcore import Broker

from tests.edge_agent.support import FakeGateway
from tests.support.processes import free_port


@pytest.fixture
def broker() -> Iterator[Broker]:
    with Broker(port=free_port(), listen="127.0.0.1") as running:
        yield running


@pytest.fixture
def gateway(broker: Broker) -> Iterator[FakeGateway]:
    with FakeGateway(broker.port) as running:
        yield running
