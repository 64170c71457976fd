"""How the machine itself is, from what its kernel tells: temperature, throttling, wear, room, load. No program is run.

Sources: temperature and the low-voltage alarm of a Raspberry Pi by the kernel's thermal and hwmon interfaces
(docs.kernel.org: driver-api/thermal/sysfs-api, hwmon/raspberrypi-hwmon); its firmware's throttling word as
`vcgencmd get_throttled` shows it (raspberrypi.com/documentation/computers/os.html), where the kernel offers it as a
file (raspberrypi/linux, pull request 2397); a card's own estimate of its life as the kernel reads it from EXT_CSD
(docs.kernel.org: driver-api/mmc/mmc-dev-attrs, `life_time`). SD cards tell none. Not yet run on real hardware.
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from contracts.messages import NodeHealth

T = TypeVar("T")
HOT = 80.0
"""A Raspberry Pi slows down from here on."""
DISK_LOW = 0.05
DISK_LOW_MB = 200
WORN = 0.9
MEMORY_LOW_MB = 50
MANY_STARTS = 10

_THROTTLED = {0: "under_voltage", 1: "capped", 2: "throttled", 3: "soft_limit"}
_SINCE_POWER_CAME = 16
_BEFORE = "_before"
_FIRMWARE = "sys/devices/platform/soc/soc:firmware/get_throttled"
_MB = 2**20
_MOST = 2**53


@dataclass(frozen=True, slots=True)
class Machine:
    """Where to look; `root` is / on a real one. `began`: monotonic seconds at which the agent began."""

    root: Path
    disk: Path
    began: float
    starts: int | None = None

    def read(self) -> NodeHealth:
        """What cannot be read is None: no two machines tell the same."""
        free = _maybe(lambda: os.statvfs(self.disk))
        return NodeHealth(
            temperature=_maybe(lambda: int(self._text("sys/class/thermal/thermal_zone0/temp")) / 1000, least=-274),
            throttled=self._throttled(),
            disk_free_mb=None if free is None else free.f_bavail * free.f_frsize // _MB,
            disk_free=None if free is None or not free.f_blocks else min(free.f_bavail / free.f_blocks, 1.0),
            wear=self._wear(),
            memory_free_mb=_maybe(self._memory_free),
            agent_mb=_maybe(lambda: int(self._text("proc/self/statm").split()[1]) * os.sysconf("SC_PAGE_SIZE") // _MB),
            load=_maybe(lambda: float(self._text("proc/loadavg").split()[1]) / (os.cpu_count() or 1)),
            up_seconds=_maybe(lambda: int(float(self._text("proc/uptime").split()[0]))),
            agent_seconds=max(int(time.monotonic() - self.began), 0),
            starts=self.starts,
        )

    def _text(self, name: str) -> str:
        return (self.root / name).read_text(encoding="ascii").strip()

    def _throttled(self) -> list[str]:
        word = _maybe(lambda: int(self._text(_FIRMWARE), 16)) or 0
        found = [name for bit, name in _THROTTLED.items() if word >> bit & 1]
        found += [f"{name}{_BEFORE}" for bit, name in _THROTTLED.items() if word >> (bit + _SINCE_POWER_CAME) & 1]
        if "under_voltage" not in found and self._low_voltage():
            found.insert(0, "under_voltage")
        return found

    def _low_voltage(self) -> bool:
        own = [name for name in self.root.glob("sys/class/hwmon/*/name") if _line(name) == "rpi_volt"]
        return any(_line(name.with_name("in0_lcrit_alarm")) == "1" for name in own)

    def _wear(self) -> float | None:
        """`0x01 0x02`: for two kinds of memory the tenths of their life that are used, rounded up; 0 is unknown."""
        worst = 0
        for file in self.root.glob("sys/block/mmcblk*/device/life_time"):
            worst = max([worst, *(part for part in _hexadecimal(_line(file)) if part <= 0x0B)])
        return worst / 10 if worst else None

    def _memory_free(self) -> int:
        for line in self._text("proc/meminfo").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) // 1024
        raise ValueError("no MemAvailable")


def alarms(health: NodeHealth) -> list[str]:
    """Stable codes of what is beyond its limit."""
    said = set(health.throttled)
    room = health.disk_free is not None and health.disk_free_mb is not None
    found = {
        "hot": health.temperature is not None and health.temperature >= HOT,
        "throttled": bool(said & {"capped", "throttled", "soft_limit"}),
        "low_voltage": bool(said & {"under_voltage", f"under_voltage{_BEFORE}"}),
        "disk_low": room and ((health.disk_free or 0) < DISK_LOW or (health.disk_free_mb or 0) < DISK_LOW_MB),
        "disk_worn": (health.wear or 0.0) >= WORN,
        "memory_low": health.memory_free_mb is not None and health.memory_free_mb < MEMORY_LOW_MB,
        "restarts": (health.starts or 0) >= MANY_STARTS,
    }
    return [code for code, stands in found.items() if stands]


def count_start(folder: Path) -> int | None:
    """How often this was called since power came: `folder` lies in memory. None where it cannot be kept."""
    file = folder / "starts"
    if not folder.is_dir():
        return None
    starts = (_maybe(lambda: int(file.read_text())) or 0) + 1
    return starts if _maybe(lambda: file.write_text(str(starts))) is not None else None


def _line(file: Path) -> str:
    return _maybe(lambda: file.read_text().strip()) or ""


def _hexadecimal(text: str) -> list[int]:
    return _maybe(lambda: [int(part, 16) for part in text.split()]) or []


def _maybe(read: Callable[[], T], least: float = 0) -> T | None:
    """None for what cannot be read, and for a number that no machine can mean."""
    try:
        value = read()
    except (OSError, ValueError, IndexError, OverflowError):
        return None
    return None if isinstance(value, int | float) and not least <= value <= _MOST else value
