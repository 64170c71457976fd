"""The office-in-a-box, run for real: bytes and HTTP in, an alert on a tablet's socket and numbers at central out."""

import asyncio
import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from contracts.gateway_api import CheckInRequest
from contracts.ids import uuid7
from contracts.rota_api import Me
from contracts.values import Phone
from simulator.box.configs import LAST_TICKET
from simulator.devices.control import DeviceControl
from simulator.people.api import GatewayApi

READY_SECONDS = 60.0
DEADLINE = 20.0
STOP_SECONDS = 12.0


@dataclass
class Running:
    process: subprocess.Popen[bytes]
    folder: Path

    @property
    def ready(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "ready.json").read_text(encoding="utf-8"))
        return found

    def url(self, program: str) -> str:
        return f"http://127.0.0.1:{self.ready['ports'][program]}"

    def get(self, program: str, token: str, path: str) -> Any:
        headers = {"Authorization": f"Bearer {self.ready['tokens'][token]}"}
        answer = httpx.get(self.url(program) + path, headers=headers, trust_env=False, timeout=10)
        answer.raise_for_status()
        return answer.json()


def start(folder: Path) -> Running:
    argv = [sys.executable, "-m", "simulator", "box", "--data-dir", str(folder), "--office-count", "1"]
    process = subprocess.Popen([*argv, "--no-people", "--no-history", "--no-screens"])
    running = Running(process, folder)
    wait_for(lambda: (folder / "ready.json").exists() or process.poll() is not None, READY_SECONDS)
    assert process.poll() is None, "the box ended before it was ready"
    return running


def wait_for(condition: Callable[[], bool], seconds: float = DEADLINE) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = start(tmp_path_factory.mktemp("box") / "demo")
    yield running
    running.process.terminate()
    running.process.wait(STOP_SECONDS)


def test_what_it_tells_of_itself_is_for_its_owner_only(box: Running) -> None:
    assert stat.S_IMODE((box.folder / "ready.json").stat().st_mode) == 0o600
    assert {"box", "broker", "central", "gateway", "edge_agent", "devices"} <= box.ready["pids"].keys()


def test_a_check_in_reaches_the_consultants_socket_within_a_second(box: Running) -> None:
    async def walk_in() -> float:
        mine = next(each for each in box.ready["accounts"] if each["staff_no"] == box.ready["yours"])
        kiosk = GatewayApi(box.url("gateway"), box.ready["tokens"]["kiosk"])
        tablet = GatewayApi(box.url("gateway"))
        try:
            await tablet.sign_in(mine["staff_no"], mine["pin"])
            await tablet.join_rota()
            stream = tablet.offers()
            await anext(stream)
            began = time.monotonic()
            request = CheckInRequest(phone=Phone.parse("19900009999"), name="测试", party_size=3)
            result, me = await asyncio.gather(kiosk.check_in(uuid7(), request), _alerted(stream))
            took = time.monotonic() - began
            (offer,) = me.offers
            assert offer.visit.visit_id == result.visit_id
            await tablet.accept(offer.offer_id)
            return took
        finally:
            await kiosk.close()
            await tablet.close()

    async def _alerted(stream: Any) -> Me:
        async with asyncio.timeout(DEADLINE):
            async for me in stream:
                if me.offers:
                    found: Me = me
                    return found
        raise AssertionError("the stream ended without an alert")

    assert asyncio.run(walk_in()) < 1.0
    overview = lambda: box.get("central", "hq-manager", "/v1/overview?days=1")["offices"][0]  # noqa: E731
    wait_for(lambda: overview()["today"]["visits"] == 1 and overview()["serving_now"] == 1)
    wait_for((box.folder / LAST_TICKET).exists)
    assert "您的号码" in (box.folder / LAST_TICKET).read_text(encoding="utf-8")


def test_people_through_the_door_are_counted_on_the_board_and_at_central(box: Running) -> None:
    async def cross() -> None:
        control = DeviceControl(Path(box.ready["control"]))
        await control.order(device="door-main", do="cross", **{"in": 5, "out": 2})
        control.close()

    asyncio.run(cross())
    wait_for(lambda: box.get("gateway", "board", "/v1/floor")["count_in"] == 5)
    overview = lambda: box.get("central", "hq-manager", "/v1/overview?days=1")["offices"][0]["today"]  # noqa: E731
    wait_for(lambda: (overview()["count_in"], overview()["count_out"]) == (5, 2))


def test_a_killed_gateway_comes_back_and_has_forgotten_nothing(box: Running) -> None:
    before = box.get("gateway", "board", "/v1/floor")["count_in"]
    killed = box.ready["pids"]["gateway"]
    os.kill(killed, signal.SIGKILL)
    wait_for(lambda: box.ready["pids"].get("gateway", killed) != killed)

    def counts_again() -> bool:
        try:
            return bool(box.get("gateway", "board", "/v1/floor")["count_in"] == before)
        except httpx.HTTPError:
            return False

    wait_for(counts_again)


def test_a_second_box_in_the_same_folder_is_refused(box: Running) -> None:
    second = subprocess.run(
        [sys.executable, "-m", "simulator", "box", "--data-dir", str(box.folder)], capture_output=True, check=False
    )
    assert second.returncode == 1
    assert "running" in second.stderr.decode()


def test_stopping_ends_every_process_and_a_second_start_keeps_all(box: Running) -> None:
    first = box.ready
    box.process.send_signal(signal.SIGINT)
    assert box.process.wait(STOP_SECONDS) == 0
    assert all(gone(pid) for pid in first["pids"].values())
    assert not (box.folder / "ready.json").exists()
    again = start(box.folder)
    try:
        assert again.ready["accounts"] == first["accounts"]
        assert again.ready["tokens"] == first["tokens"]
        assert again.get("gateway", "board", "/v1/floor")["count_in"] == 5
        pids = again.ready["pids"]
        again.process.kill()
        again.process.wait()
        wait_for(lambda: all(gone(pid) for pid in pids.values()))
    finally:
        again.process.kill()
