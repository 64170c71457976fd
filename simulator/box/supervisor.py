"""Child processes that are kept running, and all ended together.

No orphans: the kernel kills a child when its supervisor dies, however it dies (Linux, PR_SET_PDEATHSIG). Children have
sessions of their own, so that Ctrl-C reaches the supervisor only and the order of the end is ours.
"""

import asyncio
import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_CALM_SECONDS = 60.0
_LONGEST_BACKOFF = 30.0
_GRACE_SECONDS = 5.0
_LOG_BYTES = 5_000_000
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True, slots=True)
class Program:
    """`stop_last`: ended only when all others are gone (the broker). `nice`: CPU politeness of the process."""

    name: str
    argv: list[str]
    stop_last: bool = False
    nice: int = 0


@dataclass(slots=True)
class Running:
    program: Program
    process: asyncio.subprocess.Process | None = None
    task: asyncio.Task[None] | None = None
    restarts: int = 0
    ended: asyncio.Event = field(default_factory=asyncio.Event)


Say = Callable[[str], None]


class Supervisor:
    """`say` tells a person what happened; `changed` is called whenever a process id changed."""

    def __init__(self, root: Path, logs: Path, say: Say, changed: Callable[[], None]) -> None:
        self._root = root
        self._logs = logs
        self._say = say
        self._changed = changed
        self._stopping = False
        self._running: dict[str, Running] = {}

    def pids(self) -> dict[str, int]:
        return {
            name: running.process.pid
            for name, running in self._running.items()
            if running.process is not None and running.process.returncode is None
        }

    def restarts(self, name: str) -> int:
        return self._running[name].restarts

    def log_of(self, name: str) -> Path:
        return self._logs / f"{name}.log"

    def start(self, program: Program) -> None:
        running = Running(program)
        self._running[program.name] = running
        running.task = asyncio.create_task(self._keep(running))

    async def stop(self) -> None:
        """SIGTERM to all, SIGKILL to what is still there after 5 s; the broker goes last."""
        self._stopping = True
        everyone = list(self._running.values())
        await self._end([running for running in everyone if not running.program.stop_last])
        await self._end([running for running in everyone if running.program.stop_last])

    async def _end(self, group: list[Running]) -> None:
        for running in group:
            _signal(running, signal.SIGTERM)
        tasks = [running.task for running in group if running.task is not None]
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=_GRACE_SECONDS)
        for running in group:
            if running.task in late:
                self._say(f"  ! {running.program.name} 未按时停止，强制结束 · did not stop in time, killed")
                _signal(running, signal.SIGKILL)
                running.ended.set()
        await asyncio.gather(*tasks)

    async def _keep(self, running: Running) -> None:
        backoff = 0.5
        while True:
            began = time.monotonic()
            code = await self._run_once(running)
            if self._stopping:
                return
            backoff = 1.0 if time.monotonic() - began > _CALM_SECONDS else min(_LONGEST_BACKOFF, backoff * 2)
            running.restarts += 1
            name = running.program.name
            self._say(
                f"  ! {name} 意外退出（{code}），{backoff:.0f} 秒后重启 · died ({code}), again in {backoff:.0f} s"
                f" · {self.log_of(name)}"
            )
            try:
                await asyncio.wait_for(running.ended.wait(), backoff)
            except TimeoutError:
                continue

    async def _run_once(self, running: Running) -> int:
        program = running.program
        path = self.log_of(program.name)
        if path.exists() and path.stat().st_size > _LOG_BYTES:
            path.replace(path.with_suffix(".log.1"))
        with path.open("ab") as log:
            running.process = await asyncio.create_subprocess_exec(
                *program.argv,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._root,
                env=_environment(),
                start_new_session=True,
                preexec_fn=_child_setup(os.getpid(), program.nice),
            )
        if self._stopping:  # told to stop while the process was being made
            _signal(running, signal.SIGTERM)
        self._changed()
        code = await running.process.wait()
        self._changed()
        return code


def _environment() -> dict[str, str]:
    """Ours, with the repository importable although the programs run in the data folder."""
    repository = str(Path(__file__).resolve().parents[2])
    kept = os.environ.get("PYTHONPATH")
    return {
        **os.environ,
        "PYTHONPATH": repository if not kept else f"{repository}{os.pathsep}{kept}",
        "PYTHONUNBUFFERED": "1",
    }


def _child_setup(parent: int, nice: int) -> Callable[[], None]:
    """What a child does between fork and exec: die with its parent, be polite."""

    def setup() -> None:
        if _LIBC is not None:
            _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != parent:  # the parent died before the call
                os._exit(1)
        if nice:
            os.nice(nice)

    return setup


def _signal(running: Running, number: signal.Signals) -> None:
    if running.process is not None and running.process.returncode is None:
        running.process.send_signal(number)
    elif number is signal.SIGTERM:
        running.ended.set()
