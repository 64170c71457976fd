"""An outbox in a temporary folder, and one that is already full of crossings."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edge_agent.clock import Clock
from edge_agent.outbox.transaction import Place
from edge_agent.outbox.writer import Outbox

PLACE = Place("yunqi", "lobby")
MakeOutbox = Callable[..., Outbox]


@pytest.fixture
def make_outbox(tmp_path: Path) -> Iterator[MakeOutbox]:
    """Opens the one file of this test, again and again; starts its writer."""
    opened: list[Outbox] = []

    def make(*, max_events: int = 10_000, linger: float = 0.0) -> Outbox:
        outbox = Outbox(tmp_path / "outbox.db", PLACE, Clock(), max_events=max_events, linger=linger)
        outbox.start()
        opened.append(outbox)
        return outbox

    yield make
    for outbox in opened:
        outbox.close()
