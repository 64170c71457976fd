"""One whole office for the end-to-end tests: real broker, real programs, real browser."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.support.browser import chromium
from tests.support.devices import ModbusDoor, milesight_toml, modbus_toml
from tests.support.office import Office
from tests.support.processes import until

HALL_TOPIC = "milesight/369362028335"


@dataclass
class Rooms:
    """An office and its head office without any device, and a browser before its screens."""

    office: Office
    browser: Browser


@dataclass
class World(Rooms):
    door: ModbusDoor


@contextmanager
def open_rooms(folder: Path) -> Iterator[Rooms]:
    """The programs start side by side; `World` has the devices as well."""
    office = Office(folder)
    office.write_configs()
    try:
        programs = [office.start_screens(wait=False)]
        office.start_central()
        office.provision_central()
        programs.append(office.start_gateway(wait=False))
        with chromium() as browser:
            for program in programs:
                program.wait_healthy()
            until(lambda: roster_known(office), seconds=40, what="the gateway to pull its roster from central")
            yield Rooms(office, browser)
    finally:
        office.stop()


@contextmanager
def open_world(folder: Path) -> Iterator[World]:
    """Start everything, wait until the office could open its doors, and stop it all afterwards."""
    office = Office(folder)
    door = ModbusDoor(folder / "tty-door")
    remote = f'[remote]\naccept = true\nfolder = "{folder}/kept"\nfiles = ["{folder}"]\ntrial_seconds = 2\n'
    office.write_configs(modbus_toml("door-main", door.link) + milesight_toml("hall", HALL_TOPIC) + remote)
    try:
        office.start_broker()
        office.start_central()
        office.provision_central()
        office.start_gateway()
        office.start_agent()
        office.start_screens()
        until(lambda: roster_known(office), seconds=40, what="the gateway to pull its roster from central")
        until(lambda: door.polls > 0, seconds=20, what="the agent to poll the door")
        with chromium() as browser:
            yield World(office, browser, door)
    finally:
        door.unplug()
        office.stop()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with open_world(tmp_path_factory.mktemp("office")) as opened:
        yield opened


def roster_known(office: Office) -> bool:
    with office.client(office.tokens["board"]) as board:
        return len(board.get("/v1/floor").json()["rota"]) >= 4
