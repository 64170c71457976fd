"""A tiny ONNX file in the YOLOX layout that sees coloured blocks: red is the score, green the width, blue the height.

Written with `onnx` from YOLOX's export script alone, sharing nothing with what is tested. A block that fills a cell of
the active stride gives, in that cell, centre ½ ½, log width green / 64, log height blue / 64 (strides), score
(red − 114) / 141 and certainty 1 that it is a person. Grey 114 is nothing.
"""

import math
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

STRIDES = (8, 16, 32)


def write(
    path: Path, *, side: int | str = 416, active: int = 32, classes: int = 80, strides: tuple[int, ...] = STRIDES
) -> Path:
    nodes, constants, rows = [], [], []

    def constant(name: str, values: "np.ndarray") -> str:  # type: ignore[type-arg]
        constants.append(numpy_helper.from_array(values, name))
        return name

    box = np.zeros((4, 3, 1, 1), np.float32)
    box[2, 1], box[3, 0] = 1 / 64, 1 / 64
    scores = np.zeros((1 + classes, 3, 1, 1), np.float32)
    scores[0, 2] = 1 / 141
    constant("box", box)
    constant("box_bias", np.array([0.5, 0.5, 0, 0], np.float32))
    constant("scores", scores)
    constant("least", np.array(0, np.float32))
    constant("most", np.array(1, np.float32))
    constant("shape", np.array([1, 5 + classes, -1], np.int64))
    for stride in strides:
        bias = np.zeros(1 + classes, np.float32)
        bias[0], bias[1] = (-114 / 141 if stride == active else -2), 1
        constant(f"bias{stride}", bias)
        n = str(stride)
        nodes += [
            helper.make_node("AveragePool", ["images"], [f"cells{n}"], kernel_shape=[stride] * 2, strides=[stride] * 2),
            helper.make_node("Conv", [f"cells{n}", "box", "box_bias"], [f"place{n}"]),
            helper.make_node("Conv", [f"cells{n}", "scores", f"bias{n}"], [f"raw{n}"]),
            helper.make_node("Clip", [f"raw{n}", "least", "most"], [f"sure{n}"]),
            helper.make_node("Concat", [f"place{n}", f"sure{n}"], [f"both{n}"], axis=1),
            helper.make_node("Reshape", [f"both{n}", "shape"], [f"flat{n}"]),
        ]
        rows.append(f"flat{n}")
    nodes += [
        helper.make_node("Concat", rows, ["columns"], axis=2),
        helper.make_node("Transpose", ["columns"], ["output"], perm=[0, 2, 1]),
    ]
    image = helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, side, side])
    output = helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, None, 5 + classes])
    graph = helper.make_graph(nodes, "blocks", [image], [output], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))
    return path


def colour(width: float, height: float, score: float, *, stride: int = 32) -> tuple[int, int, int]:
    """Blue, green and red of a block that is to be seen as a box of that size, in pixels of the model's input."""
    return round(64 * math.log(height / stride)), round(64 * math.log(width / stride)), round(114 + 141 * score)
