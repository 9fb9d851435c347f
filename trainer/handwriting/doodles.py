"""Endless forms that are no digits, so that what is refused does not depend on a few taught ones.

Random compositions of lines, corners, curves and rings, and digits spoilt:
mirrored, turned, torn apart, crossed out, two in one place. Now and then one
looks like a digit by accident; whoever learns from them must bear that.
"""

from __future__ import annotations

import itertools
import math

import numpy as np

from trainer.handwriting.allographs import SHARP, Curve, Hand
from trainer.handwriting.font import Points, write_digit, written

_SNAPPED = 0.4
"""Share of the compositions whose corners lie on a coarse grid, as those of letters do."""
_NO_MIRROR, _NO_TURN = (0, 1, 2, 5, 8), (0, 1, 6, 8, 9)
"""Digits that mirrored, or turned, may still be read as digits."""


def doodle(rng: np.random.Generator) -> tuple[list[Points], float]:
    """Strokes and the pen's width, as `trainer.stroke_font.written` gives them."""
    return _composed(rng) if rng.random() < 0.65 else _spoilt(rng)


def _composed(rng: np.random.Generator) -> tuple[list[Points], float]:
    """A few random strokes in one box."""

    def draw(hand: Hand) -> list[Curve]:
        snapped = hand.chance(_SNAPPED)
        strokes = int(rng.choice((1, 2, 3, 4), p=(0.35, 0.35, 0.2, 0.1)))
        while True:
            curves = [_stroke(rng, hand, snapped) for _ in range(strokes)]
            if sum(map(_length, curves)) > 1.3:  # less may be a 1
                return curves

    return written(draw, rng)


def _stroke(rng: np.random.Generator, hand: Hand, snapped: bool) -> Curve:
    kind = rng.random()
    if kind < 0.25:
        return _ring(rng, hand)
    corners = int(rng.integers(2, 5 if snapped else 7))
    points = rng.uniform((0, 0), (0.7, 1), (corners, 2))
    if snapped:
        points = np.rint(points * (3, 2)) / (3, 2) * (0.95, 1)
    curved = kind < 0.6
    sharp = 0.0 if curved else SHARP
    curve: Curve = [(float(x), float(y), sharp) for x, y in points]
    if not curved and corners > 2 and hand.chance(0.25):
        curve.append(curve[0])  # a polygon
    return _apart(curve)


def _ring(rng: np.random.Generator, hand: Hand) -> Curve:
    """A part of an ellipse, or all of it."""
    x, y = rng.uniform((0.1, 0.15), (0.6, 0.85))
    across, down = rng.uniform(0.08, 0.4, 2)
    start, sweep = rng.uniform(0, 2 * math.pi), hand.between(1.5, 7.5)
    steps = max(4, round(sweep * 1.5))
    angles = start + sweep * np.arange(steps + 1) / steps
    return [(x + across * math.cos(a), y + down * math.sin(a)) for a in angles]


def _apart(curve: Curve) -> Curve:
    """Without control points that lie on the one before."""
    kept = curve[:1]
    for point in curve[1:]:
        if math.dist(point[:2], kept[-1][:2]) > 0.05:
            kept.append(point)
    if len(kept) == 1:
        kept.append((kept[0][0] + 0.3, kept[0][1] + 0.2, SHARP))
    return kept


def _length(curve: Curve) -> float:
    return sum(math.dist(a[:2], b[:2]) for a, b in itertools.pairwise(curve))


def _spoilt(rng: np.random.Generator) -> tuple[list[Points], float]:
    """A digit of which something was made that is none."""
    label = int(rng.integers(10))
    digit = write_digit(label, rng)
    strokes = [stroke[:, :2] for stroke in digit.strokes]
    way = rng.random()
    if way < 0.3 and label not in _NO_MIRROR:
        strokes = [stroke * (-1, 1) for stroke in strokes]
    elif way < 0.5 and label not in _NO_TURN:
        strokes = [stroke[:, ::-1] * (1, -1 if rng.random() < 0.5 else 1) for stroke in strokes]
    elif way < 0.75:
        other = write_digit(int(rng.integers(10)), rng)
        offset = rng.uniform((0.5, -0.3), (1.0, 0.3))
        strokes += [stroke[:, :2] + offset for stroke in other.strokes]
    else:
        lines = int(rng.integers(2, 5))
        for _ in range(lines):
            a, b = rng.uniform(-0.6, 0.6, (2, 2))
            strokes.append(np.stack([a, (a + b) / 2, b]))
    return strokes, digit.width
