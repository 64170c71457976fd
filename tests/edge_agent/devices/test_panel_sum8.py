"""The calling panel: bytes on the wire, commands once only, and what they answer."""

from pathlib import Path
from typing import Any

import pytest
from iotcore import Broker

from contracts.ids import uuid7
from contracts.messages import Command, Reply
from edge_agent.devices.panel_sum8 import frame
from tests.edge_agent.devices import cases
from tests.edge_agent.support import AgentProcess, FakeGateway, Wire, topic
from tests.support.processes import until


@pytest.mark.parametrize("case", cases("panel_sum8"), ids=lambda case: str(case["number"]))
def test_frames_are_the_vendors(case: dict[str, Any]) -> None:
    assert frame(case["panel"], case["number"]) == bytes.fromhex(case["bytes"])


def read(wire: Wire, count: int) -> bytes:
    heard = b""

    def enough() -> bool:
        nonlocal heard
        heard += wire.read()
        return len(heard) >= count

    until(enough, seconds=5, what=f"{count} bytes on the panel's line")
    return heard


def reply_to(gateway: FakeGateway, command: Command, nth: int = 1) -> Reply:
    def found() -> list[Reply]:
        with gateway.lock:
            return [reply for reply in gateway.replies if reply.command_id == command.id]

    until(lambda: len(found()) >= nth, seconds=5, what=f"reply {nth}")
    return found()[-1]


@pytest.fixture
def wire(tmp_path: Path) -> Wire:
    return Wire(tmp_path / "panel")


@pytest.fixture
def agent(tmp_path: Path, wire: Wire, broker: Broker) -> AgentProcess:
    return AgentProcess(
        tmp_path, broker.port, f'[[devices]]\nid = "panel-1"\ndriver = "panel_sum8"\nurl = "{wire.path}"\npanel = 5\n'
    )


def test_a_command_is_shown_once_also_when_it_comes_twice_or_after_a_restart(
    agent: AgentProcess, wire: Wire, gateway: FakeGateway
) -> None:
    with agent:
        gateway.wait_state("panel-1", "ok")
        command = gateway.command(999)
        assert read(wire, 4) == bytes.fromhex("0503e7ef")
        assert reply_to(gateway, command).ok
        gateway.client.publish(topic("command"), command.model_dump_json(), qos=1)
        assert reply_to(gateway, command, 2).ok
        agent.program.kill()
        agent.program.start()
        gateway.wait_state("panel-1", "ok")
        gateway.client.publish(topic("command"), command.model_dump_json(), qos=1)
        assert reply_to(gateway, command, 3).ok
        assert wire.read() == b""


def test_a_command_that_cannot_be_carried_out_says_why(agent: AgentProcess, wire: Wire, gateway: FakeGateway) -> None:
    with agent:
        gateway.wait_state("panel-1", "ok")
        assert reply_to(gateway, gateway.command(1, seconds=-1)).error == "expired"
        assert "unknown device" in reply_to(gateway, gateway.command(1, device="panel-9")).error
        nonsense = gateway.command(1).model_copy(update={"id": uuid7(), "data": {"number": "many"}})
        gateway.client.publish(topic("command"), nonsense.model_dump_json(), qos=1)
        assert reply_to(gateway, nonsense).error == "the command is no valid panel.show.v1"
        assert read(wire, 4) == frame(5, 1)


def test_an_unplugged_panel_is_degraded_and_shows_the_number_again_when_it_is_back(
    agent: AgentProcess, wire: Wire, gateway: FakeGateway
) -> None:
    with agent:
        gateway.wait_state("panel-1", "ok")
        gateway.command(7)
        read(wire, 4)
        wire.unplug()
        assert "is gone" in gateway.wait_state("panel-1", "degraded")
        assert not reply_to(gateway, gateway.command(8)).ok
        wire.plug()
        gateway.wait_state("panel-1", "ok")
        assert read(wire, 4) == frame(5, 7)
