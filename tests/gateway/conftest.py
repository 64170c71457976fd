from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.gateway.facing import Faces, ready_faces
from tests.gateway.fixtures import broker_port, gateway, node
from tests.gateway.house import House, open_house

__all__ = ["broker_port", "gateway", "house", "node"]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as opened:
        yield opened


@pytest.fixture
async def faces(tmp_path: Path) -> AsyncIterator[Faces]:
    async with ready_faces(tmp_path) as opened:
        yield opened
