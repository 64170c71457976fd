"""Facts reach central once, in order, however long it was away; and nodes learn when their events are safe there."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.events import DoorCrossing
from contracts.facts import FootfallMinute
from contracts.ids import uuid7
from gateway.app import Outside
from gateway.uplink import sender, store
from tests.gateway.central import FakeCentral
from tests.gateway.running import FakeNode, Gateway, configured, eventually, running, with_central


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(sender, "FIRST_WAIT_SECONDS", 0.02)
    monkeypatch.setattr(sender, "LONGEST_WAIT_SECONDS", 0.1)
    monkeypatch.setattr(sender, "IDLE_SECONDS", 0.1)
    monkeypatch.setattr(sender, "GATHER_SECONDS", 0.005)
    yield


def counted(central: FakeCentral) -> int:
    """People in, from the newest absolute sum of each minute."""
    newest: dict[tuple[str, str], FootfallMinute] = {}
    for event in central.of_type(FootfallMinute.TYPE):
        minute = FootfallMinute.model_validate(event.data)
        key = (minute.device, minute.minute.isoformat())
        if key not in newest or newest[key].revision < minute.revision:
            newest[key] = minute
    return sum(minute.count_in for minute in newest.values())


def kept(gateway: Gateway) -> int:
    return int(gateway.rows("SELECT count(*) FROM uplink_events")[0][0])


async def test_counts_reach_central_and_then_are_safe(tmp_path: Path, broker_port: int, node: FakeNode) -> None:
    central = FakeCentral()
    config = configured(tmp_path, broker_port, **with_central(tmp_path))
    async with running(config, Outside(central=central)) as gateway:
        node.send(*[node.event(DoorCrossing(count_in=2, count_out=0)) for _ in range(5)])
        await eventually(lambda: (ack := node.last_ack()) is not None and ack.safe == 5)
        assert counted(central) == 10
        await eventually(lambda: kept(gateway) == 0)
        with gateway.context.database.read() as session:
            link = store.link_view(session, gateway.context)
        assert (link.configured, link.online, link.pending) == (True, True, 0)
        assert link.last_ack_at is not None


async def test_central_away_is_not_noticed_in_the_office(tmp_path: Path, broker_port: int, node: FakeNode) -> None:
    central = FakeCentral()
    central.away = True
    config = configured(tmp_path, broker_port, **with_central(tmp_path))
    async with running(config, Outside(central=central)) as gateway:
        for _ in range(40):
            node.send(*[node.event() for _ in range(30)])
        ack = await node.acked(1200, seconds=20)
        assert ack.safe == 0
        with gateway.context.database.read() as session:
            waiting = store.pending(session)
        assert waiting >= 40
    async with running(config, Outside(central=central)) as gateway:  # a restart forgets nothing
        central.away = False
        await eventually(lambda: (ack := node.last_ack()) is not None and ack.safe == 1200, seconds=20)
        assert counted(central) == 1200
        assert kept(gateway) == 0


async def test_an_answer_that_was_lost_doubles_nothing(tmp_path: Path, broker_port: int, node: FakeNode) -> None:
    central = FakeCentral()
    central.lose_answers = 3
    config = configured(tmp_path, broker_port, **with_central(tmp_path))
    async with running(config, Outside(central=central)):
        node.send(node.event(), node.event())
        await eventually(lambda: (ack := node.last_ack()) is not None and ack.safe == 2)
        assert counted(central) == 2


async def test_what_is_not_yet_safe_is_sent_again_to_a_rebuilt_central(
    tmp_path: Path, broker_port: int, node: FakeNode
) -> None:
    central = FakeCentral()
    central.safe_lag = 10**9
    config = configured(tmp_path, broker_port, **with_central(tmp_path))
    async with running(config, Outside(central=central)) as gateway:
        node.send(node.event(), node.event())
        await eventually(lambda: counted(central) == 2)
        assert kept(gateway) > 0
        central.forget()
        await eventually(lambda: counted(central) == 2)
        assert (await node.acked(2)).safe == 0
        central.safe_lag = 0
        await eventually(lambda: (ack := node.last_ack()) is not None and ack.safe == 2)


async def test_a_rebuilt_central_is_told_what_will_never_come(tmp_path: Path, broker_port: int, node: FakeNode) -> None:
    central = FakeCentral()
    config = configured(tmp_path, broker_port, **with_central(tmp_path))
    async with running(config, Outside(central=central)) as gateway:
        node.send(node.event())
        await eventually(lambda: (ack := node.last_ack()) is not None and ack.safe == 1)
        await eventually(lambda: kept(gateway) == 0)
        central.forget()
        node.send(node.event())
        await eventually(lambda: (ack := node.last_ack()) is not None and ack.safe == 2)
        assert counted(central) == 2  # sums are absolute: the newest one holds both
        assert len(central.of_type("outbox.tombstone.v1")) == 1


async def test_a_forked_stream_is_begun_anew_and_nothing_is_lost(
    tmp_path: Path, broker_port: int, node: FakeNode
) -> None:
    central = FakeCentral()
    config = configured(tmp_path, broker_port, **with_central(tmp_path))
    async with running(config, Outside(central=central)) as gateway:
        await eventually(lambda: gateway.context.link.online)
        [(old,)] = gateway.rows("SELECT stream FROM uplink_stream")
        central.away = True
        central.committed[old] = 1  # as if this database had been restored from an older copy
        central.places[old, 1] = uuid7()
        node.send(node.event())
        await node.acked(1)
        node.send(node.event())
        await node.acked(2)
        central.away = False
        await eventually(lambda: (ack := node.last_ack()) is not None and ack.safe == 2)
        assert counted(central) == 2
        assert gateway.rows("SELECT stream FROM uplink_stream") != [(old,)]


async def test_without_central_everything_here_is_as_safe_as_it_gets(gateway: Gateway, node: FakeNode) -> None:
    node.send(node.event())
    assert (await node.acked(1)).safe == 1
    with gateway.context.database.read() as session:
        assert store.link_view(session, gateway.context).configured is False
