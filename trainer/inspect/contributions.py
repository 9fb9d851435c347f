"""What counted most for an answer: single units along a path, and whole maps.

The path is traced back from the answer to a pixel: of all that a unit is computed from, the
one that pulled its sum furthest in the direction in which the sum went. Made for telling how
an answer came about; it explains no more than its own units. A map's worth is the answer's
probability without it; beside that stand a map's values in four numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from trainer.inspect.arithmetic import (
    Arithmetic,
    Convolution,
    Differences,
    Full,
    Numbers,
    Pooling,
    explain_unit,
)
from trainer.networks.anatomy import Stage, Unit
from trainer.networks.factory import prepare_images
from trainer.networks.model import Model

if TYPE_CHECKING:
    from trainer.networks.model import Model
    from trainer.reading.predict import Prediction


@dataclass(frozen=True, slots=True, eq=False)
class Station:
    """One unit of the path."""

    arithmetic: Arithmetic
    weight: float | None  # what the path's unit before is multiplied by; None where nothing is
    term: float | None  # and what that adds to the sum

    @property
    def unit(self) -> Unit:
        """The unit that is computed."""
        return self.arithmetic.unit


def find_strongest_path(
    model: Model, prediction: Prediction, stages: tuple[Stage, ...]
) -> tuple[Station, ...]:
    """A unit of each stage, from the input to the output of the answer."""
    unit = Unit(len(stages) - 1, prediction.digit, 0, 0)
    path: list[Station] = []
    while True:
        done = explain_unit(model, prediction, stages, unit)
        if unit.stage == 0:
            path.append(Station(done, None, None))
            return tuple(reversed(path))
        if isinstance(done.working, Differences):
            before, weight, term = _most_telling(done.working, prediction, model), None, None
        else:
            before, weight, term = _strongest(done)
        path.append(Station(done, weight, term))
        unit = before


def _strongest(done: Arithmetic) -> tuple[Unit, float | None, float | None]:
    """The unit before that pulled most, its weight, and what it added to the sum."""
    working, unit = done.working, done.unit
    # An output's score may be below 0 and still be the largest: there, more is always better.
    way = -1.0 if done.sum < 0 and done.activation is not None else 1.0
    if isinstance(working, Convolution):
        terms = working.terms
        products = np.stack([np.where(t.inside, t.products * way, -np.inf) for t in terms])
        which, row, column = _place(products)
        term = terms[which]
        source = Unit(unit.stage - 1, term.map, term.top + row, term.left + column)
        return source, float(term.kernel[row, column]), float(term.products[row, column])
    if isinstance(working, Pooling):
        factor = 1.0 if working.coefficient is None else working.coefficient
        pull = working.window if working.name == "max" else working.window * factor * way
        row, column = _place(pull)
        source = Unit(unit.stage - 1, unit.map, working.top + row, working.left + column)
        if working.coefficient is None:
            return source, None, None
        return source, factor, float(working.window[row, column] * factor)
    assert isinstance(working, Full)
    products = working.values * working.weights
    map_, row, column = _place(products * way)
    source = Unit(working.stage, map_, row, column)
    return source, float(working.weights[map_, row, column]), float(products[map_, row, column])


def _most_telling(working: Differences, prediction: Prediction, model: Model) -> Unit:
    """The unit of F6 that speaks most for the answer's bitmap, against that of the second."""
    bitmaps = getattr(model.network, "bitmaps")  # noqa: B009  only the network of 1998 has them
    second = bitmaps[prediction.second].double().cpu().numpy().reshape(working.bitmap.shape)
    lead = np.square(working.values - second) - working.squares
    return Unit(6, int(lead.argmax()), 0, 0)


def _place(values: Numbers) -> tuple[int, ...]:
    """Where the largest is."""
    return tuple(int(at) for at in np.unravel_index(int(values.argmax()), values.shape))


def ablate_each_map(
    model: Model, image: NDArray[np.uint8], layer: str, answer: int
) -> NDArray[np.float64]:
    """A class's probability with one map of a layer at 0, for each of its maps.

    Args:
        model: on any device.
        image: uint8, (28, 28).
        layer: one of `trainer.networks.interventions.EDITABLE`.
        answer: the class's number.

    Returns:
        float64, (maps,), 0 to 1; of fc1 and fc2, (units,).
    """
    pictures = torch.from_numpy(image.copy())[None]  # what is read from a file is read-only
    inputs = prepare_images(pictures.to(model.device), model.recipe)
    with torch.inference_mode():
        maps = getattr(model.network.layers(inputs), layer).shape[1]

        def one_off_each(name: str, values: Tensor) -> Tensor:
            if name != layer:
                return values
            # From here on there is a copy of the image for each map.
            copies = values.repeat(maps, *[1] * (values.ndim - 1))
            copies[range(maps), range(maps)] = 0
            return copies

        logits = model.network.layers(inputs, one_off_each).logits.cpu().double()
        probabilities = (logits / model.temperature).softmax(1)[:, answer]
    return np.asarray(probabilities.numpy())


FAINT = 0.01
"""A value nearer to 0 than this goes on as nothing; of ReLU, 0 alone does."""
FULL = 0.99
"""Nearer to the end of its range than the last hundredth, a unit hardly answers any more."""

_ENDS = {"tanh": (-1.0, 1.0), "sigmoid": (0.0, 1.0), "squash": (-1.7159, 1.7159)}


@dataclass(frozen=True, slots=True)
class MapStatistics:
    """A map's lowest, mean and highest value, and how much of it does nothing."""

    minimum: float
    mean: float
    maximum: float
    silent: float | None  # share of units, 0 to 1; None where there is no such thing
    word: str  # what those are: "silent", or "saturated" where the activation ends on both sides


def compute_statistics(
    shown: NDArray[np.float32], active: NDArray[np.float32], activation: str
) -> MapStatistics:
    """A map's statistics.

    Args:
        shown: the values that are looked at, of any shape.
        active: the same units' values after the activation, which the next layer sees.
        activation: that they went through: a key of `lenet5.ACTIVATIONS`,
            "squash" for the 1998 network's, or "none".
    """
    share: float | None = None
    if activation in _ENDS:
        share = float(_find_saturated(active, *_ENDS[activation]).mean())
    elif activation == "relu":
        share = float((active == 0).mean())
    elif activation != "none":
        share = float((np.abs(active) < FAINT).mean())
    return MapStatistics(
        float(shown.min()),
        float(shown.mean(dtype=np.float64)),
        float(shown.max()),
        share,
        "saturated" if activation in _ENDS else "silent",
    )


def _find_saturated(active: NDArray[np.float32], low: float, high: float) -> NDArray[np.bool_]:
    near = (high - low) * (1 - FULL)
    return (active <= low + near) | (active >= high - near)
