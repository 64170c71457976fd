"""How long one look takes against a gallery larger than any office may keep without filing."""

import json
import subprocess
import sys

import pytest

from tests.bench.conftest import ROOT, Report, percentile
from tests.bench.gallery_speed import DIMENSIONS, PEOPLE

pytestmark = [pytest.mark.bench, pytest.mark.timeout(300)]


def test_one_look_against_50_000_templates(report: Report) -> None:
    """Every look: the best and the second best person of 50,000; every tenth is somebody who is there."""
    child = subprocess.run(
        [sys.executable, "-m", "tests.bench.gallery_speed"], cwd=ROOT, capture_output=True, text=True, timeout=200
    )
    assert child.returncode == 0, child.stderr
    took = json.loads(child.stdout)
    report.add(
        f"match, {PEOPLE:,} × {DIMENSIONS} exact, best and second person (fastest / p50 / p99)",
        f"{min(took['match']):.2f} / {percentile(took['match'], 0.5):.2f} / {percentile(took['match'], 0.99):.2f} ms",
        "p50 3 ms",
    )
    report.add(
        "the matrix product alone, same data and run (fastest / p50)",
        f"{min(took['raw']):.2f} / {percentile(took['raw'], 0.5):.2f} ms",
        "for comparison",
    )
    report.add("one person out of and into that gallery (p50)", f"{percentile(took['change'], 0.5):.3f} ms", "1 ms")
    report.add("filling that gallery", f"{took['filled']:.2f} s", "5 s")
