"""Boxes out of the YOLOX layout, by way of generated ONNX files and the real runtimes."""

import sys
from pathlib import Path

import cv2
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from edge_agent.vision.people import detector
from edge_agent.vision.people.detector import YoloxDetector
from edge_agent.vision.ports import EngineError
from tests.edge_agent.vision.people import yolox


def room(width: int, height: int) -> "np.ndarray":  # type: ignore[type-arg]
    return np.full((height, width, 3), 114, np.uint8)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return yolox.write(tmp_path_factory.mktemp("yolox") / "blocks.onnx")


@pytest.mark.parametrize("stride", [8, 16, 32])
@pytest.mark.parametrize("classes", [1, 80])
def test_each_stride_gives_its_boxes(tmp_path: Path, stride: int, classes: int) -> None:
    found = YoloxDetector(yolox.write(tmp_path / "m.onnx", active=stride, classes=classes))
    image = room(416, 416)
    column, row = 5, 3
    image[row * stride : (row + 1) * stride, column * stride : (column + 1) * stride] = yolox.colour(
        1.5 * stride, 4 * stride, 0.9, stride=stride
    )
    (person,) = found.detect(image)
    x, y, width, height = person.box
    assert person.score == pytest.approx(0.9, abs=0.01)
    assert (width, height) == pytest.approx((1.5 * stride, 4 * stride), rel=0.02)
    assert (x + width / 2, y + height / 2) == pytest.approx(((column + 0.5) * stride, (row + 0.5) * stride), abs=0.01)


@pytest.mark.parametrize(("width", "height", "scale"), [(832, 624, 0.5), (624, 832, 0.5), (208, 104, 2.0)])
def test_boxes_are_in_the_pixels_of_the_picture(model: Path, width: int, height: int, scale: float) -> None:
    """Whatever its shape: wide, high, or smaller than the model's input."""
    image = room(width, height)
    cell = round(32 / scale)
    image[cell : 2 * cell, 2 * cell : 3 * cell] = yolox.colour(60, 150, 0.8)
    (person,) = YoloxDetector(model).detect(image)
    x, y, wide, high = person.box
    assert (wide * scale, high * scale) == pytest.approx((60, 150), rel=0.05)
    assert (x + wide / 2, y + high / 2) == pytest.approx((2.5 * cell, 1.5 * cell), abs=0.5)


def test_several_people_surest_first_and_doubles_only_once(model: Path) -> None:
    image = room(416, 416)
    for column, row, score in ((1, 6, 0.6), (6, 6, 0.9), (11, 6, 0.3)):
        image[row * 32 : row * 32 + 32, column * 32 : column * 32 + 32] = yolox.colour(70, 200, score)
    image[7 * 32 : 8 * 32, 6 * 32 : 7 * 32] = yolox.colour(70, 230, 0.7)  # the same person, one cell lower
    people = YoloxDetector(model).detect(image)
    assert [round(person.score, 1) for person in people] == [0.9, 0.6, 0.3]


def test_below_the_least_score_nobody_is_told(model: Path) -> None:
    image = room(416, 416)
    image[64:96, 64:96] = yolox.colour(70, 200, 0.3)
    assert YoloxDetector(model, least=0.4).detect(image) == []
    assert YoloxDetector(model).detect(room(416, 416)) == []


def test_the_input_size_may_be_left_to_the_configuration(tmp_path: Path) -> None:
    open_sized = yolox.write(tmp_path / "open.onnx", side="side")
    image = room(320, 320)
    image[64:96, 64:96] = yolox.colour(60, 150, 0.8)
    (person,) = YoloxDetector(open_sized, input_side=320).detect(image)
    assert person.box[2] == pytest.approx(60, rel=0.02)
    with pytest.raises(EngineError, match="multiples of 32, found 330 × 330; set input_side"):
        YoloxDetector(open_sized, input_side=330)


def test_onnxruntime_gives_the_same(model: Path) -> None:
    pytest.importorskip("onnxruntime")
    blob = np.random.default_rng(1).uniform(0, 255, (1, 3, 416, 416)).astype(np.float32)
    ours, theirs = detector._with_opencv(model)(blob), detector._with_onnxruntime(model)(blob)
    assert len(ours) == len(theirs) == 1
    np.testing.assert_allclose(ours[0], theirs[0], atol=1e-3)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"none.onnx is missing.*file of your own"):
        YoloxDetector(tmp_path / "none.onnx")


def test_what_is_no_onnx_is_said(tmp_path: Path) -> None:
    (tmp_path / "bad.onnx").write_bytes(b"\x89PNG not a model" * 10)
    with pytest.raises(EngineError, match=r"bad\.onnx"):
        YoloxDetector(tmp_path / "bad.onnx")


def test_another_layout_is_said_with_what_was_expected(tmp_path: Path) -> None:
    strides = yolox.write(tmp_path / "two.onnx", strides=(8, 16))
    with pytest.raises(
        EngineError, match=r"one output of 1 × 3549 × \(5 \+ classes\) is expected, found 1 × 3380 × 85"
    ):
        YoloxDetector(strides)


def write(path: Path, nodes: list[onnx.NodeProto], inputs: list[onnx.ValueInfoProto], output: list[int]) -> Path:
    outputs = [helper.make_tensor_value_info("output", TensorProto.FLOAT, output)]
    graph = helper.make_graph(nodes, "other", inputs, outputs)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), str(path))
    return path


def test_a_classifier_is_said(tmp_path: Path) -> None:
    images = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 224, 224])
    path = write(
        tmp_path / "c.onnx", [helper.make_node("GlobalAveragePool", ["x"], ["output"])], [images], [1, 3, 1, 1]
    )
    with pytest.raises(EngineError, match=r"for an input of 224 × 224 .* found 1 × 3 × 1 × 1"):
        YoloxDetector(path)


def test_other_inputs_are_said(tmp_path: Path) -> None:
    sound = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 16000])
    path = write(tmp_path / "s.onnx", [helper.make_node("Relu", ["x"], ["output"])], [sound], [1, 16000])
    with pytest.raises(EngineError, match=r"one input of 1 × 3 × height × width is expected, found \[\[1, 16000\]\]"):
        YoloxDetector(path)


def test_scores_that_are_none_are_said(tmp_path: Path) -> None:
    """The right shape alone is not enough: raw sums instead of scores of 0 to 1."""
    path = yolox.write(tmp_path / "raw.onnx")
    model = onnx.load(str(path))
    for node in model.graph.node:
        if node.op_type == "Clip":
            node.op_type = "Neg"
            del node.input[1:]
    onnx.save(model, str(path))
    with pytest.raises(EngineError, match="scores of 0 to 1 are expected, found -"):
        YoloxDetector(path)


def refuse(model: Path) -> object:
    raise cv2.error("an operation it does not know")


def test_what_opencv_cannot_run_runs_on_onnxruntime(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("onnxruntime")
    image = room(416, 416)
    image[64:96, 64:96] = yolox.colour(60, 150, 0.8)
    with_opencv = YoloxDetector(model).detect(image)
    monkeypatch.setattr(detector, "_with_opencv", refuse)
    (person,) = YoloxDetector(model).detect(image)
    assert person.box == pytest.approx(with_opencv[0].box, abs=0.01)


def test_what_nothing_installed_can_run_is_said(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detector, "_with_opencv", refuse)
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(EngineError, match=r"cannot run .* Install onnxruntime, or export another file"):
        YoloxDetector(model)
