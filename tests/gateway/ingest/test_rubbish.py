"""Whatever is published on the events topic, the stream of an honest node goes on."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.events import DoorCrossing
from contracts.ids import uuid7
from contracts.topics import Leaf, Topic
from contracts.values import utc_now
from gateway.ingest.domain import RejectedError, judge, place, position, read_batch
from gateway.ingest.handlers import HANDLERS
from tests.gateway.running import FakeNode, Gateway, configured, eventually, running

TOPIC = Topic("yunqi", "lobby", "events")

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
FIELDS = st.sampled_from(
    ["specversion", "id", "source", "type", "time", "stream", "sequence", "bootid", "monotonicms", "clocksync", "data"]
)


@given(st.binary(max_size=300) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_read_or_refused(payload: bytes) -> None:
    try:
        items = read_batch(payload)
    except RejectedError:
        return
    for item in items:
        found = position(item)
        if found is not None:
            assert place(0, found) in ("next", "gap")


@given(changes=st.dictionaries(FIELDS, JSON, max_size=4), dropped=st.sets(FIELDS, max_size=2))
def test_any_damage_to_an_event_is_judged(changes: dict[str, Any], dropped: set[str]) -> None:
    item: dict[str, Any] = {
        "id": uuid7(),
        "source": "/offices/yunqi/nodes/lobby/devices/door-main",
        "type": "door.crossing.v1",
        "time": utc_now().isoformat(),
        "stream": uuid7(),
        "sequence": 1,
        "data": {"count_in": 1, "count_out": 0},
    }
    damaged = {name: value for name, value in (item | changes).items() if name not in dropped}
    try:
        judge(damaged, TOPIC, {}, utc_now())
    except RejectedError as error:
        assert len(error.detail) <= 400


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_an_honest_node_is_served_among_rubbish(data: st.DataObject, tmp_path_factory: Any, broker_port: int) -> None:
    folder: Path = tmp_path_factory.mktemp("rubbish")
    asyncio.run(_among_rubbish(data, folder, broker_port))


async def _among_rubbish(data: st.DataObject, folder: Path, broker_port: int) -> None:
    node = await FakeNode(broker_port).ready()
    stranger = await FakeNode(broker_port, "stranger").ready()
    rubbish = st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode())
    damaged = st.dictionaries(FIELDS, JSON, min_size=1, max_size=3)
    async with running(configured(folder, broker_port)) as gateway:
        for payload in data.draw(st.lists(rubbish, min_size=3, max_size=15)):
            stranger.send_bytes(payload)
        for change in data.draw(st.lists(damaged, max_size=8)):
            stranger.send(stranger.event(sequence=1, stream=uuid7()) | change)
        node.send(node.event(), node.event())
        await node.acked(2)
        [(honest,)] = gateway.rows("SELECT count(*) FROM events WHERE stream = ?", node.stream)
        assert honest == 2
        assert gateway.context.writer.figures.failed_groups == 0
        assert gateway.context.writer.figures.failed_units == 0
    node.close()
    stranger.close()


def test_handlers_are_registered_once() -> None:
    assert all(len(set(handlers)) == len(handlers) for handlers in HANDLERS.values())


BEFORE_YEAR_1 = "0001-01-01T00:00:00+14:00"
"""A valid RFC 3339 time which has no UTC form that Python can hold."""


async def test_a_time_without_a_utc_form_is_put_aside_and_its_stream_goes_on(gateway: Gateway, node: FakeNode) -> None:
    node.send(node.event() | {"time": BEFORE_YEAR_1}, node.event())
    await node.acked(2)
    assert gateway.rows("SELECT reason, sequence FROM dead_letters") == [("bad_event", 1)]


async def test_more_people_in_a_minute_than_one_report_may_say_are_still_counted(
    gateway: Gateway, node: FakeNode
) -> None:
    crowd = DoorCrossing(count_in=2**32, count_out=0)
    node.send(node.event(crowd), node.event(crowd), node.event(crowd))
    await node.acked(3)
    assert gateway.rows("SELECT sum(count_in) FROM footfall_minutes") == [(3 * 2**32,)]


@pytest.mark.parametrize(
    "damage", [{"at": BEFORE_YEAR_1}, {"lag": 10**30}, {"unsafe": -1}], ids=lambda damage: next(iter(damage))
)
async def test_a_status_no_column_can_hold_is_put_aside(
    gateway: Gateway, node: FakeNode, damage: dict[str, Any]
) -> None:
    status = {"office": "yunqi", "node": "lobby", "online": True, "at": utc_now().isoformat()} | damage
    node.send_bytes(json.dumps(status).encode(), "status")
    await eventually(lambda: gateway.rows("SELECT 1 FROM dead_letters WHERE reason = 'bad_status'"))
    node.send(node.event())
    await node.acked(1)


@pytest.mark.parametrize("leaf", ["events", "status"])
async def test_what_nobody_foresaw_is_put_aside_once_instead_of_tried_for_ever(
    gateway: Gateway, node: FakeNode, leaf: Leaf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A message that is tried again for ever holds up the broker's confirmations, and with them the whole office."""
    stranger = await FakeNode(gateway.config.broker.port, "stranger").ready()
    taker = {"events": "take_message", "status": "take_status"}[leaf]
    from gateway.ingest import receiver

    monkeypatch.setattr(receiver, taker, _failing_on(b"surprise", getattr(receiver, taker)))
    stranger.send_bytes(b"surprise", leaf)
    node.send(node.event())
    await node.acked(1)
    await eventually(lambda: gateway.rows("SELECT 1 FROM dead_letters WHERE reason = 'handler_failed'"))


def _failing_on(payload: bytes, real: Callable[..., Any]) -> Callable[..., Any]:
    def fail(uow: Any, context: Any, topic: Any, body: bytes, **more: Any) -> Any:
        if body == payload:
            raise OverflowError("a surprise")
        return real(uow, context, topic, body, **more)

    return fail
