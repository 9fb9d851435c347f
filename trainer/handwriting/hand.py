"""What every written form is made of: control points of curves, and a hand that varies them.

A form is a short function that takes a `Hand` and gives its strokes in a box about 0.6
wide and 1 high, y pointing down, with its own parts (bowls, bars, stems) varied.
What is common to a whole handwriting (slant, tremor, pen) is not here but in
`trainer.handwriting.style`, once for all of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from trainer.handwriting.style import MOST_SPREADS

Control = tuple[float, ...]
"""A control point `(x, y)`, passed smoothly, or `(x, y, sharpness)`, 0 to 1."""
Curve = list[Control]
"""One stroke's control points in drawing order."""

SHARP = 1.0
"""The sharpness of a corner."""


class Hand:
    """The random source of one digit, with the few draws that allographs use."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng

    def about(self, mean: float, spread: float) -> float:
        """A normal draw, kept within `MOST_SPREADS` so that no part runs away."""
        return mean + spread * min(max(self._rng.standard_normal(), -MOST_SPREADS), MOST_SPREADS)

    def between(self, low: float, high: float) -> float:
        """A uniform draw."""
        return low + (high - low) * self._rng.random()

    def chance(self, probability: float) -> bool:
        """True this often (0 to 1)."""
        return self._rng.random() < probability


Form = Callable[[Hand], list[Curve]]
"""Gives a form's strokes, each time varied anew."""
Pair = tuple[float, float]


def arc(center: Pair, radii: Pair, start: float, sweep: float, growth: float = 0.0) -> Curve:
    """An elliptical arc; angles in degrees from the right, clockwise on paper.

    The radii change by the share `growth` from its start to its end, most at the end.
    """
    steps = max(2, math.ceil(abs(sweep) / 50))
    curve: Curve = []
    for step in range(steps + 1):
        angle = math.radians(start + sweep * step / steps)
        scale = 1 + growth * (step / steps) ** 3
        x, y = scale * radii[0] * math.cos(angle), scale * radii[1] * math.sin(angle)
        curve.append((center[0] + x, center[1] + y))
    return curve
