"""Figures of speed, printed with their limits and written to docs/bench.md on request; never assertions."""

import os
import platform
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_BEGIN, _END = "<!-- figures -->", "<!-- end of figures -->"
"""Between them docs/bench.md is written by `ANCHANG_BENCH_WRITE=1 make bench`."""


@dataclass
class Report:
    rows: list[tuple[str, str, str]] = field(default_factory=list)

    def add(self, what: str, figure: str, limit: str) -> None:
        self.rows.append((what, figure, limit))
        print(f"\n    {what}: {figure} (limit {limit})")

    def table(self) -> str:
        lines = ["| measured | figure | limit |", "|---|---|---|"]
        return "\n".join(lines + [f"| {w} | {f} | {limit} |" for w, f, limit in self.rows])


def percentile(values: list[float], share: float) -> float:
    """The smallest value that at least `share` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -(-int(len(ordered) * share * 1000) // 1000) - 1))]


def seconds(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def machine() -> str:
    model = platform.processor() or platform.machine()
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    return (
        f"{os.cpu_count()} cores {model}, Python {platform.python_version()}, {platform.system()} {platform.release()}"
    )


@pytest.fixture(scope="session")
def report() -> Iterator[Report]:
    figures = Report()
    yield figures
    text = f"{figures.table()}\n\nMachine: {machine()}. Command: `make bench`.\n"
    print(f"\n\n{text}")
    if os.environ.get("ANCHANG_BENCH_WRITE") == "1":
        page = ROOT / "docs" / "bench.md"
        head, _, below = page.read_text().partition(_BEGIN)
        _, _, rest = below.partition(_END)
        page.write_text(f"{head}{_BEGIN}\n\n{text}\n{_END}{rest}")
