"""The guides of firmware_configs/: each section that an installer copies from them is one the agent takes."""

import base64
import re
from pathlib import Path

import pytest

from edge_agent.config import load
from edge_agent.devices.factory import DRIVERS
from tests.support.processes import ROOT

GUIDES = sorted((ROOT / "firmware_configs").glob("*/README.md"))
BASE = 'office = "yunqi"\nnode = "lobby"\n[outbox]\npath = "outbox.db"\n'


def _sections(guide: Path) -> list[str]:
    """What an installer copies; the camera's guide shows one line for each kind of camera."""
    found = re.findall(r"^```toml\n(.*?)^```$", guide.read_text(), re.M | re.S)
    return [part for text in found for part in (text.splitlines() if text.startswith("source =") else [text])]


SECTIONS = [
    pytest.param(section, id=f"{guide.parent.name}-{number}")
    for guide in GUIDES
    for number, section in enumerate(_sections(guide), 1)
]
OF_DEVICES = [guide for guide in GUIDES if "```toml" in guide.read_text()]


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_of_a_guide_is_one_the_agent_takes(tmp_path: Path, section: str) -> None:
    file = tmp_path / "edge_agent.toml"
    if section.startswith("source ="):
        section = f'[[devices]]\nid = "cam"\ndriver = "camera"\nfaces = "off"\n{section}'
    file.write_text(BASE + section.replace("GATEWAY-KEY", base64.b64encode(bytes(32)).decode()))
    assert load(file).devices


@pytest.mark.parametrize("guide", OF_DEVICES, ids=lambda guide: guide.parent.name)
def test_a_guide_begins_in_chinese_and_says_what_was_not_run(guide: Path) -> None:
    title, first = guide.read_text().split("\n\n")[:2]
    assert title.startswith("# ")
    assert len(re.findall(r"[\u4e00-\u9fff]", first)) > 20
    assert "not yet run on real hardware" in guide.read_text().lower()


def test_every_driver_that_is_wired_or_set_up_elsewhere_has_its_guide() -> None:
    told = "".join(guide.read_text() for guide in GUIDES) + (ROOT / "firmware_configs/edge/edge_agent.toml").read_text()
    assert [name for name in (driver.name for driver in DRIVERS) if name not in told] == []
