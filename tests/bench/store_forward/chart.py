"""One picture of the comparison, readable on light and dark pages: it brings its own white ground."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.bench.store_forward.measure import FLAT_OUT, Loss, Speed
from tests.bench.store_forward.scripts import FAULTS

_COLOURS = ("#0f6b5c", "#b3541e")
_WIDTH = 0.38


def draw(speeds: Mapping[str, list[Speed]], losses: Mapping[str, dict[str, Loss]], path: Path) -> None:
    """By side: its speeds, one for each rate, and what it lost, by fault."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    figure, (delay, cpu, lost) = pyplot.subplots(1, 3, figsize=(11, 3.6), layout="constrained")
    rates = [_rate(speed.rate) for speed in next(iter(speeds.values()))]
    _bars(delay, rates, {side: [s.p99 * 1000 for s in found] for side, found in speeds.items()}, "{:,.0f}")
    delay.set(yscale="log", ylabel="ms", title="latency, p99")
    _bars(cpu, rates, {side: [s.cpu["store"] for s in found] for side, found in speeds.items()}, "{:.2f}")
    cpu.set(ylabel="s", title="processor per 1,000 events")
    cpu.legend(frameon=False, loc="upper right")
    _bars(
        lost,
        [fault.short for fault in FAULTS],
        {side: [float(x.lost) for x in found.values()] for side, found in losses.items()},
        "{:,.0f}",
    )
    lost.set(ylabel="messages", title="lost, of those the broker had taken")
    lost.tick_params(axis="x", labelsize=9)
    figure.savefig(path, dpi=130)
    pyplot.close(figure)


def _rate(rate: int) -> str:
    return "flat out" if rate == FLAT_OUT else f"{rate:,}/s"


def _bars(axes: Any, groups: list[str], series: Mapping[str, list[float]], form: str) -> None:
    for place, ((side, values), colour) in enumerate(zip(series.items(), _COLOURS, strict=True)):
        at = [group + (place - 0.5) * _WIDTH for group in range(len(groups))]
        bars = axes.bar(at, values, _WIDTH * 0.95, color=colour, label=side)
        axes.bar_label(bars, [form.format(value) for value in values], fontsize=8, padding=2)
    axes.set_xticks(range(len(groups)), groups)
    axes.margins(y=0.18)
    axes.spines[["top", "right"]].set_visible(False)
