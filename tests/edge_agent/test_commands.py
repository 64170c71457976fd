"""Commands to devices: each device has its own queue, nothing is done twice or too late, and every one is answered."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from contracts.ids import uuid7
from contracts.messages import Command, Reply
from contracts.values import utc_now
from edge_agent.clock import Clock
from edge_agent.commands import BUSY, EXPIRED, CommandDesk
from edge_agent.devices.base import DeviceError
from edge_agent.outbox.transaction import Place
from edge_agent.outbox.writer import Outbox
from tests.support.processes import until


class Slow:
    """A device that finishes a command when `go` is set."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.began: list[str] = []

    def execute(self, command: Command) -> dict[str, Any]:
        self.began.append(command.id)
        assert self.go.wait(10)
        return {"number": command.data["number"]}


class Sick:
    def execute(self, command: Command) -> None:
        raise DeviceError("port_gone", port="/dev/ttyUSB0")


class Desk:
    def __init__(self, outbox: Outbox) -> None:
        self.slow, self.other = Slow(), Slow()
        self.other.go.set()
        self.replies: list[Reply] = []
        self.done = 0
        devices = {"slow": self.slow, "other": self.other, "sick": Sick()}
        self.desk = CommandDesk(outbox, Clock(), devices, self.replies.append)
        self.desk.start()

    def tell(self, device: str, *, seconds: float = 30, again: Command | None = None) -> Command:
        command = again or Command(
            id=uuid7(),
            type="panel.show.v1",
            device=device,
            expires_at=utc_now() + timedelta(seconds=seconds),
            data={"number": 7},
        )
        self.desk.on_message(command.model_dump_json().encode(), self._count)
        return command

    def answer(self, command: Command) -> Reply:
        def found() -> Reply | None:
            return next((reply for reply in self.replies if reply.command_id == command.id), None)

        reply: Reply = until(found, seconds=5, what="the reply")
        return reply

    def _count(self) -> None:
        self.done += 1


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    outbox = Outbox(tmp_path / "outbox.db", Place("yunqi", "lobby"), Clock(), max_events=1000, linger=0.001)
    outbox.start()
    desk = Desk(outbox)
    yield desk
    desk.slow.go.set()
    desk.desk.stop()
    outbox.close()


def test_a_slow_device_holds_up_no_other(desk: Desk) -> None:
    waiting = desk.tell("slow")
    assert desk.answer(desk.tell("other")).ok
    assert not [reply for reply in desk.replies if reply.command_id == waiting.id]
    desk.slow.go.set()
    assert desk.answer(waiting).data == {"number": 7}


def test_commands_of_one_device_are_carried_out_in_order(desk: Desk) -> None:
    commands = [desk.tell("slow") for _ in range(5)]
    desk.slow.go.set()
    for command in commands:
        assert desk.answer(command).ok
    assert desk.slow.began == [command.id for command in commands]


def test_what_expires_while_it_waits_is_not_done_any_more(desk: Desk) -> None:
    desk.tell("slow")
    late = desk.tell("slow", seconds=0.3)
    until(lambda: utc_now() > late.expires_at, seconds=5, what="the expiry")
    desk.slow.go.set()
    assert desk.answer(late).error == EXPIRED
    assert late.id not in desk.slow.began


def test_told_twice_while_it_is_carried_out_it_is_done_once_and_answered_when_done(desk: Desk) -> None:
    command = desk.tell("slow")
    until(lambda: desk.slow.began, seconds=5, what="the work to begin")
    desk.tell("slow", again=command)
    until(lambda: desk.done == 2, seconds=5, what="the second message to be taken")
    assert desk.replies == []
    desk.slow.go.set()
    assert desk.answer(command).ok
    assert desk.slow.began == [command.id]


def test_a_device_that_takes_nothing_refuses_what_is_too_much(desk: Desk) -> None:
    commands = [desk.tell("slow") for _ in range(40)]
    assert desk.answer(commands[-1]).error == BUSY
    desk.slow.go.set()
    assert desk.answer(commands[0]).ok


def test_a_device_in_trouble_fails_at_once_with_its_reason(desk: Desk) -> None:
    reply = desk.answer(desk.tell("sick"))
    assert (reply.ok, reply.error) == (False, "port_gone")
