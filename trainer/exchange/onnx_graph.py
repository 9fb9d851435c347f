"""A network as an ONNX graph: built node by node, and compared with the network it was built of.

PyTorch's own exporter would need one package more, takes seconds, and leaves names and shapes to
chance. Here the nodes have the layers' names, for whoever looks at the file in Netron. Needs the
optional packages onnx and onnxruntime.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from numpy.typing import NDArray
from onnx import helper, numpy_helper
from torch import Tensor

from trainer import __version__
from trainer.networks.factory import image_shape
from trainer.networks.lenet5 import LeNet5
from trainer.networks.lenet1998 import LeNet1998
from trainer.networks.model import Model

OPSET = 20
"""The oldest that has every operator used here, so that many programs can read the file."""
_IR_VERSION = 9  # goes with that opset

INPUT, SCORES, PROBABILITIES = "images", "scores", "probabilities"

_OPERATORS: dict[str, tuple[str, dict[str, Any]]] = {
    "relu": ("Relu", {}),
    "tanh": ("Tanh", {}),
    "sigmoid": ("Sigmoid", {}),
    "leaky_relu": ("LeakyRelu", {"alpha": 0.01}),
    "elu": ("Elu", {"alpha": 1.0}),
    "gelu": ("Gelu", {}),
}


class _Graph:
    """Nodes and their constants, each node after those that it takes values from."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, name: str, values: Tensor | NDArray[Any] | list[float] | float) -> str:
        """A tensor; float32, or int64 if it is."""
        array = values.detach().cpu().numpy() if isinstance(values, Tensor) else np.array(values)
        if array.dtype != np.int64:
            array = array.astype(np.float32)
        self.constants.append(numpy_helper.from_array(array, name))
        return name

    def add(self, operator: str, inputs: list[str], output: str, **attributes: Any) -> str:
        """A node; it has its output's name."""
        self.nodes.append(helper.make_node(operator, inputs, [output], output, **attributes))
        return output

    def layer(self, operator: str, value: str, layer: Any, name: str, **attributes: Any) -> str:
        """A layer with weight and bias."""
        weight = layer.dense() if hasattr(layer, "dense") else layer.weight
        inputs = [value, self.constant(f"{name}.weight", weight)]
        return self.add(
            operator, [*inputs, self.constant(f"{name}.bias", layer.bias)], name, **attributes
        )

    def full(self, value: str, layer: Any, name: str) -> str:
        """A full layer, or a convolution that sees all of its input at once."""
        weight = self.constant(f"{name}.weight", layer.weight.flatten(1))
        bias = self.constant(f"{name}.bias", layer.bias)
        return self.add("Gemm", [value, weight, bias], name, transB=1)

    def activate(self, value: str, name: str) -> str:
        """An activation of `lenet5.ACTIVATIONS`, or "none"."""
        if name == "none":
            return value
        if name == "silu":
            return self.add("Mul", [value, self.add("Sigmoid", [value], f"{value}_gate")],
                            f"{value}_active")  # fmt: skip
        operator, attributes = _OPERATORS[name]
        return self.add(operator, [value], f"{value}_active", **attributes)

    def squash(self, value: str) -> str:
        """The paper's scaled tanh."""
        slope = self.add("Mul", [value, self.constant(f"{value}_slope", 2 / 3)], f"{value}_scaled")
        bent = self.add("Tanh", [slope], f"{value}_tanh")
        return self.add("Mul", [bent, self.constant(f"{value}_height", 1.7159)], f"{value}_active")


def build_graph(model: Model, *, normalize: bool = True, softmax: bool = False) -> bytes:
    """A model as an ONNX file.

    Args:
        model: on the CPU.
        normalize: True takes images from 0, paper, to 1, ink, of the dataset's size, float32
            (N, C, H, W); False takes them as the network does.
        softmax: whether it gives calibrated probabilities instead of scores.
    """
    graph, network, recipe = _Graph(), model.network, model.recipe
    shape = _input_shape(model, normalize=normalize)
    value = INPUT
    if normalize:
        value = _add_preprocessing(graph, model, shape)
    add = _add_1998 if isinstance(network, LeNet1998) else _add_today
    value = add(graph, network, value)  # type: ignore[arg-type]  # the one of its kind
    output = graph.add("Identity", [value], SCORES)
    if softmax:
        divided = graph.add(
            "Div", [output, graph.constant("temperature", model.temperature)], "calibrated"
        )
        output = graph.add("Softmax", [divided], PROBABILITIES, axis=1)
    kind = onnx.TensorProto.FLOAT
    onnx_model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "LeNet-5",
            [helper.make_tensor_value_info(INPUT, kind, ["batch", *shape])],
            [helper.make_tensor_value_info(output, kind, ["batch", len(model.classes)])],
            graph.constants,
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=_IR_VERSION,
        producer_name="LeNet Studio",
        producer_version=__version__,
        doc_string=recipe.description,
    )
    helper.set_model_props(onnx_model, describe_preprocessing(model, normalize=normalize))
    onnx.checker.check_model(onnx_model, full_check=True)
    content: bytes = onnx_model.SerializeToString()
    return content


def describe_preprocessing(model: Model, *, normalize: bool) -> dict[str, str]:
    """The file's metadata: what its users need to know, as texts by name."""
    shape = "x".join(map(str, _input_shape(model, normalize=normalize)))
    inside = "inside the graph" if normalize else f"(x - {model.recipe.mean}) / {model.recipe.std}"
    return {
        "name": model.name,
        "classes": json.dumps(model.classes, ensure_ascii=False),
        "preprocessing": f"float32, {shape} each, 0 is paper and 1 is ink; normalization {inside}",
        "mean": repr(model.recipe.mean),
        "std": repr(model.recipe.std),
        "temperature": repr(model.temperature),
        "data_sources": json.dumps(model.data_sources, ensure_ascii=False),
    }


def _input_shape(model: Model, *, normalize: bool) -> tuple[int, int, int]:
    if normalize:
        return image_shape(model.recipe.dataset)
    network = model.network
    return (1, 32, 32) if isinstance(network, LeNet1998) else network.shape


def _add_preprocessing(graph: _Graph, model: Model, shape: tuple[int, int, int]) -> str:
    """As `factory.normalize_images` does it."""
    value, input_shape = INPUT, _input_shape(model, normalize=False)
    if model.recipe.border == "enlarged":
        sizes = np.array([1, 1, *(w / s for w, s in zip(input_shape[1:], shape[1:], strict=True))])
        value = graph.add(
            "Resize",
            [value, "", graph.constant("factors", sizes)],
            "enlarged",
            mode="linear",
            coordinate_transformation_mode="half_pixel",
        )
    elif input_shape != shape:
        margin = (input_shape[1] - shape[1]) // 2
        pads = np.array([0, 0, margin, margin] * 2, np.int64)
        value = graph.add("Pad", [value, graph.constant("margins", pads)], "on_paper")
    mean = graph.constant("mean", model.recipe.mean)
    std = graph.constant("std", model.recipe.std)
    return graph.add("Div", [graph.add("Sub", [value, mean], "less_mean"), std], "normalized")


def _add_today(graph: _Graph, network: LeNet5, value: str) -> str:
    pads = [network.padding] * 4
    operator = "MaxPool" if network.pooling == "max" else "AveragePool"
    for layer, padding, pool in (("conv1", pads, "pool1"), ("conv2", [0] * 4, "pool2")):
        value = graph.layer("Conv", value, getattr(network, layer), layer, pads=padding)
        value = graph.activate(value, network.activation)
        value = graph.add(operator, [value], pool, kernel_shape=[2, 2], strides=[2, 2])
    value = graph.add("Flatten", [value], "flat")
    for name in ("fc1", "fc2"):
        value = graph.full(value, getattr(network, name), name)
        value = graph.activate(value, network.hidden_activation)
    return graph.full(value, network.fc3, "fc3")


def _add_1998(graph: _Graph, network: LeNet1998, value: str) -> str:
    stages: tuple[tuple[str, str], ...] = (("conv1", "pool1"), ("conv2", "pool2"))
    for layer, pool in stages:
        value = graph.squash(graph.layer("Conv", value, getattr(network, layer), layer))
        value = _subsample(graph, value, getattr(network, pool), pool)
    value = graph.add("Flatten", [value], "flat")
    for name in ("fc1", "fc2"):
        value = graph.squash(graph.full(value, getattr(network, name), name))
    axis = graph.constant("one", np.array([1], np.int64))
    units = graph.add("Unsqueeze", [value, axis], "beside_bitmaps")
    apart = graph.add("Sub", [units, graph.constant("bitmaps", network.bitmaps)], "differences")
    squares = graph.add("Mul", [apart, apart], "squares")
    last = graph.constant("last", np.array([2], np.int64))
    return graph.add("Neg", [graph.add("ReduceSum", [squares, last], "penalties", keepdims=0)],
                     "negative_penalties")  # fmt: skip


def _subsample(graph: _Graph, value: str, layer: Any, name: str) -> str:
    means = graph.add("AveragePool", [value], f"{name}_means", kernel_shape=[2, 2], strides=[2, 2])
    by_map = {part: getattr(layer, part).detach()[:, None, None] for part in ("weight", "bias")}
    weight = graph.constant(f"{name}.weight", 4 * by_map["weight"])  # of sums, not of means
    weighted = graph.add("Mul", [means, weight], f"{name}_weighted")
    bias = graph.constant(f"{name}.bias", by_map["bias"])
    return graph.squash(graph.add("Add", [weighted, bias], name))


def run_graph(content: bytes, images: Tensor) -> NDArray[np.float32]:
    """What onnxruntime computes, on one thread of the CPU, (N, classes)."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    with torch.no_grad():
        outputs: NDArray[np.float32] = session.run(None, {INPUT: images.numpy()})[0]
    return outputs
