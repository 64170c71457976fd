"""The real engine, loaded once."""

import pytest

from edge_agent.vision.engines.opencv import OpencvEngine
from tests.support import portraits


@pytest.fixture(scope="session")
def engine() -> OpencvEngine:
    return OpencvEngine(portraits.models(), 640)
