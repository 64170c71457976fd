"""What a node with faces does when something is missing, broken or elsewhere; and that the counters do not care."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from iotcore import Broker

from contracts.events import FaceRecognised
from contracts.messages import FaceStatus
from edge_agent.config import load
from edge_agent.vision.engines.preflight import LICENCE_SENTENCE
from edge_agent.vision.models import COMMAND, FOLDER, RECOGNISER, WEIGHTS
from tests.edge_agent.devices import cases
from tests.edge_agent.support import NODE, AgentProcess, publish_json
from tests.edge_agent.vision.office import ConsentGateway, SceneCamera
from tests.edge_agent.vision.test_agent_with_faces import CAMERA, configuration
from tests.support import portraits
from tests.support.processes import ROOT, until

HEAVY = "cv2,numpy,onnx,onnxruntime,insightface"
COUNTER = '[[devices]]\nid = "hall"\ndriver = "milesight_vs121"\ntopic = "milesight/1"\n'


@pytest.fixture
def gateway(broker: Broker) -> Iterator[ConsentGateway]:
    with ConsentGateway(broker.port) as made:
        yield made


@pytest.fixture
def camera() -> Iterator[SceneCamera]:
    with SceneCamera(640, 480) as made:
        yield made


def without(agent: AgentProcess, modules: str = HEAVY) -> AgentProcess:
    """The same program where those packages are not installed."""
    _, program, *arguments = agent.program.arguments
    agent.program.arguments = ["-m", "tests.edge_agent.vision.blocked", modules, program, *arguments]
    return agent


def wait_reason(gateway: ConsentGateway, text: str) -> FaceStatus:
    def told() -> FaceStatus | None:
        faces = gateway.faces
        return faces if faces is not None and text in faces.reason else None

    return until(told, seconds=30, what=f"the status to say {text!r}", every=0.05)


def counts(gateway: ConsentGateway, port: int) -> bool:
    before = len(gateway.of_type("zone.occupancy.v1"))
    payload = json.dumps(cases("milesight_vs121")[0]["payload"]).encode()
    publish_json(port, "milesight/1", [payload])
    return until(lambda: len(gateway.of_type("zone.occupancy.v1")) > before, seconds=10, what="the counter's event")


def check(folder: Path, text: str, *, modules: str = "") -> "subprocess.CompletedProcess[str]":
    config = folder / "checked.toml"
    config.write_text(f'office = "yunqi"\nnode = "lobby"\n[outbox]\npath = "{folder}/o.db"\n{text}')
    command = ["-m", "tests.edge_agent.vision.blocked", modules, "edge_agent"] if modules else ["-m", "edge_agent"]
    return subprocess.run(
        [sys.executable, *command, "--config", str(config), "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_node_without_faces_needs_none_of_the_heavy_packages(
    tmp_path: Path, broker: Broker, gateway: ConsentGateway
) -> None:
    with without(AgentProcess(tmp_path, broker.port, COUNTER)) as agent:
        until(lambda: gateway.statuses and gateway.statuses[-1].online, seconds=15, what="the node to be online")
        assert counts(gateway, broker.port) and gateway.faces is None
        assert agent.program.stop() == 0


def test_where_opencv_is_not_installed_it_says_so_and_counts_on(
    tmp_path: Path, broker: Broker, gateway: ConsentGateway, camera: SceneCamera
) -> None:
    text = configuration(tmp_path, camera.url) + COUNTER
    with without(AgentProcess(tmp_path, broker.port, text)) as agent:
        status = wait_reason(gateway, "requirements/vision.txt")
        assert not status.matching and status.model == ""
        assert counts(gateway, broker.port)
        assert gateway.reply_to(gateway.order(gateway.grant(), CAMERA)).error == "camera"
        assert agent.program.stop() == 0
    assert "internal error" not in agent.program.log.read_text()


def test_weights_that_are_not_the_pinned_ones_recognise_nobody_until_they_are_replaced(
    tmp_path: Path, broker: Broker, gateway: ConsentGateway, camera: SceneCamera
) -> None:
    models = tmp_path / "models"
    shutil.copytree(portraits.models() / "opencv", models / "opencv")
    recogniser = models / "opencv" / "face_recognition_sface_2021dec.onnx"
    damaged = bytearray(recogniser.read_bytes())
    damaged[len(damaged) // 2] ^= 0xFF
    recogniser.write_bytes(damaged)
    text = configuration(tmp_path, camera.url).replace(str(portraits.models()), str(models)) + COUNTER
    with AgentProcess(tmp_path, broker.port, text):
        status = wait_reason(gateway, "SHA-256")
        assert not status.matching and COMMAND in status.reason and status.cameras == []
        assert status.vault and status.vault_key  # what is to be deleted is deleted without an engine
        assert counts(gateway, broker.port)
        until(lambda: gateway.device_state(CAMERA)[0], seconds=15, what="the camera to be heard of")
        refused = until(
            lambda: (reply := gateway.reply_to(gateway.order(gateway.grant(), CAMERA))).error != "camera" and reply,
            seconds=15,
            what="the camera to give pictures",
        )
        assert (refused.ok, refused.error) == (False, "engine")
        shutil.copy(portraits.models() / "opencv" / recogniser.name, recogniser)
        gateway.ready(CAMERA)


def test_a_key_file_others_may_read_is_told_and_the_agent_runs(
    tmp_path: Path, broker: Broker, gateway: ConsentGateway, camera: SceneCamera
) -> None:
    text = configuration(tmp_path, camera.url) + COUNTER
    (tmp_path / "keys" / "faces.key").write_text("{}")
    (tmp_path / "keys" / "faces.key").chmod(0o644)
    with AgentProcess(tmp_path, broker.port, text):
        assert not wait_reason(gateway, "chmod 600").vault
        assert counts(gateway, broker.port)


def test_a_camera_node_seals_its_looks_and_its_enrolments_to_the_vault_of_another(
    tmp_path: Path, broker: Broker, gateway: ConsentGateway
) -> None:
    folders = {node: tmp_path / node for node in (NODE, "garden")}
    for folder in folders.values():
        folder.mkdir()
    with SceneCamera() as camera:
        lobby = configuration(folders[NODE], camera.url).split("[[devices]]")[0]
        vault = AgentProcess(folders[NODE], broker.port, lobby)
        garden = AgentProcess(folders["garden"], broker.port, configuration(folders["garden"], camera.url, vault=False))
        garden.config.write_text(garden.config.read_text().replace(f'node = "{NODE}"', 'node = "garden"'))
        with vault, garden:
            until(lambda: (now := gateway.faces) and now.matching, seconds=30, what="the vault to match")
            sealing = gateway.ready(CAMERA, node="garden")
            assert not sealing.vault and (sealing.people, sealing.vault_key) == (0, "")
            entry = gateway.grant()
            gateway.preview_of(gateway.order(entry, CAMERA, node="garden"))
            camera.stands("obama2")
            told = gateway.outcome(entry)
            assert (told.data["outcome"], told.data["shots"]) == ("done", 3)
            assert told.source == f"/offices/yunqi/nodes/{NODE}/devices/faces"
            camera.stands()
            camera.stands("obama3")
            until(lambda: gateway.recognised(entry), seconds=20, what="the person to be recognised")
            seen = FaceRecognised.model_validate(gateway.recognised(entry)[0].data)
            assert (seen.node, seen.camera, seen.person_ref) == ("garden", CAMERA, entry.person_ref)
            assert len(gateway.probes) >= 6
            assert (
                not list(folders["garden"].glob("faces*")) and not (folders["garden"] / "keys" / "faces.key").exists()
            )


# ---- --check -------------------------------------------------------------------------------------------------------
def test_check_says_which_lock_is_missing(tmp_path: Path) -> None:
    answer = check(tmp_path, configuration(tmp_path, "http://127.0.0.1/x"), modules=HEAVY)
    assert answer.returncode == 1 and answer.stdout == ""
    assert f"OpenCV, for {CAMERA}, is not installed" in answer.stderr and "-r requirements/vision.txt" in answer.stderr


def test_check_says_how_to_get_the_weights(tmp_path: Path) -> None:
    text = configuration(tmp_path, "http://127.0.0.1/x").replace(str(portraits.models()), str(tmp_path / "none"))
    answer = check(tmp_path, text)
    lines = answer.stderr.splitlines()
    assert (answer.returncode, answer.stdout, len(lines)) == (1, "", 2)
    for line, weights in zip(lines, WEIGHTS, strict=True):
        assert f"{weights.name} is missing: {COMMAND} {tmp_path / 'none'}" in line


def test_check_notices_weights_that_are_not_the_pinned_ones(tmp_path: Path) -> None:
    shutil.copytree(portraits.models() / FOLDER, tmp_path / "models" / FOLDER)
    with (tmp_path / "models" / FOLDER / RECOGNISER).open("r+b") as stream:
        stream.write(b"another")
    text = configuration(tmp_path, "http://127.0.0.1/x").replace(str(portraits.models()), str(tmp_path / "models"))
    answer = check(tmp_path, text)
    (line,) = answer.stderr.splitlines()
    assert answer.returncode == 1 and f"{RECOGNISER} is damaged or another file" in line and COMMAND in line


def test_check_names_the_camera_whose_person_detector_is_missing(tmp_path: Path) -> None:
    lines = "lines = [{ from = [0.0, 0.5], to = [1.0, 0.5] }]"
    text = configuration(tmp_path, "http://127.0.0.1/x")
    answer = check(tmp_path, f'{text}people = {{ model = "{tmp_path}/yolox.onnx", {lines} }}\n')
    (line,) = answer.stderr.splitlines()
    assert answer.returncode == 1 and f"{CAMERA}: the person detector {tmp_path}/yolox.onnx does not exist" in line


def test_check_asks_for_the_licence_sentence_of_insightface(tmp_path: Path) -> None:
    text = configuration(tmp_path, "http://127.0.0.1/x", more='engine = "insightface"')
    text += f'[faces.insightface]\nmodel_dir = "{tmp_path}"\n'
    answer = check(tmp_path, text)
    assert answer.returncode == 1 and LICENCE_SENTENCE in answer.stderr


def test_the_example_is_good_with_its_faces_taken_in(tmp_path: Path) -> None:
    example = (ROOT / "firmware_configs" / "edge" / "edge_agent.toml").read_text()
    taken_in = tmp_path / "example.toml"
    others, heading, faces = example.partition("# ---- cameras and faces")
    taken_in.write_text(others + heading + re.sub(r"^#(?=[^ #])", "", faces, flags=re.MULTILINE))
    config = load(taken_in)
    assert config.faces is not None and [camera.id for camera in config.cameras] == ["cam-kiosk"]
    assert config.cameras[0].people is not None


def test_check_is_silent_when_nothing_is_missing(tmp_path: Path) -> None:
    answer = check(tmp_path, configuration(tmp_path, "http://127.0.0.1/x"))
    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout.endswith(f": good: {CAMERA} (camera)\n")


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        (
            f'[[devices]]\nid = "{CAMERA}"\ndriver = "camera"\nsource = {{ kind = "csi" }}\n',
            "needs a section [faces]",
        ),
        (
            '[[devices]]\nid = "faces"\ndriver = "milesight_vs121"\ntopic = "x/1"\n',
            "the id faces belongs to the agent itself",
        ),
    ],
)
def test_a_mistake_around_faces_is_told(tmp_path: Path, text: str, mistake: str) -> None:
    answer = check(tmp_path, text)
    assert answer.returncode == 2 and mistake in answer.stderr


def test_an_order_to_enrol_on_a_node_without_faces_is_refused(
    tmp_path: Path, broker: Broker, gateway: ConsentGateway
) -> None:
    with AgentProcess(tmp_path, broker.port, COUNTER):
        until(lambda: gateway.statuses and gateway.statuses[-1].online, seconds=15, what="the node to be online")
        reply: Any = gateway.reply_to(gateway.order(gateway.grant(), CAMERA))
        assert (reply.ok, reply.error) == (False, f"unknown device {CAMERA!r}")
