"""The calling panel with a frame between 3A and 0A."""

from pathlib import Path
from typing import Any

import pytest

from edge_agent.devices.panel_proview import frame
from tests.edge_agent.devices import cases
from tests.edge_agent.devices.panels import at_work, heard, show


@pytest.mark.parametrize("case", cases("panel_proview"), ids=lambda case: str(case["number"]))
def test_frames_are_the_vendors(case: dict[str, Any]) -> None:
    assert frame(case["number"], colour=case["colour"], info=case["info"]) == bytes.fromhex(case["bytes"])


def test_a_command_shows_its_number_in_the_configured_colour(tmp_path: Path) -> None:
    with at_work(tmp_path, "panel_proview", colour=2) as (panel, wire):
        panel.execute(show(888))
        assert heard(wire, 7) == frame(888, colour=2)
