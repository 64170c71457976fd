"""The supervisor: what dies is started again, what is stopped is gone, and nobody outlives a killed parent."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from simulator.box.supervisor import Program, Supervisor

DEADLINE = 15.0
SLEEPER = [sys.executable, "-c", "import time; time.sleep(600)"]
STUBBORN = [sys.executable, "-c", "import signal,time; signal.signal(15, signal.SIG_IGN); print('on'); time.sleep(600)"]


async def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        await asyncio.sleep(0.02)


def gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


async def test_a_killed_program_is_started_again_and_that_is_told(tmp_path: Path) -> None:
    said: list[str] = []
    supervisor = Supervisor(tmp_path, tmp_path, said.append, lambda: None)
    supervisor.start(Program("sleeper", SLEEPER))
    await until(lambda: "sleeper" in supervisor.pids())
    first = supervisor.pids()["sleeper"]
    os.kill(first, signal.SIGKILL)
    await until(lambda: supervisor.pids().get("sleeper", first) != first)
    second = supervisor.pids()["sleeper"]
    await supervisor.stop()
    assert gone(first)
    assert gone(second)
    assert supervisor.restarts("sleeper") == 1
    assert any("sleeper" in line and "died" in line for line in said)


async def test_a_program_that_ignores_the_order_to_stop_is_killed(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path, tmp_path, lambda _text: None, lambda: None)
    supervisor.start(Program("stubborn", STUBBORN))
    await until(lambda: (log := supervisor.log_of("stubborn")).exists() and "on" in log.read_text())
    pid = supervisor.pids()["stubborn"]
    began = time.monotonic()
    await supervisor.stop()
    assert gone(pid)
    assert time.monotonic() - began < DEADLINE


async def test_stopping_during_the_wait_before_a_restart_does_not_wait(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path, tmp_path, lambda _text: None, lambda: None)
    supervisor.start(Program("short", [sys.executable, "-c", "raise SystemExit(3)"]))
    await until(lambda: supervisor.restarts("short") == 2)
    began = time.monotonic()
    await supervisor.stop()
    assert time.monotonic() - began < 1.0


@pytest.mark.skipif(sys.platform != "linux", reason="PR_SET_PDEATHSIG is of Linux")
async def test_nobody_outlives_a_killed_supervisor(tmp_path: Path) -> None:
    script = f"""
import asyncio, pathlib
from simulator.box.supervisor import Program, Supervisor
root = pathlib.Path({str(tmp_path)!r})
async def main():
    supervisor = Supervisor(root, root, print, lambda: None)
    supervisor.start(Program("a", {SLEEPER!r}))
    supervisor.start(Program("b", {STUBBORN!r}))
    while len(supervisor.pids()) < 2:
        await asyncio.sleep(0.02)
    (root / "pids.new").write_text(" ".join(map(str, supervisor.pids().values())))
    (root / "pids.new").rename(root / "pids")
    await asyncio.sleep(600)
asyncio.run(main())
"""
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", script)
    try:
        await until((tmp_path / "pids").exists)
        children = [int(pid) for pid in (tmp_path / "pids").read_text().split()]
    finally:
        parent.kill()
        await parent.wait()
    await until(lambda: all(gone(pid) for pid in children))
