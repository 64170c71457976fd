"""An office under load for SOAK_MINUTES (default 60), a kill every two minutes: nothing lost, memory level."""

import os
import random
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.support.devices import ModbusDoor, milesight_report, milesight_toml, modbus_toml, mqtt_client
from tests.support.ledger import accepted_through, committed, taken_sequences
from tests.support.office import Office
from tests.support.processes import until

pytestmark = [pytest.mark.soak, pytest.mark.timeout(0)]
TOPIC = "milesight/369362028335"
KILL_EVERY = 120.0


def megabytes(office: Office, name: str) -> float:
    return psutil.Process(office.programs[name].pid).memory_info().rss / 2**20


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = Office(tmp_path)
    yield office
    office.stop()


@pytest.fixture
def door(tmp_path: Path) -> Iterator[ModbusDoor]:
    door = ModbusDoor(tmp_path / "tty-door")
    yield door
    door.unplug()


def test_hours_of_load_and_kills_lose_nothing(office: Office, door: ModbusDoor, tmp_path: Path) -> None:
    minutes = float(os.environ.get("SOAK_MINUTES", "60"))
    office.write_configs(modbus_toml("door-main", door.link) + milesight_toml("hall", TOPIC))
    office.start_broker()
    office.start_central()
    office.provision_central()
    office.start_gateway()
    office.start_agent()
    until(lambda: door.polls > 0, seconds=20, what="the agent to read the door's first totals, which are its base line")
    publisher = mqtt_client(office.ports["broker"], "soak-hall")
    end = time.monotonic() + minutes * 60
    next_kill = time.monotonic() + KILL_EVERY
    n = kills = 0
    while time.monotonic() < end:
        publisher.publish(TOPIC, milesight_report(n % 60), qos=1)
        door.walk(people_in=n % 3 == 0, people_out=n % 4 == 0)
        n += 1
        time.sleep(0.02)
        if n % 3000 == 0:
            left = (end - time.monotonic()) / 60
            print(f"{left:.0f} min left, {n} messages, {kills} kills, gateway {megabytes(office, 'gateway'):.0f} MB")
        if time.monotonic() > next_kill:
            victim = random.choice(["lobby", "gateway", "central"])
            office.programs[victim].kill()
            office.programs[victim].start()
            kills += 1
            next_kill = time.monotonic() + KILL_EVERY
    outbox = tmp_path / "lobby-outbox.db"
    stream, _ = accepted_through(outbox)
    until(
        lambda: committed(office.gateway_db, stream) == accepted_through(outbox)[1],
        seconds=120,
        what="the gateway to catch up",
    )
    through = committed(office.gateway_db, stream)  # devices go on: what comes after it is not looked at
    assert taken_sequences(office.gateway_db, stream)[:through] == list(range(1, through + 1))
    with office.headquarters() as hq:
        until(
            lambda: sum(d["count_in"] for d in hq.get("/v1/overview").json()["offices"][0]["days"]) == door.total_in,
            seconds=120,
            what="central to agree with the door",
        )
    assert megabytes(office, "gateway") < 300
    publisher.disconnect()
    publisher.loop_stop()
