"""Serial noise, a dead slave, an unplugged port: degraded within 10 s, and well again by itself."""

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.devices import ModbusDoor, modbus_toml
from tests.support.office import Office
from tests.support.processes import until

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]
PATIENCE = 10.0


@pytest.fixture
def world(tmp_path: Path) -> Iterator[tuple[Office, ModbusDoor, httpx.Client]]:
    office = Office(tmp_path, with_central=False)
    door = ModbusDoor(tmp_path / "tty-door")
    try:
        office.write_configs(modbus_toml("door-main", door.link))
        office.start_broker()
        office.start_gateway()
        office.start_agent()
        with office.client(office.tokens["board"]) as board:
            until(lambda: state(board) == "ok", seconds=20, what="the door to be well")
            yield office, door, board
    finally:
        office.stop()


def state(board: httpx.Client) -> str:
    devices = [d for node in board.get("/v1/floor").json()["nodes"] for d in node["devices"]]
    return next((d["state"] for d in devices if d["device"] == "door-main"), "unknown")


def count_in(board: httpx.Client) -> int:
    return int(board.get("/v1/floor").json()["count_in"])


@pytest.mark.parametrize("fault", ["noise", "dead", "unplugged"])
def test_a_sick_counter_is_seen_within_ten_seconds_and_recovers(
    world: tuple[Office, ModbusDoor, httpx.Client], fault: str
) -> None:
    _, door, board = world
    before = count_in(board)
    began = time.monotonic()
    if fault == "noise":
        door.noise = b"\x00\xff\x55\xaa\x13"
    elif fault == "dead":
        door.mute = True
    else:
        door.unplug()
    until(lambda: state(board) != "ok", seconds=PATIENCE, what=f"{fault}: the board to say so", every=0.1)
    assert time.monotonic() - began <= PATIENCE

    door.walk(people_in=4)
    door.noise, door.mute = b"", False
    if fault == "unplugged":
        door.plug()

    until(lambda: state(board) == "ok", seconds=30, what="the door to be well again by itself", every=0.1)
    until(lambda: count_in(board) == before + 4, seconds=20, what="the four who came meanwhile", every=0.1)
