"""Digits written side by side as one long picture, drawn as `rasterize.rasterize` draws one.

Knows nothing of Qt, torch or networks.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trainer.drawing.rasterize import (
    BOX,
    FINE,
    PEN,
    SIDE,
    Pixels,
    Stroke,
    as_points,
    draw_at,
    fine_widths,
)

MARGIN = SIDE // 2
"""Paper before the first ink and after the last, in pixels: a narrow digit can stand in the
middle of a window there."""
_STEP = 4
"""The picture's length is the shortest window and a multiple of this, so that no column at
its end is outside all windows."""
_LONGEST = 640
_TALLEST = 26.0
"""No ink is higher than this in the picture, in pixels."""
_SMALLEST = 1e-6  # of a digit's size, where it is a point

Box = tuple[float, float, float, float]
"""Left, top, right, bottom, in the strokes' unit, of the pen's points."""


@dataclass(frozen=True, slots=True, eq=False)
class LinePicture:
    """A line of digits as a network's input."""

    pixels: Pixels  # (28, W): 0 paper and 255 full ink
    middles: tuple[float, ...]  # of each digit's box, in columns of the picture


def of_one_line(boxes: Sequence[Box], chosen: int) -> list[int]:
    """The digits on the same line of writing as one of them.

    Args:
        boxes: of the digits, in reading order.
        chosen: the one.

    Returns:
        Their indices, in reading order: all whose height on the paper overlaps
        with that of another one of the line.
    """
    found, edge = {chosen}, [chosen]
    while edge:
        _, top, _, bottom = boxes[edge.pop()]
        more = {n for n, box in enumerate(boxes) if box[1] <= bottom and box[3] >= top} - found
        found |= more
        edge += more
    return sorted(found)


def line_picture(strokes: Sequence[Stroke], boxes: Sequence[Box]) -> LinePicture:
    """A line of digits at the scale at which its middle-sized digit is 20 pixels.

    Unlike `rasterize`, nothing is fitted or centred digit by digit: all keep
    their places, and their sizes beside each other. The pen's line is as wide
    as MNIST's. Where sizes or places differ so much that the line would not
    fit, all is drawn smaller.

    Args:
        strokes: of all digits of the line, in any one unit.
        boxes: of its digits.

    Returns:
        The ink in the middle of the height, with `MARGIN` of paper on both sides.

    Raises:
        StrokesError: a stroke is not what `rasterize` takes.
        ValueError: no digits, or none with ink.
    """
    lines = [line for line in map(as_points, strokes) if len(line)]
    if not boxes or not lines:
        raise ValueError("a line needs at least one digit")
    points = np.concatenate(lines)
    low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    scale = _scale(boxes, *(high - low).tolist())
    widths = fine_widths(points, PEN * FINE)
    length = float(high[0] - low[0]) * scale + PEN + 2 * MARGIN
    width = SIDE + _STEP * math.ceil((length - SIDE) / _STEP)
    centre, middle = (low + high) / 2, np.array([width / 2, SIDE / 2])
    # A pixel's number is that of its corner, and lines run through their pixels' middles.
    xy = ((points[:, :2] - centre) * scale + middle) * FINE - 0.5
    fine = draw_at(xy, widths, [len(line) for line in lines], width * FINE)[: SIDE * FINE]
    # Down first, then across: both at once is seven times slower.
    sums = fine.reshape(SIDE, FINE, -1).sum(axis=1, dtype=np.uint16)
    means = sums.reshape(SIDE, width, FINE).sum(axis=2, dtype=np.uint16) / FINE**2
    middles = [((left + right) / 2 - centre[0]) * scale + width / 2 for left, _, right, _ in boxes]
    return LinePicture(
        np.asarray(np.rint(means), np.uint8), tuple(float(column) for column in middles)
    )


def _scale(boxes: Sequence[Box], across: float, down: float) -> float:
    """Pixels for a unit of the strokes; `across` and `down` are the whole line's."""
    sides = [max(right - left, bottom - top) for left, top, right, bottom in boxes]
    scale = (BOX - PEN) / max(float(np.median(sides)), _SMALLEST)
    return min(
        scale,
        (_TALLEST - PEN) / max(down, _SMALLEST),
        (_LONGEST - PEN) / max(across, _SMALLEST),
    )
