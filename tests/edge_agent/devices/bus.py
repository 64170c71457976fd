"""An RS-485 line of two pseudo terminals joined by socat, with a pymodbus slave at the far end."""

import contextlib
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.processes import ROOT, until


class Bus:
    """`near` is the agent's port. Pulling the plug, a dead slave and noise are methods."""

    def __init__(self, folder: Path, slave: int = 1) -> None:
        self.near, self._far = folder / "near", folder / "far"
        self._slave_id = slave
        self._words: dict[int, list[int]] = {}
        self._socat: subprocess.Popen[bytes] | None = None
        self._slave: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self.plug()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.unplug()

    def plug(self) -> None:
        ends = [f"pty,raw,echo=0,link={end}" for end in (self.near, self._far)]
        self._socat = subprocess.Popen(["socat", *ends])
        until(lambda: self.near.exists() and self._far.exists(), seconds=5, what="socat's terminals")
        self._slave = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("modbus_slave.py")), str(self._far), str(self._slave_id)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._await_ready()
        for address, words in self._words.items():
            self.set(address, *words)

    def unplug(self) -> None:
        """The adapter leaves the machine: its device file vanishes."""
        for process in (self._slave, self._socat):
            if process is not None and process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.terminate()
                process.wait(5)
        for end in (self.near, self._far):
            with contextlib.suppress(FileNotFoundError):
                end.unlink()

    def set(self, address: int, *words: int) -> None:
        assert self._slave is not None and self._slave.stdin is not None
        self._words[address] = list(words)
        self._slave.stdin.write(" ".join(str(n) for n in (address, *words)) + "\n")
        self._slave.stdin.flush()
        self._await_ready()

    def totals(self, total_in: int, total_out: int) -> None:
        """Two 32-bit totals, high word first, from register 0."""
        self.set(0, total_in >> 16, total_in & 0xFFFF, total_out >> 16, total_out & 0xFFFF)

    def freeze(self) -> None:
        assert self._slave is not None
        self._slave.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._slave is not None
        self._slave.send_signal(signal.SIGCONT)

    def _await_ready(self) -> None:
        assert self._slave is not None and self._slave.stdout is not None
        assert self._slave.stdout.readline() == "ready\n"
