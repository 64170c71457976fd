"""What a whole agent needs beside one 720p camera: memory, processor, and how soon a known person is told."""

import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from iotcore import Broker

from tests.bench.conftest import Report
from tests.edge_agent.support import AgentProcess
from tests.edge_agent.vision.office import FPS, ConsentGateway, SceneCamera
from tests.edge_agent.vision.test_agent_with_faces import CAMERA, configuration
from tests.support.processes import free_port, until

pytestmark = pytest.mark.bench
SECONDS = 10.0


@pytest.fixture
def gateway() -> Iterator[tuple[ConsentGateway, int]]:
    with Broker(port=free_port(), listen="127.0.0.1") as broker, ConsentGateway(broker.port) as made:
        yield made, broker.port


def watched(process: psutil.Process, seconds: float) -> tuple[float, float]:
    """Highest resident size in MB, and processor seconds a second, over that time."""
    began, used = time.monotonic(), sum(process.cpu_times()[:2])
    most = 0.0
    while time.monotonic() - began < seconds:
        most = max(most, process.memory_info().rss / 1e6)
        time.sleep(0.1)
    return most, (sum(process.cpu_times()[:2]) - used) / (time.monotonic() - began)


def test_an_agent_with_one_camera(tmp_path: Path, gateway: tuple[ConsentGateway, int], report: Report) -> None:
    office, port = gateway
    with SceneCamera() as camera, AgentProcess(tmp_path, port, configuration(tmp_path, camera.url)) as agent:
        office.ready(CAMERA)
        process = psutil.Process(agent.program.pid)
        entry = office.grant()
        office.preview_of(office.order(entry, CAMERA))
        camera.stands("obama2")
        appeared = time.monotonic()
        office.outcome(entry)
        enrolled = time.monotonic() - appeared
        camera.stands()
        empty, idle = watched(process, SECONDS)
        camera.stands("obama3")
        appeared = time.monotonic()
        until(lambda: office.recognised(entry), seconds=20, what="the person to be recognised")
        told = time.monotonic() - appeared
        camera.stands("obama3", "person_b_1", "impostor_2", width=200)
        busy, load = watched(process, SECONDS)
    report.add("agent with one 720p camera, faces in view: memory", f"{max(busy, empty):.0f} MB", "300 MB")
    report.add(f"… processor at {FPS:.0f} pictures/s, three faces in view", f"{load:.0%} of a core", "–")
    report.add(f"… processor at {FPS:.0f} pictures/s, nobody in view", f"{idle:.0%} of a core", "–")
    report.add("enrolment of a cooperative person, from standing there to the event", f"{enrolled:.1f} s", "10 s")
    report.add("a known person, from coming into view to the event at the gateway", f"{told:.1f} s", "–")
