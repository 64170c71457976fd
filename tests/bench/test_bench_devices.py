"""What one agent needs for the devices of an office: thirty of them busy, the same thirty idle, and four idle."""

import os
import random
import sqlite3
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import paho.mqtt.client as mqtt
import psutil
import pytest

from tests.bench.conftest import Report, percentile
from tests.bench.store_forward.load import message
from tests.edge_agent.support import Wire
from tests.support.devices import ModbusDoor, milesight_toml, modbus_toml, mqtt_client
from tests.support.office import Office
from tests.support.processes import until

pytestmark = [pytest.mark.bench, pytest.mark.timeout(600)]
IDLE_SECONDS, BUSY_SECONDS = 60.0, 30.0
SETTLED_SECONDS = 3.0
POLL_SECONDS = 1.0
KINDS = {"door": "Modbus, polled every second", "hall": "MQTT", "button": "serial button"}


@dataclass
class Site:
    """An office with devices of four kinds, and somebody who plays their far ends."""

    folder: Path
    doors: int
    halls: int
    buttons: int
    panels: int
    office: Office = field(init=False)
    ends: dict[str, Wire] = field(default_factory=dict)
    slaves: list[ModbusDoor] = field(default_factory=list)
    totals: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def __post_init__(self) -> None:
        self.folder.mkdir()
        self.office = Office(self.folder, with_central=False)
        self.slaves = [ModbusDoor(self.folder / f"tty-door-{n}") for n in range(self.doors)]
        tables = [modbus_toml(f"door-{n}", s.link, poll_seconds=POLL_SECONDS) for n, s in enumerate(self.slaves)]
        tables += [milesight_toml(f"hall-{n}", f"bench/hall-{n}") for n in range(self.halls)]
        for driver, kind, count in (("serial_button", "button", self.buttons), ("panel_sum8", "panel", self.panels)):
            for name in (f"{kind}-{n}" for n in range(count)):
                self.ends[name] = Wire(self.folder / f"tty-{name}")
                tables.append(f'[[devices]]\nid = "{name}"\ndriver = "{driver}"\nurl = "{self.ends[name].path}"\n')
        self.office.write_configs("".join(tables))

    @property
    def devices(self) -> int:
        return self.doors + self.halls + self.buttons + self.panels

    def all_well(self) -> bool:
        with self.office.client(self.office.tokens["board"]) as board:
            answer = board.get("/v1/floor")
        states = [d["state"] for node in answer.json()["nodes"] for d in node["devices"]]
        return len(states) == self.devices and set(states) == {"ok"}

    def publish(self, client: mqtt.Client, hall: int) -> str:
        """One more person in a hall."""
        name = f"hall-{hall}"
        self.totals[name] += 1
        client.publish(f"bench/{name}", message(hall, self.totals[name], time.time_ns() // 1_000_000), qos=1)
        return name


@contextmanager
def running(site: Site) -> Iterator[psutil.Process]:
    """Yields the agent once every device is well."""
    try:
        site.office.start_broker()
        site.office.start_gateway()
        agent = site.office.start_agent()
        client = mqtt_client(site.office.ports["broker"], f"bench-{random.random()}")

        def each_was_heard() -> bool:
            for hall in range(site.halls):
                site.publish(client, hall)
            return site.all_well()

        until(each_was_heard, seconds=60, what=f"{site.devices} devices to be well", every=1.0)
        client.disconnect()
        client.loop_stop()
        time.sleep(SETTLED_SECONDS)
        yield psutil.Process(agent.pid)
    except httpx.HTTPError as error:
        raise AssertionError("the gateway did not answer") from error
    finally:
        for slave in site.slaves:
            slave.unplug()
        site.office.stop()


def load_of(process: psutil.Process, work: Callable[[], None]) -> tuple[float, float]:
    """Share of one core over `work`, and resident MB after it."""
    began, used = time.monotonic(), sum(process.cpu_times()[:2])
    work()
    share = (sum(process.cpu_times()[:2]) - used) / (time.monotonic() - began)
    return share, process.memory_info().rss / 2**20


def test_thirty_devices_on_one_agent(tmp_path: Path, agent_report: Report) -> None:
    site = Site(tmp_path / "office", doors=10, halls=10, buttons=6, panels=4)
    with running(site) as agent:
        idle, quiet = load_of(agent, lambda: time.sleep(IDLE_SECONDS))
        delays: dict[str, list[float]] = {}
        busy, peak = load_of(agent, lambda: delays.update(play(site)))
        well = site.all_well()
    agent_report.add(
        "30 devices, nobody passes: processor, memory", f"{idle:.1%} of a core, {quiet:.0f} MB", "2 %, 120 MB"
    )
    agent_report.add(
        "30 devices, 12 events/s: processor, memory, all well at the end",
        f"{busy:.1%} of a core, {peak:.0f} MB, {'yes' if well else 'NO'}",
        "120 MB, all well",
    )
    for kind, title in KINDS.items():
        spent = [seconds * 1000 for seconds in delays[kind]]
        agent_report.add(
            f"… from the device to the gateway's database: {title}",
            f"p50 {percentile(spent, 0.5):.0f} ms, p95 {percentile(spent, 0.95):.0f} ms (n={len(spent)})",
            "p95 ≤ 1100 ms" if kind == "door" else "p95 ≤ 100 ms",
        )


def test_four_devices_idle(tmp_path: Path, agent_report: Report) -> None:
    site = Site(tmp_path / "office", doors=1, halls=1, buttons=1, panels=1)
    with running(site) as agent:
        idle, quiet = load_of(agent, lambda: time.sleep(IDLE_SECONDS))
    agent_report.add(
        "4 devices, nobody passes: processor, memory", f"{idle:.1%} of a core, {quiet:.0f} MB", "2 %, 120 MB"
    )


def play(site: Site) -> dict[str, list[float]]:
    """One person or press every 83 ms, at the devices in turn; seconds until each was committed, by kind of device."""
    sorts = random.Random(5)
    watch = Commits(site.office.gateway_db)
    client = mqtt_client(site.office.ports["broker"], "bench-people")
    acted: list[tuple[str, float]] = []
    began = time.monotonic()
    while time.monotonic() - began < BUSY_SECONDS:
        kind = ("door", "hall", "button")[len(acted) % 3]
        number = sorts.randrange({"door": site.doors, "hall": site.halls, "button": site.buttons}[kind])
        acted.append((f"{kind}-{number}", time.monotonic()))
        if kind == "door":
            site.slaves[number].walk(people_in=1)
        elif kind == "hall":
            site.publish(client, number)
        else:
            os.write(site.ends[f"button-{number}"].master, b"BTN %d\r\n" % (1 + len(acted) % 99))
        watch.wait(1 / 12)
    watch.wait(2 * POLL_SECONDS)
    client.disconnect()
    client.loop_stop()
    return watch.delays(acted)


class Commits:
    """When each person or press of a device was seen in the gateway's file."""

    def __init__(self, database: Path) -> None:
        self._reader = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
        self._newest = self._reader.execute("SELECT coalesce(max(rowid), 0) FROM events").fetchone()[0]
        self._seen: dict[str, list[float]] = defaultdict(list)

    def wait(self, seconds: float) -> None:
        """Look every millisecond for that long."""
        query = """SELECT rowid, device, coalesce(json_extract(data, '$.count_in'), 1) FROM events
                   WHERE rowid > ? AND type IN ('door.crossing.v1', 'queue.button.v1')"""
        until_then = time.monotonic() + seconds
        while (now := time.monotonic()) < until_then:
            for rowid, device, people in self._reader.execute(query, (self._newest,)).fetchall():
                self._newest = max(self._newest, rowid)
                self._seen[device] += [now] * people
            time.sleep(0.001)

    def delays(self, acted: list[tuple[str, float]]) -> dict[str, list[float]]:
        """A device's n-th person is its n-th one here; a missing one is an error."""
        spent: dict[str, list[float]] = defaultdict(list)
        for device in {device for device, _ in acted}:
            times = [at for name, at in acted if name == device]
            seen = self._seen[device]
            assert len(seen) == len(times), f"{device}: {len(times)} passed or pressed, {len(seen)} were counted"
            spent[device.partition("-")[0]] += [there - here for here, there in zip(times, seen, strict=True)]
        return spent
