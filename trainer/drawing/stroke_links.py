"""Which two strokes may be of one digit, as far as geometry tells.

The weights are a conditional random field's, fitted to numbers composed of real
and built-in pen digits by `benchmarks/fit_segmentation.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.drawing.rasterize import Stroke, as_points

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]
Group = tuple[int, ...]
"""Which strokes are of one digit, ascending."""

LINK = {
    "distance": -6.53,  # least one between the two inks
    "no touch": -15.07,  # the same, up to where strokes may be said to touch
    "overlap": 5.47,  # of their widths; less than 0 is a gap
    "gap": -9.90,  # only that part of it
    "rows": -5.07,  # overlap of their heights
    "tall": -0.67,  # the smaller one's height, squared
    "tall apart": -2.85,  # the smaller one's height by how far apart their middles are
    "tall over": -1.51,  # the smaller one's height by the overlap
    "tall within": 1.47,  # the smaller one's height by the overlap's share of the narrower
    "travel": -1.70,  # the pen's way from one to the other
    "not next": -1.96,  # something was drawn between them
    "too high": 2.25,  # together, more than 1.2
    "ends": 7.08,  # how far their nearest ends lie apart, up to 0.15
    "bar begins": -2.05,  # how far from where the other begins, for a small one
    "one": 2.88,
}
"""Weights of what is measured of two strokes; lengths are in heights of the larger."""
SHAPE = {
    "low": -21.19,  # a height less than 0.5
    "wide": -4.87,  # a width of more than 1
    "flat": -4.62,  # wider than high
    "alone": 2.42,  # it is all that is drawn: most drawings are of one digit
}
"""Weights of what is measured of a group, in the usual height of a tall stroke."""

_SAMPLES = 24
"""Points that stand for a stroke."""
_FAR = (0.8, 1.2)
"""Strokes that leave more paper between them, beside or above, are never of one digit."""
_HIGHEST = 2.3
"""Nor are strokes that are higher together; two rings, one on the other, are 2."""


@dataclass(frozen=True, slots=True, eq=False)
class Ink:
    """Strokes with points, in one unit: the usual height of a tall one is 1."""

    numbers: list[int]  # which stroke of the drawing each is
    lines: Floats  # (strokes, _SAMPLES, 2), points at even distances
    low: Floats  # (strokes, 2), each box's left and top
    high: Floats  # (strokes, 2), its right and bottom


def measure(strokes: Sequence[Stroke]) -> Ink:
    """What geometry needs of strokes; those without points are left out.

    Raises:
        StrokesError: as for `segment`.
    """
    given = [as_points(stroke)[:, :2] for stroke in strokes]
    numbers = [number for number, points in enumerate(given) if len(points)]
    if not numbers:
        return Ink([], np.empty((0, _SAMPLES, 2)), np.empty((0, 2)), np.empty((0, 2)))
    points = [given[number] for number in numbers]
    corner = np.min([line.min(axis=0) for line in points], axis=0)
    # To 1 first: the squares of huge or tiny coordinates would not be numbers.
    extent = float(np.max([line.max(axis=0) - corner for line in points])) or 1.0
    points = [(line - corner) / extent for line in points]
    low = np.array([line.min(axis=0) for line in points])
    high = np.array([line.max(axis=0) for line in points])
    heights = high[:, 1] - low[:, 1]
    usual = max(float(np.median(heights[heights >= heights.max() / 2])), 1e-3)
    lines = np.stack([_even(line) for line in points])
    return Ink(numbers, lines / usual, low / usual, high / usual)


def _even(line: Floats) -> Floats:
    """`_SAMPLES` points along a line, at even distances."""
    step = np.hypot(*np.diff(line, axis=0).T)
    way = np.concatenate([[0.0], np.cumsum(step)])
    wanted = np.linspace(0, way[-1], _SAMPLES)
    return np.stack([np.interp(wanted, way, line[:, axis]) for axis in (0, 1)], axis=1)


def near(ink: Ink) -> tuple[Indices, Indices]:
    """All pairs of strokes, the earlier first, whose boxes are near enough for one digit."""
    gaps = np.maximum(ink.low[:, None] - ink.high, ink.low - ink.high[:, None])
    high = np.maximum(ink.high[:, None, 1], ink.high[:, 1])
    high = high - np.minimum(ink.low[:, None, 1], ink.low[:, 1])
    first, second = np.nonzero(np.triu((gaps <= _FAR).all(axis=2) & (high <= _HIGHEST), 1))
    return first, second


def evidence(ink: Ink, first: Indices, second: Indices) -> Floats:
    """What `LINK` weighs, of each pair of strokes: shape (pairs, len(LINK))."""
    size = ink.high - ink.low
    scale = np.maximum(np.maximum(size[first, 1], size[second, 1]), 0.5)
    shared = np.minimum(ink.high[first], ink.high[second])
    shared = (shared - np.maximum(ink.low[first], ink.low[second])) / scale[:, None]
    total = np.maximum(ink.high[first, 1], ink.high[second, 1])
    total = (total - np.minimum(ink.low[first, 1], ink.low[second, 1])) / scale
    narrower = np.maximum(np.minimum(size[first, 0], size[second, 0]) / scale, 0.1)
    tall = np.minimum(size[first, 1], size[second, 1]) / scale
    middle = ink.lines[:, :, 0].mean(axis=1)
    apart = np.minimum(np.abs(middle[first] - middle[second]) / scale, 0.8)
    distance = _distance(ink.lines[first], ink.lines[second]) / scale
    ends = _distance(ink.lines[first][:, [0, -1]], ink.lines[second][:, [0, -1]]) / scale
    travel = np.hypot(*(ink.lines[second, 0] - ink.lines[first, -1]).T) / scale
    starts = np.hypot(*(ink.lines[second, 0] - ink.lines[first, 0]).T) / scale
    overlap = np.clip(shared[:, 0], -0.5, 0.6)
    columns = {
        "distance": np.minimum(distance, 1),
        "no touch": np.minimum(distance, 0.15),
        "overlap": overlap,
        "gap": np.minimum(overlap, 0),
        "rows": np.clip(shared[:, 1], -1, 1),
        "tall": tall**2,
        "tall apart": tall * apart,
        "tall over": tall * overlap,
        "tall within": tall * np.clip(shared[:, 0] / narrower, -1, 1),
        "travel": np.minimum(travel, 1.5),
        "not next": second - first > 1,
        "too high": np.clip(total, 1.2, 2),
        "ends": np.minimum(ends, 0.15),
        "bar begins": (1 - tall) * np.minimum(starts, 1),
        "one": np.ones(len(first)),
    }
    return np.stack([columns[name] for name in LINK], axis=1)


def _distance(one: Floats, other: Floats) -> Floats:
    """The least distance between the points of two lines each: (pairs, n, 2) to (pairs,)."""
    way = one[:, :, None] - other[:, None]
    return np.asarray(np.sqrt((way * way).sum(axis=3).min(axis=(1, 2))))


def links(ink: Ink) -> Floats:
    """Log-odds that two strokes are of one digit: shape (n, n), symmetric; far ones -30."""
    odds = np.full((len(ink.numbers),) * 2, -30.0)
    pairs = near(ink)
    weights = np.array(list(LINK.values()))
    for start in range(0, len(pairs[0]), 500):  # a scribble of many strokes needs no gigabytes
        first, second = (side[start : start + 500] for side in pairs)
        odds[first, second] = odds[second, first] = evidence(ink, first, second) @ weights
    return odds


def outline(ink: Ink, group: Group) -> Floats:
    """What `SHAPE` weighs, of one group: shape (len(SHAPE),)."""
    members = list(group)
    width, height = ink.high[members].max(axis=0) - ink.low[members].min(axis=0)
    columns = {
        "low": max(0.0, 0.5 - height),
        "wide": max(0.0, width - 1),
        "flat": max(0.0, width - max(height, 0.5)),
        "alone": float(len(group) == len(ink.numbers)),
    }
    return np.array([columns[name] for name in SHAPE])
