"""Store-and-forward beside `thingsboard-gateway`: the same broker and messages, both durable, one after the other.

What lies behind the storing program differs: ours is measured to a commit in the gateway's database, the other one to
a subscriber of its uplink's broker, which stands for a server and stores nothing; its speed also to the commit of a
small receiver. Each has ten MQTT counters. Speeds are taken in rounds, the sides in turn, because one run of a shared
machine differs from the next by more than the sides differ: what is told is the median, and who led how often.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median

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
ROUNDS = 5
PICTURE = ROOT / "docs" / "pictures" / "store_and_forward.png"

speeds: dict[str, dict[int, list[Speed]]] = {}
"""By side and rate: one of each round."""
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
@pytest.mark.parametrize("turn", range(ROUNDS))
def test_speed(turn: int, which: Which, tmp_path: Path) -> None:
    with opened(which, tmp_path, direct=True) as side:
        measure_speed(side)


@pytest.mark.parametrize("which", SIDES, ids=["ours", "theirs"])
def test_what_a_fault_loses(which: Which, tmp_path: Path) -> None:
    with opened(which, tmp_path) as side:
        count_losses(side)


def measure_speed(side: Side) -> None:
    run = Run(side)
    for rate, count in LOADS:
        found = run.speed(rate, count)
        speeds.setdefault(side.name, {}).setdefault(rate, []).append(found)
        print(f"\n    {side.name}: {found.told}")


def count_losses(side: Side) -> None:
    run = Run(side)
    for fault in FAULTS:
        losses.setdefault(side.name, {})[fault.name] = run.fault(RATE, fault.count, fault.play)
        print(f"\n    {side.name}: {fault.name}: {losses[side.name][fault.name].told}")


def test_published_whichever_way_it_falls(peer_section: Section) -> None:
    names = [which.name for which in (*SIDES, TheirsStored)]
    ours, theirs, _ = names
    if not (all(side in speeds for side in names) and all(side in losses for side in (ours, theirs))):
        pytest.skip("only when all sides were measured in this run")
    lines = [f"| | {' | '.join(names)} |", "|---|---|---|---|"]
    for rate, _ in LOADS:
        lines += rows_of([speeds[side][rate] for side in names])
    for fault in FAULTS:
        cells = (losses[side][fault.name].told for side in (ours, theirs))
        lines.append(f"| {fault.name}, {RATE}/s | {' | '.join(cells)} | not played |")
    peer_section.publish("\n".join(lines))
    if peer_section.writes:
        middle = {side: [_middle(speeds[side][rate]) for rate, _ in LOADS] for side in (ours, theirs)}
        draw(middle, losses, PICTURE)


def rows_of(sides: Sequence[Sequence[Speed]]) -> list[str]:
    """What the sides did at one rate: the median of their rounds, and how often the first side led."""
    middle = [_middle(rounds) for rounds in sides]
    rate = middle[0].rate
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
    told = [f"| {what} | {' | '.join(map(cell, middle))} |" for what, cell in rows]
    leads = " | ".join(_leads(sides[0], other) for other in sides[1:])
    return [*told, f"| … this product led in rounds of {len(sides[0])}: delivered, p99, processor | | {leads} |"]


def _leads(ours: Sequence[Speed], others: Sequence[Speed]) -> str:
    """Round by round: what was measured one after the other had the same machine."""
    pairs = list(zip(ours, others, strict=True))
    delivered = sum(one.per_second > other.per_second for one, other in pairs)
    latency = sum(one.p99 < other.p99 for one, other in pairs)
    processor = sum(one.cpu["store"] < other.cpu["store"] for one, other in pairs)
    return f"{delivered}, {latency}, {processor}"


def _middle(rounds: Sequence[Speed]) -> Speed:
    """Each figure's median."""

    def of(figure: Callable[[Speed], float]) -> float:
        return median(map(figure, rounds))

    first = rounds[0]
    return Speed(
        first.rate,
        of(lambda each: each.per_second),
        of(lambda each: each.p50),
        of(lambda each: each.p99),
        {role: median(each.cpu[role] for each in rounds) for role in first.cpu},
        {role: median(each.peak[role] for each in rounds) for role in first.peak},
    )


def latency(speed: Speed) -> str:
    return f"{speed.p50 * 1000:,.0f}, {speed.p99 * 1000:,.0f} ms"
