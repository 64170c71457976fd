"""A disk that is full, and one that is read-only when power comes: said, survived, and over when it is over."""

import sqlite3
from pathlib import Path

import pytest
from iotcore import Broker

from edge_agent.clock import Clock
from edge_agent.outbox import writer
from edge_agent.outbox.storage import OutboxFullError, fault_of
from tests.edge_agent.card import CardAgent, needs_mounts
from tests.edge_agent.outbox.conftest import PLACE
from tests.edge_agent.support import FakeGateway, Wire, publish_json
from tests.support.processes import until

HALL = '[[devices]]\nid = "hall"\ndriver = "milesight_vs121"\ntopic = "milesight/1"\n'


def button(wire: Wire) -> str:
    return f'[[devices]]\nid = "button"\ndriver = "serial_button"\nurl = "{wire.path}"\ndebounce_seconds = 0\n'


def totals(total_in: int) -> bytes:
    return b'{"event":"People Counting","line_1_total_in":%d,"line_1_total_out":0}' % total_in


def alarms(gateway: FakeGateway) -> list[str]:
    return gateway.statuses[-1].alarms if gateway.statuses else []


def something_waits(wire: Wire, broker: Broker) -> None:
    """Three presses and seven people, for a disk that takes nothing."""
    for number in (1, 2, 3):
        wire.write(b"BTN %d\r\n" % number)
    publish_json(broker.port, "milesight/1", [totals(110)])


def all_comes(alarm: str, gateway: FakeGateway, broker: Broker) -> None:
    """What waited, and two people more, once the disk takes again."""
    until(lambda: len(gateway.of_type("queue.button.v1")) == 3, seconds=10, what="the presses that waited")
    publish_json(broker.port, "milesight/1", [totals(112)])
    until(lambda: gateway.counted_in == 12, seconds=5, what="everybody who passed meanwhile")
    until(lambda: alarm not in alarms(gateway), seconds=5, what="the alarm to end")
    assert [event.data["button"] for event in gateway.of_type("queue.button.v1")] == ["1", "2", "3"]


@needs_mounts
def test_a_full_disk_is_said_and_nothing_is_lost_or_doubled(
    tmp_path: Path, broker: Broker, gateway: FakeGateway
) -> None:
    wire = Wire(tmp_path / "button")
    with CardAgent(tmp_path, broker.port, button(wire) + HALL) as agent:
        gateway.wait_state("button", "ok")
        publish_json(broker.port, "milesight/1", [totals(100), totals(103)])
        until(lambda: gateway.counted_in == 3, seconds=5, what="the first people")
        assert agent.fill() == 0, "the fault did not happen"
        something_waits(wire, broker)
        until(lambda: "disk_full" in alarms(gateway), seconds=10, what="the alarm")
        assert gateway.of_type("queue.button.v1") == [] and gateway.counted_in == 3
        agent.empty()
        all_comes("disk_full", gateway, broker)
        assert gateway.statuses[-1].refused == 0


@needs_mounts
def test_a_card_that_is_read_only_at_the_start_is_said_and_the_agent_begins_when_it_is_not(
    tmp_path: Path, broker: Broker, gateway: FakeGateway
) -> None:
    wire = Wire(tmp_path / "button")
    with CardAgent(tmp_path, broker.port, button(wire), options="ro") as agent:
        until(lambda: "disk_read_only" in alarms(gateway), seconds=10, what="the alarm")
        assert gateway.device_state("button") == ("offline", "the disk is read-only")
        until(agent.status_file.exists, seconds=10, what="the local status")
        here = agent.says()
        assert here.returncode == 1 and "disk_read_only" in here.stdout
        agent.remount("rw")
        gateway.wait_state("button", "ok", seconds=15)
        wire.write(b"BTN 1\r\n")
        until(lambda: gateway.of_type("queue.button.v1"), seconds=5, what="a press")
        assert "disk_read_only" not in alarms(gateway)
        assert agent.program.stop() == 0


def test_only_so_many_events_wait_in_memory_and_the_others_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "MAX_WAITING", 4)
    monkeypatch.setattr(writer, "RETRY_SECONDS", 0.05)
    outbox = writer.Outbox(tmp_path / "outbox.db", PLACE, Clock(), max_events=1000, linger=0)
    faults: list[str | None] = []
    outbox.on_fault(faults.append)
    outbox.start()
    try:
        taken = ["x" * 3000]

        def append(tx: writer.Transaction) -> None:
            tx.connection.execute("CREATE TABLE IF NOT EXISTS filling (body TEXT)")
            tx.connection.executemany("INSERT INTO filling VALUES (?)", [taken] * 3)

        pages = "PRAGMA max_page_count={}"
        outbox.submit(lambda tx: tx.connection.execute(pages.format(1)).fetchone()).result(5)
        waiting = [outbox.submit(append, wait=True) for _ in range(7)]
        for refused in waiting[4:]:
            with pytest.raises(OutboxFullError, match="4 events wait"):
                refused.result(5)
        with pytest.raises(sqlite3.Error):
            outbox.submit(append).result(5)
        assert outbox.fault is not None and outbox.refused == 3
        outbox._connection.execute(pages.format(10_000))
        for kept in waiting[:4]:
            kept.result(5)
        until(lambda: outbox.fault is None, seconds=2, what="the end of the fault")
        assert len(faults) == 2 and faults[-1] is None
    finally:
        outbox.close()


def test_the_file_system_is_asked_before_the_error_is_believed(tmp_path: Path) -> None:
    assert fault_of(tmp_path / "outbox.db", OSError(5, "I/O")) == "disk_error"
    without_room = Path("/proc") / "outbox.db"
    assert fault_of(without_room, sqlite3.OperationalError("disk I/O error")) in ("disk_read_only", "disk_full")
