"""What is flashed, by ESPHome itself: each configuration is accepted, and the parts of our own run on this machine.

The chip's own compiler cannot be had here, so no image for an ESP32 is built: not yet run on real hardware.
"""

import contextlib
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from edge_agent.devices.esphome_counter import total
from edge_agent.devices.lenient import PayloadError
from tests.firmware.doorway import COMPILER, HOST, ROOT, Walker, seen, walking
from tests.support.devices import ModbusDoor
from tests.support.processes import until

SHIPPED = ROOT / "firmware_configs" / "esphome"
ESPHOME = ROOT / "build" / "esphome-venv" / "bin" / "esphome"
DEVICES = ("door_counter", "modbus_bridge", "button_box")
TOTALS = {"door_counter": "door-main", "modbus_bridge": "door-side"}

pytestmark = [
    pytest.mark.firmware,
    pytest.mark.skipif(not ESPHOME.exists(), reason="ESPHome is not installed: scripts/firmware.sh"),
]


class _Loader(yaml.SafeLoader):
    """Reads what ESPHome prints: its tags stand for their text."""


_Loader.add_multi_constructor("!", lambda loader, _tag, node: loader.construct_scalar(node))  # type: ignore[no-untyped-call]


def _esphome(folder: Path, *arguments: str) -> str:
    environment = os.environ | {"PLATFORMIO_SETTING_ENABLE_TELEMETRY": "no"}
    done = subprocess.run(
        [str(ESPHOME), *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=100
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped files with the example of the secrets in place of an office's own."""
    made = tmp_path_factory.mktemp("esphome") / "esphome"
    shutil.copytree(SHIPPED, made)
    shutil.copy(made / "secrets.example.yaml", made / "secrets.yaml")
    return made


@pytest.fixture(scope="module")
def configs(folder: Path) -> dict[str, dict[str, Any]]:
    return {name: yaml.load(_esphome(folder, "config", "--show-secrets", f"{name}.yaml"), _Loader) for name in DEVICES}


@pytest.mark.parametrize("name", DEVICES)
def test_esphome_accepts_the_configuration(configs: dict[str, dict[str, Any]], name: str) -> None:
    assert configs[name]["esphome"]["name"]


@pytest.mark.parametrize(("name", "device"), TOTALS.items())
def test_a_counter_publishes_where_the_agent_listens_and_says_when_it_is_gone(
    configs: dict[str, dict[str, Any]], name: str, device: str
) -> None:
    mqtt = configs[name]["mqtt"]
    assert mqtt["topic_prefix"] == f"esphome/{device}"
    for message, payload in (("birth_message", "online"), ("will_message", "offline"), ("shutdown_message", "offline")):
        assert mqtt[message] == {"topic": f"esphome/{device}/status", "payload": payload, "qos": 1, "retain": True}
    entities = configs[name].get("text_sensor") or [
        configs[name]["door_tof"][0][key] for key in ("people_in", "people_out")
    ]
    assert [entity["name"] for entity in entities] == ["people_in", "people_out"]


@pytest.mark.parametrize("name", TOTALS)
def test_a_counter_opens_nothing_but_the_update_with_its_password(
    configs: dict[str, dict[str, Any]], name: str
) -> None:
    config = configs[name]
    assert not {"api", "web_server", "captive_portal", "improv_serial", "esp32_improv"} & config.keys()
    assert "ap" not in config["wifi"]
    assert [update["password"] for update in config["ota"]] == ["change-me-please"]
    assert (config["mqtt"]["discovery"], config["mqtt"].get("log_topic")) == (False, None)


def test_the_button_box_speaks_at_the_speed_the_agent_listens_at_and_to_no_network(
    configs: dict[str, dict[str, Any]],
) -> None:
    config = configs["button_box"]
    assert config["uart"][0]["baud_rate"] == 9600
    assert config["logger"]["baud_rate"] == 0
    assert not {"wifi", "mqtt", "api", "ota", "ethernet"} & config.keys()


def test_an_address_of_its_own_and_tls_can_be_added(folder: Path) -> None:
    text = (folder / "door_counter.yaml").read_text()
    text = text.replace(
        "  common: !include common.yaml\n",
        "  common: !include common.yaml\n  network: !include static_network.yaml\n  tls: !include mqtt_tls.yaml\n",
    ).replace(
        "substitutions:\n", "substitutions:\n  address: 10.0.0.21\n  gateway: 10.0.0.1\n  subnet: 255.255.255.0\n"
    )
    (folder / "with_both.yaml").write_text(text)
    config = yaml.load(_esphome(folder, "config", "with_both.yaml"), _Loader)
    assert config["wifi"]["manual_ip"]["static_ip"] == "10.0.0.21"
    assert config["mqtt"]["port"] == 8883


def test_a_sensor_that_hangs_too_low_is_refused_by_name(folder: Path) -> None:
    text = (folder / "door_counter.yaml").read_text().replace("mounting_height: 2.2m", "mounting_height: 1.5m")
    (folder / "low.yaml").write_text(text)
    done = subprocess.run([str(ESPHOME), "config", "low.yaml"], cwd=folder, capture_output=True, text=True, timeout=100)
    assert done.returncode != 0
    assert "mounting_height" in done.stdout + done.stderr


class Program:
    """The firmware's own parts as a process; the last state that each of its entities published."""

    def __init__(self, binary: Path) -> None:
        self.said: dict[str, list[str]] = {}
        self._process = subprocess.Popen([str(binary)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            name, mark, state = line.strip().partition("=")
            if mark and name.isidentifier():
                self.said.setdefault(name, []).append(state)

    def says(self, name: str, state: str, seconds: float = 20) -> None:
        until(lambda: self.said.get(name, [""])[-1] == state, seconds=seconds, what=f"{name} to be {state}")

    def stop(self) -> None:
        self._process.kill()
        self._process.wait(10)


@pytest.fixture(scope="module")
def binary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Generated by ESPHome, compiled by g++: our component and the Modbus configuration, about a minute."""
    if COMPILER is None:
        pytest.skip("g++ is not installed")
    made = tmp_path_factory.mktemp("host") / "esphome"
    shutil.copytree(SHIPPED, made)
    shutil.copytree(HOST / "components", made / "components", dirs_exist_ok=True)
    shutil.copy(HOST / "say.h", made)
    (made / "host.yaml").write_text((HOST / "host.yaml").read_text().replace("SCENE", str(made / "scene.txt")))
    _esphome(made, "compile", "--only-generate", "host.yaml")
    build = made / ".esphome" / "build" / "door-host"
    main = build / "src" / "main.cpp"  # its schema allows a port nowhere but directly below one folder
    main.write_text(main.read_text().replace("/dev/line", str(made / "line")))
    (build / "Makefile").write_text(
        "FLAGS = -std=gnu++20 -O0 -DUSE_HOST -DESPHOME_LOG_LEVEL=ESPHOME_LOG_LEVEL_WARN -fno-exceptions -Isrc\n"
        "OBJECTS = $(patsubst %.cpp,%.o,$(shell find src -name '*.cpp'))\n"
        "program: $(OBJECTS)\n\tg++ -o $@ $^ -lpthread\n"
        "%.o: %.cpp\n\tg++ $(FLAGS) $(if $(findstring door_tof,$<),-Wall -Werror) -c -o $@ $<\n"
    )
    done = subprocess.run(["make", "-s", "-j2", "program"], cwd=build, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return build / "program"


@pytest.fixture
def home(binary: Path) -> Path:
    return binary.parents[3]


def _scene(home: Path, people: int, fails_at: int, back_at: int) -> None:
    """`people` walk in one after the other and one out again; then the sensor is unplugged for a while."""
    walkers = [Walker(walking(1.5, since=1.0 + 1.5 * number)) for number in range(people)]
    walkers.append(Walker(walking(-1.5, since=1.0 + 1.5 * people)))
    measured = {zone: [s for s in seen(*walkers, seconds=fails_at / 1000) if s[0] == zone] for zone in (0, 1)}
    lines = [f"{a[3]} {a[2]} {b[2]} 9" for a, b in zip(measured[0], measured[1], strict=False)]
    lines += [f"{fails_at} 0 0 0", f"{back_at} 2200 2200 9"]
    (home / "scene.txt").write_text("\n".join(lines) + "\n")


def _understood(states: list[str]) -> list[int]:
    """What the agent's driver makes of the published states; it refuses `nan`."""
    totals = []
    for state in states:
        with contextlib.suppress(PayloadError):
            totals.append(total(state.encode(), 2**32 - 1))
    return totals


@pytest.mark.timeout(400)
def test_the_door_counter_counts_people_and_says_so_when_its_sensor_is_unplugged(binary: Path, home: Path) -> None:
    _scene(home, people=2, fails_at=7_000, back_at=10_000)
    program = Program(binary)
    try:
        program.says("door_in", "2")
        program.says("door_out", "1")
        program.says("problem", "silent")
        assert (program.said["door_in"][-1], program.said["door_out"][-1]) == ("nan", "nan")
        program.says("problem", "none")
        program.says("door_in", "2")
        totals = _understood(program.said["door_in"])
        assert (sorted(set(totals)), totals) == ([0, 1, 2], sorted(totals)), "from 0 on, and nobody lost at the fault"
    finally:
        program.stop()


@pytest.fixture
def slave(home: Path) -> Iterator[ModbusDoor]:
    (home / "scene.txt").write_text("")
    made = ModbusDoor(home / "line")
    yield made
    made.unplug()


@pytest.mark.timeout(400)
def test_the_bridge_tells_32_bit_totals_exactly_and_nothing_while_the_counter_is_mute(
    binary: Path, slave: ModbusDoor
) -> None:
    slave.total_in, slave.total_out = 16_777_217, 4_294_967_295
    program = Program(binary)
    try:
        program.says("people_in", "16777217")
        program.says("people_out", "4294967295")
        slave.mute = True
        program.says("people_in", "nan", seconds=40)
        slave.total_in, slave.mute = 16_777_219, False
        program.says("people_in", "16777219", seconds=40)
        assert set(_understood(program.said["people_in"])) == {16_777_217, 16_777_219}
    finally:
        program.stop()
