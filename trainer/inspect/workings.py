"""What a unit's value is worked out from: the parts of `arithmetic`, for each kind of unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from trainer.networks.anatomy import Unit

Numbers = NDArray[np.float64]

FORMULAS = {
    "relu": "relu(a) = a above 0, else 0",
    "tanh": "tanh(a) = (eᵃ − e⁻ᵃ) / (eᵃ + e⁻ᵃ)",
    "sigmoid": "sigmoid(a) = 1 / (1 + e⁻ᵃ)",
    "leaky_relu": "leaky relu(a) = a above 0, else 0.01 a",
    "elu": "elu(a) = a above 0, else eᵃ − 1",
    "gelu": "gelu(a) = a · Φ(a), Φ of the normal distribution",
    "silu": "silu(a) = a / (1 + e⁻ᵃ)",
    "squash": "f(a) = 1.7159 tanh(⅔ a)",
}
"""Each of `lenet5.ACTIVATIONS`, and the paper's own, as it is written."""


class Activation(NamedTuple):
    """What a sum becomes."""

    name: str  # a key of `FORMULAS`
    before: float
    after: float


@dataclass(frozen=True, slots=True, eq=False)
class Pixel:
    """A unit of the input: a pixel of the picture, normalised.

    Its value is `(level / 255 - mean) / deviation`.
    """

    level: int  # 0 paper to 255 ink
    mean: float
    deviation: float


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """What one input map adds to a convolution's sum."""

    map: int
    top: int  # of the window in the input map; may be negative, where it begins outside
    left: int
    patch: Numbers  # (window, window), 0 outside the map
    inside: NDArray[np.bool_]  # (window, window)
    kernel: Numbers  # (window, window)

    @property
    def products(self) -> Numbers:
        """What is added up, (window, window)."""
        return self.patch * self.kernel

    @property
    def sum(self) -> float:
        """All of it."""
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
    """All about one unit's value."""

    unit: Unit
    working: Pixel | Convolution | Pooling | Full | Differences
    sum: float  # before the activation; of a pixel and of plain pooling, its value
    activation: Activation | None  # None where there is none
    value: float  # what the network computed, or what the map is held at

    @property
    def computed(self) -> float:
        """The value as these numbers have it."""
        return self.sum if self.activation is None else self.activation.after

    @property
    def held(self) -> bool:
        """Whether the value is none that these numbers lead to: its map is held at it.

        A graphics card may compute with three digits only.
        """
        return abs(self.value - self.computed) > 0.005 * (1 + abs(self.computed))
