"""One path through a network, from a pixel to the answer: the units that counted most.

Traced back from the answer: of all that a unit is computed from, the one that
pulled its sum furthest in the direction in which the sum went. Made for telling
how an answer came about; it explains no more than its own units.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from trainer.inspect.arithmetic import (
    Arithmetic,
    Convolution,
    Differences,
    Full,
    Numbers,
    Pooling,
    arithmetic,
)
from trainer.networks.anatomy import Stage, Unit

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
        """Where it is."""
        return self.arithmetic.unit


def strongest_path(
    model: Model, prediction: Prediction, stages: tuple[Stage, ...]
) -> tuple[Station, ...]:
    """A unit of each stage, from the input to the output of the answer."""
    unit = Unit(len(stages) - 1, prediction.digit, 0, 0)
    path: list[Station] = []
    while True:
        done = arithmetic(model, prediction, stages, unit)
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
