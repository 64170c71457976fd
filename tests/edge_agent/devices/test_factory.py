"""Every driver is complete: known to the configuration, described, and shown by a fixture."""

from typing import get_args

import pytest

from edge_agent.devices.base import Driver
from edge_agent.devices.factory import DRIVERS, DeviceConfig
from edge_agent.vision.config import CameraConfig
from tests.edge_agent.devices import FIXTURES, fixture


def test_the_configuration_knows_the_drivers_and_no_others() -> None:
    assert set(get_args(get_args(DeviceConfig)[0])) == {driver.config for driver in DRIVERS} | {CameraConfig}


@pytest.mark.parametrize("driver", DRIVERS, ids=lambda driver: driver.name)
def test_a_driver_has_a_fixture_with_its_source(driver: Driver) -> None:
    assert (FIXTURES / f"{driver.name}.json").is_file()
    assert fixture(driver.name)["source"]
