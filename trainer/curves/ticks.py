"""Where a curve's axes have their ticks: few, round, and some at every zoom."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import numpy as np
from matplotlib.axis import Axis
from matplotlib.ticker import Locator, MaxNLocator, NullLocator

LEAST, SUREST = 0.02, 0.9995
"""Accuracies are drawn within these where the scale stretches them: it has no 0 and no 1."""

_ACCURACIES = (0.05, 0.1, 0.2, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999)
_FEWEST, _MOST = 3, 8


class RoundTicks(Locator):
    """Ticks of a stretched scale: favorites that are seen, or, zoomed in far, round numbers."""

    def __init__(self, favorites: Callable[[float, float], Iterable[float]]) -> None:
        self._favorites = favorites
        self._plain = MaxNLocator(5, steps=[1, 2, 5, 10])

    def __call__(self) -> list[float]:
        """Those of the axis as it is seen."""
        assert isinstance(self.axis, Axis)
        return self.tick_values(*self.axis.get_view_interval())

    def tick_values(self, vmin: float, vmax: float) -> list[float]:
        """Those from `vmin` to `vmax`."""
        low, high = sorted((vmin, vmax))
        seen = [value for value in self._favorites(low, high) if low <= value <= high]
        if len(seen) < _FEWEST:
            return [v for v in self._plain.tick_values(low, high) if low <= v <= high]
        return seen[:: math.ceil(len(seen) / _MOST)]


def decade_ticks(low: float, high: float) -> list[float]:
    """1, 2 and 5 of each power of ten; of many powers, 1 alone."""
    if not 0 < low < high:
        return []
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    numbers = (1, 2, 5) if math.log10(high / low) < 2.5 else (1,)
    return [number * 10.0**power for power in powers for number in numbers]


def style_y_axis(axis: Axis, scale: str, percent: bool) -> None:
    """Set an axis' ticks and their texts.

    Args:
        axis: the y axis.
        scale: "linear", "log" or "logit", which it has already.
        percent: whether shares are written as percent.
    """
    ticks: Locator = MaxNLocator(6, steps=[1, 2, 5, 10])
    if scale == "log":
        ticks = RoundTicks(decade_ticks)
    elif scale == "logit":
        ticks = RoundTicks(lambda low, high: _ACCURACIES)
    axis.set_major_locator(ticks)
    axis.set_minor_locator(NullLocator())
    factor = 100 if percent else 1
    axis.set_major_formatter(lambda value, _: f"{value * factor:.6g}")


def style_x_axis(axis: Axis, width: float, whole: bool) -> None:
    """Ticks for an axis that is `width` points wide; of `whole` numbers or of any."""
    count = int(np.clip(width / 60, 2, 8))
    axis.set_major_locator(MaxNLocator(count, steps=[1, 2, 5, 10], integer=whole))
    axis.set_major_formatter(lambda value, _: f"{value:,.10g}")
