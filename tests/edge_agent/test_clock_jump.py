"""A clock that is wrong by decades until a time server sets it: flagged, kept, counted on, nobody late."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from iotcore import Broker

from edge_agent.agent import Agent
from edge_agent.clock import Clock, Stamp
from edge_agent.config import AgentConfig
from tests.edge_agent.support import NODE, OFFICE, FakeGateway, publish_json
from tests.edge_agent.test_disk import totals
from tests.support.processes import until

DECADES = timedelta(days=20_000)


class UnsetClock(Clock):
    """Runs in 1972 until `set`."""

    def __init__(self) -> None:
        super().__init__()
        self._known = False

    @property
    def synced(self) -> bool:
        return self._known

    def set(self) -> None:
        self._known = True

    def stamp(self) -> Stamp:
        right = super().stamp()
        return replace(right, time=right.time if self._known else right.time - DECADES, synced=self._known)


@pytest.fixture
def clock(tmp_path: Path, broker: Broker) -> Iterator[UnsetClock]:
    """The clock of an agent that runs."""
    clock = UnsetClock()
    config = AgentConfig.model_validate(
        {
            "office": OFFICE,
            "node": NODE,
            "outbox": {"path": tmp_path / "outbox.db", "keep_days": 0.001},
            "broker": {"port": broker.port},
            "devices": [{"id": "hall", "driver": "milesight_vs121", "topic": "milesight/1"}],
        }
    )
    agent = Agent(config, clock=clock)
    running = threading.Thread(target=agent.run)
    running.start()
    yield clock
    agent.stop()
    running.join(10)


def test_people_before_and_after_the_clock_is_set_are_counted_once_and_nobody_is_late(
    clock: UnsetClock, broker: Broker, gateway: FakeGateway
) -> None:
    gateway.silent = True
    until(_says(gateway, lambda alarms: "clock_unset" in alarms), seconds=10, what="the alarm")
    publish_json(broker.port, "milesight/1", [totals(100), totals(104)])
    until(lambda: any(b"door.crossing" in payload for payload in gateway.payloads), seconds=10, what="the first people")
    clock.set()
    publish_json(broker.port, "milesight/1", [totals(109)])
    gateway.silent = False
    until(lambda: gateway.counted_in == 9, seconds=10, what="everybody")
    first, second = gateway.of_type("door.crossing.v1")
    assert (first.clocksync, second.clocksync) == (False, True)
    assert second.time - first.time > DECADES and second.data["flags"] == []
    gateway.wait_state("hall", "ok")
    publish_json(broker.port, "milesight/1", [b"{"])
    gateway.wait_state("hall", "degraded")  # a change is told at once, and with it how the node is
    stands = set(gateway.statuses[-1].alarms)
    assert not stands & {"clock_unset", "events_dropped"}, "nothing was dropped for its age, and the clock is set"


def _says(gateway: FakeGateway, stands: Callable[[list[str]], bool]) -> Callable[[], bool]:
    return lambda: bool(gateway.statuses) and stands(gateway.statuses[-1].alarms)
