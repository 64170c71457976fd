"""kill -9 of the agent, the broker or the gateway with 1,000 events in flight: every accepted event counted once.

In flight means: committed in the outbox of the agent, not yet at the gateway. The gateway is frozen (SIGSTOP) while
1,000 events are accepted, thawed, and the victim is killed while they pour in; each test proves from the two databases
that the kill landed between the first and the last of them.
"""

import json
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.devices import ModbusDoor, milesight_report, milesight_toml, modbus_toml, mqtt_client
from tests.support.ledger import accepted, accepted_through, committed, taken, taken_sequences
from tests.support.office import Office
from tests.support.processes import until

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]
TOPIC = "milesight/369362028335"
IN_FLIGHT = 1_000


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = Office(tmp_path, with_central=False)
    yield office
    office.stop()


def flow(office: Office, door: ModbusDoor) -> None:
    """Start broker, gateway and agent, and see a first event through."""
    office.write_configs(modbus_toml("door-main", door.link) + milesight_toml("hall", TOPIC))
    office.start_broker()
    office.start_gateway()
    office.start_agent()
    until(lambda: door.polls > 0, seconds=20, what="the agent to poll the door")
    publish(office, 1)
    outbox = office.folder / "lobby-outbox.db"
    until(lambda: delivered(office, outbox) > 0, seconds=20, what="a first event to be committed")


def publish(office: Office, count: int) -> None:
    publisher = mqtt_client(office.ports["broker"], f"hall-{random.random()}")
    for n in range(count):
        publisher.publish(TOPIC, milesight_report(n % 60), qos=1)
        if n % 10 == 9:
            time.sleep(0.01)
    until(lambda: not publisher._out_messages, seconds=30, what="the broker to take the vendor's messages")
    publisher.disconnect()
    publisher.loop_stop()


def delivered(office: Office, outbox: Path) -> int:
    stream, _ = accepted_through(outbox)
    return committed(office.gateway_db, stream)


def fill_pipe(office: Office, door: ModbusDoor, outbox: Path) -> tuple[dict[str, str], int, int]:
    """Freeze the gateway and let the agent accept 1,000 more; return them, and the range of their sequences."""
    gateway = office.programs["gateway"].pid
    os.kill(gateway, signal.SIGSTOP)
    first = accepted_through(outbox)[1]
    door.walk(people_in=17, people_out=5)
    until(lambda: accepted_through(outbox)[1] > first, seconds=20, what="the agent to accept the people at the door")
    publish(office, IN_FLIGHT)
    until(lambda: accepted_through(outbox)[1] >= first + IN_FLIGHT, seconds=30, what="the agent to accept 1,000 events")
    held = accepted(outbox)
    return held, first, accepted_through(outbox)[1]


def settle(office: Office, outbox: Path) -> str:
    def caught_up() -> bool:
        stream, last = accepted_through(outbox)
        return committed(office.gateway_db, stream) == last

    until(caught_up, seconds=60, what="the gateway to catch up with the outbox", every=0.1)
    return accepted_through(outbox)[0]


@pytest.mark.parametrize("victim", ["lobby", "broker", "gateway"])
@pytest.mark.parametrize("attempt", [1, 2])
def test_every_accepted_event_is_counted_once(office: Office, tmp_path: Path, victim: str, attempt: int) -> None:
    door = ModbusDoor(tmp_path / "tty-door")
    outbox = tmp_path / "lobby-outbox.db"
    flow(office, door)
    held, first, last = fill_pipe(office, door, outbox)

    if victim == "gateway":
        # Thawed it would drain within a moment, so it is killed as soon as it has begun.
        os.kill(office.programs["gateway"].pid, signal.SIGCONT)
        until(lambda: delivered(office, outbox) > first, seconds=20, what="the drain to begin", every=0.001)
        time.sleep(random.uniform(0, 0.03))
        office.programs[victim].kill()
        at_kill = delivered(office, outbox)
    else:
        office.programs[victim].kill()
        at_kill = delivered(office, outbox)
        os.kill(office.programs["gateway"].pid, signal.SIGCONT)
    assert at_kill < last, f"the kill came too late: {at_kill} of {last} were already committed"

    office.programs[victim].start()
    stream = settle(office, outbox)

    counts = taken(office.gateway_db)
    assert [i for i in held if counts[i] != 1] == []
    assert taken_sequences(office.gateway_db, stream) == list(range(1, accepted_through(outbox)[1] + 1))
    with office.client(office.tokens["board"]) as board:
        floor = until(
            lambda: (f := board.get("/v1/floor").json())["count_in"] >= door.total_in and f,
            seconds=20,
            what="the door's people on the board",
        )
    assert (floor["count_in"], floor["count_out"]) == (door.total_in, door.total_out)


WITHOUT_DEDUPLICATION = """
import dataclasses, runpy, sys
from gateway.footfall import service as footfall
from gateway.ingest import service, store
from gateway.visits import doors
add = footfall.add
footfall.add = lambda before, crossings: add(dataclasses.replace(before, through={}), crossings)
doors.Crossings.write = lambda self, uow, context: None
service.place = lambda committed, at: "next"
store.known_ids = lambda connection, ids: set()
store._INSERT = store._INSERT.replace("INSERT INTO", "INSERT OR IGNORE INTO")
sys.argv[0] = "gateway"
runpy.run_module("gateway", run_name="__main__", alter_sys=True)
"""


def doors_in(payload: bytes) -> list[str]:
    """The ids of the door events in a message."""
    return [event["id"] for event in json.loads(payload) if event["type"] == "door.crossing.v1"]


def test_without_deduplication_the_same_kill_counts_people_twice(office: Office, tmp_path: Path) -> None:
    """The fault is real and the test above can fail: with the gateway's de-duplication patched out it would.

    Three things refuse an event that came before: its stream, the sums of its minute, and the key of its crossing.
    """
    door = ModbusDoor(tmp_path / "tty-door")
    outbox = tmp_path / "lobby-outbox.db"
    flow(office, door)
    office.programs["gateway"].stop()
    gateway = office.programs["gateway"]
    gateway.arguments = ["-c", WITHOUT_DEDUPLICATION, *gateway.arguments[2:]]
    gateway.start()
    published: Counter[str] = Counter()
    listener = mqtt_client(office.ports["broker"], "listener")
    listener.on_message = lambda _client, _data, message: published.update(doors_in(message.payload))
    listener.subscribe(f"anchang/v1/{office.slug}/lobby/events", qos=1)
    fill_pipe(office, door, outbox)
    until(lambda: published, seconds=20, what="the door's event to be sent")
    office.programs["lobby"].kill()
    office.programs["lobby"].start()
    until(lambda: max(published.values()) > 1, seconds=20, what="the restarted agent to send it again")
    os.kill(gateway.pid, signal.SIGCONT)
    listener.disconnect()
    listener.loop_stop()

    with office.client(office.tokens["board"]) as board:
        until(
            lambda: board.get("/v1/floor").json()["count_in"] > door.total_in,
            seconds=60,
            what="people to be counted twice",
            every=0.2,
        )
