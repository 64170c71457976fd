"""A model pack for insightface made of the free weights, so that tests run its real FaceAnalysis class.

InsightFace's own packs are for non-commercial research and do not belong into a test environment. This one says in its
graphs what SCRFD and ArcFace say in theirs; only tests use it.
"""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, compose, helper, numpy_helper

DETECTOR = "det_yunet_as_scrfd.onnx"
RECOGNISER = "rec_sface_fp32.onnx"
QUANTISED = "rec_sface_int8.onnx"
_STRIDES = (8, 16, 32)


def make(detector: Path, recogniser: Path, good: Path, quantised: Path) -> None:
    """Write the pack into `good`; `quantised` gets the one that insightface loads and that recognises wrongly."""
    wrapped = scrfd_of_yunet(onnx.load(detector))
    folded = folded_weights(onnx.load(recogniser))
    for folder in (good, quantised):
        folder.mkdir(parents=True, exist_ok=True)
        onnx.save(wrapped, folder / DETECTOR)
    onnx.save(folded, good / RECOGNISER)
    onnx.save(onnx.load(recogniser), quantised / QUANTISED)


def folded_weights(model: onnx.ModelProto) -> onnx.ModelProto:
    """Block-quantised constants as plain fp32 ones.

    insightface takes a network for one that wants pixels of 0 to 255 when it finds a Sub and a Mul among the first
    eight nodes. Quantised, those are DequantizeLinear, and the network silently gets pixels of -1 to 1.
    """
    graph = model.graph
    constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    kept = []
    for node in graph.node:
        if node.op_type == "DequantizeLinear":
            constants[node.output[0]] = _dequantised(node, constants)
        elif node.op_type == "Reshape" and all(name in constants for name in node.input):
            constants[node.output[0]] = constants[node.input[0]].reshape(constants[node.input[1]])
        else:
            kept.append(node)
    used = {name for node in kept for name in node.input}
    initializers = [
        numpy_helper.from_array(np.ascontiguousarray(constants[n]), n) for n in sorted(used & set(constants))
    ]
    plain = helper.make_graph(kept, graph.name, list(graph.input), list(graph.output), initializers)
    return helper.make_model(plain, opset_imports=list(model.opset_import), ir_version=model.ir_version)


def _dequantised(node: onnx.NodeProto, constants: dict[str, np.ndarray]) -> np.ndarray:
    quantised, scales, zero_points = (constants[name] for name in node.input)
    options = {attribute.name: attribute.i for attribute in node.attribute}
    axis = options.get("axis", 1)
    if scales.ndim == quantised.ndim:  # one scale for each block along the axis
        block = options["block_size"]
        length = quantised.shape[axis]
        scales = np.repeat(scales, block, axis=axis).take(range(length), axis=axis)
        zero_points = np.repeat(zero_points, block, axis=axis).take(range(length), axis=axis)
    elif scales.ndim == 1 and quantised.ndim > 1:
        shape = [1] * quantised.ndim
        shape[axis] = -1
        scales, zero_points = scales.reshape(shape), zero_points.reshape(shape)
    return (quantised.astype(np.int32) - zero_points.astype(np.int32)).astype(np.float32) * scales.astype(np.float32)


def scrfd_of_yunet(model: onnx.ModelProto) -> onnx.ModelProto:
    """YuNet with SCRFD's input (RGB, -1 to 1) and its nine outputs: scores, distances, landmarks of three strides.

    YuNet gives per cell: class and object score (SCRFD: one score), centre offset and log size (SCRFD: distances to the
    four sides), landmark offsets (the same). SCRFD has two anchors in a cell; the second one here never scores.
    """
    model = compose.add_prefix(model, "yunet/")
    graph = model.graph
    size = [dimension.dim_value for dimension in graph.input[0].type.tensor_type.shape.dim]
    nodes = _input_nodes("image", graph.input[0].name)
    constants = {"deviation": 128.0, "mean": 127.5, "half": 0.5, "zero": 0.0}
    initializers = [numpy_helper.from_array(np.array(value, np.float32), name) for name, value in constants.items()]
    initializers.append(numpy_helper.from_array(np.array([2, 1, 0], np.int64), "bgr"))
    for width in (1, 4, 10):
        initializers.append(numpy_helper.from_array(np.array([-1, width], np.int64), f"rows_of_{width}"))
    outputs: dict[str, list[onnx.ValueInfoProto]] = {"score": [], "bbox": [], "kps": []}
    for stride in _STRIDES:
        nodes_of_stride = _score_nodes(stride) + _box_nodes(stride) + _twice(f"yunet/kps_{stride}", f"kps_{stride}", 10)
        nodes += nodes_of_stride
        rows = 2 * (size[2] // stride) * (size[3] // stride)
        for kind, width in (("score", 1), ("bbox", 4), ("kps", 10)):
            name = f"{kind}_{stride}"
            outputs[kind].append(helper.make_tensor_value_info(name, TensorProto.FLOAT, [rows, width]))
    wrapped = helper.make_graph(
        [*nodes[:3], *graph.node, *nodes[3:]],
        "yunet as scrfd",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, size)],
        outputs["score"] + outputs["bbox"] + outputs["kps"],
        [*graph.initializer, *initializers],
    )
    made = helper.make_model(wrapped, opset_imports=list(model.opset_import), ir_version=model.ir_version)
    onnx.checker.check_model(made)
    return made


def _input_nodes(image: str, pixels: str) -> list[onnx.NodeProto]:
    return [
        helper.make_node("Mul", [image, "deviation"], ["spread"]),
        helper.make_node("Add", ["spread", "mean"], ["rgb"]),
        helper.make_node("Gather", ["rgb", "bgr"], [pixels], axis=1),
    ]


def _score_nodes(stride: int) -> list[onnx.NodeProto]:
    def name(part: str) -> str:
        return f"{part}_{stride}"

    return [
        helper.make_node("Mul", [f"yunet/cls_{stride}", f"yunet/obj_{stride}"], [name("product")]),
        helper.make_node("Sqrt", [name("product")], [name("root")]),
        helper.make_node("Mul", [name("root"), "zero"], [name("never")]),
        helper.make_node("Concat", [name("root"), name("never")], [name("anchors")], axis=2),
        helper.make_node("Reshape", [name("anchors"), "rows_of_1"], [name("score")]),
    ]


def _box_nodes(stride: int) -> list[onnx.NodeProto]:
    def name(part: str) -> str:
        return f"{part}_{stride}"

    return [
        helper.make_node("Split", [f"yunet/bbox_{stride}"], [name("offset"), name("log_size")], axis=2),
        helper.make_node("Exp", [name("log_size")], [name("size")]),
        helper.make_node("Mul", [name("size"), "half"], [name("reach")]),
        helper.make_node("Sub", [name("reach"), name("offset")], [name("left_top")]),
        helper.make_node("Add", [name("reach"), name("offset")], [name("right_bottom")]),
        helper.make_node("Concat", [name("left_top"), name("right_bottom")], [name("distances")], axis=2),
        *_twice(name("distances"), name("bbox"), 4),
    ]


def _twice(source: str, result: str, width: int) -> list[onnx.NodeProto]:
    return [
        helper.make_node("Concat", [source, source], [f"{result}_twice"], axis=2),
        helper.make_node("Reshape", [f"{result}_twice", f"rows_of_{width}"], [result]),
    ]
