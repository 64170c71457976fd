"""Weights that are missing, damaged or not allowed: each refusal says where and what to do."""

import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from edge_agent.vision.engines import factory
from edge_agent.vision.engines.preflight import LICENCE_SENTENCE
from edge_agent.vision.ports import EngineError, FaceEngine
from tests.edge_agent.vision.engines.conftest import insightface_config, opencv_config
from tests.support import portraits
from tests.support.processes import ROOT

DETECTOR, RECOGNISER = "face_detection_yunet_2023mar.onnx", "face_recognition_sface_2021dec.onnx"


@pytest.fixture
def models(tmp_path: Path) -> Path:
    shutil.copytree(portraits.models() / "opencv", tmp_path / "models" / "opencv")
    return tmp_path / "models"


@pytest.mark.parametrize("file", [DETECTOR, RECOGNISER])
def test_missing_weights_are_named_with_the_command_that_fetches_them(models: Path, file: str) -> None:
    (models / "opencv" / file).unlink()
    with pytest.raises(EngineError) as refused:
        factory.build(opencv_config(models))
    assert f"{models / 'opencv' / file} is missing" in str(refused.value)
    assert f"python -m edge_agent.vision.models fetch --into {models}" in str(refused.value)


@pytest.mark.parametrize("file", [DETECTOR, RECOGNISER])
def test_one_flipped_bit_is_noticed(models: Path, file: str) -> None:
    path = models / "opencv" / file
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(EngineError, match=r"is damaged or another file: SHA-256 [0-9a-f]{64}, expected"):
        factory.build(opencv_config(models))


def test_an_engine_names_itself_and_its_weights(opencv: FaceEngine, insightface: FaceEngine) -> None:
    assert (opencv.id, insightface.id) == ("opencv", "insightface")
    assert len(opencv.model) == len(insightface.model) == 64
    assert opencv.model != insightface.model


def test_configuration_and_factory_need_no_opencv() -> None:
    program = (
        "import sys; sys.modules['cv2'] = sys.modules['numpy'] = None\n"
        "from pathlib import Path\n"
        "from edge_agent.vision.config import FacesConfig\n"
        "from edge_agent.vision.engines import factory\n"
        "from edge_agent.vision.ports import EngineError\n"
        "try:\n"
        "    factory.build(FacesConfig(models=Path('m'), copy=Path('c'), key_file=Path('k/k')))\n"
        "except EngineError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "is not installed: install requirements/vision.txt" in done.stdout


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    import insightface.app  # noqa: F401 - loading it is not what is watched

    def forbidden(*_: object, **__: object) -> None:
        raise AssertionError("the engine reached for the network")

    for name in ("socket", "create_connection", "getaddrinfo"):
        monkeypatch.setattr(socket, name, forbidden)


@pytest.mark.usefixtures("no_network")
def test_a_pack_is_used_without_network() -> None:
    assert factory.build(insightface_config(portraits.pack())).dimensions == 128


@pytest.mark.usefixtures("no_network")
def test_a_missing_pack_is_not_downloaded(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="buffalo_l is not a folder: unpack your model pack there; nothing is"):
        factory.build(insightface_config(tmp_path / "buffalo_l"))


def test_an_empty_pack_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"holds no \.onnx file: unpack your model pack there"):
        factory.build(insightface_config(tmp_path))


def test_a_pack_unpacked_one_folder_too_deep_is_pointed_at(tmp_path: Path) -> None:
    (tmp_path / "buffalo_l").mkdir()
    (tmp_path / "buffalo_l" / "det_10g.onnx").write_bytes(b"")
    with pytest.raises(EngineError, match=f"did you mean {tmp_path / 'buffalo_l'}"):
        factory.build(insightface_config(tmp_path))


@pytest.mark.parametrize(
    ("kept", "missing"),
    [("rec_sface_fp32.onnx", "no face detector"), ("det_yunet_as_scrfd.onnx", "no face recogniser")],
)
def test_half_a_pack_is_refused(tmp_path: Path, kept: str, missing: str) -> None:
    shutil.copy(portraits.pack() / kept, tmp_path)
    with pytest.raises(EngineError, match=rf"holds {missing} that insightface knows .* Files: {kept}"):
        factory.build(insightface_config(tmp_path))


def test_a_damaged_pack_is_refused(tmp_path: Path) -> None:
    shutil.copy(portraits.pack() / "det_yunet_as_scrfd.onnx", tmp_path)
    whole = (portraits.pack() / "rec_sface_fp32.onnx").read_bytes()
    (tmp_path / "rec_sface_fp32.onnx").write_bytes(whole[: len(whole) // 3])
    with pytest.raises(EngineError, match="cannot load the pack in"):
        factory.build(insightface_config(tmp_path))


@pytest.mark.parametrize("sentence", ["", "yes", LICENCE_SENTENCE.lower()])
def test_without_the_licence_sentence_the_refusal_tells_it(tmp_path: Path, sentence: str) -> None:
    with pytest.raises(EngineError) as refused:
        factory.build(insightface_config(tmp_path, sentence))
    assert "non-commercial research only" in str(refused.value)
    assert f'licence_acknowledged = "{LICENCE_SENTENCE}"' in str(refused.value)
