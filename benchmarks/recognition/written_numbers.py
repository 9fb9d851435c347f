"""Numbers of several digits out of single pen digits, as one hand spaces them.

What `several_digits` and `fit_segmentation` read; measures nothing itself.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.data.pen_digits import PenDigit

Points = NDArray[np.float64]
Owners = NDArray[np.intp]
"""Of each point of a stroke which digit it belongs to, an index into a number's labels; -1 where
the pen goes on to the next digit without being lifted."""

SPACING = (0.25, 0.12, 0.03)
"""Mean, spread and least of the paper left between two digits' inks, in heights: a normal draw.
Neighbors on one line of the pen digits' own forms lie 0.35 apart in the median."""
TOUCHING = (-0.15, 0.0)
"""Between these, drawn evenly, for digits that touch or overlap."""
_BASELINE = 0.05
"""Spread of where a digit stands, in heights."""
_SLOPE = 0.05
"""Spread of a line's rise, in its length."""
_USUAL = (0.5, 1.8)
"""A digit's height in its writer's usual ones; beyond, another form's unit is likelier."""
_ROWS = 40
_UNDER = 0.25
"""How far one digit may reach over or under the next, in heights."""
_RUN = (-0.4, 0.9)
"""Gaps, in heights, of two digits written one after the other that may be of one number."""
_LINE = 5.0
"""How far, in heights, the digits of a writer spread who wrote on lines: others wrote each into
a box, and all boxes have one place."""


@dataclass(frozen=True, slots=True, eq=False)
class WrittenNumber:
    """One number as strokes, in writing order."""

    labels: tuple[int, ...]  # left to right
    strokes: list[Points]  # (n, 2) each, y pointing down
    owners: tuple[Owners, ...]  # of each stroke


def compose(
    digits: Sequence[PenDigit],
    usual: float,
    rng: np.random.Generator,
    *,
    touching: bool = False,
    joined: float = 0.0,
) -> WrittenNumber:
    """Digits of one writer beside each other on a line.

    Args:
        digits: left to right.
        usual: the writer's usual height of a digit.
        rng: where gaps, baseline and slope come from.
        touching: gaps are drawn from `TOUCHING` instead of `SPACING`.
        joined: the share of neighbors between which the pen isn't lifted.

    Returns:
        A number whose unit is the usual height.
    """
    strokes: list[Points] = []
    owners: list[Owners] = []
    for number, digit in enumerate(digits):
        lines = _standing(digit, usual, rng)
        if strokes:
            mean, spread, least = SPACING
            gap = rng.uniform(*TOUCHING) if touching else max(rng.normal(mean, spread), least)
            lines = _beside(strokes, lines, gap)
        added = [np.full(len(line), number) for line in lines]
        if strokes and rng.random() < joined:
            lines[0], added[0] = _join(strokes.pop(), owners.pop(), lines[0], added[0])
        strokes += lines
        owners += added
    slope = rng.normal(0, _SLOPE)
    strokes = [np.column_stack([s[:, 0], s[:, 1] + slope * s[:, 0]]) for s in strokes]
    return WrittenNumber(tuple(digit.label for digit in digits), strokes, tuple(owners))


def _join(left: Points, of_left: Owners, right: Points, of_right: Owners) -> tuple[Points, Owners]:
    """Two strokes as one, with a straight ligature between them."""
    ligature = _dense(np.stack([left[-1], right[0]]))[1:-1]
    between = np.full(len(ligature), -1)
    return np.concatenate([left, ligature, right]), np.concatenate([of_left, between, of_right])


def _standing(digit: PenDigit, usual: float, rng: np.random.Generator) -> list[Points]:
    """A digit in usual heights, on its baseline, as large as its writer made it."""
    points = np.concatenate(digit.strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    height = max(float(high[1] - low[1]), 1e-6)
    scale = 1 / usual
    if not _USUAL[0] < height / usual < _USUAL[1]:
        scale = rng.uniform(0.9, 1.1) / height
    foot = np.array([low[0], high[1]])
    return [(line - foot) * scale + (0, rng.normal(0, _BASELINE)) for line in digit.strokes]


def _beside(left: list[Points], right: list[Points], gap: float) -> list[Points]:
    """`right` moved so that its ink is `gap` to the right of `left`'s, where they come nearest."""
    points = np.concatenate([*left, *right])
    low, high = float(points[:, 1].min()), float(points[:, 1].max())
    edges = np.linspace(low, high, _ROWS)
    nearest = float(np.max(_edge(left, edges, 1) + _edge(right, edges, -1)))
    reach = max(line[:, 0].max() for line in left) - min(line[:, 0].min() for line in right)
    way = np.array([max(nearest, reach - _UNDER) + gap, 0.0])
    return [line + way for line in right]


def _edge(lines: list[Points], rows: Points, side: int) -> Points:
    """How far ink reaches to one side (1 right, -1 left) at or near each row; -9 where none is."""
    points = np.concatenate([_dense(line) for line in lines])
    near = np.abs(points[:, 1][:, None] - rows) < 0.08
    return np.asarray(np.where(near, side * points[:, :1], -9.0).max(axis=0))


def _dense(line: Points) -> Points:
    """The line with points at most 0.05 apart."""
    pieces = [line[:1]]
    for a, b in itertools.pairwise(line):
        count = int(np.hypot(*(b - a)) / 0.05) + 1
        pieces.append(a + (b - a) * (np.arange(1, count + 1) / count)[:, None])
    return np.concatenate(pieces)


def by_writer(digits: Sequence[PenDigit]) -> list[list[PenDigit]]:
    """The digits of each writer, in writing order."""
    found: dict[str, list[PenDigit]] = {}
    for digit in digits:
        found.setdefault(digit.writer, []).append(digit)
    return list(found.values())


def usual_height(digits: Sequence[PenDigit]) -> float:
    """The median height of one writer's digits."""
    heights = [np.ptp(np.concatenate(digit.strokes)[:, 1]) for digit in digits]
    return float(np.median(heights)) or 1.0


def runs(digits: Sequence[PenDigit], longest: int) -> list[WrittenNumber]:
    """Neighbors on one line of one writer's form, where and as large as they were written.

    Args:
        digits: one writer's, in writing order.
        longest: digits a number at most.
    """
    usual = usual_height(digits)
    if np.ptp([digit.strokes[0][0, 0] for digit in digits]) < _LINE * usual:
        return []
    found: list[list[PenDigit]] = []
    for digit in digits:
        if found and len(found[-1]) < longest and _follows(found[-1][-1], digit, usual):
            found[-1].append(digit)
        else:
            found.append([digit])
    return [_as_written(run) for run in found if len(run) > 1]


def _follows(before: PenDigit, after: PenDigit, usual: float) -> bool:
    """Whether `after` stands to the right of `before`, on its line."""
    one, two = np.concatenate(before.strokes), np.concatenate(after.strokes)
    (left, top), (right, bottom) = two.min(axis=0), two.max(axis=0)
    middle = (one[:, 1].min() + one[:, 1].max()) / 2
    gap = (left - one[:, 0].max()) / usual
    on_one_line = abs(middle - (top + bottom) / 2) < 0.5 * usual
    onward = left > one[:, 0].min() and right > one[:, 0].max()
    return bool(on_one_line and onward and _RUN[0] < gap < _RUN[1])


def _as_written(run: Sequence[PenDigit]) -> WrittenNumber:
    strokes = [line for digit in run for line in digit.strokes]
    owners = [np.full(len(line), n) for n, digit in enumerate(run) for line in digit.strokes]
    return WrittenNumber(tuple(digit.label for digit in run), strokes, tuple(owners))
