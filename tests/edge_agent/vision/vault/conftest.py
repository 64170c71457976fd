from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.edge_agent.vision.vault.support import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    opened = Bench(tmp_path)
    opened.lease.renew(opened.clock.seconds, 900)
    yield opened
    opened.close()
