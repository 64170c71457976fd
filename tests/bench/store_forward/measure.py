"""Speed under a steady load, and what is lost or doubled when something breaks. The same for both sides."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.bench.conftest import ROOT, percentile
from tests.bench.store_forward.load import DEVICES
from tests.bench.store_forward.sides import Side, Unit, counted
from tests.support.processes import until

FLAT_OUT = 0
_QUIET_SECONDS = 15.0
_PATIENCE = 90.0
_REST_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Speed:
    """`rate` 0: as fast as it goes. Processor seconds per 1,000 events and peak resident MB by role."""

    rate: int
    per_second: float
    p50: float
    p99: float
    cpu: dict[str, float]
    peak: dict[str, float]

    @property
    def told(self) -> str:
        cpu = " + ".join(f"{value:.2f} {role}" for role, value in self.cpu.items())
        peak = " + ".join(f"{value:.0f} {role}" for role, value in self.peak.items())
        return (
            f"{self.per_second:,.0f}/s, p50 {self.p50 * 1000:.0f} ms, p99 {self.p99 * 1000:.0f} ms, "
            f"CPU s per 1,000: {cpu}, peak MB: {peak}"
        )


@dataclass(frozen=True, slots=True)
class Loss:
    sent: int
    lost: int
    doubled: int

    @property
    def told(self) -> str:
        return f"{self.lost:,} lost, {self.doubled:,} doubled of {self.sent:,}"


class Run:
    """One side, started and warm: every counter has delivered its first person."""

    def __init__(self, side: Side) -> None:
        self.side = side
        self._following = 0
        side.start()
        until(self._each_delivered_one, seconds=60, what=f"{side.name} to deliver", every=0.5)
        time.sleep(_REST_SECONDS)

    def _each_delivered_one(self) -> bool:
        _load(self.side, self._following, DEVICES, FLAT_OUT)
        self._following += 1
        return len({device for (device, _), _ in self.side.delivered()}) == DEVICES

    def speed(self, rate: int, count: int) -> Speed:
        first, before = self._following, self.side.seen()
        self._following += count // DEVICES
        processes = self.side.processes()
        for process in processes.values():
            Path(f"/proc/{process.pid}/clear_refs").write_text("5")
        spent = {role: _cpu(process) for role, process in processes.items()}
        sent = _load(self.side, first, count, rate)
        until(lambda: self.side.seen() - before >= count, seconds=120, what=f"{self.side.name} to deliver all")
        cpu = {role: (_cpu(process) - spent[role]) * 1000 / count for role, process in processes.items()}
        peak = {role: _peak(process) for role, process in processes.items()}
        arrived = _first_arrivals(self.side, first)
        delays = [at - sent[unit] for unit, at in arrived.items()]
        per_second = count / (max(arrived.values()) - min(sent.values()))
        return Speed(rate, per_second, percentile(delays, 0.5), percentile(delays, 0.99), cpu, peak)

    def fault(self, rate: int, count: int, script: "Callable[[Side], None]") -> Loss:
        """`script` breaks and mends things while the load goes on; everything is counted once it is quiet again."""
        first = self._following
        self._following += count // DEVICES
        sent: dict[Unit, float] = {}
        load = threading.Thread(target=lambda: sent.update(_load(self.side, first, count, rate)))
        load.start()
        script(self.side)
        load.join()
        self._settle(first, count)
        found = counted(self.side.delivered())
        return Loss(
            len(sent),
            lost=sum(unit not in found for unit in sent),
            doubled=sum(found[unit] - 1 for unit in sent if found[unit] > 1),
        )

    def _settle(self, first: int, count: int) -> None:
        """Until everything is there and stays so for a moment, or nothing came for a while."""
        deadline = time.monotonic() + _PATIENCE
        news, last = time.monotonic(), -1
        while time.monotonic() < deadline:
            seen = self.side.seen()
            if seen != last:
                news, last = time.monotonic(), seen
            everything = len(_first_arrivals(self.side, first)) >= count
            if time.monotonic() - news > (3.0 if everything else _QUIET_SECONDS):
                return
            time.sleep(0.5)


def _load(side: Side, first: int, count: int, rate: int) -> dict[Unit, float]:
    """When each person was published; returns once the broker has acknowledged everything."""
    command = [sys.executable, "-m", "tests.bench.store_forward.load"]
    given = {"port": side.broker.port, "first": first, "count": count, "rate": rate}
    done = subprocess.run(
        [*command, *(f"--{name}={value}" for name, value in given.items())], cwd=ROOT, capture_output=True, check=True
    )
    times = json.loads(done.stdout)
    return {(n % DEVICES, first + n // DEVICES): at for n, at in enumerate(times)}


def _first_arrivals(side: Side, first: int) -> dict[Unit, float]:
    arrived: dict[Unit, float] = {}
    for unit, at in side.delivered():
        if unit[1] >= first:
            arrived.setdefault(unit, at)
    return arrived


def _cpu(process: psutil.Process) -> float:
    family = [process, *process.children(recursive=True)]
    return sum(sum(each.cpu_times()[:2]) for each in family)


def _peak(process: psutil.Process) -> float:
    """MB, since it was last cleared."""
    family = [process, *process.children(recursive=True)]
    return sum(_high_water(each.pid) for each in family) / 1024


def _high_water(pid: int) -> int:
    [line] = [x for x in Path(f"/proc/{pid}/status").read_text().splitlines() if x.startswith("VmHWM")]
    return int(line.split()[1])
