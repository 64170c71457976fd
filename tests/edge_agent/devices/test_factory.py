"""Every driver is complete: known to the configuration, described, and shown by a fixture."""

import re
import tomllib
from typing import get_args

import pytest
from pydantic import TypeAdapter

from edge_agent.devices.base import Driver
from edge_agent.devices.factory import DRIVERS, DeviceConfig
from edge_agent.vision.config import CameraConfig
from tests.edge_agent.devices import FIXTURES, fixture
from tests.support.processes import ROOT


def test_the_configuration_knows_the_drivers_and_no_others() -> None:
    assert set(get_args(get_args(DeviceConfig)[0])) == {driver.config for driver in DRIVERS} | {CameraConfig}


def test_the_example_of_every_counter_is_valid_once_its_marks_are_taken_away() -> None:
    example = (ROOT / "firmware_configs" / "edge" / "edge_agent.toml").read_text(encoding="utf-8")
    block = example[example.index("# ---- counters by other makers") :]
    block = block[: block.index("\n# ----")]
    lines = [line[1:] if re.match(r"#[\[\w]", line) else line for line in block.splitlines()]
    found = [TypeAdapter(DeviceConfig).validate_python(device) for device in tomllib.loads("\n".join(lines))["devices"]]
    assert len({device.id for device in found}) == len({device.driver for device in found}) == 6


@pytest.mark.parametrize("driver", DRIVERS, ids=lambda driver: driver.name)
def test_a_driver_has_a_fixture_with_its_source(driver: Driver) -> None:
    assert (FIXTURES / f"{driver.name}.json").is_file()
    assert fixture(driver.name)["source"]
