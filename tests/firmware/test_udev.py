"""The names of serial lines, by the real udev, in a root directory of its own: nothing outside the test is touched."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.processes import ROOT

SHIPPED = ROOT / "firmware_configs" / "udev"
UDEVADM = shutil.which("udevadm", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin:/bin")
CHROOT = shutil.which("chroot", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin:/bin")
DEVICE = "/sys/class/tty/tty7"

pytestmark = [
    pytest.mark.firmware,
    pytest.mark.skipif(UDEVADM is None or CHROOT is None, reason="udevadm is not installed"),
]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root directory with udev's program, Debian's rules, one terminal, and nothing of this machine's devices."""
    made = tmp_path_factory.mktemp("udev")
    assert UDEVADM is not None
    program = Path(UDEVADM).resolve()
    libraries = subprocess.run(["ldd", str(program)], capture_output=True, text=True, check=True).stdout
    for file in (program, *map(Path, re.findall(r"(/\S+) \(0x", libraries))):
        target = made / str(file).lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, target)
    (made / "udevadm").symlink_to(program)
    for file in ("etc/passwd", "etc/group"):
        (made / file).parent.mkdir(exist_ok=True)
        shutil.copy(f"/{file}", made / file)
    shutil.copytree("/usr/lib/udev/rules.d", made / "usr/lib/udev/rules.d")
    (made / "lib").exists() or (made / "lib").symlink_to("usr/lib")
    device = made / "sys/devices/virtual/tty/tty7"
    device.mkdir(parents=True)
    (device / "uevent").write_text("MAJOR=4\nMINOR=7\nDEVNAME=tty7\n")
    (device / "dev").write_text("4:7\n")
    (made / "sys/class/tty").mkdir(parents=True)
    (made / "sys/class/tty/tty7").symlink_to("../../devices/virtual/tty/tty7")
    (device / "subsystem").symlink_to("../../../../class/tty")
    (made / "dev").mkdir()
    (made / "dev/tty7").touch()
    return made


def _told(root: Path, properties: dict[str, str]) -> str:
    """What udev says of the terminal that pretends to have these properties, with the shipped rules."""
    shutil.rmtree(root / "run", ignore_errors=True)
    rules = root / "run/udev/rules.d"
    shutil.copytree(SHIPPED, rules, ignore=shutil.ignore_patterns("*.md"))
    pretended = ", ".join(f'ENV{{{name}}}="{value}"' for name, value in properties.items())
    (rules / "69-pretended.rules").write_text(f'SUBSYSTEM=="tty", {pretended}\n')
    own = [] if os.geteuid() == 0 else ["unshare", "--map-root-user"]
    command = [*own, str(CHROOT), str(root), "/udevadm", "test", "--action=add", DEVICE]
    environment = {"PATH": "/", "SYSTEMD_DEVICE_VERIFY_SYSFS": "0"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert "SUBSYSTEM=tty" in done.stdout, done.stdout + done.stderr
    return done.stdout + done.stderr


def _names(told: str) -> list[str]:
    links = [line.removeprefix("DEVLINKS=") for line in told.splitlines() if line.startswith("DEVLINKS=")]
    return sorted(link for line in links for link in line.split() if link.startswith("/dev/anchang/"))


@pytest.mark.parametrize("socket", [1, 2, 3, 4])
def test_an_adapter_is_named_after_its_socket_and_its_serial_number(root: Path, socket: int) -> None:
    path = f"platform-fd500000.pcie-pci-0000:01:00.0-usb-0:1.{socket}:1.0"
    told = _told(root, {"ID_BUS": "usb", "ID_PATH": path, "ID_SERIAL_SHORT": "A50285BI"})
    assert _names(told) == ["/dev/anchang/serial-A50285BI", f"/dev/anchang/usb-{socket}"]
    assert "70-anchang-serial.rules:13 MODE 0660" in told


def test_a_terminal_that_is_no_usb_adapter_is_left_alone(root: Path) -> None:
    told = _told(root, {"ID_BUS": "pci", "ID_PATH": "platform-usb-0:1.1:1.0"})
    assert _names(told) == []


def test_udev_has_nothing_to_say_against_a_line(root: Path) -> None:
    told = _told(root, {"ID_BUS": "usb"})
    assert [line for line in told.splitlines() if line.startswith("/run/udev/rules.d/")] == []


def test_a_slip_of_the_pen_would_be_seen(root: Path) -> None:
    told = _told(root, {'ID_BUS}="usb", BOGUS{x': "usb"})
    assert "/run/udev/rules.d/69-pretended.rules:1 Invalid" in told
