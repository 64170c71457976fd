"""The printed ticket: ordered once where the number was drawn, and what became of it is on the ticket."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from contracts.events import ButtonPressed
from contracts.ids import uuid7
from contracts.messages import NodeStatus, Reply
from contracts.topics import device_source
from contracts.values import utc_now
from gateway.tickets import printing
from tests.gateway.running import FakeNode, Gateway, configured, eventually, running

PRINTER = {
    "node": "lobby",
    "device": "printer-1",
    "kiosks": ["kiosk"],
    "buttons": ["lobby/button-1"],
    "qr": "https://office.example/t/{number}",
}


@pytest.fixture
async def office(tmp_path: Path, broker_port: int) -> AsyncIterator[Gateway]:
    config = configured(tmp_path, broker_port, ticket_printers=[PRINTER], office_name_en="Yunqi Lakeside")
    async with running(config) as opened:
        yield opened


async def check_in(office: Gateway, role: str = "kiosk", **body: Any) -> Any:
    headers = {"Idempotency-Key": uuid7()}
    answer = await office.client(role).post("/v1/checkins", json=body or {"phone": "13800112345"}, headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def papers(office: Gateway) -> list[tuple[str, str]]:
    queue = (await office.client("kiosk").get("/v1/queue")).json()
    return [(entry["ticket"]["paper"], entry["ticket"]["paper_reason"]) for entry in queue["waiting"]]


async def order(node: FakeNode, count: int = 1) -> dict[str, Any]:
    await eventually(lambda: len(node.commands) == count)
    return node.commands[-1]


def answer(node: FakeNode, command: dict[str, Any], error: str = "", **data: Any) -> None:
    reply = Reply(command_id=command["id"], ok=not error, error=error, at=utc_now(), data=data)
    node.send_bytes(reply.model_dump_json().encode(), "reply")


async def test_a_number_drawn_at_the_kiosk_is_printed_with_nothing_personal_on_it(
    office: Gateway, node: FakeNode
) -> None:
    drawn = await check_in(office, phone="13800112345", name="王小云")
    assert drawn["ticket"]["paper"] == "sent"
    command = await order(node)
    assert (command["type"], command["device"]) == ("ticket.print.v1", "printer-1")
    content = command["data"]
    assert content["number"] == 1 and content["office"] == "云栖湖岸" and content["office_en"] == "Yunqi Lakeside"
    assert content["ahead"] == 0 and content["qr"] == "https://office.example/t/1"
    assert "王" not in str(command) and "2345" not in str(content)
    answer(node, command, confirmed=True)
    await eventually_papers(office, ("printed", ""))


async def eventually_papers(office: Gateway, *expected: tuple[str, str]) -> None:
    async def same() -> bool:
        return await papers(office) == list(expected)

    await eventually(same, what=f"{expected}")


@pytest.mark.parametrize(
    ("error", "data", "paper", "reason"),
    [
        ("paper_out", {}, "failed", "paper_out"),
        ("expired", {}, "failed", "expired"),
        ("unknown device 'printer-1'", {}, "failed", "unknown device 'printer-1'"),
        ("unsure", {}, "unsure", "unsure"),
        ("interrupted", {}, "unsure", "interrupted"),
        ("", {"confirmed": False}, "unsure", "unconfirmed"),
    ],
)
async def test_what_the_printer_answers_is_on_the_ticket(
    office: Gateway, node: FakeNode, error: str, data: dict[str, Any], paper: str, reason: str
) -> None:
    await check_in(office)
    answer(node, await order(node), error, **data)
    await eventually_papers(office, (paper, reason))


async def test_a_pressed_button_prints_and_a_second_telling_of_it_does_not(office: Gateway, node: FakeNode) -> None:
    event = node.event(ButtonPressed(button="1"), source=device_source("yunqi", "lobby", "button-1"))
    node.send(event)
    await node.acked(1)
    command = await order(node)
    node.send(event)
    await check_in(office, phone="13800112346")
    assert (await order(node, 2))["data"]["number"] == 2
    assert command["data"]["number"] == 1


async def test_who_is_still_here_and_whoever_checks_in_at_the_desk_get_no_second_ticket(
    office: Gateway, node: FakeNode
) -> None:
    await check_in(office)
    again = await check_in(office)
    desk = await check_in(office, "reception", phone="13800112347")
    await check_in(office, phone="13800112348")
    await order(node, 2)
    assert again["joined_existing"] and desk["ticket"]["paper"] == "none"
    assert [command["data"]["number"] for command in node.commands] == [1, 3]


async def test_an_order_that_nobody_answers_is_unsure(office: Gateway, node: FakeNode) -> None:
    await check_in(office)
    command = await order(node)
    later = (await office.context.writer.run(lambda uow: uow.now)) + printing.PRINT_WITHIN * 2

    def give_up(uow: Any) -> None:
        uow.now = later
        printing.give_up(uow)

    await office.context.writer.run(give_up)
    assert await papers(office) == [("unsure", "no_answer")]
    answer(node, command, confirmed=True)
    await eventually_papers(office, ("printed", ""))


async def test_a_node_that_is_away_fails_at_once(office: Gateway, node: FakeNode) -> None:
    status = NodeStatus(office="yunqi", node="lobby", online=False, at=utc_now())
    node.send_bytes(status.model_dump_json().encode(), "status")
    await eventually(lambda: office.rows("SELECT 1 FROM nodes WHERE node = 'lobby' AND online = 0"))
    assert (await check_in(office))["ticket"]["paper"] == "failed"
    assert node.commands == []


def test_two_printers_for_one_kiosk_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="kiosk has two printers"):
        configured(tmp_path, 1, ticket_printers=[PRINTER, {**PRINTER, "device": "printer-2"}])
