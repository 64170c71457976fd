"""Store-and-forward beside `thingsboard-gateway`: the same broker and messages, both durable, one after the other.

What lies behind the storing program differs: ours is measured to a commit in the gateway's database, the other one to
a subscriber of its uplink's broker, which stands for a server and stores nothing; its speed also to the commit of a
small receiver. Each has ten MQTT counters.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.bench.conftest import ROOT, Section
from tests.bench.store_forward import peer
from tests.bench.store_forward.chart import draw
from tests.bench.store_forward.measure import FLAT_OUT, Loss, Run, Speed
from tests.bench.store_forward.scripts import FAULTS, RATE
from tests.bench.store_forward.sides import Ours, Side, Theirs, TheirsStored

pytestmark = [pytest.mark.bench, pytest.mark.timeout(600)]
LOADS = ((100, 1_200), (1_000, 12_000), (FLAT_OUT, 20_000))
Which = type[Ours] | type[Theirs]
SIDES: tuple[Which, ...] = (Ours, Theirs)
PICTURE = ROOT / "docs" / "pictures" / "store_and_forward.png"

speeds: dict[str, list[Speed]] = {}
losses: dict[str, dict[str, Loss]] = {}


@pytest.fixture(scope="module", autouse=True)
def _peer() -> None:
    if why := peer.install():
        pytest.skip(f"thingsboard-gateway cannot be installed here: {why}")


@contextmanager
def opened(which: Which, folder: Path, *, direct: bool = False) -> Iterator[Side]:
    side = which(folder, direct=direct)
    try:
        yield side
    finally:
        side.stop()


@pytest.mark.parametrize("which", [*SIDES, TheirsStored], ids=["ours", "theirs", "theirs_stored"])
def test_speed(which: Which, tmp_path: Path) -> None:
    with opened(which, tmp_path, direct=True) as side:
        measure_speed(side)


@pytest.mark.parametrize("which", SIDES, ids=["ours", "theirs"])
def test_what_a_fault_loses(which: Which, tmp_path: Path) -> None:
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
    sides = [which.name for which in (*SIDES, TheirsStored)]
    ours, theirs, _ = sides
    if not (all(side in speeds for side in sides) and all(side in losses for side in (ours, theirs))):
        pytest.skip("only when all sides were measured in this run")
    lines = [f"| | {' | '.join(sides)} |", "|---|---|---|---|"]
    for at_one_rate in zip(*(speeds[side] for side in sides), strict=True):
        lines += rows_of(at_one_rate)
    for fault in FAULTS:
        cells = (losses[side][fault.name].told for side in (ours, theirs))
        lines.append(f"| {fault.name}, {RATE}/s | {' | '.join(cells)} | not played |")
    peer_section.publish("\n".join(lines))
    if peer_section.writes:
        draw({side: speeds[side] for side in (ours, theirs)}, losses, PICTURE)


def rows_of(sides: Sequence[Speed]) -> list[str]:
    """What the sides did at one rate."""
    rate = sides[0].rate
    title = "as fast as it goes" if rate == FLAT_OUT else f"{rate:,}/s"
    rows: list[tuple[str, Callable[[Speed], str]]] = [
        (f"{title}: delivered", lambda side: f"{side.per_second:,.0f}/s"),
        ("… latency p50, p99", latency),
        ("… processor s per 1,000, the storing program", lambda side: f"{side.cpu['store']:.2f}"),
        (
            "… the receiver's, with its commits",
            lambda side: f"{side.cpu['gateway']:.2f}" if "gateway" in side.cpu else "not measured",
        ),
        ("… peak memory, the storing program", lambda side: f"{side.peak['store']:.0f} MB"),
    ]
    return [f"| {what} | {' | '.join(map(told, sides))} |" for what, told in rows]


def latency(speed: Speed) -> str:
    return f"{speed.p50 * 1000:,.0f}, {speed.p99 * 1000:,.0f} ms"
