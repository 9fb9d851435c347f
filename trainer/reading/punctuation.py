"""Decimal points, commas, minus signs and spaces between digits, by place and size.

Only strokes that stand alone, with no digit's ink above or below them, are marks, so that the
bar of a 7 or a 5 stays with its digit. Needs no network.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.drawing.segmentation import MOST_PIECES, usual_height

Box = tuple[float, float, float, float]
"""Left, top, right, bottom, in the strokes' unit."""

POINT, COMMA, MINUS, SPACE = ".", ",", "-", " "

_TALL = 0.6
"""Least height, in usual heights, of strokes that determine the line of digits."""
_POINT = 0.2
"""Longest side of a point at most, in usual heights, as all lengths below."""
_POINT_ABOVE = 0.25
"""Largest height of a point's center above the baseline."""
_COMMA = (0.08, 0.5)
"""Least and largest height of a comma."""
_COMMA_ASPECT = 1.2
"""Largest width of a comma, in heights of its own."""
_COMMA_TOP, _COMMA_BOTTOM = 0.3, 0.06
"""A comma's top is at most so far above the baseline, its bottom at least so far below."""
_MINUS = (0.2, 1.2)
"""Least and largest width of a minus sign."""
_FLAT = 0.35
"""Largest height of a minus sign, in widths of its own."""
_MINUS_AT = (0.2, 0.8)
"""Vertical range of a minus sign, from the line's top (0) to its baseline (1)."""
_OVER = 0.25
"""Largest share of a mark's width that may have other ink above or below it."""
_SPACE = 1.0
"""Least gap between two digits that is a space."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A stroke that is no digit but a decimal point, a comma or a minus sign."""

    text: str  # `POINT`, `COMMA` or `MINUS`
    stroke: int  # index into the drawing's strokes
    box: Box


def find_marks(strokes: Sequence[NDArray[np.float64]]) -> list[Mark]:
    """The marks among strokes, in drawing order; none where no stroke is as tall as a digit.

    None among more strokes than are segmented, either.

    Args:
        strokes: points (n, 2) or (n, 3), in any one unit, y pointing down.
    """
    if len(strokes) > MOST_PIECES:
        return []
    boxes = {n: _box_of(stroke) for n, stroke in enumerate(strokes) if len(stroke)}
    usual = usual_height([stroke for stroke in strokes if len(stroke)])
    tall = [box for box in boxes.values() if box[3] - box[1] >= _TALL * usual]
    if not usual > 0 or len(boxes) < 2:
        return []
    marks = []
    for n, box in boxes.items():
        # The line of digits near the mark: it may slope, and there may be several.
        near = sorted(tall, key=lambda other: _distance(box, other))[:2]
        if box in near or not near:
            continue
        top = sum(other[1] for other in near) / len(near)
        base = sum(other[3] for other in near) / len(near)
        text = _text_of(box, top, base, usual)
        others = [other for m, other in boxes.items() if m != n]
        if text and _stands_alone(box, others, usual):
            marks.append(Mark(text, n, box))
    return marks


def _box_of(stroke: NDArray[np.float64]) -> Box:
    points = stroke[:, :2]
    (left, top), (right, bottom) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    return left, top, right, bottom


def _distance(one: Box, other: Box) -> float:
    """Twice the distance of two boxes' centers, the vertical part counted double."""
    across = abs(one[0] + one[2] - other[0] - other[2])
    return across + 2 * abs(one[1] + one[3] - other[1] - other[3])


def _text_of(box: Box, top: float, base: float, usual: float) -> str:
    """The mark that a stroke is by its place and size; "" for none."""
    width, height = (box[2] - box[0]) / usual, (box[3] - box[1]) / usual
    middle = (box[1] + box[3]) / 2
    if max(width, height) <= _POINT:
        return POINT if middle >= base - _POINT_ABOVE * usual else ""
    if _MINUS[0] < width <= _MINUS[1] and height <= _FLAT * width:
        return MINUS if _MINUS_AT[0] <= (middle - top) / (base - top) <= _MINUS_AT[1] else ""
    begins, ends = (base - box[1]) / usual, (box[3] - base) / usual
    low = begins <= _COMMA_TOP and ends >= _COMMA_BOTTOM
    return (
        COMMA
        if low and _COMMA[0] <= height <= _COMMA[1] and width <= _COMMA_ASPECT * height
        else ""
    )


def _stands_alone(box: Box, others: Sequence[Box], usual: float) -> bool:
    """Whether no other ink of the same line lies above or below a mark."""
    most = _OVER * max(box[2] - box[0], _POINT * usual)
    return all(
        min(box[2], other[2]) - max(box[0], other[0]) <= most
        for other in others
        if max(box[1] - other[3], other[1] - box[3]) < usual
    )


def write_out(digits: Sequence[tuple[str, Box]], marks: Sequence[Mark], usual: float) -> str:
    """Join digits with the marks and spaces between them.

    Args:
        digits: each one's text and box, in reading order.
        marks: any order.
        usual: a digit's usual height.
    """
    placed = list(digits)
    for mark in sorted(marks, key=lambda mark: mark.box[0]):
        middle = (mark.box[0] + mark.box[2]) / 2
        line = [n for n, (_, box) in enumerate(placed) if _on_line(box, mark.box, usual)]
        before = [n for n in line if (placed[n][1][0] + placed[n][1][2]) / 2 < middle]
        place = before[-1] + 1 if before else line[0] if line else len(placed)
        placed.insert(place, (mark.text, mark.box))
    written = ""
    last: Box | None = None
    for text, box in placed:
        # A new line, which begins further left, counts as a space, too.
        if last is not None and (box[0] - last[2] > _SPACE * usual or box[2] < last[0]):
            written += SPACE
        written, last = written + text, box
    return written


def _on_line(digit: Box, mark: Box, usual: float) -> bool:
    return digit[1] - 0.3 * usual <= mark[1] and mark[3] <= digit[3] + 0.7 * usual
