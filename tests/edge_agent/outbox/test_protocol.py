"""The whole way from a counter's message to the gateway's acknowledgement: the real program, a real broker."""

import json
import sqlite3
from pathlib import Path

import pytest
from iotcore import Broker

from contracts.ids import uuid7
from contracts.messages import Ack
from tests.edge_agent.support import AgentProcess, FakeGateway, publish_json
from tests.support.processes import free_port, until

HALL = '[[devices]]\nid = "hall"\ndriver = "milesight_vs121"\ntopic = "milesight/1"\n'
ZONE = "zone.occupancy.v1"


def reports(start: int, count: int) -> list[bytes]:
    return [json.dumps({"current_total": n}).encode() for n in range(start, start + count)]


def totals(gateway: FakeGateway) -> list[int]:
    return [event.data["total"] for event in gateway.of_type(ZONE)]


def held(agent: AgentProcess) -> int:
    with sqlite3.connect(agent.database) as connection:
        count: int = connection.execute("SELECT count(*) FROM events").fetchone()[0]
        return count


def wait_online(gateway: FakeGateway) -> None:
    until(lambda: gateway.statuses and gateway.statuses[-1].online, seconds=15, what="the node to be online")


def wait_totals(gateway: FakeGateway, expected: list[int], seconds: float = 20) -> None:
    until(lambda: len(totals(gateway)) >= len(expected), seconds=seconds, what=f"{len(expected)} reports")
    assert totals(gateway) == expected


@pytest.fixture
def agent(tmp_path: Path, broker: Broker) -> AgentProcess:
    return AgentProcess(tmp_path, broker.port, HALL)


def test_events_arrive_in_order_and_are_forgotten_when_safe(
    agent: AgentProcess, broker: Broker, gateway: FakeGateway
) -> None:
    with agent:
        wait_online(gateway)
        publish_json(broker.port, "milesight/1", reports(0, 300))
        wait_totals(gateway, list(range(300)))
        until(lambda: held(agent) == 0, seconds=5, what="the outbox to be empty")


def test_what_is_committed_but_not_safe_is_kept(agent: AgentProcess, broker: Broker, gateway: FakeGateway) -> None:
    gateway.safe_lag = None
    with agent:
        wait_online(gateway)
        publish_json(broker.port, "milesight/1", reports(0, 50))
        wait_totals(gateway, list(range(50)))
        assert held(agent) >= 50


def test_published_is_not_delivered(agent: AgentProcess, broker: Broker, gateway: FakeGateway) -> None:
    gateway.silent = True
    with agent:
        wait_online(gateway)
        publish_json(broker.port, "milesight/1", reports(0, 200))
        until(lambda: len(gateway.payloads) >= 2, seconds=20, what="the agent to send again")
        assert held(agent) >= 200
        assert len(gateway.payloads) < 10, "a silent gateway is not flooded"
        gateway.silent = False
        wait_totals(gateway, list(range(200)))


def test_a_rebuilt_gateway_gets_everything_kept_and_the_hole_named(
    agent: AgentProcess, broker: Broker, gateway: FakeGateway
) -> None:
    gateway.safe_lag = 20
    with agent:
        wait_online(gateway)
        publish_json(broker.port, "milesight/1", reports(0, 100))
        wait_totals(gateway, list(range(100)))
        until(lambda: held(agent) <= 22, seconds=5, what="what is safe to be forgotten")
        with gateway.lock:
            stream = next(iter(gateway.committed))
            gateway.epoch, gateway.events = uuid7(), []
            gateway.committed.clear()
            gateway.acknowledge(stream)
        until(lambda: totals(gateway)[-1:] == [99], seconds=10, what="the kept events to come again")
        assert totals(gateway) == list(range(80, 100))
        tombstone = gateway.events[0]
        assert tombstone.data == {"from_sequence": 1, "through": tombstone.sequence, "reason": "pruned"}


def test_a_forked_stream_is_left_and_nothing_is_lost(agent: AgentProcess, broker: Broker, gateway: FakeGateway) -> None:
    with agent:
        wait_online(gateway)
        old = gateway.statuses[-1].stream
        assert old is not None
        gateway.refuse.add(old)
        publish_json(broker.port, "milesight/1", reports(0, 60))
        wait_totals(gateway, list(range(60)))
        assert {event.stream for event in gateway.of_type(ZONE)}.isdisjoint({old})
        until(lambda: gateway.statuses[-1].stream != old, seconds=12, what="the status to name the new stream")


def test_nonsense_on_the_ack_topic_kills_nothing(agent: AgentProcess, broker: Broker, gateway: FakeGateway) -> None:
    with agent:
        wait_online(gateway)
        for payload in (b"\xff\xfe", b"[]", b'{"stream":1}', b""):
            gateway.client.publish("anchang/v1/yunqi/lobby/ack", payload, qos=1)
            gateway.client.publish("anchang/v1/yunqi/lobby/command", payload, qos=1)
        gateway.say(Ack(stream=uuid7(), committed=5, safe=5, epoch=gateway.epoch))
        publish_json(broker.port, "milesight/1", [b"{", *reports(0, 5)])
        wait_totals(gateway, list(range(5)))


def test_the_broker_may_be_away_at_the_start_and_later(tmp_path: Path) -> None:
    port = free_port()
    with AgentProcess(tmp_path, port, HALL) as agent:
        with Broker(port=port, listen="127.0.0.1"), FakeGateway(port) as gateway:
            wait_online(gateway)
            publish_json(port, "milesight/1", reports(0, 20))
            wait_totals(gateway, list(range(20)))
            committed = gateway.committed.copy()
        with Broker(port=port, listen="127.0.0.1"), FakeGateway(port) as gateway:
            gateway.committed = committed
            wait_online(gateway)
            publish_json(port, "milesight/1", reports(20, 20))
            wait_totals(gateway, list(range(20, 40)))
        assert agent.program.alive


def test_kill_9_with_events_in_flight_counts_each_once(
    agent: AgentProcess, broker: Broker, gateway: FakeGateway
) -> None:
    with agent:
        wait_online(gateway)

        def kill(place: int) -> None:
            if place in (400, 800):
                until(lambda: len(totals(gateway)) > place // 4, seconds=10, what="events to be in flight")
                heard = len(gateway.statuses)
                agent.program.kill()
                agent.program.start()  # the embedded broker drops the oldest of a long queue, so none builds up
                until(lambda: any(s.online for s in gateway.statuses[heard:]), seconds=30, what="the agent to be back")

        publish_json(broker.port, "milesight/1", reports(0, 1200), every=kill)
        until(lambda: 1199 in totals(gateway), seconds=30, what="the last report")
        ids = [event.id for event in gateway.events]
        assert len(set(ids)) == len(ids)
        sequences = [event.sequence for event in gateway.events]
        assert sequences == list(range(1, len(sequences) + 1))
        assert set(totals(gateway)) == set(range(1200)), "the broker keeps what was not accepted"


def test_a_vanished_agent_is_told_by_its_last_will_and_a_stopped_one_by_itself(
    agent: AgentProcess, gateway: FakeGateway
) -> None:
    with agent:
        wait_online(gateway)
        agent.program.kill()
        until(lambda: not gateway.statuses[-1].online, seconds=5, what="the last will")
        agent.program.start()
        wait_online(gateway)
        assert agent.program.stop() == 0
        until(lambda: not gateway.statuses[-1].online, seconds=5, what="the farewell")
