"""Figures of speed, printed with their limits and written to docs/bench.md on request; never assertions."""

import os
import platform
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


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


@dataclass(frozen=True)
class Section:
    """A part of docs/bench.md between `<!-- name -->` and `<!-- end of name -->`."""

    name: str
    command: str

    @property
    def writes(self) -> bool:
        return os.environ.get("ANCHANG_BENCH_WRITE") == "1"

    def publish(self, table: str) -> None:
        """Print it, and write it into the page when asked to."""
        text = f"{table}\n\nMachine: {machine()}. Command: `{self.command}`.\n"
        print(f"\n\n{text}")
        if self.writes:
            page = ROOT / "docs" / "bench.md"
            head, begin, below = page.read_text().partition(f"<!-- {self.name} -->")
            _, end, rest = below.partition(f"<!-- end of {self.name} -->")
            page.write_text(f"{head}{begin}\n\n{text}\n{end}{rest}")


@pytest.fixture(scope="session")
def report() -> Iterator[Report]:
    figures = Report()
    yield figures
    Section("figures", "make bench").publish(figures.table())


@pytest.fixture(scope="session")
def agent_report() -> Iterator[Report]:
    """Figures of the agent alone, which have a table of their own."""
    figures = Report()
    yield figures
    Section("agent", "make peer").publish(figures.table())


@pytest.fixture(scope="session")
def peer_section() -> Section:
    return Section("peer", "make peer")
