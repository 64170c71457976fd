"""Commands reach the node's topic, and what it replies is kept."""

import json
from datetime import timedelta

from contracts.ids import uuid7
from contracts.messages import Command, PanelShow, Reply
from contracts.values import utc_now
from tests.gateway.running import FakeNode, Gateway, eventually


def show(number: int) -> Command:
    return Command(
        id=uuid7(),
        type="panel.show.v1",
        device="panel-1",
        expires_at=utc_now() + timedelta(seconds=30),
        data=PanelShow(number=number).model_dump(),
    )


async def test_a_command_is_published_and_its_reply_kept(gateway: Gateway, node: FakeNode) -> None:
    command = show(17)
    gateway.context.commands.send("lobby", command)
    await eventually(lambda: node.commands)
    assert node.commands[0]["data"]["number"] == 17
    node.send_bytes(b"rubbish", "reply")
    reply = Reply(command_id=command.id, ok=False, error="no_answer", at=utc_now())
    node.send_bytes(reply.model_dump_json().encode(), "reply")
    query = "SELECT ok, error FROM commands WHERE replied_at IS NOT NULL"
    await eventually(lambda: gateway.rows(query) == [(0, "no_answer")])


async def test_another_node_cannot_reply(gateway: Gateway, node: FakeNode, broker_port: int) -> None:
    command = show(18)
    gateway.context.commands.send("lobby", command)
    await eventually(lambda: node.commands)
    stranger = await FakeNode(broker_port, "cellar").ready()
    reply = Reply(command_id=command.id, ok=True, at=utc_now())
    stranger.send_bytes(reply.model_dump_json().encode(), "reply")
    stranger.send(stranger.event())
    await stranger.acked(1)
    assert gateway.rows("SELECT count(*) FROM commands WHERE ok IS NOT NULL") == [(0,)]
    stranger.close()


async def test_a_status_of_another_node_is_a_dead_letter(gateway: Gateway, node: FakeNode) -> None:
    status = {"office": "yunqi", "node": "cellar", "online": True, "at": utc_now().isoformat()}
    node.send_bytes(json.dumps(status).encode(), "status")
    node.send_bytes(b"{", "status")
    query = "SELECT reason FROM dead_letters ORDER BY dead_letter_id"
    await eventually(lambda: gateway.rows(query) == [("wrong_source",), ("bad_status",)])
    assert gateway.rows("SELECT * FROM nodes WHERE node = 'cellar'") == []
