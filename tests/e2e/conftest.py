"""One whole office for the end-to-end tests: real broker, real programs, real browser."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.support.browser import chromium
from tests.support.devices import ModbusDoor, milesight_toml, modbus_toml
from tests.support.office import Office
from tests.support.processes import until


@dataclass
class World:
    office: Office
    door: ModbusDoor
    browser: Browser


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("office")
    office = Office(folder)
    door = ModbusDoor(folder / "tty-door")
    office.write_configs(modbus_toml("door-main", door.link) + milesight_toml("hall", "milesight/369362028335"))
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
            yield World(office, door, browser)
    finally:
        door.unplug()
        office.stop()


def roster_known(office: Office) -> bool:
    with office.kiosk() as kiosk:
        return len(kiosk.get("/v1/consultants").json()) >= 4
