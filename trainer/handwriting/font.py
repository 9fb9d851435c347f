"""The built-in data set `pen`: digits written by code, as pen strokes.

`trainer.handwriting.allographs` gives the forms in which people write the digits; here they
become handwriting: smooth curves, a slant, proportions, tremor, a pen. It needs
no download: numpy draws the numbers, `trainer.drawing.rasterize` draws the ink.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.drawing.rasterize import rasterize
from trainer.handwriting import style
from trainer.handwriting.allographs import ALLOGRAPHS, Allograph
from trainer.handwriting.hand import SHARP, Curve, Form, Hand

__all__ = ["ALLOGRAPHS", "WrittenDigit", "render_digits", "write_digit", "write_digits"]

Points = NDArray[np.float64]

_TOUCHING = (-0.12, 0.1)
"""How far apart the lines of touching digits are where they come nearest, in heights: a pen is
about 0.1 wide."""
_LEAST_WIDTH = 0.45
"""Of two digits, in heights."""
_LEVEL = 0.06
"""Points whose heights differ by less are level with one another."""
_PIECES = 4
"""Points sampled between two control points."""


@dataclass(frozen=True, slots=True)
class WrittenDigit:
    """One digit as strokes of shape (n, 2), or (n, 3) with pressure.

    `width` is the pen's, as `trainer.drawing.rasterize.rasterize` takes it.
    """

    label: int
    allograph: str
    strokes: list[Points]
    width: float


def write_digit(label: int, rng: np.random.Generator, allograph: str | None = None) -> WrittenDigit:
    """Write one digit.

    Args:
        label: 0 to 9.
        rng: where every variation comes from.
        allograph: a name in `ALLOGRAPHS[label]`; None draws one by its share.

    Raises:
        ValueError: no such digit, or no such allograph of it.
    """
    forms = ALLOGRAPHS.get(label)
    if forms is None:
        raise ValueError(f"label must be 0 to 9, not {label!r}")
    if allograph is None:
        allograph = _draw_by_share(forms, rng)
    elif allograph not in forms:
        raise ValueError(f"{label} has no allograph {allograph!r}; it has {', '.join(forms)}")
    strokes, width = write_form(forms[allograph].draw, rng)
    return WrittenDigit(label, allograph, strokes, width)


def write_form(form: Form, rng: np.random.Generator) -> tuple[list[Points], float]:
    """A form as one handwriting and one pen put it on paper.

    Args:
        form: gives the strokes' control points, as `Allograph.draw` does.
        rng: where every variation comes from.

    Returns:
        The strokes and the pen's width, as in `WrittenDigit`.
    """
    hand = Hand(rng)
    return _put_on_paper(shape_form(form, hand, rng), hand, rng)


def _put_on_paper(
    lines: list[Points], hand: Hand, rng: np.random.Generator
) -> tuple[list[Points], float]:
    """Slanted, bent and pressed as one handwriting does, and the pen's width."""
    points = _deform(np.concatenate(lines), hand, rng)
    if hand.chance(style.PRESSURE_SHARE):
        points = _press(points, hand)
    width = math.exp(hand.about(*style.LOG_PEN_WIDTH))
    ends = np.cumsum([len(line) for line in lines])[:-1]
    return np.split(points, ends), width


def shape_form(form: Form, hand: Hand, rng: np.random.Generator) -> list[Points]:
    """A form's strokes, (n, 2) each, as they are before a handwriting slants and bends them."""
    rounding = hand.between(0, 0.7)  # rounder still, and a 4 is a 9
    lines = []
    for curve in form(hand):
        control = _control_points(_with_ticks(curve, hand))
        control[:, :2] += 0.022 * rng.standard_normal((len(control), 2))
        control[:, 2] *= 1 - rounding
        lines.append(_smooth(control))
    return lines


def shape_digit(label: int, rng: np.random.Generator) -> list[Points]:
    """One digit's strokes as `shape_form` returns them, in a form drawn by its share."""
    forms = ALLOGRAPHS[label]
    return shape_form(forms[_draw_by_share(forms, rng)].draw, Hand(rng), rng)


def write_touching_digits(rng: np.random.Generator) -> tuple[list[Points], float]:
    """Two digits of one handwriting, of which the second touches the first or goes into it.

    Args:
        rng: where every variation comes from.

    Returns:
        The strokes and the pen's width, as in `WrittenDigit`.
    """
    hand = Hand(rng)
    while True:
        left, right = (shape_digit(int(label), rng) for label in rng.integers(10, size=2))
        right = [
            hand.about(1.0, 0.07) * line + np.array([0, hand.about(0, 0.05)]) for line in right
        ]
        way = _way_to_touch(np.concatenate(left), np.concatenate(right))
        way += hand.between(*_TOUCHING)
        lines = [*left, *(line + np.array([way, 0]) for line in right)]
        # Two 1s that lie on one another, for example, are one.
        if np.ptp(np.concatenate(lines)[:, 0]) > _LEAST_WIDTH:
            return _put_on_paper(lines, hand, rng)


def _way_to_touch(left: Points, right: Points) -> float:
    """How far `right` is to be moved so that its line meets that of `left`, level with it."""
    level = np.abs(left[:, None, 1] - right[None, :, 1]) < _LEVEL
    apart = np.where(level, left[:, None, 0] - right[None, :, 0], -np.inf)
    return float(apart.max()) if level.any() else float(left[:, 0].max() - right[:, 0].min())


def write_digits(count: int, seed: int) -> Iterator[WrittenDigit]:
    """Write `count` digits, each label as often as any other (give or take one).

    The same `count` and `seed` give the same digits in the same order.
    """
    rng = np.random.default_rng(seed)
    for label in rng.permutation(np.arange(count) % 10):
        yield write_digit(int(label), rng)


def render_digits(count: int, seed: int) -> Iterator[tuple[NDArray[np.uint8], int]]:
    """`write_digits` as 28x28 pictures and their labels."""
    for digit in write_digits(count, seed):
        yield rasterize(digit.strokes, width=digit.width), digit.label


def _draw_by_share(forms: dict[str, Allograph], rng: np.random.Generator) -> str:
    """A name, drawn as often as its share."""
    left = rng.random() * sum(form.share for form in forms.values())
    for name, form in forms.items():
        left -= form.share
        if left < 0:
            return name
    return next(iter(forms))  # rounding left a crumb


def _with_ticks(curve: Curve, hand: Hand) -> Curve:
    """The curve, now and then with a short tick where the pen came or left."""
    (x, y), (end_x, end_y) = curve[0][:2], curve[-1][:2]
    if hand.chance(0.05):
        curve = [(x - hand.between(0.02, 0.09), y + hand.about(0, 0.05)), (x, y, SHARP), *curve[1:]]
    if hand.chance(0.05):
        tick = (end_x + hand.between(0.02, 0.1), end_y - hand.between(0, 0.08))
        curve = [*curve[:-1], (end_x, end_y, SHARP), tick]
    return curve


def _control_points(curve: Curve) -> Points:
    """Control points as an array of shape (n, 3): x, y, sharpness."""
    return np.array([point if len(point) == 3 else (*point, 0.0) for point in curve])


def _hermite_basis() -> Points:
    """Weights of (start, end, tangent at start, tangent at end) along one segment."""
    t = np.arange(_PIECES) / _PIECES
    square, cube = t * t, t * t * t
    end = 3 * square - 2 * cube
    return np.stack([1 - end, end, cube - 2 * square + t, cube - square], axis=1)


_BASIS = _hermite_basis()


def _smooth(control: Points) -> Points:
    """A curve, shape (m, 2), through control points of shape (n, 3): x, y, sharpness.

    A Catmull-Rom spline, whose tangents turn into the straight ones as a point
    gets sharper. Centripetal, because control points at uneven distances make
    the uniform one overshoot.
    """
    places, sharp = control[:, :2], control[1:-1, 2:]
    step = np.diff(places, axis=0)
    time = np.sqrt(np.sqrt((step * step).sum(axis=1, keepdims=True))) + 1e-6
    speed = step / time
    before, after = time[:-1], time[1:]
    through = (speed[:-1] * after + speed[1:] * before) / (before + after)
    leaving, arriving = speed.copy(), speed.copy()
    leaving[1:] = through + sharp * (speed[1:] - through)
    arriving[:-1] = through + sharp * (speed[:-1] - through)
    parts = np.stack([places[:-1], places[1:], leaving * time, arriving * time], axis=1)
    return np.concatenate([(_BASIS @ parts).reshape(-1, 2), places[-1:]])


def _deform(points: Points, hand: Hand, rng: np.random.Generator) -> Points:
    """What one handwriting does to all of a digit's points, shape (n, 2).

    Proportions, a slow bend and taper, slant, rotation, wobble and tremor;
    lengths are in heights of the digit.
    """
    x, y = points[:, 0] - style.CENTER[0], points[:, 1] - style.CENTER[1]
    along = np.linspace(0, 2 * math.pi, len(points))
    arch = np.cos(math.pi * y)

    def wobble() -> Points:
        size, frequency = hand.about(*style.WOBBLE), hand.between(*style.WOBBLE_FREQUENCY)
        return size * np.sin(along * frequency + hand.between(*style.WOBBLE_PHASE))

    y = y + hand.about(*style.BEND) * arch
    x = x * math.exp(hand.about(*style.LOG_WIDTH)) * (1 + hand.about(*style.TAPER) * y)
    x = x - hand.about(*style.SLANT) * y + hand.about(*style.BOW) * arch
    x, y = x + wobble(), y + wobble()
    turn = hand.about(*style.ROTATION)
    cosine, sine = math.cos(turn), math.sin(turn)
    moved = np.stack([cosine * x - sine * y, sine * x + cosine * y], axis=1)
    return moved + abs(hand.about(0, 0.005)) * rng.standard_normal(moved.shape)


def _press(points: Points, hand: Hand) -> Points:
    """The points with a slowly changing pressure about 1 as third column."""
    start = hand.between(*style.PRESSURE_PHASE)
    phase = np.linspace(start, start + hand.between(*style.PRESSURE_ANGLE), len(points))
    return np.column_stack([points, 1 + hand.about(*style.PRESSURE) * np.sin(phase)])
