"""The machine's own health, read from trees as kernels lay them out; what is missing or odd is unknown, no error."""

import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.messages import NodeHealth
from edge_agent.health import Machine, alarms, count_start


def lay(root: Path, **files: str) -> Machine:
    """`__` in a name stands for `/`."""
    for name, content in files.items():
        file = root / name.replace("__", "/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    return Machine(root, root, time.monotonic() - 61)


def test_a_raspberry_pi_is_read(tmp_path: Path) -> None:
    machine = lay(
        tmp_path,
        sys__class__thermal__thermal_zone0__temp="61342\n",
        sys__block__mmcblk0__device__life_time="0x03 0x05\n",
        proc__meminfo="MemTotal: 3884000 kB\nMemFree: 1 kB\nMemAvailable: 2048000 kB\n",
        proc__loadavg="0.10 0.50 0.40 1/200 999\n",
        proc__uptime="86400.55 1000.0\n",
        proc__self__statm="50000 15360 1 1 0 1 0\n",
    )
    throttling = tmp_path / "sys/devices/platform/soc/soc:firmware/get_throttled"
    throttling.parent.mkdir(parents=True)
    throttling.write_text("50005\n")
    health = machine.read()
    assert health.temperature == 61.342 and health.wear == 0.5
    assert health.throttled == ["under_voltage", "throttled", "under_voltage_before", "throttled_before"]
    assert (health.memory_free_mb, health.up_seconds, health.agent_seconds) == (2000, 86400, 61)
    assert health.agent_mb is not None and health.agent_mb > 0 and health.disk_free_mb is not None
    assert {"throttled", "low_voltage"} <= set(alarms(health))


def test_the_kernels_own_low_voltage_alarm_is_read_too(tmp_path: Path) -> None:
    machine = lay(
        tmp_path,
        sys__class__hwmon__hwmon0__name="cpu_thermal\n",
        sys__class__hwmon__hwmon1__name="rpi_volt\n",
        sys__class__hwmon__hwmon1__in0_lcrit_alarm="1\n",
    )
    assert machine.read().throttled == ["under_voltage"]


@pytest.mark.parametrize(
    ("health", "code"),
    [
        ({"temperature": 80.0}, "hot"),
        ({"throttled": ["capped"]}, "throttled"),
        ({"throttled": ["under_voltage_before"]}, "low_voltage"),
        ({"disk_free": 0.04, "disk_free_mb": 900}, "disk_low"),
        ({"disk_free": 0.5, "disk_free_mb": 150}, "disk_low"),
        ({"wear": 0.9}, "disk_worn"),
        ({"memory_free_mb": 49}, "memory_low"),
        ({"starts": 10}, "restarts"),
    ],
)
def test_beyond_a_limit_there_is_an_alarm(health: dict[str, object], code: str) -> None:
    assert alarms(NodeHealth.model_validate(health)) == [code]


def test_a_machine_that_tells_nothing_alarms_nobody(tmp_path: Path) -> None:
    health = Machine(tmp_path, tmp_path / "nowhere", time.monotonic()).read()
    assert alarms(health) == [] and health.temperature is None and health.disk_free is None


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=30) | st.sampled_from(["9007199254740994", "-5", "nan nan", "1e999 inf", "9" * 400]))
def test_whatever_a_file_says_nothing_breaks(tmp_path: Path, content: str) -> None:
    names = ("sys__class__thermal__thermal_zone0__temp", "sys__block__mmcblk0__device__life_time", "proc__meminfo")
    more = ("proc__loadavg", "proc__uptime", "proc__self__statm", "sys__class__hwmon__hwmon1__name")
    assert alarms(lay(tmp_path, **dict.fromkeys((*names, *more), content)).read()) is not None


def test_starts_are_counted_until_the_folder_in_memory_is_gone(tmp_path: Path) -> None:
    assert [count_start(tmp_path) for _ in range(3)] == [1, 2, 3]
    (tmp_path / "starts").write_text("nonsense")
    assert count_start(tmp_path) == 1
    assert count_start(tmp_path / "nowhere") is None
