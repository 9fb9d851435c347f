"""The built-in data set `pen`: digits written by code, as pen strokes.

Every digit has several allographs, the forms in which people in various
countries really write it. An allograph is a short function that gives the
control points of its strokes, in a box about 0.6 wide and 1 high with y down,
with its own parts (bowls, bars, stems) varied. What is common to a whole
handwriting (slant, proportions, roundness, tremor, pressure) is added once,
for all of them, by `write_digit`.

Needs no download and no network: numpy draws the numbers, `trainer.strokes`
draws the ink.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.strokes import rasterize

Points = NDArray[np.float64]
Control = tuple[float, ...]
"""A control point `(x, y)`, passed smoothly, or `(x, y, SHARP)`, a corner."""
Curve = list[Control]
"""One stroke's control points in drawing order."""

SHARP = 1.0
_PIECES = 5
"""Points sampled between two control points."""


class Hand:
    """The random source of one digit, with the few draws that allographs use."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng

    def about(self, mean: float, spread: float) -> float:
        """A normal draw, kept within 2.5 spreads so that no part runs away."""
        return mean + spread * min(max(self._rng.standard_normal(), -2.5), 2.5)

    def between(self, low: float, high: float) -> float:
        """A uniform draw."""
        return low + (high - low) * self._rng.random()

    def chance(self, probability: float) -> bool:
        """True this often (0 to 1)."""
        return self._rng.random() < probability


@dataclass(frozen=True, slots=True)
class Allograph:
    """One way to write a digit: how often it is used, and its strokes."""

    share: float
    draw: Callable[[Hand], list[Curve]]


@dataclass(frozen=True, slots=True)
class WrittenDigit:
    """One digit as strokes of shape (n, 2), or (n, 3) with pressure.

    `width` is the pen's, as `trainer.strokes.rasterize` takes it.
    """

    label: int
    allograph: str
    strokes: list[Points]
    width: float


def _arc(
    centre: tuple[float, float],
    radii: tuple[float, float],
    start: float,
    sweep: float,
    growth: float = 0.0,
) -> Curve:
    """An elliptical arc; angles in degrees from the right, clockwise on paper.

    The radii change by the share `growth` from its start to its end.
    """
    steps = max(2, math.ceil(abs(sweep) / 50))
    curve = []
    for step in range(steps + 1):
        angle = math.radians(start + sweep * step / steps)
        scale = 1 + growth * step / steps
        curve.append(
            (
                centre[0] + scale * radii[0] * math.cos(angle),
                centre[1] + scale * radii[1] * math.sin(angle),
            )
        )
    return curve


def _oval(hand: Hand, overlap: float, growth: float, direction: int = -1) -> Curve:
    """The ring of a 0, begun near the top (or, clockwise, near the bottom)."""
    start = hand.about(285 if direction < 0 else 100, 35)
    return _arc((0.33, 0.5), (0.32, 0.5), start, direction * (360 + overlap), growth)


def _zero(hand: Hand) -> list[Curve]:
    return [_oval(hand, hand.about(8, 14), hand.about(0, 0.06))]


def _zero_open(hand: Hand) -> list[Curve]:
    return [_oval(hand, hand.between(-45, -10), hand.about(0, 0.08))]


def _zero_curled(hand: Hand) -> list[Curve]:
    return [_oval(hand, hand.between(30, 100), hand.between(-0.4, -0.05))]


def _zero_clockwise(hand: Hand) -> list[Curve]:
    return [_oval(hand, hand.about(5, 20), hand.about(0, 0.08), direction=1)]


def _zero_slashed(hand: Hand) -> list[Curve]:
    angle = math.radians(hand.about(-62, 12) if hand.chance(0.8) else hand.between(0, 180))
    x, y = hand.about(0.33, 0.04), hand.about(0.5, 0.05)
    across, up = hand.about(0.5, 0.12) * math.cos(angle), hand.about(0.5, 0.12) * math.sin(angle)
    return [*_zero(hand), [(x + across, y + up), (x - across, y - up)]]


def _one(hand: Hand) -> list[Curve]:
    lean = hand.about(0.04, 0.1)
    return [[(lean, 0), (hand.about(0, 0.015), 0.5), (-lean, 1)]]


def _one_flag(hand: Hand) -> list[Curve]:
    reach, drop = hand.between(0.06, 0.32), hand.between(0.08, 0.33)
    stem = (hand.about(0, 0.04), 1.0)
    return [[(-reach, drop), (-reach / 2, drop * hand.about(0.55, 0.1)), (0, 0, SHARP), stem]]


def _foot(hand: Hand) -> Curve:
    y = hand.about(1, 0.02)
    return [(hand.about(-0.25, 0.07), y), (hand.about(0.25, 0.08), y + hand.about(0, 0.02))]


def _one_flag_foot(hand: Hand) -> list[Curve]:
    return [*_one_flag(hand), _foot(hand)]


def _one_foot(hand: Hand) -> list[Curve]:
    return [*_one(hand), _foot(hand)]


def _two_top(hand: Hand) -> Curve:
    """The bow of a 2, from its start down to the neck."""
    start, right = hand.about(0.25, 0.07), hand.about(0.55, 0.05)
    bow: Curve = [(0.1, 0.09), (0.3, 0), (right - 0.06, 0.07), (right, 0.25), (right - 0.13, 0.52)]
    entry: Curve = [(0.02, start)]
    if hand.chance(0.2):
        entry = [(0.16, start + 0.04), (0.06, start + 0.03)]
    return entry + bow


def _two_base(hand: Hand) -> Curve:
    """The base line of a 2, straight, wavy, short or long."""
    wave, end = hand.about(0.01, 0.04), hand.about(0.7, 0.14)
    return [(end * 0.4, 0.97 - wave), (end, 0.97 + wave + hand.about(-0.02, 0.05))]


def _two(hand: Hand) -> list[Curve]:
    corner = (hand.about(0.0, 0.05), 0.97, SHARP)
    return [[*_two_top(hand), (0.2, 0.8), corner, *_two_base(hand)]]


def _two_looped(hand: Hand) -> list[Curve]:
    size = hand.between(0.05, 0.16)
    left = hand.about(0.02, 0.04)
    loop: Curve = [(0.24, 0.78), (left + 0.06, 0.97), (left - 0.06, 0.96 - size / 2)]
    back: Curve = [(left + 0.05, 0.95 - size), (left + 0.2, 0.96 - size / 2)]
    return [[*_two_top(hand), *loop, *back, *_two_base(hand)[1:]]]


def _two_angular(hand: Hand) -> list[Curve]:
    top: Curve = [(hand.about(0.03, 0.04), hand.about(0.06, 0.04)), (0.3, 0.01)]
    right = (hand.about(0.55, 0.05), hand.about(0.05, 0.03), SHARP)
    return [[*top, right, (0.3, 0.5), (hand.about(0, 0.05), 0.97, SHARP), *_two_base(hand)]]


def _three_belly(hand: Hand) -> Curve:
    """The lower bow of a 3, after the waist."""
    right, end = hand.about(0.58, 0.06), hand.about(0.88, 0.05)
    return [
        (right - 0.1, 0.52),
        (right, 0.73),
        (right - 0.15, 0.95),
        (0.2, 1),
        (hand.about(0, 0.06), end),
    ]


def _three_top(hand: Hand) -> Curve:
    """The upper bow of a 3."""
    right = hand.about(0.5, 0.06)
    start = (hand.about(0.05, 0.05), hand.about(0.14, 0.05))
    return [start, (0.25, 0), (right - 0.05, 0.06), (right, 0.23), (right - 0.13, 0.4)]


def _three(hand: Hand) -> list[Curve]:
    waist = (hand.about(0.22, 0.07), hand.about(0.47, 0.03), SHARP)
    return [[*_three_top(hand), waist, *_three_belly(hand)]]


def _three_looped(hand: Hand) -> list[Curve]:
    x, size = hand.about(0.14, 0.05), hand.between(0.03, 0.1)
    loop: Curve = [(x, 0.47 + size / 2), (x - 0.03, 0.46 - size / 3), (x + 0.1, 0.47 - size / 2)]
    return [[*_three_top(hand), *loop, *_three_belly(hand)]]


def _three_flat(hand: Hand) -> list[Curve]:
    corner = (hand.about(0.5, 0.05), hand.about(0.0, 0.03), SHARP)
    waist = (hand.about(0.22, 0.06), hand.about(0.4, 0.04), SHARP)
    return [[(0.02, hand.about(0.03, 0.03)), corner, waist, *_three_belly(hand)]]


def _stem(hand: Hand, x: float, top: float) -> Curve:
    """The right-hand stroke of a 4."""
    return [(x, top), (x + hand.about(-0.02, 0.015), 0.5), (x + hand.about(-0.05, 0.04), 1)]


def _four(hand: Hand) -> list[Curve]:
    bar, x = hand.about(0.52, 0.06), hand.about(0.48, 0.05)
    left = hand.about(0.02, 0.04)
    end = (x + hand.about(0.12, 0.08), bar + hand.about(-0.03, 0.04))
    first: Curve = [(left + hand.about(0.08, 0.06), hand.about(0.06, 0.05)), (left, bar, SHARP)]
    return [[*first, end], _stem(hand, x, hand.about(0.04, 0.07))]


def _four_closed(hand: Hand) -> list[Curve]:
    bar, x = hand.about(0.62, 0.06), hand.about(0.46, 0.05)
    end = (x + hand.about(0.16, 0.08), bar + hand.about(-0.02, 0.03))
    top = (x + hand.about(-0.03, 0.03), hand.about(0.0, 0.03))
    return [[top, (0.18, bar * 0.6), (0, bar, SHARP), end], _stem(hand, x, hand.about(0.02, 0.04))]


def _four_short_stem(hand: Hand) -> list[Curve]:
    bar, x = hand.about(0.62, 0.06), hand.about(0.4, 0.05)
    end = (x + hand.about(0.22, 0.07), bar + hand.about(-0.03, 0.03))
    return [
        [(hand.about(0.3, 0.06), 0), (0, bar, SHARP), end],
        _stem(hand, x, hand.about(0.36, 0.07)),
    ]


def _four_one_stroke(hand: Hand) -> list[Curve]:
    bar, x = hand.about(0.46, 0.05), hand.about(0.5, 0.05)
    up: Curve = [(0.3, bar + 0.01), (x - 0.02, bar - 0.12), (x, hand.about(0.03, 0.04), SHARP)]
    return [[(0.08, 0.05), (0.02, bar - 0.1, SHARP / 2), *up, *_stem(hand, x, 0.05)[1:]]]


def _four_pointed(hand: Hand) -> list[Curve]:
    bar, x = hand.about(0.45, 0.06), hand.about(0.48, 0.05)
    ring: Curve = [(x, 0.0), (0.18, bar * 0.5), (0, bar, SHARP), (x * 0.7, bar - 0.02)]
    return [[*ring, (x + 0.03, hand.about(0.08, 0.06), SHARP), *_stem(hand, x, 0.05)[1:]]]


def _five_belly(hand: Hand) -> Curve:
    """The bow of a 5."""
    right, top = hand.about(0.54, 0.06), hand.about(0.38, 0.04)
    end = (hand.about(0.0, 0.06), hand.about(0.92, 0.05))
    return [(0.28, top), (right - 0.05, top + 0.12), (right, 0.72), (0.3, 0.99), end]


def _five(hand: Hand) -> list[Curve]:
    down = (hand.about(0.06, 0.04), hand.about(0.44, 0.04), SHARP)
    hat = (hand.about(0.62, 0.12), hand.about(0.0, 0.05))
    return [[hat, (hand.about(0.12, 0.04), 0.04, SHARP), down, *_five_belly(hand)]]


def _five_two_strokes(hand: Hand) -> list[Curve]:
    x = hand.about(0.1, 0.04)
    down = (hand.about(0.05, 0.04), hand.about(0.43, 0.04), SHARP)
    hat: Curve = [(x + hand.about(0.0, 0.05), hand.about(0.03, 0.04))]
    hat.append((hand.about(0.6, 0.1), hand.about(0.01, 0.05)))
    return [[(x, 0.04), down, *_five_belly(hand)], hat]


def _five_smooth(hand: Hand) -> list[Curve]:
    top: Curve = [(hand.about(0.58, 0.08), hand.about(0.03, 0.04)), (0.32, 0.01), (0.1, 0.12)]
    return [[*top, (0.1, 0.3), (0.32, 0.44), *_five_belly(hand)[2:]]]


def _bowl(hand: Hand) -> Curve:
    """The bowl of a 6, from its left side round to its end."""
    top, right = hand.about(0.55, 0.06), hand.about(0.5, 0.06)
    end = (hand.about(0.09, 0.06), hand.about(0.7, 0.07))
    return [(0.02, 0.76), (0.2, 0.99), (right - 0.06, 0.9), (right, 0.72), (0.32, top), end]


def _six(hand: Hand) -> list[Curve]:
    return [[(hand.about(0.46, 0.07), 0.01), (0.22, 0.17), (0.06, 0.45), *_bowl(hand)]]


def _six_straight(hand: Hand) -> list[Curve]:
    return [[(hand.about(0.26, 0.1), 0), (hand.about(0.1, 0.04), 0.4), *_bowl(hand)]]


def _six_curled(hand: Hand) -> list[Curve]:
    inner: Curve = [(hand.about(0.2, 0.05), hand.about(0.8, 0.05))]
    back: Curve = [(hand.about(0.42, 0.08), 0.01), (0.18, 0.2), (0.05, 0.45)]
    return [[*back, *_bowl(hand), *inner]]


def _seven_stem(hand: Hand) -> Curve:
    """The corner and the stem of a 7."""
    x, foot = hand.about(0.55, 0.05), hand.about(0.2, 0.08)
    corner = (x, hand.about(0.03, 0.04), SHARP)
    return [corner, ((x + foot) / 2 + hand.about(-0.02, 0.04), 0.45), (foot, 1)]


def _seven(hand: Hand) -> list[Curve]:
    wave = hand.about(0, 0.025)
    return [[(0, hand.about(0.07, 0.04)), (0.28, 0.05 + wave), *_seven_stem(hand)]]


def _seven_serif(hand: Hand) -> list[Curve]:
    drop = hand.between(0.12, 0.3)
    left: Curve = [(hand.about(0, 0.04), drop), (hand.about(0.03, 0.03), 0.06, SHARP / 2)]
    return [[*left, (0.28, hand.about(0.06, 0.03)), *_seven_stem(hand)]]


def _seven_bar(hand: Hand) -> Curve:
    y, half = hand.about(0.5, 0.05), hand.about(0.2, 0.05)
    x, tilt = hand.about(0.37, 0.04), hand.about(0.02, 0.04)
    return [(x - half, y + tilt), (x + half, y - tilt)]


def _seven_crossed(hand: Hand) -> list[Curve]:
    return [*_seven(hand), _seven_bar(hand)]


def _seven_crossed_serif(hand: Hand) -> list[Curve]:
    return [*_seven_serif(hand), _seven_bar(hand)]


def _seven_curved(hand: Hand) -> list[Curve]:
    right = hand.about(0.52, 0.05)
    top: Curve = [(0, hand.about(0.1, 0.04)), (0.2, 0.02), (right - 0.08, 0.03)]
    return [[*top, (right, 0.17), (right - 0.15, 0.5), (hand.about(0.22, 0.07), 1)]]


def _eight_path(hand: Hand) -> Curve:
    """An 8 in one line: S downwards, then back up."""
    top, low, mid = hand.about(0.2, 0.03), hand.about(0.26, 0.04), hand.about(0.47, 0.04)
    down: Curve = [
        (0.28 + top, 0.12),
        (0.28, 0),
        (0.28 - top, 0.13),
        (0.28 - top * 0.7, mid - 0.15),
    ]
    belly: Curve = [
        (0.28, mid),
        (0.25 + low, 0.72),
        (0.25 + low * 0.5, 0.97),
        (0.25 - low * 0.5, 0.97),
    ]
    up: Curve = [(0.25 - low, 0.76), (0.28, mid + 0.02), (0.28 + top * 0.8, mid - 0.17)]
    return down + belly + up


def _eight(hand: Hand) -> list[Curve]:
    path = _eight_path(hand)
    return [[*path, (path[0][0] + hand.about(0, 0.03), path[0][1] + hand.about(-0.03, 0.03))]]


def _eight_open(hand: Hand) -> list[Curve]:
    path = _eight_path(hand)
    start = (path[0][0] + hand.about(-0.03, 0.04), path[0][1] + hand.about(0.03, 0.04))
    return [[start, *path[1:], (hand.about(0.62, 0.08), hand.about(0.0, 0.05))]]


def _eight_mirrored(hand: Hand) -> list[Curve]:
    return [[(0.56 - x, y) for x, y in _eight(hand)[0]]]


def _eight_circles(hand: Hand) -> list[Curve]:
    mid, x = hand.about(0.47, 0.04), hand.about(0.3, 0.03)
    top, low = (hand.about(0.21, 0.03), mid / 2), (hand.about(0.27, 0.03), (1 - mid) / 2)
    return [
        _arc((x, mid / 2), top, hand.about(280, 40), -360 - hand.about(5, 15), hand.about(0, 0.05)),
        _arc((0.3, 0.5 + mid / 2), low, hand.about(280, 40), -360 - hand.about(5, 15)),
    ]


def _nine_ring(hand: Hand) -> Curve:
    """The ring of a 9, begun and ended at its right."""
    low, x = hand.about(0.46, 0.05), hand.about(0.5, 0.04)
    start = (x + hand.about(-0.02, 0.03), hand.about(0.12, 0.04))
    return [start, (0.3, 0), (0.07, 0.14), (0.04, low - 0.12), (0.22, low), (x - 0.08, low - 0.13)]


def _nine(hand: Hand) -> list[Curve]:
    turn = (hand.about(0.51, 0.03), hand.about(0.1, 0.05), SHARP)
    foot = (hand.about(0.42, 0.08), 1.0)
    return [[*_nine_ring(hand), turn, (hand.about(0.49, 0.03), 0.5), foot]]


def _nine_curved(hand: Hand) -> list[Curve]:
    turn = (hand.about(0.51, 0.03), hand.about(0.12, 0.05), SHARP / 2)
    return [[*_nine_ring(hand), turn, (0.5, 0.45), (0.4, 0.76), (hand.about(0.18, 0.07), 1)]]


def _nine_hooked(hand: Hand) -> list[Curve]:
    turn = (hand.about(0.52, 0.03), hand.about(0.1, 0.05), SHARP)
    hook: Curve = [(0.52, 0.5), (0.47, 0.86), (0.28, 1), (hand.about(0.04, 0.06), 0.9)]
    return [[*_nine_ring(hand), turn, *hook]]


def _nine_two_strokes(hand: Hand) -> list[Curve]:
    low = hand.about(0.5, 0.05)
    ring = _arc((0.26, low / 2), (0.25, low / 2), hand.about(310, 25), -360 - hand.about(0, 15))
    x = hand.about(0.5, 0.03)
    return [ring, [(x, hand.about(0.05, 0.06)), (x, 0.5), (x + hand.about(-0.05, 0.06), 1)]]


ALLOGRAPHS: dict[int, dict[str, Allograph]] = {
    0: {
        "oval": Allograph(0.52, _zero),
        "not quite closed": Allograph(0.12, _zero_open),
        "curled": Allograph(0.14, _zero_curled),
        "clockwise": Allograph(0.1, _zero_clockwise),
        "slashed": Allograph(0.12, _zero_slashed),
    },
    1: {
        "plain": Allograph(0.66, _one),
        "with flag": Allograph(0.16, _one_flag),
        "with flag and foot": Allograph(0.14, _one_flag_foot),
        "with foot": Allograph(0.04, _one_foot),
    },
    2: {
        "plain": Allograph(0.5, _two),
        "looped": Allograph(0.35, _two_looped),
        "angular": Allograph(0.15, _two_angular),
    },
    3: {
        "round": Allograph(0.6, _three),
        "looped": Allograph(0.2, _three_looped),
        "flat-topped": Allograph(0.2, _three_flat),
    },
    4: {
        "open": Allograph(0.5, _four),
        "closed": Allograph(0.18, _four_closed),
        "with short stem": Allograph(0.1, _four_short_stem),
        "in one stroke": Allograph(0.12, _four_one_stroke),
        "pointed, in one stroke": Allograph(0.1, _four_pointed),
    },
    5: {
        "in one stroke": Allograph(0.4, _five),
        "with separate hat": Allograph(0.4, _five_two_strokes),
        "smooth": Allograph(0.2, _five_smooth),
    },
    6: {
        "with curved back": Allograph(0.5, _six),
        "with straight back": Allograph(0.3, _six_straight),
        "curled": Allograph(0.2, _six_curled),
    },
    7: {
        "plain": Allograph(0.42, _seven),
        "with serif": Allograph(0.16, _seven_serif),
        "crossed": Allograph(0.14, _seven_crossed),
        "crossed, with serif": Allograph(0.06, _seven_crossed_serif),
        "curved": Allograph(0.22, _seven_curved),
    },
    8: {
        "in one stroke": Allograph(0.5, _eight),
        "open at the top": Allograph(0.22, _eight_open),
        "mirrored": Allograph(0.14, _eight_mirrored),
        "two circles": Allograph(0.14, _eight_circles),
    },
    9: {
        "with straight tail": Allograph(0.45, _nine),
        "with curved tail": Allograph(0.25, _nine_curved),
        "with hooked tail": Allograph(0.15, _nine_hooked),
        "in two strokes": Allograph(0.15, _nine_two_strokes),
    },
}
"""By digit, then by name. Shares are rough estimates of how common each is."""


def _hermite_basis() -> Points:
    """Weights of (start, end, start's and end's tangent) along one segment."""
    t = np.arange(_PIECES) / _PIECES
    square, cube = t * t, t * t * t
    end = 3 * square - 2 * cube
    return np.stack([1 - end, end, cube - 2 * square + t, cube - square], axis=1)


_BASIS = _hermite_basis()


def _smooth(control: Points) -> Points:
    """A curve through control points of shape (n, 3): x, y, sharpness 0 to 1.

    A centripetal Catmull-Rom spline, whose tangents turn into the straight
    ones as a point gets sharper. Centripetal, because control points at uneven
    distances make the uniform one overshoot.
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


def _control_points(curve: Curve) -> Points:
    """Control points as an array of shape (n, 3): x, y, sharpness."""
    return np.array([point if len(point) == 3 else (*point, 0.0) for point in curve])


def _deform(points: Points, hand: Hand, rng: np.random.Generator) -> Points:
    """What one handwriting does to all of a digit's points, shape (n, 2).

    Proportions, a slow bend and taper, slant, rotation, wobble and tremor;
    lengths are in heights of the digit.
    """
    x, y = points[:, 0] - 0.3, points[:, 1] - 0.5
    phase = np.linspace(0, 2 * math.pi, len(points))
    y = y + hand.about(0, 0.04) * np.cos(math.pi * y)
    x = x * math.exp(hand.about(0, 0.18)) * (1 + hand.about(0, 0.2) * y)
    x = x + (hand.about(0.13, 0.2)) * -y + hand.about(0, 0.03) * np.cos(math.pi * y)
    x = x + hand.about(0, 0.012) * np.sin(phase * hand.between(0.7, 2.5) + hand.between(0, 6))
    y = y + hand.about(0, 0.012) * np.sin(phase * hand.between(0.7, 2.5) + hand.between(0, 6))
    turn = hand.about(0, 0.07)
    cosine, sine = math.cos(turn), math.sin(turn)
    moved = np.stack([cosine * x - sine * y, sine * x + cosine * y], axis=1)
    return moved + abs(hand.about(0, 0.005)) * rng.standard_normal(moved.shape)


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
        allograph = _drawn_by_share(forms, rng)
    elif allograph not in forms:
        raise ValueError(f"{label} has no allograph {allograph!r}; it has {', '.join(forms)}")
    hand = Hand(rng)
    rounding = hand.between(0.0, 1.0)
    lines = []
    for curve in forms[allograph].draw(hand):
        control = _control_points(curve)
        control[:, :2] += 0.02 * rng.standard_normal((len(control), 2))
        control[:, 2] *= rounding
        lines.append(_smooth(control))
    points = _deform(np.concatenate(lines), hand, rng)
    if hand.chance(0.5):
        phase = np.linspace(0, hand.between(2, 9), len(points)) + hand.between(0, 6)
        points = np.column_stack([points, 1 + hand.about(0, 0.12) * np.sin(phase)])
    width = math.exp(hand.about(0.03, 0.25))
    ends = np.cumsum([len(line) for line in lines])[:-1]
    return WrittenDigit(label, allograph, np.split(points, ends), width)


def _drawn_by_share(forms: dict[str, Allograph], rng: np.random.Generator) -> str:
    """A name, drawn as often as its share."""
    left = rng.random() * sum(form.share for form in forms.values())
    for name, form in forms.items():
        left -= form.share
        if left < 0:
            return name
    return next(iter(forms))


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
