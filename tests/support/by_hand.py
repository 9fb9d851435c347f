"""A network computed in numpy from nothing but its weights and its recipe, in float64."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from functools import cache

import numpy as np
import torch
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from tests.support.inspecting import DIGITS
from trainer.networks.factory import build
from trainer.networks.lenet1998 import C3_TABLE
from trainer.networks.model import Model
from trainer.recipes.catalog import find_recipe

Values = NDArray[np.float64]

ACTIVATIONS: dict[str, Callable[[Values], Values]] = {
    "none": lambda a: a,
    "relu": lambda a: np.where(a > 0, a, 0),
    "tanh": np.tanh,
    "sigmoid": lambda a: 1 / (1 + np.exp(-a)),
    "leaky_relu": lambda a: np.where(a > 0, a, 0.01 * a),
    "elu": lambda a: np.where(a > 0, a, np.exp(a) - 1),
    "gelu": lambda a: a * 0.5 * (1 + np.vectorize(math.erf)(a / math.sqrt(2))),
    "silu": lambda a: a / (1 + np.exp(-a)),
}
COLORS = (
    *("airplane", "automobile", "bird", "cat", "deer"),
    *("dog", "frog", "horse", "ship", "truck"),
)


@cache
def varied(**changes: object) -> Model:
    """A network with initial weights, of today's recipe but for these of its fields."""
    recipe = dataclasses.replace(find_recipe("studio"), **changes)  # type: ignore[arg-type]
    network = build(recipe, torch.Generator().manual_seed(5)).eval()
    classes = COLORS if recipe.dataset == "cifar10" else DIGITS
    return Model(network, recipe, classes, name="varied", temperature=1.5)


def computed(model: Model, image: NDArray[np.uint8]) -> dict[str, Values]:
    """All layers, named as in `lenet5.Layers`, and the input; (maps, h, w) or (units, 1, 1)."""
    weights = {k: w.numpy().astype(np.float64) for k, w in model.network.state_dict().items()}
    if model.recipe.network == "lenet5-1998":
        return _paper(weights, _input(model, image, (1, 32, 32)))
    channels = weights["conv1.weight"].shape[1]
    shape = (3, 32, 32) if channels == 3 else (1, 28, 28)
    return _today(model, weights, _input(model, image, shape))


def _input(model: Model, image: NDArray[np.uint8], shape: tuple[int, int, int]) -> Values:
    edge = (shape[1] - 28) // 2
    ink = np.pad(image / 255, edge)
    return np.stack([(ink - model.recipe.mean) / model.recipe.std] * shape[0])


def _convolved(images: Values, kernels: Values, bias: Values) -> Values:
    windows = sliding_window_view(images, (5, 5), axis=(1, 2))  # (maps, h, w, 5, 5)
    return np.einsum("chwij,ocij->ohw", windows, kernels) + bias[:, None, None]


def _fours(images: Values) -> Values:
    maps, height, width = images.shape
    return images.reshape(maps, height // 2, 2, width // 2, 2)


def _today(model: Model, weights: dict[str, Values], given: Values) -> dict[str, Values]:
    recipe = model.recipe
    squash = ACTIVATIONS[recipe.activation]
    hidden = recipe.activation if recipe.hidden_activation == "same" else recipe.hidden_activation
    found = {"input": given}
    last = np.pad(given, ((0, 0), (2, 2), (2, 2)))
    for n in "12":
        sums = _convolved(last, weights[f"conv{n}.weight"], weights[f"conv{n}.bias"])
        found[f"conv{n}"], active = sums, squash(sums)
        fours = _fours(active)
        last = fours.max((2, 4)) if recipe.pooling == "max" else fours.mean((2, 4))
        found |= {f"conv{n}_active": active, f"pool{n}_sums": last, f"pool{n}": last}
    for n, name in ((1, "fc1"), (2, "fc2"), (3, "logits")):
        matrix = weights[f"fc{n}.weight"]
        sums = matrix.reshape(len(matrix), -1) @ last.ravel() + weights[f"fc{n}.bias"]
        last = sums if name == "logits" else ACTIVATIONS[hidden](sums)
        found |= {f"{name}_sums": sums[:, None, None], name: last[:, None, None]}
    return found


def _paper(weights: dict[str, Values], given: Values) -> dict[str, Values]:
    def squash(sums: Values) -> Values:
        return 1.7159 * np.tanh(sums * 2 / 3)

    dense = np.zeros((16, 6, 5, 5))
    kernels = iter(weights["conv2.weight"])
    for output, row in enumerate(C3_TABLE):
        for seen in row:
            dense[output, seen] = next(kernels)
    found, last = {"input": given}, given
    for n, laid_out in (("1", weights["conv1.weight"]), ("2", dense)):
        sums = _convolved(last, laid_out, weights[f"conv{n}.bias"])
        active = squash(sums)
        scale, bias = (weights[f"pool{n}.{kind}"][:, None, None] for kind in ("weight", "bias"))
        pooled = _fours(active).sum((2, 4)) * scale + bias
        last = squash(pooled)
        found |= {f"conv{n}": sums, f"conv{n}_active": active}
        found |= {f"pool{n}_sums": pooled, f"pool{n}": last}
    for name in ("fc1", "fc2"):
        matrix = weights[f"{name}.weight"]
        sums = matrix.reshape(len(matrix), -1) @ last.ravel() + weights[f"{name}.bias"]
        last = squash(sums)
        found |= {f"{name}_sums": sums[:, None, None], name: last[:, None, None]}
    return found
