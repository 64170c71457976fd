"""The simulated camera, watched as an agent watches one: MJPEG over HTTP, through OpenCV's own reader."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import paho.mqtt.client as mqtt
import pytest
from iotcore import Broker
from numpy.typing import NDArray
from paho.mqtt.enums import CallbackAPIVersion

from contracts.ids import uuid7
from contracts.messages import Command
from simulator.box import toml
from simulator.devices.control import ControlError, DeviceControl
from tests.support.processes import free_port

TOPIC = "anchang/v1/yunqi/lobby/command"
DEADLINE = 15.0


class Studio:
    """A running `simulator devices` with one camera and a folder of two invented pictures."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port, self.broker_port = folder, free_port(), free_port()
        self.broker = Broker(port=self.broker_port, listen="127.0.0.1")
        self.broker.start()
        for name, colour in (("red", (30, 30, 220)), ("green", (40, 200, 40))):
            cv2.imwrite(str(folder / f"{name}.jpg"), np.full((300, 240, 3), colour, np.uint8))
        camera = {
            "kind": "camera",
            "id": "cam",
            "port": self.port,
            "portraits": folder,
            "fps": 20.0,
            "stand_in": {"command_topic": TOPIC, "enrol": "red", "live": "green", "enrol_seconds": 60.0},
        }
        config = {"control": folder / "c.sock", "broker": {"port": self.broker_port}, "devices": [camera]}
        (folder / "devices.toml").write_text(toml.dumps(config), encoding="utf-8")
        command = [sys.executable, "-m", "simulator", "devices", "--config", str(folder / "devices.toml")]
        self.process = subprocess.Popen(command)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/cam.mjpg"

    def order(self, **order: Any) -> dict[str, Any]:
        async def once() -> dict[str, Any]:
            control = DeviceControl(self.folder / "c.sock")
            try:
                return await control.order(**order)
            finally:
                control.close()

        return asyncio.run(once())

    def close(self) -> None:
        self.process.terminate()
        assert self.process.wait(10) == 0
        self.broker.stop()


def until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < deadline, f"waited {DEADLINE:.0f} s for {what}"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    running = Studio(tmp_path_factory.mktemp("studio"))

    def answers() -> bool:
        try:
            return bool(running.order(do="state")["ok"])
        except ControlError:
            return False

    until(answers, "the devices to answer")
    yield running
    running.close()


@pytest.fixture
def watching(studio: Studio) -> Iterator[cv2.VideoCapture]:
    studio.order(device="cam", do="fault", fault="none")
    studio.order(device="cam", do="clear")
    capture = cv2.VideoCapture()
    until(lambda: capture.open(studio.url, cv2.CAP_FFMPEG), "the stream to open")
    yield capture
    capture.release()


def frame(capture: cv2.VideoCapture) -> NDArray[np.uint8]:
    taken, picture = capture.read()
    assert taken
    return np.asarray(picture, np.uint8)


def colour(picture: NDArray[np.uint8]) -> str:
    """What stands in the middle of the lower half."""
    blue, green, red = (float(picture[400:460, 300:340, each].mean()) for each in range(3))
    if red > 2 * green and red > 2 * blue:
        return "red"
    return "green" if green > 2 * red and green > 2 * blue else "nobody"


def test_frames_arrive_and_no_two_are_the_same(watching: cv2.VideoCapture) -> None:
    first, second = frame(watching), frame(watching)
    assert first.shape == (480, 640, 3)
    assert colour(first) == "nobody"
    assert np.abs(first.astype(int) - second.astype(int)).max() > 3


def test_who_is_ordered_stands_there_and_leaves(studio: Studio, watching: cv2.VideoCapture) -> None:
    studio.order(device="cam", do="show", portrait="green", seconds=30)
    until(lambda: colour(frame(watching)) == "green", "somebody to walk up")
    studio.order(device="cam", do="clear")
    until(lambda: colour(frame(watching)) == "nobody", "them to leave")


def test_an_enrolment_brings_the_stand_in(studio: Studio, watching: cv2.VideoCapture) -> None:
    client = mqtt.Client(CallbackAPIVersion.VERSION2)
    client.connect("127.0.0.1", studio.broker_port)
    client.loop_start()
    command = Command(
        id=uuid7(),
        type="face.enrol.v1",
        device="cam",
        expires_at=datetime.now(UTC) + timedelta(seconds=30),
        data={"consent_id": uuid7(), "person_ref": uuid7()},
    )
    client.publish(TOPIC, b"rubbish", qos=1).wait_for_publish(5)
    client.publish(TOPIC, command.model_dump_json(), qos=1).wait_for_publish(5)
    until(lambda: colour(frame(watching)) == "red", "the stand-in")
    client.disconnect()
    client.loop_stop()


def test_an_unplugged_camera_refuses_and_comes_back(studio: Studio, watching: cv2.VideoCapture) -> None:
    studio.order(device="cam", do="fault", fault="unplug")
    until(lambda: not watching.read()[0], "the stream to end")
    again = cv2.VideoCapture()
    assert not again.open(studio.url, cv2.CAP_FFMPEG)
    studio.order(device="cam", do="fault", fault="none")
    until(lambda: again.open(studio.url, cv2.CAP_FFMPEG), "the camera to come back")
    again.release()


def test_a_portrait_that_is_not_there_is_told(studio: Studio, watching: cv2.VideoCapture) -> None:
    with pytest.raises(ControlError, match="no portrait 'nobody'; there are green, red"):
        studio.order(device="cam", do="show", portrait="nobody")
