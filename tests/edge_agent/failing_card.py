"""ext4 in a file, whose kernel gives up on it when it is told to: what a worn-out card does."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.edge_agent.card import UNSHARE, CardAgent

_MOUNT = "mount -o loop,errors=remount-ro"


def _image(folder: Path) -> Path:
    image = folder / "card.img"
    with image.open("wb") as file:
        file.truncate(8 * 2**20)
    subprocess.run(["mkfs.ext4", "-qF", str(image)], check=True, capture_output=True)
    return image


def _give_up(mounts: str) -> None:
    """As ext4 does by itself when it finds itself damaged (docs.kernel.org: ABI/testing/sysfs-fs-ext4).

    `mounts`: what findmnt says stands there, the newest last.
    """
    device = mounts.split()[-1]
    assert device.startswith("/dev/loop"), device
    Path(f"/sys/fs/ext4/{device.removeprefix('/dev/')}/trigger_fs_error").write_text("1")


class FailingCard(CardAgent):
    """The outbox lies on ext4, whose kernel gives up on it when asked to: what a worn-out card does."""

    def __init__(self, folder: Path, broker_port: int, devices: str) -> None:
        super().__init__(folder, broker_port, devices)
        self.image = _image(folder)
        bound = f"mount --bind {self.card} {self.card} && mount --make-private {self.card}"
        agent = f"exec {sys.executable} -m edge_agent --config {self.config}"
        script = f"{bound} && {self._mount(self.image)} && {agent}"
        self.program.arguments = ["-c", f"import os; os.execvp('unshare', {[*UNSHARE, 'sh', '-c', script]!r})"]

    def _mount(self, image: Path) -> str:
        return f"{_MOUNT} {image} {self.card}"

    def give_up(self) -> None:
        _give_up(self.inside(f"findmnt -n -o SOURCE {self.card}").stdout)

    @property
    def writable(self) -> bool:
        return self.inside(f"touch {self.card}/tried").returncode == 0

    def mount_anew(self) -> None:
        """Pulled out, repaired and put back, while the agent still holds the dead one."""
        repaired = self.image.with_suffix(".repaired")
        answer = self.inside(f"umount -l {self.card} && cp {self.image} {repaired} && {self._mount(repaired)}")
        assert answer.returncode == 0, answer.stderr


class DyingDisk:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def give_up(self) -> None:
        found = subprocess.run(["findmnt", "-n", "-o", "SOURCE", str(self.folder)], capture_output=True, text=True)
        _give_up(found.stdout)


@contextmanager
def dying_disk(around: Path) -> Iterator[DyingDisk]:
    """One that this process writes to itself."""
    folder = around / "disk"
    folder.mkdir()
    subprocess.run([*_MOUNT.split(), str(_image(around)), str(folder)], check=True)
    try:
        yield DyingDisk(folder)
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def _permitted() -> bool:
    with tempfile.TemporaryDirectory() as folder:
        try:
            with dying_disk(Path(folder)):
                return Path("/sys/fs/ext4").is_dir()  # where the kernel is told to give up
        except (OSError, subprocess.CalledProcessError):
            return False


needs_ext4 = pytest.mark.skipif(
    not _permitted(), reason="this machine lets us mount no ext4 image, or has no /sys: run as root"
)
