"""What can be said of a map in four numbers; of arrays alone, without networks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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


def statistics(
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
        share = float(_saturated(active, *_ENDS[activation]).mean())
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


def _saturated(active: NDArray[np.float32], low: float, high: float) -> NDArray[np.bool_]:
    near = (high - low) * (1 - FULL)
    return (active <= low + near) | (active >= high - near)
