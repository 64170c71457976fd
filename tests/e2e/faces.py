"""An office with two cameras: one at the kiosk beside the vault, one above the door whose node keeps nothing."""

import itertools
import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
from playwright.sync_api import Browser

from simulator.box import toml
from tests.e2e.conftest import roster_known
from tests.support import portraits
from tests.support.browser import chromium
from tests.support.devices import mqtt_client
from tests.support.office import Office
from tests.support.processes import free_port, until

KIOSK, DOOR = "cam-kiosk", "cam-door"


class Cameras:
    """The simulated cameras, a process of their own; portraits by the stem of their file."""

    def __init__(self, folder: Path) -> None:
        self.control = folder / "cameras.sock"
        self.ports = {KIOSK: free_port(), DOOR: free_port()}
        common = {"kind": "camera", "portraits": portraits.PORTRAITS, "fps": 10.0}
        devices = [{**common, "id": camera, "port": port} for camera, port in self.ports.items()]
        config = folder / "cameras.toml"
        config.write_text(toml.dumps({"control": self.control, "devices": devices}), encoding="utf-8")
        self._process = subprocess.Popen([sys.executable, "-m", "simulator", "devices", "--config", str(config)])
        until(self._answers, seconds=20, what="the cameras to answer")

    def url(self, camera: str) -> str:
        return f"http://127.0.0.1:{self.ports[camera]}/{camera}.mjpg"

    def show(self, camera: str, picture: str, *, height: float = 0.95, seconds: float = 60) -> None:
        stem = Path(picture).stem
        self._order(device=camera, do="show", portrait=stem, height=height, seconds=seconds)

    def clear(self, *cameras: str) -> None:
        for camera in cameras or tuple(self.ports):
            self._order(device=camera, do="clear")

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(10)

    def _answers(self) -> bool:
        try:
            self._order(do="state")
        except OSError:
            return False
        return True

    def _order(self, **order: Any) -> dict[str, Any]:
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(str(self.control))
            line.sendall(json.dumps(order).encode() + b"\n")
            answer: dict[str, Any] = json.loads(line.makefile().readline())
        assert answer["ok"], answer
        return answer


class Capture:
    """Every message of the broker, written down byte for byte, as somebody who listens would."""

    def __init__(self, port: int, folder: Path) -> None:
        folder.mkdir()
        self._numbers = itertools.count()
        self._folder = folder
        self._client = mqtt_client(port, "somebody-who-listens")
        self._client.on_message = self._write
        self._client.subscribe("#", qos=1)

    @property
    def heard(self) -> int:
        return len(list(self._folder.iterdir()))

    def probes(self, node: str) -> int:
        """Looks at faces that this node sealed and sent."""
        return sum(1 for file in self._folder.iterdir() if file.name.endswith(f"_{node}_probe"))

    def stop(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _write(self, client: mqtt.Client, userdata: Any, message: mqtt.MQTTMessage) -> None:
        name = f"{next(self._numbers):06d}-{message.topic.replace('/', '_')}"
        (self._folder / name).write_bytes(message.payload)


@dataclass
class FaceWorld:
    office: Office
    cameras: Cameras
    browser: Browser
    capture: Capture


def node_config(folder: Path, cameras: Cameras, node: str, camera: str, *, vault: bool, purpose: str) -> str:
    (folder / f"{node}-keys").mkdir(exist_ok=True)
    return f"""
[faces]
models = "{portraits.models()}"
copy = "{folder}/{node}-consents.db"
key_file = "{folder}/{node}-keys/faces.key"
preview_port = 0
{f'vault = "{folder}/{node}-faces.db"' if vault else ""}
[faces.matching]
quiet_seconds = 2
[[devices]]
id = "{camera}"
driver = "camera"
faces = "{purpose}"
source = {{ kind = "mjpeg", url = "{cameras.url(camera)}" }}
"""


@contextmanager
def open_face_world(folder: Path) -> Iterator[FaceWorld]:
    portraits.models()
    office = Office(folder, kiosk_camera=("lobby", KIOSK), policy="leave_quiet_minutes = 0")
    cameras = Cameras(folder)
    office.write_configs(node_config(folder, cameras, "lobby", KIOSK, vault=True, purpose="both"))
    entrance = node_config(folder, cameras, "entrance", DOOR, vault=False, purpose="recognise")
    office.write_agent_config(entrance, node="entrance")
    try:
        office.start_broker()
        until(lambda: is_listening(office.ports["broker"]), seconds=20, what="the broker to listen")
        capture = Capture(office.ports["broker"], folder / "mqtt")
        office.start_central()
        office.provision_central()
        office.start_gateway()
        office.start_agent("lobby")
        office.start_agent("entrance")
        office.start_screens()
        until(lambda: roster_known(office), seconds=40, what="the gateway to pull its roster from central")
        until(lambda: set(matching(office)) == {"lobby", "entrance"}, seconds=60, what="both nodes to match faces")
        with chromium() as browser:
            yield FaceWorld(office, cameras, browser, capture)
        capture.stop()
    finally:
        cameras.stop()
        office.stop()


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def looks(office: Office) -> int:
    """At faces that the vault has compared, as its node last reported."""
    with office.sign_in("M01") as manager:
        nodes = manager.get("/v1/faces").json()["nodes"]
    return sum(each["faces"]["looks"] for each in nodes)


def matching(office: Office) -> list[str]:
    """The nodes that would recognise somebody now."""
    with office.sign_in("M01") as manager:
        nodes = manager.get("/v1/faces").json()["nodes"]
    return [each["node"] for each in nodes if each["online"] and each["faces"]["matching"]]
