"""What a node may rely on: once, in order, acknowledged after the commit; and what happens to everything else."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from contracts.events import ButtonPressed, DeviceState, DoorCrossing, Tombstone
from contracts.ids import uuid7
from contracts.topics import device_source
from contracts.values import utc_now
from gateway.ingest.handlers import HANDLERS
from tests.gateway.running import FakeNode, Gateway, configured, eventually, running


def people(gateway: Gateway) -> tuple[int, int]:
    [(came, left)] = gateway.rows(
        "SELECT coalesce(sum(count_in), 0), coalesce(sum(count_out), 0) FROM footfall_minutes"
    )
    return came, left


def reasons(gateway: Gateway) -> list[str]:
    return [row[0] for row in gateway.rows("SELECT reason FROM dead_letters ORDER BY dead_letter_id")]


async def test_events_are_stored_counted_and_acknowledged(gateway: Gateway, node: FakeNode) -> None:
    node.send(*[node.event(DoorCrossing(count_in=2, count_out=1)) for _ in range(10)])
    ack = await node.acked(10)
    assert (ack.safe, ack.refused, ack.epoch) == (10, None, gateway.context.epoch)
    assert people(gateway) == (20, 10)
    assert gateway.rows("SELECT sequence FROM events ORDER BY sequence") == [(n,) for n in range(1, 11)]


async def test_the_same_events_again_count_once(gateway: Gateway, node: FakeNode) -> None:
    events = [node.event() for _ in range(5)]
    for _ in range(3):
        node.send(*events)
    node.send(events[4], node.event())
    await node.acked(6)
    assert people(gateway) == (6, 0)


async def test_a_gap_is_not_taken_and_the_node_is_told_where_to_go_on(gateway: Gateway, node: FakeNode) -> None:
    first, second, third = node.event(), node.event(), node.event()
    node.send(first)
    await node.acked(1)
    node.acks.clear()
    node.send(third)
    await node.acked(1)
    node.send(second, third)
    await node.acked(3)
    assert people(gateway) == (3, 0)


async def test_a_stream_nobody_knows_is_asked_from_the_beginning(gateway: Gateway, node: FakeNode) -> None:
    node.send(node.event(sequence=500))
    await node.acked(0)
    node.send(node.event(Tombstone(from_sequence=1, through=499, reason="pruned"), sequence=499))
    await node.acked(499)
    node.send(node.event(sequence=500))
    await node.acked(500)
    assert people(gateway) == (1, 0)


async def test_another_event_in_a_taken_place_is_a_fork_and_refused(gateway: Gateway, node: FakeNode) -> None:
    node.send(node.event(), node.event())
    await node.acked(2)
    node.send(node.event(sequence=2))
    await eventually(lambda: node.acks[-1].refused == "forked")
    node.send(node.event(sequence=3))
    await eventually(lambda: len(node.acks) > 2)
    assert people(gateway) == (2, 0)
    assert node.acks[-1].committed == 2


async def test_an_id_already_taken_elsewhere_takes_its_place_but_counts_once(gateway: Gateway, node: FakeNode) -> None:
    event = node.event()
    node.send(event)
    await node.acked(1)
    node.stream, node.sequence = uuid7(), 0
    node.send(event | {"stream": node.stream})
    await node.acked(1)
    assert people(gateway) == (1, 0)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"type": "door.explosion.v1"}, "unknown_type"),
        ({"data": {"count_in": "many"}}, "bad_data"),
        ({"source": "/offices/elsewhere/nodes/lobby/devices/door-main"}, "wrong_source"),
        ({"source": "/offices/yunqi/nodes/cellar/devices/door-main"}, "wrong_source"),
        ({"time": "yesterday"}, "bad_event"),
        ({"specversion": "0.3"}, "bad_event"),
        ({"type": "outbox.tombstone.v1", "data": {"from_sequence": 9, "through": 3, "reason": "x"}}, "bad_data"),
    ],
)
async def test_a_refused_event_takes_its_place_as_a_dead_letter(
    gateway: Gateway, node: FakeNode, change: dict[str, object], reason: str
) -> None:
    node.send(node.event(), node.event() | change, node.event())
    await node.acked(3)
    assert people(gateway) == (2, 0)
    assert reasons(gateway) == [reason]
    page = (await gateway.client("manager").get("/v1/dead-letters")).json()
    assert (page["items"][0]["reason"], page["items"][0]["sequence"]) == (reason, 2)


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"\x00\xff rubbish", "not_json"),
        (b"[" * 15000, "not_json"),
        (b'{"an": "object"}', "wrong_shape"),
        (b"[]", "wrong_shape"),
        (b"[" + b'"x",' * 4095 + b'"x"]', "too_large"),
        (b"[17]", "bad_event"),
        (b'[{"stream": 1, "sequence": "2"}]', "bad_event"),
    ],
)
async def test_a_message_that_is_not_ours_is_a_dead_letter_and_the_stream_goes_on(
    gateway: Gateway, node: FakeNode, payload: bytes, reason: str
) -> None:
    node.send_bytes(payload)
    node.send(node.event())
    await node.acked(1)
    assert reasons(gateway) == [reason]
    [(size, body)] = gateway.rows("SELECT size, body FROM dead_letters")
    assert size >= 2
    assert payload not in body


async def test_the_same_rubbish_is_kept_once(gateway: Gateway, node: FakeNode) -> None:
    for _ in range(5):
        node.send_bytes(b"rubbish")
    node.send(node.event())
    await node.acked(1)
    assert gateway.rows("SELECT repeats FROM dead_letters") == [(4,)]


async def test_nobody_may_write_into_another_nodes_stream(gateway: Gateway, node: FakeNode, broker_port: int) -> None:
    node.send(node.event())
    await node.acked(1)
    thief = await FakeNode(broker_port, "cellar").ready()
    thief.stream = node.stream
    thief.send(thief.event(sequence=2))
    await eventually(lambda: reasons(gateway) == ["other_nodes_stream"])
    thief.close()
    node.send(node.event())
    await node.acked(2)
    assert people(gateway) == (2, 0)


async def test_late_events_count_in_the_minute_they_speak_of(gateway: Gateway, node: FakeNode) -> None:
    then = datetime.now(UTC).replace(second=30, microsecond=0) - timedelta(hours=3)
    node.send(node.event(time=then))
    await node.acked(1)
    minute = then.replace(second=0)
    assert gateway.rows("SELECT minute FROM footfall_minutes") == [(int(minute.timestamp() * 1e6),)]
    assert gateway.rows("SELECT late, clock_wrong FROM events") == [(1, 0)]


@pytest.mark.parametrize(
    ("shift", "synced"), [(timedelta(hours=2), True), (timedelta(hours=-5), False), (timedelta(days=-9000), True)]
)
async def test_a_wrong_clock_is_replaced_by_our_own_and_flagged(
    gateway: Gateway, node: FakeNode, shift: timedelta, synced: bool
) -> None:
    before = utc_now().timestamp() * 1e6
    node.send(node.event(time=utc_now() + shift) | {"clocksync": synced})
    await node.acked(1)
    [(time, late, wrong)] = gateway.rows("SELECT time, late, clock_wrong FROM events")
    assert before <= time <= utc_now().timestamp() * 1e6
    assert (late, wrong) == (0, 1)


async def test_a_handler_that_fails_loses_only_its_event(gateway: Gateway, node: FakeNode) -> None:
    def explode(*_: object) -> None:
        raise ValueError("boom")

    original = list(HANDLERS[ButtonPressed.TYPE])
    HANDLERS[ButtonPressed.TYPE][:] = [explode]
    try:
        node.send(node.event(), node.event(ButtonPressed(button="a")), node.event())
        await node.acked(3)
    finally:
        HANDLERS[ButtonPressed.TYPE][:] = original
    assert people(gateway) == (2, 0)
    assert reasons(gateway) == ["handler_failed"]


async def test_a_restarted_gateway_goes_on_where_it_was(tmp_path: Path, broker_port: int, node: FakeNode) -> None:
    config = configured(tmp_path, broker_port)
    events = [node.event() for _ in range(4)]
    async with running(config) as gateway:
        node.send(*events[:3])
        await node.acked(3)
        epoch = gateway.context.epoch
    node.acks.clear()
    async with running(config) as gateway:
        await node.acked(3)  # told without asking
        node.send(*events)
        assert (await node.acked(4)).epoch == epoch
        assert people(gateway) == (4, 0)


async def test_a_rebuilt_gateway_has_a_new_epoch_and_asks_again(
    tmp_path: Path, broker_port: int, node: FakeNode
) -> None:
    async with running(configured(tmp_path, broker_port)) as gateway:
        node.send(node.event())
        first = await node.acked(1)
    rebuilt = tmp_path / "rebuilt"
    rebuilt.mkdir()
    async with running(configured(rebuilt, broker_port)) as gateway:
        node.send(node.event())
        second = await node.acked(0)
        assert second.epoch != first.epoch
        assert people(gateway) == (0, 0)


async def test_device_state_and_status_show_in_nodes(gateway: Gateway, node: FakeNode) -> None:
    status = {"office": "yunqi", "node": "lobby", "online": True, "at": utc_now().isoformat(), "lag": 3}
    device = {"device": "door-main", "driver": "modbus_counter", "state": "ok"}
    node.send_bytes(json.dumps(status | {"devices": [device]}).encode(), "status", retain=True)
    reception = gateway.client("reception")

    async def nodes() -> list[dict[str, object]]:
        return list((await reception.get("/v1/nodes")).json())

    async def shown() -> bool:
        return any(n["online"] and n["lag"] == 3 for n in await nodes())

    await eventually(shown)
    node.send(node.event(DeviceState(state="degraded", reason="no_answer")))
    await node.acked(1)
    [view] = [n for n in await nodes() if n["node"] == "lobby"]
    assert view["devices"][0]["state"] == "degraded"  # type: ignore[index]
    gone = json.dumps(status | {"online": False}).encode()
    node.send_bytes(gone, "status", retain=True)

    async def offline() -> bool:
        return not (await nodes())[0]["online"]

    await eventually(offline)


async def test_events_of_many_streams_in_one_message(gateway: Gateway, node: FakeNode) -> None:
    other = uuid7()
    source = device_source("yunqi", "lobby", "door-back")
    node.send(node.event(), node.event(sequence=1, stream=other, source=source), node.event())
    await node.acked(2)
    assert (await eventually(lambda: node.last_ack(other))).committed == 1
    assert people(gateway) == (3, 0)
