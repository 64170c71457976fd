"""A card that turns read-only while the agent runs: found out though nobody writes, told, survived, and taken up again
where it comes back.
"""

from pathlib import Path

import pytest
from iotcore import Broker

from edge_agent.clock import Clock
from edge_agent.outbox.storage import read_only
from edge_agent.outbox.transaction import reopened
from edge_agent.outbox.writer import Outbox
from tests.edge_agent.failing_card import FailingCard, dying_disk, needs_ext4
from tests.edge_agent.outbox.conftest import PLACE
from tests.edge_agent.support import FakeGateway, Wire, publish_json
from tests.edge_agent.test_disk import HALL, alarms, all_comes, button, something_waits, totals
from tests.support.processes import until


@needs_ext4
def test_a_card_whose_kernel_gives_up_on_it_is_told_and_taken_up_again_when_it_is_mounted_anew(
    tmp_path: Path, broker: Broker, gateway: FakeGateway
) -> None:
    wire = Wire(tmp_path / "button")
    with FailingCard(tmp_path, broker.port, button(wire) + HALL) as agent:
        gateway.wait_state("button", "ok", seconds=20)
        publish_json(broker.port, "milesight/1", [totals(100), totals(103)])
        until(lambda: gateway.counted_in == 3, seconds=5, what="the first people")
        assert agent.writable
        agent.give_up()
        assert not agent.writable, "the fault did not happen"
        until(lambda: "disk_read_only" in alarms(gateway), seconds=25, what="the alarm, with nothing to write")
        something_waits(wire, broker)
        assert "disk_read_only" in agent.says().stdout and agent.program.alive
        assert gateway.of_type("queue.button.v1") == [] and gateway.counted_in == 3
        agent.mount_anew()
        all_comes("disk_read_only", gateway, broker)
        assert agent.program.stop() == 0
    sequences = [event.sequence for event in gateway.events]
    assert sequences == list(range(1, len(sequences) + 1)) and gateway.statuses[-1].refused == 0


@needs_ext4
def test_a_card_that_gives_up_while_nobody_writes_is_found_out_by_looking(tmp_path: Path) -> None:
    with dying_disk(tmp_path) as disk:
        outbox = Outbox(disk.folder / "outbox.db", PLACE, Clock(), max_events=100, linger=0)
        outbox.start()
        outbox.look()
        outbox.submit(lambda tx: None).result(5)
        assert outbox.fault is None
        disk.give_up()
        assert read_only(outbox.path), "the fault did not happen"
        outbox.submit(lambda tx: None).result(5)
        assert outbox.fault is None, "one who writes nothing hears of nothing"
        outbox.look()
        until(lambda: outbox.fault == "disk_read_only", seconds=5, what="the fault")
        outbox.close()


def test_an_outbox_that_is_not_as_it_was_left_is_not_taken_up(tmp_path: Path) -> None:
    def made(name: str) -> Outbox:
        outbox = Outbox(tmp_path / name, PLACE, Clock(), max_events=100)
        outbox.start()
        outbox.close()
        return outbox

    ours, other = made("ours.db"), made("other.db")
    reopened(ours.path, ours.state).close()
    with pytest.raises(RuntimeError, match="not the outbox that was open"):
        reopened(other.path, ours.state)
