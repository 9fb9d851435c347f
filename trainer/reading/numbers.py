"""Read several digits written on one sheet: "2026"."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.drawing.rasterize import Pixels, Stroke, even_pen_widths, rasterize
from trainer.drawing.segmentation import Group, segment
from trainer.networks.model import Model
from trainer.reading import predict

_LEAST = 1e-6
"""The smallest probability that is told from none: one group shall not decide alone."""

Box = tuple[float, float, float, float]
"""Left, top, right, bottom, in the strokes' unit."""


@dataclass(frozen=True, slots=True, eq=False)
class NumberDigit:
    """One digit of a number."""

    strokes: tuple[int, ...]  # indices into the drawing's strokes, ascending
    box: Box  # of the pen's points, without the line's width
    prediction: predict.Prediction


@dataclass(frozen=True, slots=True, eq=False)
class Number:
    """What a model makes of a sheet; no digits where nothing is drawn."""

    digits: tuple[NumberDigit, ...]  # left to right
    text: str  # their classes, one after the other


def read_number(
    model: Model, strokes: Sequence[Stroke], smallest: float = 0.0, gate: bool = True
) -> Number:
    """Divide a drawing into digits and read each.

    Args:
        model: on any device; also asked where geometry can't tell digits apart.
        strokes: in drawing order, in any one unit.
        smallest: as for `trainer.drawing.rasterize.rasterize`, for each digit.
        gate: as for `trainer.reading.predict.read`, for each digit.

    Raises:
        StrokesError: a stroke is not what `rasterize` takes.
    """
    images: dict[Group, Pixels] = {}
    lines = even_pen_widths(strokes)

    def image(group: Group) -> Pixels:
        if group not in images:
            images[group] = rasterize([lines[n] for n in group], smallest=smallest)
        return images[group]

    def judge(groups: Sequence[Group]) -> list[float]:
        read = predict.read_many(model, np.stack([image(group) for group in groups]))
        return [math.log(max(_LEAST, *probabilities)) for probabilities in read]

    groups = segment(lines, judge)
    pictures = [image(group) for group in groups]
    read = predict.read_each(model, np.stack(pictures), gate=gate) if groups else []
    digits = tuple(
        NumberDigit(group, _box(lines, group), prediction)
        for group, prediction in zip(groups, read, strict=True)
    )
    return Number(digits, "".join(model.classes[digit.prediction.digit] for digit in digits))


def _box(lines: Sequence[NDArray[np.float64]], group: Group) -> Box:
    points = np.concatenate([lines[n][:, :2] for n in group])
    (left, top), (right, bottom) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    return left, top, right, bottom
