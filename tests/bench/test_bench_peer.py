"""Store-and-forward beside `thingsboard-gateway`: the same broker and messages, both durable, one after the other.

What lies behind the storing program differs: ours is measured to a commit in the gateway's database, the other one to
a subscriber of its uplink's broker, which stands for a server and stores nothing. Each has ten MQTT counters.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.bench.conftest import ROOT, Section
from tests.bench.store_forward.chart import draw
from tests.bench.store_forward.measure import FLAT_OUT, Loss, Run, Speed
from tests.bench.store_forward.scripts import FAULTS, RATE
from tests.bench.store_forward.sides import Ours, Side, Theirs, install_peer

pytestmark = [pytest.mark.bench, pytest.mark.timeout(600)]
LOADS = ((100, 1_200), (1_000, 12_000), (FLAT_OUT, 20_000))
SIDES: tuple[type[Ours] | type[Theirs], ...] = (Ours, Theirs)
PICTURE = ROOT / "docs" / "pictures" / "store_and_forward.png"

speeds: dict[str, list[Speed]] = {}
losses: dict[str, dict[str, Loss]] = {}


@pytest.fixture(scope="module", autouse=True)
def _peer() -> None:
    if why := install_peer():
        pytest.skip(f"thingsboard-gateway cannot be installed here: {why}")


@contextmanager
def opened(which: type[Ours] | type[Theirs], folder: Path, *, direct: bool = False) -> Iterator[Side]:
    side = which(folder, direct=direct)
    try:
        yield side
    finally:
        side.stop()


both_sides = pytest.mark.parametrize("which", SIDES, ids=["ours", "theirs"])


@both_sides
def test_speed(which: type[Ours] | type[Theirs], tmp_path: Path) -> None:
    with opened(which, tmp_path, direct=True) as side:
        measure_speed(side)


@both_sides
def test_what_a_fault_loses(which: type[Ours] | type[Theirs], tmp_path: Path) -> None:
    with opened(which, tmp_path) as side:
        count_losses(side)


def measure_speed(side: Side) -> None:
    run = Run(side)
    for rate, count in LOADS:
        speeds.setdefault(side.name, []).append(run.speed(rate, count))
        print(f"\n    {side.name}: {speeds[side.name][-1].told}")


def count_losses(side: Side) -> None:
    run = Run(side)
    for fault in FAULTS:
        losses.setdefault(side.name, {})[fault.name] = run.fault(RATE, fault.count, fault.play)
        print(f"\n    {side.name}: {fault.name}: {losses[side.name][fault.name].told}")


def test_published_whichever_way_it_falls(peer_section: Section) -> None:
    ours, theirs = (which.name for which in SIDES)
    if not all(name in found for found in (speeds, losses) for name in (ours, theirs)):
        pytest.skip("only when both sides were measured in this run")
    lines = [f"| | {ours} | {theirs} |", "|---|---|---|"]
    for mine, other in zip(speeds[ours], speeds[theirs], strict=True):
        lines += rows_of(mine, other)
    for fault in FAULTS:
        cells = (losses[name][fault.name].told for name in (ours, theirs))
        lines.append(f"| {fault.name}, {RATE}/s | {' | '.join(cells)} |")
    peer_section.publish("\n".join(lines))
    if peer_section.writes:
        draw(speeds, losses, PICTURE)


def rows_of(mine: Speed, other: Speed) -> list[str]:
    title = "as fast as it goes" if mine.rate == FLAT_OUT else f"{mine.rate:,}/s"
    return [
        f"| {title}: delivered | {mine.per_second:,.0f}/s | {other.per_second:,.0f}/s |",
        f"| … latency p50, p99 | {latency(mine)} | {latency(other)} |",
        f"| … processor s per 1,000, the storing program | {mine.cpu['store']:.2f} | {other.cpu['store']:.2f} |",
        f"| … the receiver's, with its commits | {mine.cpu['gateway']:.2f} | not measured |",
        f"| … peak memory, the storing program | {mine.peak['store']:.0f} MB | {other.peak['store']:.0f} MB |",
    ]


def latency(speed: Speed) -> str:
    return f"{speed.p50 * 1000:,.0f}, {speed.p99 * 1000:,.0f} ms"
