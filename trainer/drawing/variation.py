"""Random variation of strokes, as another hand or pen would have drawn them.

Real pen strokes are few; before they are rendered for training, each drawing is varied as people
and pens vary: slant, proportions, pen width, hooks where the pen lands and leaves, ends that stop
short or run on. What can be done to the image as well (rotation, shift, local distortion) is left
to `trainer.data.augment`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from trainer.drawing.rasterize import Stroke

Points = NDArray[np.float64]

WIDTHS = (0.45, 1.9)
"""Limits of a varied drawing's pen width: those of the canvas, and a little more."""


def vary(strokes: Sequence[Stroke], rng: np.random.Generator) -> tuple[list[Points], float]:
    """Vary one drawing.

    Args:
        strokes: as `trainer.drawing.rasterize.rasterize` takes them; pressure is dropped.
        rng: the source of all randomness.

    Returns:
        The strokes, float64 of shape (n, 2) each, in heights of the drawing, and
        the pen's width, within `WIDTHS`.
    """
    lines = [np.asarray(stroke, np.float64)[:, :2] for stroke in strokes if len(stroke)]
    points = np.concatenate(lines)
    low, high = points.min(axis=0), points.max(axis=0)
    size = float((high - low).max()) or 1.0
    lines = [(line - (low + high) / 2) / size for line in lines]
    lines = [_vary_ends(_add_hooks(line, rng), rng) for line in lines]
    slant, stretch = rng.normal(0, 0.12), math.exp(rng.normal(0, 0.10))
    taper, arch = rng.normal(0, 0.08), rng.normal(0, 0.04)
    varied = []
    for line in lines:
        x, y = line[:, 0], line[:, 1]
        y = y + arch * np.cos(math.pi * x)
        x = x * stretch * (1 + taper * y) - slant * y
        # A stroke of several may land a little off its place: joins open or overlap.
        offset = rng.normal(0, 0.02, 2) if len(lines) > 1 else 0.0
        varied.append(np.column_stack([x, y]) + offset)
    return varied, math.exp(rng.uniform(math.log(WIDTHS[0]), math.log(WIDTHS[1])))


def _add_hooks(line: Points, rng: np.random.Generator) -> Points:
    """Now and then with a short tick where the pen landed, or left."""
    if len(line) < 2:
        return line
    if rng.random() < 0.08:
        tick = line[0] + rng.uniform((-0.09, -0.06), (-0.02, 0.06))
        line = np.concatenate([tick[None], line])
    if rng.random() < 0.08:
        tick = line[-1] + rng.uniform((0.02, -0.08), (0.10, 0.03))
        line = np.concatenate([line, tick[None]])
    return line


def _vary_ends(line: Points, rng: np.random.Generator) -> Points:
    """With its last stretch a little shorter or longer, as a fast pen leaves it."""
    if len(line) < 6 or rng.random() < 0.5:
        return line
    if rng.random() < 0.5:
        return line[: len(line) - max(1, round(len(line) * rng.uniform(0, 0.06)))]
    heading = line[-1] - line[-4]
    length = float(np.hypot(*heading))
    if length < 1e-6:
        return line
    return np.concatenate([line, (line[-1] + heading / length * rng.uniform(0, 0.06))[None]])
