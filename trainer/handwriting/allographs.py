"""The forms in which people write the ten digits, as control points of curves.

An allograph is a short function that gives a digit's strokes in a box about 0.6
wide and 1 high, y pointing down, with its own parts (bowls, bars, stems) varied.
What is common to a whole handwriting (slant, tremor, pen) is not here but in
`trainer.handwriting.style`, once for all of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Allograph:
    """One way to write a digit: how often it is used, and its strokes."""

    share: float
    draw: Callable[[Hand], list[Curve]]


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


def _oval(hand: Hand, overlap: float, growth: float, direction: int = -1) -> Curve:
    """The ring of a 0, begun near the top (or, clockwise, near the bottom)."""
    start = hand.about(285 if direction < 0 else 100, 35)
    across = 0.37 * math.exp(hand.about(0, 0.2))
    return arc((0.33, 0.5), (across, 0.5), start, direction * (360 + overlap), growth)


def _zero(hand: Hand) -> list[Curve]:
    return [_oval(hand, hand.about(8, 14), hand.about(0, 0.06))]


def _zero_open(hand: Hand) -> list[Curve]:
    return [_oval(hand, hand.between(-45, -10), hand.about(0, 0.08))]


def _zero_curled(hand: Hand) -> list[Curve]:
    return [_oval(hand, hand.between(30, 100), hand.between(-0.4, -0.05))]


def _zero_clockwise(hand: Hand) -> list[Curve]:
    return [_oval(hand, hand.about(5, 20), hand.about(0, 0.08), direction=1)]


def _zero_slashed(hand: Hand) -> list[Curve]:
    angle = math.radians(hand.about(-62, 15) if hand.chance(0.75) else hand.between(0, 180))
    x, y = hand.about(0.33, 0.05), hand.about(0.5, 0.06)
    across, up = hand.about(0.5, 0.14) * math.cos(angle), hand.about(0.5, 0.14) * math.sin(angle)
    return [*_zero(hand), [(x + across, y + up), (x - across, y - up)]]


def _one(hand: Hand) -> list[Curve]:
    lean = hand.about(0.04, 0.1)
    return [[(lean, 0), (hand.about(0, 0.015), 0.5), (-lean, 1)]]


def _one_flag(hand: Hand) -> list[Curve]:
    # A flag less steep than this would make it a 7.
    reach = hand.between(0.06, 0.26)
    drop = reach * hand.between(1.0, 1.8)
    middle = (-reach / 2, drop * hand.about(0.55, 0.12))
    return [[(-reach, drop), middle, (0, 0, SHARP), (hand.about(0, 0.04), 1)]]


def _foot(hand: Hand) -> Curve:
    y = hand.about(1, 0.02)
    left, right = hand.about(-0.27, 0.09), hand.about(0.27, 0.1)
    return [(left, y), (right, y + hand.about(0, 0.03))]


def _one_flag_foot(hand: Hand) -> list[Curve]:
    return [*_one_flag(hand), _foot(hand)]


def _one_foot(hand: Hand) -> list[Curve]:
    return [*_one(hand), _foot(hand)]


def _two_top(hand: Hand) -> Curve:
    """The bow of a 2, from its start down to the neck."""
    start, right = hand.about(0.25, 0.07), hand.about(0.55, 0.06)
    bow: Curve = [(0.1, 0.09), (0.3, 0), (right - 0.06, 0.07), (right, 0.25), (right - 0.13, 0.52)]
    if hand.chance(0.25):  # a hook inwards before the bow
        return [(hand.about(0.17, 0.04), start + 0.03), (0.05, start + 0.01), *bow]
    return [(0.02, start), *bow]


def _two_base(hand: Hand) -> Curve:
    """The base line of a 2, straight or wavy, short or long, level or sinking."""
    wave, end = hand.about(0.01, 0.04), hand.about(0.72, 0.16)
    return [(end * 0.45, 0.97 - wave), (end, 0.97 + wave + hand.about(0, 0.07))]


def _two(hand: Hand) -> list[Curve]:
    corner = (hand.about(0.0, 0.05), hand.about(0.95, 0.03), SHARP)
    return [[*_two_top(hand), (0.2, 0.8), corner, *_two_base(hand)]]


def _two_looped(hand: Hand) -> list[Curve]:
    left, size = hand.about(-0.06, 0.07), hand.between(0.05, 0.32)
    wide = 0.1 + 0.7 * size
    down: Curve = [(left + wide + 0.14, 0.78), (left + wide * 0.6, 0.97)]
    loop: Curve = [(left, 0.98 - size / 2), (left + wide * 0.5, 0.97 - size)]
    back = (left + wide * 1.3, 0.97 - size * 0.5)
    end = (hand.about(0.82, 0.16), 0.97 + hand.about(0.01, 0.07))
    return [[*_two_top(hand), *down, *loop, back, end]]


def _two_wide_loop(hand: Hand) -> list[Curve]:
    left, top = hand.about(-0.05, 0.08), hand.between(0.46, 0.78)
    down: Curve = [(0.32, 0.75), (left + 0.15, 0.96), (left, 0.9)]
    over: Curve = [(left + 0.05, (top + 0.85) / 2), (left + 0.18, top), (0.38, top + 0.09)]
    end = (hand.about(0.68, 0.14), hand.about(0.95, 0.1))
    return [[*_two_top(hand), *down, *over, end]]


def _two_angular(hand: Hand) -> list[Curve]:
    top: Curve = [(hand.about(0.03, 0.05), hand.about(0.06, 0.05)), (0.3, hand.about(0, 0.03))]
    right = (hand.about(0.55, 0.05), hand.about(0.05, 0.04), SHARP)
    return [[*top, right, (0.3, 0.5), (hand.about(0, 0.05), 0.97, SHARP), *_two_base(hand)]]


def _three_belly(hand: Hand) -> Curve:
    """The lower bow of a 3, after the waist."""
    right, end = hand.about(0.58, 0.06), hand.about(0.88, 0.05)
    bow: Curve = [(right - 0.1, 0.52), (right, 0.73), (right - 0.15, 0.95), (0.2, 1)]
    if hand.chance(0.2):  # curled in at its end
        return [*bow, (hand.about(0.02, 0.05), end), (hand.about(0.14, 0.05), end - 0.08)]
    return [*bow, (hand.about(-0.01, 0.09), end + hand.about(0, 0.05))]


def _three_top(hand: Hand) -> Curve:
    """The upper bow of a 3."""
    right, x, y = hand.about(0.5, 0.06), hand.about(0.05, 0.05), hand.about(0.14, 0.05)
    bow: Curve = [(0.25, 0), (right - 0.05, 0.06), (right, 0.23), (right - 0.13, 0.4)]
    if hand.chance(0.2):  # curled in at its start
        return [(x + 0.12, y + 0.09), (x, y), *bow]
    return [(x, y), *bow]


def _three(hand: Hand) -> list[Curve]:
    waist = (hand.about(0.24, 0.08), hand.about(0.47, 0.03), SHARP)
    return [[*_three_top(hand), waist, *_three_belly(hand)]]


def _three_looped(hand: Hand) -> list[Curve]:
    x, size = hand.about(0.14, 0.06), hand.between(0.03, 0.13)
    loop: Curve = [(x, 0.47 + size / 2), (x - 0.03, 0.46 - size / 3), (x + 0.1, 0.47 - size / 2)]
    return [[*_three_top(hand), *loop, *_three_belly(hand)]]


def _three_flat(hand: Hand) -> list[Curve]:
    corner = (hand.about(0.5, 0.06), hand.about(0.0, 0.03), SHARP)
    waist = (hand.about(0.22, 0.07), hand.about(0.4, 0.04), SHARP)
    return [[(0.02, hand.about(0.03, 0.04)), corner, waist, *_three_belly(hand)]]


def _stem(hand: Hand, x: float, top: float) -> Curve:
    """The right-hand stroke of a 4."""
    return [(x, top), (x + hand.about(-0.02, 0.015), 0.5), (x + hand.about(-0.05, 0.05), 1)]


def _four(hand: Hand) -> list[Curve]:
    bar, x = hand.about(0.52, 0.07), hand.about(0.48, 0.06)
    left = hand.about(0.02, 0.04)
    start = (left + hand.about(0.08, 0.07), hand.about(0.06, 0.06))
    end = (x + hand.about(0.12, 0.09), bar + hand.about(-0.03, 0.05))
    return [[start, (left, bar, SHARP), end], _stem(hand, x, hand.about(0.04, 0.08))]


def _four_closed(hand: Hand) -> list[Curve]:
    bar, x = hand.about(0.62, 0.07), hand.about(0.46, 0.05)
    top = (x + hand.about(-0.03, 0.03), hand.about(0.0, 0.03))
    end = (x + hand.about(0.16, 0.09), bar + hand.about(-0.02, 0.04))
    return [[top, (0.18, bar * 0.6), (0, bar, SHARP), end], _stem(hand, x, hand.about(0.02, 0.04))]


def _four_short_stem(hand: Hand) -> list[Curve]:
    bar, x = hand.about(0.62, 0.07), hand.about(0.4, 0.06)
    end = (x + hand.about(0.22, 0.08), bar + hand.about(-0.03, 0.04))
    bolt: Curve = [(hand.about(0.3, 0.07), 0), (0, bar, SHARP), end]
    return [bolt, _stem(hand, x, hand.about(0.36, 0.08))]


def _four_one_stroke(hand: Hand) -> list[Curve]:
    bar, x = hand.about(0.46, 0.06), hand.about(0.5, 0.05)
    up: Curve = [(0.3, bar + 0.01), (x - 0.02, bar - 0.12), (x, hand.about(0.03, 0.05), SHARP)]
    return [[(0.08, 0.05), (0.02, bar - 0.1, SHARP / 2), *up, *_stem(hand, x, 0.05)[1:]]]


def _four_pointed(hand: Hand) -> list[Curve]:
    bar, x = hand.about(0.45, 0.06), hand.about(0.48, 0.05)
    ring: Curve = [(x, 0.0), (0.18, bar * 0.5), (0, bar, SHARP), (x * 0.7, bar - 0.02)]
    return [[*ring, (x + 0.03, hand.about(0.08, 0.06), SHARP), *_stem(hand, x, 0.05)[1:]]]


def _five_belly(hand: Hand) -> Curve:
    """The bow of a 5."""
    right, top = hand.about(0.52, 0.1), hand.about(0.4, 0.06)
    bow: Curve = [(0.28, top), (right - 0.05, top + 0.12), (right, 0.72), (0.3, 0.99)]
    if hand.chance(0.2):  # curled in at its end
        return [*bow, (hand.about(0.05, 0.04), 0.9), (hand.about(0.12, 0.05), 0.79)]
    return [*bow, (hand.about(0.0, 0.07), hand.about(0.92, 0.06))]


def _five(hand: Hand) -> list[Curve]:
    down = (hand.about(0.06, 0.04), hand.about(0.44, 0.05), SHARP)
    hat = (hand.about(0.65, 0.18), hand.about(-0.02, 0.07))
    return [[hat, (hand.about(0.13, 0.05), 0.04, SHARP), down, *_five_belly(hand)]]


def _five_two_strokes(hand: Hand) -> list[Curve]:
    x = hand.about(0.11, 0.05)
    down = (hand.about(0.05, 0.04), hand.about(0.43, 0.05), SHARP)
    hat: Curve = [(x + hand.about(0.02, 0.06), hand.about(0.03, 0.05))]
    hat.append((hand.about(0.65, 0.17), hand.about(-0.01, 0.07)))
    return [[(x, 0.04), down, *_five_belly(hand)], hat]


def _five_smooth(hand: Hand) -> list[Curve]:
    top: Curve = [(hand.about(0.58, 0.1), hand.about(0.03, 0.05)), (0.32, 0.01), (0.1, 0.12)]
    return [[*top, (0.1, 0.3), (0.32, 0.44), *_five_belly(hand)[2:]]]


def _bowl(hand: Hand) -> Curve:
    """The bowl of a 6, from its left side round to its end."""
    top, right = hand.about(0.5, 0.1), hand.about(0.53, 0.1)
    end = (hand.about(0.12, 0.09), hand.about(0.69, 0.09))
    if hand.chance(0.12):  # across the back
        end = (hand.between(-0.22, 0), hand.about(0.62, 0.06))
    return [
        (0.02, 0.76),
        (0.2, 0.99),
        (right - 0.06, 0.9),
        (right, 0.5 + top * 0.4),
        (0.32, top),
        end,
    ]


def _six(hand: Hand) -> list[Curve]:
    return [[(hand.about(0.46, 0.1), 0.01), (0.22, 0.17), (0.06, 0.45), *_bowl(hand)]]


def _six_straight(hand: Hand) -> list[Curve]:
    return [[(hand.about(0.26, 0.12), 0), (hand.about(0.1, 0.04), 0.4), *_bowl(hand)]]


def _six_curled(hand: Hand) -> list[Curve]:
    inner = (hand.about(0.2, 0.06), hand.about(0.8, 0.06))
    back: Curve = [(hand.about(0.42, 0.1), 0.01), (0.18, 0.2), (0.05, 0.45)]
    return [[*back, *_bowl(hand), inner]]


def _six_open(hand: Hand) -> list[Curve]:
    end = (hand.about(0.26, 0.06), hand.about(0.6, 0.06))
    back: Curve = [(hand.about(0.3, 0.12), 0), (hand.about(0.1, 0.04), 0.35)]
    return [[*back, *_bowl(hand)[:4], end]]


def _seven_stem(hand: Hand) -> Curve:
    """The corner and the stem of a 7."""
    x, foot = hand.about(0.55, 0.06), hand.about(0.27, 0.1)
    corner = (x, hand.about(0.03, 0.04), SHARP)
    return [corner, ((x + foot) / 2 + hand.about(-0.02, 0.04), 0.45), (foot, 1)]


def _seven(hand: Hand) -> list[Curve]:
    wave = hand.about(0, 0.03)
    return [[(0, hand.about(0.07, 0.05)), (0.28, 0.05 + wave), *_seven_stem(hand)]]


def _seven_serif(hand: Hand) -> list[Curve]:
    start = (hand.about(0, 0.04), hand.between(0.12, 0.3))
    corner = (hand.about(0.03, 0.03), 0.06, SHARP / 2)
    return [[start, corner, (0.28, hand.about(0.06, 0.03)), *_seven_stem(hand)]]


def _seven_bar(hand: Hand) -> Curve:
    y, half = hand.about(0.5, 0.06), hand.about(0.21, 0.06)
    x, tilt = hand.about(0.38, 0.05), hand.about(0.02, 0.05)
    return [(x - half, y + tilt), (x + half, y - tilt)]


def _seven_crossed(hand: Hand) -> list[Curve]:
    return [*_seven(hand), _seven_bar(hand)]


def _seven_crossed_serif(hand: Hand) -> list[Curve]:
    return [*_seven_serif(hand), _seven_bar(hand)]


def _seven_curved(hand: Hand) -> list[Curve]:
    right = hand.about(0.52, 0.06)
    top: Curve = [(0, hand.about(0.1, 0.05)), (0.2, 0.02), (right - 0.08, 0.03)]
    return [[*top, (right, 0.17), (right - 0.15, 0.5), (hand.about(0.26, 0.1), 1)]]


def _eight_path(hand: Hand) -> Curve:
    """An 8 in one line: S downwards, then back up."""
    top, low, waist = hand.about(0.21, 0.06), hand.about(0.23, 0.07), hand.about(0.49, 0.07)
    head, foot = hand.about(0.3, 0.05), hand.about(0.25, 0.04)
    bow: Curve = [
        (head + top, 0.12),
        (head, 0),
        (head - top, 0.13),
        (head - top * 0.7, waist - 0.15),
    ]
    right: Curve = [(hand.about(0.28, 0.03), waist), (foot + low, 0.72), (foot + low / 2, 0.97)]
    left: Curve = [
        (foot - low / 2, 0.97),
        (foot - low, 0.76),
        (hand.about(0.27, 0.03), waist + 0.02),
    ]
    return [*bow, *right, *left, (head + top * 0.8, waist - 0.17)]


def _eight(hand: Hand) -> list[Curve]:
    path = _eight_path(hand)
    return [[*path, (path[0][0] + hand.about(0, 0.04), path[0][1] + hand.about(-0.03, 0.04))]]


def _eight_open(hand: Hand) -> list[Curve]:
    path = _eight_path(hand)
    start = (path[0][0] + hand.about(-0.02, 0.07), path[0][1] + hand.about(0.03, 0.07))
    return [[start, *path[1:], (hand.about(0.6, 0.13), hand.about(-0.02, 0.1))]]


def _eight_mirrored(hand: Hand) -> list[Curve]:
    return [[(0.56 - x, y) for x, y in _eight(hand)[0]]]


def _eight_circles(hand: Hand) -> list[Curve]:
    waist, x = hand.about(0.47, 0.07), hand.about(0.3, 0.04)
    top, low = (hand.about(0.23, 0.05), waist / 2), (hand.about(0.26, 0.05), (1 - waist) / 2)
    upper, lower = hand.about(280, 40), hand.about(280, 40)
    return [
        arc((x, waist / 2), top, upper, -360 - hand.about(5, 15), hand.about(0, 0.06)),
        arc((0.3, 0.5 + waist / 2), low, lower, -360 - hand.about(5, 15)),
    ]


def _nine_ring(hand: Hand) -> Curve:
    """The ring of a 9, begun and ended at its right."""
    low, x, left = max(0.34, hand.about(0.45, 0.09)), hand.about(0.5, 0.05), hand.about(0.06, 0.08)
    start = (x + hand.about(-0.02, 0.04), hand.about(0.11, 0.05))
    top: Curve = [(0.3, 0), (left + 0.03, 0.14)]
    tilt = hand.about(0, 0.06)
    end: Curve = [(left, low - 0.12 + tilt), (0.22, low), (x - 0.08, low - 0.13 - tilt)]
    return [start, *top, *end]


def _nine(hand: Hand) -> list[Curve]:
    turn = (hand.about(0.51, 0.04), hand.about(0.09, 0.07), SHARP)
    return [[*_nine_ring(hand), turn, (hand.about(0.49, 0.03), 0.5), (hand.about(0.42, 0.1), 1)]]


def _nine_curved(hand: Hand) -> list[Curve]:
    turn = (hand.about(0.51, 0.04), hand.about(0.12, 0.06), SHARP / 2)
    return [[*_nine_ring(hand), turn, (0.5, 0.45), (0.4, 0.76), (hand.about(0.18, 0.08), 1)]]


def _nine_hooked(hand: Hand) -> list[Curve]:
    turn = (hand.about(0.52, 0.04), hand.about(0.1, 0.06), SHARP)
    hook: Curve = [(0.52, 0.5), (0.47, 0.86), (0.28, 1), (hand.about(0.04, 0.07), 0.9)]
    return [[*_nine_ring(hand), turn, *hook]]


def _nine_open(hand: Hand) -> list[Curve]:
    start = (hand.between(0.38, 0.58), hand.about(0.05, 0.03))
    turn = (hand.about(0.52, 0.03), hand.between(-0.02, 0.18), SHARP)
    return [[start, *_nine_ring(hand)[2:], turn, (0.49, 0.5), (hand.about(0.42, 0.1), 1)]]


def _nine_two_strokes(hand: Hand) -> list[Curve]:
    low, x = hand.about(0.5, 0.06), hand.about(0.5, 0.04)
    ring = arc((0.26, low / 2), (0.25, low / 2), hand.about(310, 25), -360 - hand.about(0, 15))
    return [ring, [(x, hand.about(0.05, 0.07)), (x, 0.5), (x + hand.about(-0.05, 0.08), 1)]]


ALLOGRAPHS: dict[int, dict[str, Allograph]] = {
    0: {
        "oval": Allograph(0.5, _zero),
        "not quite closed": Allograph(0.12, _zero_open),
        "curled": Allograph(0.16, _zero_curled),
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
        "plain": Allograph(0.4, _two),
        "looped": Allograph(0.22, _two_looped),
        "with wide loop": Allograph(0.23, _two_wide_loop),
        "angular": Allograph(0.15, _two_angular),
    },
    3: {
        "round": Allograph(0.6, _three),
        "looped": Allograph(0.2, _three_looped),
        "flat-topped": Allograph(0.2, _three_flat),
    },
    4: {
        "open": Allograph(0.6, _four),
        "closed": Allograph(0.16, _four_closed),
        "with short stem": Allograph(0.1, _four_short_stem),
        "in one stroke": Allograph(0.12, _four_one_stroke),
        "pointed, in one stroke": Allograph(0.02, _four_pointed),
    },
    5: {
        "in one stroke": Allograph(0.4, _five),
        "with separate hat": Allograph(0.4, _five_two_strokes),
        "smooth": Allograph(0.2, _five_smooth),
    },
    6: {
        "with curved back": Allograph(0.42, _six),
        "with straight back": Allograph(0.26, _six_straight),
        "curled": Allograph(0.2, _six_curled),
        "not quite closed": Allograph(0.12, _six_open),
    },
    7: {
        "plain": Allograph(0.4, _seven),
        "with serif": Allograph(0.16, _seven_serif),
        "crossed": Allograph(0.15, _seven_crossed),
        "crossed, with serif": Allograph(0.07, _seven_crossed_serif),
        "curved": Allograph(0.22, _seven_curved),
    },
    8: {
        "in one stroke": Allograph(0.46, _eight),
        "open at the top": Allograph(0.28, _eight_open),
        "mirrored": Allograph(0.12, _eight_mirrored),
        "two circles": Allograph(0.14, _eight_circles),
    },
    9: {
        "with straight tail": Allograph(0.38, _nine),
        "with curved tail": Allograph(0.22, _nine_curved),
        "with hooked tail": Allograph(0.13, _nine_hooked),
        "not quite closed": Allograph(0.16, _nine_open),
        "in two strokes": Allograph(0.11, _nine_two_strokes),
    },
}
"""By digit, then by name. Shares are rough estimates of how common each is."""
