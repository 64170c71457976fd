"""kill -9 of the gateway's process while events are in flight: each is counted once."""

import asyncio
import os
import random
import signal
import sqlite3
import sys
from pathlib import Path

import httpx

from tests.gateway.running import FakeNode, eventually, free_port

ROOT = Path(__file__).parents[3]
EVENTS = 600
BATCH = 10


def write_config(folder: Path, broker_port: int) -> tuple[Path, int]:
    port = free_port()
    file = folder / "gateway.toml"
    file.write_text(
        f'office = "yunqi"\noffice_name = "x"\ndatabase = "{folder}/gateway.db"\nkeys_file = "{folder}/gateway.keys"\n'
        f"[http]\nport = {port}\n[broker]\nport = {broker_port}\n"
    )
    return file, port


async def start(file: Path, port: int) -> asyncio.subprocess.Process:
    command = (sys.executable, "-m", "gateway", "--config", str(file))
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stderr=asyncio.subprocess.DEVNULL)

    async def healthy() -> bool:
        try:
            async with httpx.AsyncClient() as client:
                return (await client.get(f"http://127.0.0.1:{port}/healthz")).status_code == 200
        except httpx.HTTPError:
            return False

    await eventually(healthy, seconds=30)
    return process


def stored(folder: Path) -> tuple[int, int, int]:
    """Committed sequence, events, people in; read from the file as it is."""
    database = sqlite3.connect(f"file:{folder}/gateway.db?mode=ro", uri=True)
    try:
        return (
            database.execute("SELECT coalesce(max(committed), 0) FROM streams").fetchone()[0],
            database.execute("SELECT count(*) FROM events").fetchone()[0],
            database.execute("SELECT coalesce(sum(count_in), 0) FROM footfall_minutes").fetchone()[0],
        )
    finally:
        database.close()


async def test_every_event_counts_once_over_kills(tmp_path: Path, broker_port: int, node: FakeNode) -> None:
    file, port = write_config(tmp_path, broker_port)
    events = [node.event() for _ in range(EVENTS)]
    chance = random.Random(7)
    killed_in_flight = 0
    process = await start(file, port)
    for _ in range(3):
        committed, sent = stored(tmp_path)[0], 0
        for begin in range(committed, EVENTS, BATCH):
            node.send(*events[begin : begin + BATCH])
            sent = begin + BATCH
            await asyncio.sleep(0.001)
            if chance.random() < 0.05:
                break
        os.kill(process.pid, signal.SIGKILL)
        await process.wait()
        now = stored(tmp_path)
        killed_in_flight += now[0] < min(sent, EVENTS)
        assert now[0] == now[1] == now[2], "a commit holds the events, their sums and the watermark, or none"
        process = await start(file, port)
    assert killed_in_flight > 0, "no kill met events in flight: the test proved nothing"
    for begin in range(0, EVENTS, BATCH):
        node.send(*events[begin : begin + BATCH])
    await node.acked(EVENTS, seconds=20)
    process.send_signal(signal.SIGTERM)
    assert await process.wait() == 0
    assert stored(tmp_path) == (EVENTS, EVENTS, EVENTS)


async def test_a_second_gateway_on_the_same_database_is_refused(tmp_path: Path, broker_port: int) -> None:
    """Two would each offer turns, and throw one another off the broker for ever."""
    file, port = write_config(tmp_path, broker_port)
    first = await start(file, port)
    try:
        elsewhere = {**os.environ, "ANCHANG_GATEWAY__HTTP__PORT": str(free_port())}
        command = [sys.executable, "-m", "gateway", "--config", str(file)]
        second = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=elsewhere, stderr=asyncio.subprocess.PIPE)
        _, told = await asyncio.wait_for(second.communicate(), 30)
        assert second.returncode == 2
        assert b"another gateway" in told and b"Traceback" not in told
    finally:
        first.terminate()
        await first.wait()
