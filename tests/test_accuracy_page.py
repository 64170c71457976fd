"""The figures that documents say in words are those that scripts/accuracy_page.py computes."""

import re
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.vision.config import CameraConfig
from tests.support.processes import ROOT

sys.path.insert(0, str(ROOT / "scripts"))

from accuracy_page import METRES_TIMES_PIXELS, interval, share, trials_without

PAGE = (ROOT / "docs" / "accuracy.md").read_text(encoding="utf-8")


@given(most=st.floats(1e-6, 0.5))
def test_one_trial_fewer_would_leave_the_bound_above(most: float) -> None:
    enough = trials_without(most)
    assert interval(0, enough)[1] <= most * (1 + 1e-6)
    assert enough == 1 or interval(0, enough - 1)[1] > most * (1 - 1e-6)


def test_the_page_gives_one_bound_for_the_same_sample() -> None:
    pairs = int(re.search(r"people make (\d+) pairs", PAGE)[1])  # type: ignore[index]
    assert share(0, pairs) in PAGE
    assert f"may still be up to\n  {100 * interval(0, pairs)[1]:.0f} % " in PAGE
    assert f"{trials_without(1e-6) / 1e6:.1f} million independent pairs" in PAGE


@pytest.mark.parametrize("file", ["docs/accuracy.md", "firmware_configs/camera/README.md"])
def test_documents_agree_on_where_recognition_starts(file: str) -> None:
    least = CameraConfig.model_fields["min_face"].default
    text = (ROOT / file).read_text(encoding="utf-8")
    metres = f"{METRES_TIMES_PIXELS / least:.1f} m"
    assert re.search(rf"\| {least} \| {metres} \||{least} pixels wide \(`min_face`\): .* 70° .* {metres}", text)
