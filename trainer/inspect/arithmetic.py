"""The arithmetic of one unit's value: its inputs, its weights, and how they are combined.

Everything is recomputed in float64 from the values of the previous stage, so that what is shown
adds up; tests compare it with the network's own values. For both kinds of network and all their
stages.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from trainer.networks import lenet5, lenet1998
from trainer.networks.anatomy import Kind, Stage, Unit
from trainer.networks.lenet1998 import LeNet1998
from trainer.translation import N_

if TYPE_CHECKING:
    from trainer.networks.factory import Network
    from trainer.networks.model import Model
    from trainer.reading.predict import Prediction


Numbers = NDArray[np.float64]

FORMULAS = {
    "relu": N_("relu(a) = a above 0, else 0"),
    "tanh": "tanh(a) = (eᵃ − e⁻ᵃ) / (eᵃ + e⁻ᵃ)",
    "sigmoid": "sigmoid(a) = 1 / (1 + e⁻ᵃ)",
    "leaky_relu": N_("leaky relu(a) = a above 0, else 0.01 a"),
    "elu": N_("elu(a) = a above 0, else eᵃ − 1"),
    "gelu": N_("gelu(a) = a · Φ(a), Φ of the normal distribution"),
    "silu": "silu(a) = a / (1 + e⁻ᵃ)",
    "squash": "f(a) = 1.7159 tanh(⅔ a)",
}
"""The formulas of `lenet5.ACTIVATIONS`, and of the paper's activation."""


class Activation(NamedTuple):
    """A sum before and after the activation."""

    name: str  # a key of `FORMULAS`
    before: float
    after: float


@dataclass(frozen=True, slots=True, eq=False)
class Pixel:
    """A unit of the input: a pixel of the picture, normalized.

    Its value is `(level / 255 - mean) / deviation`.
    """

    level: float  # 0 paper to 255 ink; whole but for enlarged pictures
    mean: float
    deviation: float


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """The contribution of one input map to a convolution's sum."""

    map: int
    top: int  # of the window in the input map; may be negative, where it begins outside
    left: int
    patch: Numbers  # (window, window), 0 outside the map
    inside: NDArray[np.bool_]  # (window, window)
    kernel: Numbers  # (window, window)

    @property
    def products(self) -> Numbers:
        """The products that are added up, (window, window)."""
        return self.patch * self.kernel

    @property
    def sum(self) -> float:
        """The sum of the products, without the bias."""
        return float(self.products.sum())


@dataclass(frozen=True, slots=True, eq=False)
class Convolution:
    """Terms plus a bias."""

    terms: tuple[Term, ...]  # of the input maps that the unit's map sees
    bias: float
    taken: Arithmetic  # of the pooling unit that takes this one


@dataclass(frozen=True, slots=True, eq=False)
class Pooling:
    """A window of one map as one number; of the 1998 network with a coefficient and a bias."""

    name: str  # max, average or subsampling
    top: int  # of the window in the map before
    left: int
    window: Numbers  # (2, 2)
    coefficient: float | None = None  # of subsampling: what the four's sum is times
    bias: float | None = None


class Contribution(NamedTuple):
    """What one unit adds to the sum of another."""

    source: Unit
    value: float
    weight: float
    product: float


@dataclass(frozen=True, slots=True, eq=False)
class Full:
    """Contributions of all units of the stage before, plus a bias."""

    stage: int  # the one before
    values: Numbers  # (maps, height, width)
    weights: Numbers  # (maps, height, width)
    bias: float
    softmax: Softmax | None  # of an output

    @property
    def count(self) -> int:
        """How many there are."""
        return self.values.size

    def largest(self, count: int) -> list[Contribution]:
        """So many, by the magnitude of their products, the largest first."""
        products = (self.values * self.weights).ravel()
        order = np.argsort(-np.abs(products), kind="stable")[:count]
        places = np.unravel_index(order, self.values.shape)
        return [
            Contribution(
                Unit(self.stage, map_, y, x),
                float(self.values[map_, y, x]),
                float(self.weights[map_, y, x]),
                product,
            )
            for map_, y, x, product in zip(
                *(place.tolist() for place in places), products[order].tolist(), strict=True
            )
        ]


@dataclass(frozen=True, slots=True, eq=False)
class Differences:
    """How far F6 is from a digit's bitmap; the sum of the squares is the penalty."""

    values: Numbers  # (12, 7), of F6
    bitmap: Numbers  # (12, 7), ink 1 and blank -1
    softmax: Softmax

    @property
    def squares(self) -> Numbers:
        """Of each pixel, (12, 7)."""
        return np.square(self.values - self.bitmap)


@dataclass(frozen=True, slots=True, eq=False)
class Softmax:
    """The probabilities of the scores."""

    scores: Numbers  # (classes,)
    temperature: float  # that the scores are divided by

    @property
    def powers(self) -> Numbers:
        """e to the power of each score over the temperature, less the largest one; (classes,)."""
        powers: Numbers = np.exp((self.scores - self.scores.max()) / self.temperature)
        return powers

    @property
    def probabilities(self) -> Numbers:
        """The powers over their sum, (classes,)."""
        powers = self.powers
        shares: Numbers = powers / powers.sum()
        return shares


@dataclass(frozen=True, slots=True, eq=False)
class Arithmetic:
    """How one unit's value is computed."""

    unit: Unit
    working: Pixel | Convolution | Pooling | Full | Differences
    sum: float  # before the activation; of a pixel and of plain pooling, its value
    activation: Activation | None  # None where there is none
    value: float  # what the network computed, or what the map is held at

    @property
    def computed(self) -> float:
        """The value that results from these numbers."""
        return self.sum if self.activation is None else self.activation.after

    @property
    def held(self) -> bool:
        """Whether the value differs from the computed one, because its map is held.

        The tolerance is for GPUs that compute with three digits.
        """
        return abs(self.value - self.computed) > 0.005 * (1 + abs(self.computed))


__all__ = [
    "Activation",
    "Arithmetic",
    "Contribution",
    "Convolution",
    "Differences",
    "Full",
    "Numbers",
    "Pixel",
    "Pooling",
    "Softmax",
    "Term",
    "explain_unit",
]


def explain_unit(
    model: Model, prediction: Prediction, stages: tuple[Stage, ...], unit: Unit
) -> Arithmetic:
    """The arithmetic of one unit's value in one reading.

    Args:
        model: the one that read.
        prediction: the result.
        stages: the network's, from `anatomy`.
        unit: of any stage.

    Raises:
        IndexError: the network has no such unit.
    """
    stage = stages[unit.stage]
    value = float(prediction.maps[stage.active].values[unit.map, unit.y, unit.x])
    if stage.kind == Kind.INPUT:
        pixel = _pixel(model, prediction, stage, unit)
        return Arithmetic(
            unit, pixel, (pixel.level / 255 - pixel.mean) / pixel.deviation, None, value
        )
    before = prediction.maps[stages[unit.stage - 1].active].values
    working: Convolution | Pooling | Full | Differences
    if stage.kind == Kind.CONVOLUTION:
        taken = Unit(unit.stage + 1, unit.map, unit.y // 2, unit.x // 2)
        terms = _terms(model.network, stage, unit, before)
        working = Convolution(
            terms,
            _number(_layer(model.network, unit.stage).bias, unit.map),
            explain_unit(model, prediction, stages, taken),
        )
        total = sum(term.sum for term in terms) + working.bias
    elif stage.kind == Kind.POOLING:
        working = _pooling(model.network, stage, unit, before)
        total = _pool(working)
    else:
        softmax = None
        if stage.kind == Kind.OUTPUT:
            scores = prediction.maps[stage.active].values.astype(np.float64).ravel()
            softmax = Softmax(scores, model.temperature)
        if softmax is not None and isinstance(model.network, LeNet1998):
            bitmap = model.network.bitmaps[unit.map].double().cpu().numpy().reshape(12, 7)
            working = Differences(before.astype(np.float64).reshape(12, 7), bitmap, softmax)
            total = -float(working.squares.sum())
        else:
            working = _full(model.network, unit, before, softmax)
            total = float((working.values * working.weights).sum()) + working.bias
    return Arithmetic(unit, working, total, _activation(model.network, stage, total), value)


def _pixel(model: Model, prediction: Prediction, stage: Stage, unit: Unit) -> Pixel:
    """The image's pixel there; paper outside of the image."""
    height, width = prediction.image.shape
    if model.recipe.border == "enlarged":  # a pixel between those of the picture
        value = float(prediction.maps["input"].values[unit.map, unit.y, unit.x])
        level = (value * model.recipe.std + model.recipe.mean) * 255
        return Pixel(round(level, 1), model.recipe.mean, model.recipe.std)
    # As `factory.normalize_images` does it.
    y = unit.y - (stage.shape[1] - height) // 2
    x = unit.x - (stage.shape[2] - width) // 2
    inside = 0 <= y < height and 0 <= x < width
    level = int(prediction.image[y, x]) if inside else 0
    return Pixel(level, model.recipe.mean, model.recipe.std)


def _terms(
    network: Network, stage: Stage, unit: Unit, before: NDArray[np.float32]
) -> tuple[Term, ...]:
    top, left = (at * stage.stride - stage.padding for at in (unit.y, unit.x))
    size = stage.window
    rows, columns = np.arange(top, top + size), np.arange(left, left + size)
    in_map = np.outer(
        (rows >= 0) & (rows < before.shape[1]), (columns >= 0) & (columns < before.shape[2])
    )
    kernels = _weights(network, unit)
    terms = []
    for source in stage.sees[unit.map]:
        patch = np.zeros((size, size))
        patch[in_map] = before[
            source, max(top, 0) : max(top + size, 0), max(left, 0) : max(left + size, 0)
        ].ravel()
        terms.append(Term(source, top, left, patch, in_map, kernels[source]))
    return tuple(terms)


def _pooling(network: Network, stage: Stage, unit: Unit, before: NDArray[np.float32]) -> Pooling:
    top, left = unit.y * stage.stride, unit.x * stage.stride
    size = stage.window
    window = before[unit.map, top : top + size, left : left + size].astype(np.float64)
    if not isinstance(network, LeNet1998):
        return Pooling(network.pooling, top, left, window)
    layer = network.pool1 if stage.sums == "pool1_sums" else network.pool2
    coefficient, bias = (_number(values, unit.map) for values in (layer.weight, layer.bias))
    return Pooling("subsampling", top, left, window, coefficient, bias)


def _pool(pooling: Pooling) -> float:
    """The result of pooling, before the 1998 network's activation."""
    if pooling.name == "max":
        return float(pooling.window.max())
    if pooling.coefficient is None or pooling.bias is None:
        return float(pooling.window.mean())
    return float(pooling.window.sum()) * pooling.coefficient + pooling.bias


def _full(
    network: Network, unit: Unit, before: NDArray[np.float32], softmax: Softmax | None
) -> Full:
    values = before.astype(np.float64)
    weights = _weights(network, unit).reshape(values.shape)
    bias = _number(_layer(network, unit.stage).bias, unit.map)
    return Full(unit.stage - 1, values, weights, bias, softmax)


def _layer(network: Network, stage: int) -> torch.nn.Module:
    """The module with the weights and biases of a stage, but the 1998 network's output."""
    names = {1: "conv1", 3: "conv2", 5: "fc1", 6: "fc2", 7: "fc3"}
    layer: torch.nn.Module = getattr(network, names[stage])
    return layer


def _weights(network: Network, unit: Unit) -> Numbers:
    """The weights of one unit: (maps, window, window), or a full layer's (inputs,)."""
    layer = _layer(network, unit.stage)
    if isinstance(layer, lenet1998.TableConvolution):
        with torch.no_grad():
            weights = layer.dense()[unit.map]
    else:
        assert isinstance(layer.weight, torch.Tensor)
        weights = layer.weight[unit.map].detach()
    values: Numbers = weights.double().cpu().numpy()
    return values


def _number(values: object, place: int) -> float:
    assert isinstance(values, torch.Tensor)
    return float(values[place].detach())


def _activation(network: Network, stage: Stage, total: float) -> Activation | None:
    """The stage's activation of a sum; None without one."""
    if stage.kind == Kind.OUTPUT:
        return None
    argument = torch.tensor(total, dtype=torch.float64)
    if isinstance(network, LeNet1998):
        return Activation("squash", total, float(lenet1998.squash(argument)))
    if stage.kind == Kind.POOLING:
        return None
    name = network.activation if stage.kind == Kind.CONVOLUTION else network.hidden_activation
    if name == "none":
        return None
    return Activation(name, total, float(lenet5.ACTIVATIONS[name](argument)))
