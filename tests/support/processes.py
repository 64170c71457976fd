"""Starting, watching and killing real processes. Nothing here knows what the programs do."""

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import httpx

T = TypeVar("T")
ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    """A TCP port that nobody has at the moment of asking and that the kernel gives to no outgoing connection later.

    Of the ports the kernel hands out by itself, one was taken now and then between the asking and the listening.
    """
    sorts = random.SystemRandom()
    while True:
        port = sorts.randrange(12_000, 32_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def until(condition: Callable[[], T | None], *, seconds: float, what: str, every: float = 0.02) -> T:
    """Poll `condition` until it answers something true. Raises AssertionError naming `what` after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds:.0f} s in vain for: {what}")
        time.sleep(every)


class Program:
    """One process of the product, restartable with the same arguments; its log is kept for a failing test's report."""

    def __init__(self, name: str, arguments: list[str], *, log: Path, health: str | None = None) -> None:
        self.name = name
        self.arguments = arguments
        self.log = log
        self.health = health
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *, wait: bool = True) -> None:
        with self.log.open("ab") as sink:
            self.process = subprocess.Popen(
                [sys.executable, *self.arguments],
                cwd=ROOT,
                stdout=sink,
                stderr=sink,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
                start_new_session=True,
            )
        if wait:
            self.wait_healthy()

    def wait_healthy(self, seconds: float = 30) -> None:
        def answers() -> bool:
            assert self.process is not None
            if self.process.poll() is not None:
                raise AssertionError(f"{self.name} ended with {self.process.returncode}:\n{self.tail()}")
            if self.health is None:
                return True
            try:
                return httpx.get(self.health, timeout=1).status_code == 200
            except httpx.HTTPError:
                return False

        try:
            until(answers, seconds=seconds, what=f"{self.name} to be healthy", every=0.05)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.tail()}") from None

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        """kill -9, and proof that it died of it."""
        assert self.process is not None and self.process.poll() is None, f"{self.name} was not running"
        os.kill(self.process.pid, signal.SIGKILL)
        assert self.process.wait(10) == -signal.SIGKILL

    def stop(self, seconds: float = 15) -> int:
        """SIGTERM; returns the exit status. A process that ignores it is killed and reported."""
        if self.process is None or self.process.poll() is not None:
            return 0
        self.process.terminate()
        self.process.send_signal(signal.SIGCONT)  # a frozen one could not hear it
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(5)
            raise AssertionError(f"{self.name} did not stop within {seconds} s of SIGTERM:\n{self.tail()}") from None

    def tail(self, lines: int = 30) -> str:
        if not self.log.exists():
            return "(no log)"
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
