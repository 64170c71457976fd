"""A small disk of its own for the agent, in a mount namespace of its own: it can be filled and made read-only."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.edge_agent.support import AgentProcess

UNSHARE = ["unshare", "-m", "--propagation", "unchanged"]
"""Making a whole tree private, as unshare would, fails where the root directory is no mount point (a chroot)."""


def _mounted(folder: object, options: str) -> str:
    """Shell: a file system in memory on `folder`, which nobody outside sees."""
    return (
        f"mount --bind {folder} {folder} && mount --make-private {folder} && mount -t tmpfs -o {options} none {folder}"
    )


def _permitted() -> bool:
    with tempfile.TemporaryDirectory() as folder:
        tried = subprocess.run([*UNSHARE, "sh", "-c", _mounted(folder, "size=1m")], capture_output=True)
        subprocess.run(["umount", "-q", folder], capture_output=True)
    return tried.returncode == 0


needs_mounts = pytest.mark.skipif(not _permitted(), reason="this machine lets us mount nothing: run as root")


class CardAgent(AgentProcess):
    """The outbox lies on a tmpfs of `size` that no other process sees."""

    def __init__(self, folder: Path, broker_port: int, devices: str, *, size: str = "2m", options: str = "rw") -> None:
        self.card = folder / "card"
        self.card.mkdir()
        super().__init__(folder, broker_port, devices)
        self.status_file = folder / "run" / "status.json"
        self.status_file.parent.mkdir()
        text = self.config.read_text().replace(str(self.database), str(self.card / "outbox.db"))
        self.config.write_text(f'status_file = "{self.status_file}"\n{text}')
        mount = _mounted(self.card, f"size={size},{options}")
        agent = f"exec {sys.executable} -m edge_agent --config {self.config}"
        wrapped = f"import os; os.execvp('unshare', {[*UNSHARE, 'sh', '-c', f'{mount} && {agent}']!r})"
        self.program.arguments = ["-c", wrapped]

    def __exit__(self, *error: Any) -> None:
        super().__exit__(*error)
        # Where mounts are shared with the rest of the machine the empty folder is still bound to itself.
        subprocess.run(["umount", "-q", str(self.card)], capture_output=True)

    def inside(self, command: str) -> "subprocess.CompletedProcess[str]":
        """Run a shell command where the card is seen."""
        return subprocess.run(
            ["nsenter", "-t", str(self.program.pid), "-m", "-r", "sh", "-c", command],
            capture_output=True,
            text=True,
            timeout=10,
        )

    def fill(self) -> int:
        """Leave no byte; returns how many are free."""
        self.inside(f"dd if=/dev/zero of={self.card}/ballast bs=4k")
        return self.free

    def empty(self) -> None:
        self.inside(f"rm {self.card}/ballast")

    @property
    def free(self) -> int:
        return int(self.inside(f"stat -f -c %a {self.card}").stdout)

    def remount(self, mode: str) -> None:
        answer = self.inside(f"mount -o remount,{mode} {self.card}")
        assert answer.returncode == 0, answer.stderr

    def says(self) -> Any:
        """`python -m edge_agent status`."""
        return subprocess.run(
            [sys.executable, "-m", "edge_agent", "status", "--config", str(self.config)],
            capture_output=True,
            text=True,
            timeout=20,
            env=os.environ,
        )


class SmallDisk:
    """A file system in memory that this process writes to itself."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    @property
    def free(self) -> int:
        """Pages of 4096 bytes."""
        return os.statvfs(self.folder).f_bavail

    def fill(self, leave: int = 0) -> None:
        with self._ballast.open("ab", buffering=0) as file:
            while self.free > leave:
                file.write(b"\0" * 4096)
        assert self.free == leave, "the fault did not happen"

    def empty(self) -> None:
        self._ballast.unlink()


@contextmanager
def small_disk(folder: Path, size: str = "2m") -> Iterator[SmallDisk]:
    folder.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(folder)], check=True)
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
