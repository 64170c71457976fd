"""A broker for the whole run, and gateways for single tests."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from iotcore import Broker

from tests.gateway.running import FakeNode, Gateway, configured, running
from tests.support.processes import free_port


@pytest.fixture(scope="session")
def broker_port() -> Iterator[int]:
    port = free_port()
    with Broker(port=port, listen="127.0.0.1"):
        yield port


@pytest.fixture
async def gateway(tmp_path: Path, broker_port: int) -> AsyncIterator[Gateway]:
    """A running gateway without central."""
    async with running(configured(tmp_path, broker_port)) as started:
        yield started


@pytest.fixture
async def node(broker_port: int) -> AsyncIterator[FakeNode]:
    made = await FakeNode(broker_port).ready()
    yield made
    made.close()
