"""The names of serial lines, by the real udev, in a file system of its own: nothing outside the test is touched."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.processes import ROOT

SHIPPED = ROOT / "firmware_configs" / "udev"
UDEVADM = shutil.which("udevadm", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin:/bin")
DEVICE = "/sys/class/tty/tty"

pytestmark = [
    pytest.mark.firmware,
    pytest.mark.skipif(
        UDEVADM is None or shutil.which("unshare") is None, reason="udevadm or unshare is not installed"
    ),
]


def _told(folder: Path, properties: dict[str, str]) -> str:
    """What udev says of one terminal that pretends to have these properties, with the shipped rules."""
    rules = folder / "rules.d"
    shutil.copytree(SHIPPED, rules, ignore=shutil.ignore_patterns("*.md"))
    pretended = ", ".join(f'ENV{{{name}}}="{value}"' for name, value in properties.items())
    (rules / "69-pretended.rules").write_text(f'SUBSYSTEM=="tty", {pretended}\n')
    script = f"""
        mount -t tmpfs none /dev && (mknod /dev/tty c 5 0 2>/dev/null || : >/dev/tty)
        cp -r {rules} /dev/rules.d && mount -t tmpfs none /run && mkdir -p /run/udev && mv /dev/rules.d /run/udev/
        [ -d {DEVICE} ] || mount -t sysfs none /sys
        {UDEVADM} test --action=add {DEVICE} 2>&1
    """
    own = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--mount"]
    done = subprocess.run([*own, "sh", "-c", script], capture_output=True, text=True, timeout=60)
    assert "DEVLINKS" in done.stdout or "SUBSYSTEM=tty" in done.stdout, done.stdout + done.stderr
    return done.stdout


def _names(told: str) -> list[str]:
    links = [line.removeprefix("DEVLINKS=") for line in told.splitlines() if line.startswith("DEVLINKS=")]
    return sorted(link for line in links for link in line.split() if link.startswith("/dev/anchang/"))


@pytest.mark.parametrize("socket", [1, 2, 3, 4])
def test_an_adapter_is_named_after_its_socket_and_its_serial_number(tmp_path: Path, socket: int) -> None:
    path = f"platform-fd500000.pcie-pci-0000:01:00.0-usb-0:1.{socket}:1.0"
    told = _told(tmp_path, {"ID_BUS": "usb", "ID_PATH": path, "ID_SERIAL_SHORT": "A50285BI"})
    assert _names(told) == ["/dev/anchang/serial-A50285BI", f"/dev/anchang/usb-{socket}"]
    assert "70-anchang-serial.rules:13 MODE 0660" in told


def test_a_terminal_that_is_no_usb_adapter_is_left_alone(tmp_path: Path) -> None:
    told = _told(tmp_path, {"ID_BUS": "pci", "ID_PATH": "platform-usb-0:1.1:1.0"})
    assert _names(told) == []


def test_udev_has_nothing_to_say_against_a_line(tmp_path: Path) -> None:
    told = _told(tmp_path, {"ID_BUS": "usb"})
    assert [line for line in told.splitlines() if line.startswith("/run/udev/rules.d/")] == []


def test_a_slip_of_the_pen_would_be_seen(tmp_path: Path) -> None:
    told = _told(tmp_path, {'ID_BUS}="usb", BOGUS{x': "usb"})
    assert "/run/udev/rules.d/69-pretended.rules:1 Invalid" in told
