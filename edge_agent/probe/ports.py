"""Serial ports and cameras of this machine, with the names that stay when they are plugged in another order."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from serial.tools import list_ports

STABLE_FOLDERS = ("/dev/anchang", "/dev/serial/by-id", "/dev/serial/by-path", "/dev/v4l/by-id", "/dev/v4l/by-path")
"""In the order in which an installer should prefer them."""
_CAMERAS = Path("/sys/class/video4linux")
_USB = Path("/sys/bus/usb/devices")
_PRINTER_CLASS = "07"
_TERMINALS = Path("/sys/class/tty")


@dataclass(frozen=True, slots=True)
class Found:
    """`path` is what a configuration should name; `device` the kernel's name; `what` as the device calls itself."""

    path: str
    device: str
    what: str


def stable_name(device: str, folders: Iterable[str] = STABLE_FOLDERS) -> str:
    """The first link that leads to `device`; `device` itself when there is none."""
    target = Path(device).resolve()
    for folder in map(Path, folders):
        for link in sorted(folder.iterdir()) if folder.is_dir() else ():
            if link.resolve() == target:
                return str(link)
    return device


def serial_ports() -> list[Found]:
    """Adapters that are plugged in, and built-in lines with a chip behind them (the header's UART on a Pi)."""
    found = []
    for port in list_ports.comports():
        told = " ".join(filter(None, (port.manufacturer, port.product))) or port.description
        what = "built in" if told in (None, "", "n/a") else told
        if what != "built in" or _has_a_chip(port.device):
            found.append(Found(stable_name(port.device), port.device, what))
    return sorted(found, key=lambda each: each.path)


def _has_a_chip(device: str) -> bool:
    """The kernel lists some lines on speculation: their type is 0, unknown (serial_core.h)."""
    return _text(_TERMINALS / Path(device).name / "type") != "0"


def cameras(folder: Path = _CAMERAS) -> list[Found]:
    """USB and CSI cameras that the kernel knows, their first node each: the others carry only metadata."""
    found = []
    for node in sorted(folder.iterdir()) if folder.is_dir() else ():
        if _text(node / "index") in ("", "0"):
            device = f"/dev/{node.name}"
            found.append(Found(stable_name(device), device, _text(node / "name") or "camera"))
    return found


def usb_printers(folder: Path = _USB) -> list[Found]:
    """Devices of the USB printer class, `path` being `vendor:product` as lsusb prints them. Whether one prints tickets
    only its owner knows. Source: docs.kernel.org, ABI/stable/sysfs-bus-usb and ABI/testing/sysfs-bus-usb.
    """
    found = {}
    for interface in sorted(folder.glob("*:*")) if folder.is_dir() else ():
        device = folder / interface.name.partition(":")[0]
        vendor, product = _text(device / "idVendor"), _text(device / "idProduct")
        if _text(interface / "bInterfaceClass") == _PRINTER_CLASS and vendor and product:
            what = " ".join(filter(None, (_text(device / "manufacturer"), _text(device / "product")))) or "printer"
            found[f"{vendor}:{product}"] = Found(f"{vendor}:{product}", device.name, what)
    return list(found.values())


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
