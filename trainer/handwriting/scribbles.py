"""What comes on paper without being written: scribbles, blots, and marks that are next to nothing.

Like `trainer.handwriting.letters`, functions that give a form's control points. A
scribble is about as large as a digit; a mark's size is in heights of one.

Endless forms that are no digits, so that what is refused does not depend on a few taught ones.

Random compositions of lines, corners, curves and rings, and digits spoiled:
mirrored, turned, torn apart, crossed out, two in one place. Now and then one
looks like a digit by accident; whoever learns from them must bear that.
"""

from __future__ import annotations

import itertools
import math

import numpy as np

from trainer.handwriting.font import Points, write_digit, write_form
from trainer.handwriting.hand import SHARP, Control, Curve, Form, Hand, arc


def _count(hand: Hand, low: int, high: int) -> int:
    """A whole number from `low` to `high`, both included."""
    return int(hand.between(low, high + 1))


def _turned(curves: list[Curve], angle: float) -> list[Curve]:
    """Turned about the box's middle by `angle` radians."""
    cosine, sine = math.cos(angle), math.sin(angle)

    def turned(x: float, y: float, *corner: float) -> Control:
        x, y = x - 0.5, y - 0.5
        return (0.5 + cosine * x - sine * y, 0.5 + sine * x + cosine * y, *corner)

    return [[turned(*point) for point in curve] for curve in curves]


def _anyhow(curves: list[Curve], hand: Hand) -> list[Curve]:
    """Turned by any angle."""
    return _turned(curves, hand.between(0, 2 * math.pi))


def _back_and_forth(hand: Hand) -> list[Curve]:
    lines = _count(hand, 6, 14)
    curve: Curve = []
    for line in range(lines):
        x = hand.between(-0.05, 0.25) if line % 2 else hand.between(0.75, 1.05)
        curve.append((x, line / (lines - 1) + hand.about(0, 0.03), hand.between(0, SHARP)))
    return _turned([curve], hand.about(-0.5, 0.5))


def _blot(hand: Hand) -> list[Curve]:
    turns = _count(hand, 14, 26)
    curve: Curve = []
    for turn in range(turns):
        y = turn / (turns - 1)
        half = 0.1 + 0.45 * math.sqrt(y * (1 - y))
        x = 0.5 + (half if turn % 2 else -half) * hand.between(0.7, 1.1)
        curve.append((x, y, hand.between(0, SHARP)))
    return _anyhow([curve], hand)


def _burst(hand: Hand) -> list[Curve]:
    rays, inner = _count(hand, 7, 12), hand.between(0.05, 0.25)
    curves: list[Curve] = []
    for ray in range(rays):
        angle = 2 * math.pi * ray / rays + hand.about(0, 0.15)
        x, y, far = math.cos(angle), math.sin(angle), hand.between(0.35, 0.55)
        curves.append([(0.5 + inner * x, 0.5 + inner * y), (0.5 + far * x, 0.5 + far * y)])
    return curves


def _circles(hand: Hand) -> list[Curve]:
    circles = _count(hand, 4, 7)

    def circle(number: int) -> Curve:
        angle, radius = (
            2 * math.pi * number / circles + hand.about(0, 0.2),
            hand.between(0.15, 0.35),
        )
        center = (0.5 + 0.4 * math.cos(angle), 0.5 + 0.4 * math.sin(angle))
        return arc(center, (radius, radius), hand.between(0, 360), -hand.between(340, 400))

    return [circle(number) for number in range(circles)]


def _coil(hand: Hand) -> list[Curve]:
    loops, forward = _count(hand, 3, 6), hand.between(0.28, 0.45)
    points = 8 * loops
    curve: Curve = []
    for point in range(points):
        angle, way = 2 * math.pi * point / 8, point / 8 * forward
        wide, high = hand.about(0.22, 0.02), hand.about(0.45, 0.04)
        curve.append((way - wide * math.cos(angle), 0.5 + high * math.sin(angle)))
    return _turned([curve], hand.about(-0.1, 0.3))


def _crossed_out(hand: Hand) -> list[Curve]:
    word: Curve = [
        (n * 0.13, hand.between(0.6, 0.95) if n % 2 else hand.between(0.05, 0.4))
        for n in range(_count(hand, 7, 11))
    ]
    end = word[-1][0]

    def line() -> Curve:
        return [(-0.05, hand.between(0.3, 0.7)), (end + 0.05, hand.between(0.3, 0.7))]

    return [word, *(line() for _ in range(_count(hand, 1, 3)))]


def _crossing_lines(hand: Hand) -> list[Curve]:
    def line() -> Curve:
        angle, x, y = hand.between(0, math.pi), hand.between(0.3, 0.7), hand.between(0.3, 0.7)
        across, up = 0.55 * math.cos(angle), 0.55 * math.sin(angle)
        return [(x - across, y - up), (x + across, y + up)]

    return [line() for _ in range(_count(hand, 5, 8))]


def _hatched(hand: Hand, lines: int) -> list[Curve]:
    step = 1.2 / (lines - 1)
    return [
        [(n * step - 0.1, hand.about(0, 0.05)), (n * step - 0.1, hand.about(1, 0.05))]
        for n in range(lines)
    ]


def _hatching(hand: Hand) -> list[Curve]:
    return _turned(_hatched(hand, _count(hand, 4, 6)), hand.between(0.2, 1.2))


def _cross_hatching(hand: Hand) -> list[Curve]:
    angle, lines = hand.between(0, math.pi), _count(hand, 3, 6)
    one, other = _hatched(hand, lines), _hatched(hand, lines)
    return [*_turned(one, angle), *_turned(other, angle + hand.about(math.pi / 2, 0.15))]


def _random_walk(hand: Hand) -> list[Curve]:
    x, y, heading = 0.0, 0.0, hand.between(0, 6)
    curve: Curve = [(x, y)]
    for _ in range(_count(hand, 30, 55)):
        heading += hand.about(0, 1.1)
        if math.hypot(x, y) > 0.6:  # back to the middle
            heading = math.atan2(-y, -x) + hand.about(0, 0.6)
        x, y = x + 0.2 * math.cos(heading), y + 0.2 * math.sin(heading)
        curve.append((x, y))
    return [curve]


def _random_angles(hand: Hand) -> list[Curve]:
    points = _count(hand, 9, 15)
    return [[(hand.between(0, 1), hand.between(0, 1), SHARP) for _ in range(points)]]


def _scrawl(hand: Hand) -> list[Curve]:
    x = 0.0
    curve: Curve = [(0, 0.5)]
    for n in range(_count(hand, 8, 14)):
        x += hand.between(0.08, 0.22)
        high = hand.between(0.25, 0.5) if hand.chance(0.35) else hand.between(0.12, 0.2)
        curve.append((x - hand.between(0, 0.15), 0.5 + (high if n % 2 else -high)))
    return [[*curve, (x + hand.between(0.2, 0.5), hand.about(0.5, 0.1))]]


def _spiral(hand: Hand) -> list[Curve]:
    turns, way = hand.between(2.5, 4.0), 1 if hand.chance(0.5) else -1
    points, start = round(turns * 9), hand.between(0, 6)
    curve: Curve = []
    for point in range(points + 1):
        radius, angle = 0.5 * point / points, start + way * 2 * math.pi * turns * point / points
        curve.append((0.5 + radius * math.cos(angle), 0.5 + radius * math.sin(angle)))
    return [curve if hand.chance(0.7) else curve[::-1]]


def _square_spiral(hand: Hand) -> list[Curve]:
    sides, x, y, quarter = _count(hand, 9, 13), 0.5, 0.5, _count(hand, 0, 3)
    curve: Curve = [(x, y)]
    for side in range(1, sides + 1):
        length = 0.075 * side + hand.about(0, 0.02)
        x += length * (1, 0, -1, 0)[(side + quarter) % 4]
        y += length * (0, 1, 0, -1)[(side + quarter) % 4]
        curve.append((x, y, SHARP))
    return [curve]


def _tangle(hand: Hand) -> list[Curve]:
    return [[(hand.between(0, 1), hand.between(0, 1)) for _ in range(_count(hand, 11, 20))]]


def _waves(hand: Hand) -> list[Curve]:
    lines, bows = _count(hand, 2, 4), _count(hand, 5, 8)
    return [
        [
            (bow / bows, line / lines + (0.08 if bow % 2 else -0.08) + hand.about(0, 0.02))
            for bow in range(bows + 1)
        ]
        for line in range(lines)
    ]


def _zigzag(hand: Hand) -> list[Curve]:
    turns, high = _count(hand, 7, 12), hand.between(0.25, 0.8)
    curve: Curve = [
        (turn / turns, 0.5 + (high / 2 if turn % 2 else -high / 2) * hand.between(0.7, 1.1), SHARP)
        for turn in range(turns + 1)
    ]
    return _anyhow([curve], hand)


SCRIBBLES: dict[str, Form] = {
    "back and forth": _back_and_forth,
    "blot": _blot,
    "burst": _burst,
    "circles": _circles,
    "coil": _coil,
    "cross-hatching": _cross_hatching,
    "crossed out": _crossed_out,
    "crossing lines": _crossing_lines,
    "hatching": _hatching,
    "random angles": _random_angles,
    "random walk": _random_walk,
    "scrawl": _scrawl,
    "spiral": _spiral,
    "square spiral": _square_spiral,
    "tangle": _tangle,
    "waves": _waves,
    "zigzag": _zigzag,
}
"""Scribbles; every one with more turns or lines than a digit has."""


def _speck(x: float, y: float) -> Curve:
    """The pen put down and lifted."""
    return [(x, y)]


def _dot(hand: Hand) -> list[Curve]:
    return [_speck(hand.between(0, 1), hand.between(0, 1))]


def _few_dots(hand: Hand) -> list[Curve]:
    return [_speck(hand.between(0, 1), hand.between(0, 1)) for _ in range(_count(hand, 4, 8))]


def _dots_in_a_row(hand: Hand) -> list[Curve]:
    step = hand.between(0.12, 0.4)
    return [_speck(step * n, hand.about(0.9, 0.03)) for n in range(_count(hand, 3, 5))]


def _far_dots(hand: Hand) -> list[Curve]:
    return [_speck(hand.between(0, 0.3), hand.between(0, 1)), _speck(hand.between(0.9, 1.3), 0.5)]


def _corner_specks(hand: Hand) -> list[Curve]:
    corners = [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)]
    missing = _count(hand, 0, 4)
    return [
        _speck(x + hand.about(0, 0.05), y + hand.about(0, 0.05))
        for n, (x, y) in enumerate(corners)
        if n != missing
    ]


def _dash(hand: Hand) -> list[Curve]:
    half, tilt = hand.between(0.15, 0.35), hand.about(0, 0.03)
    return [[(0.3 - half, 0.5 + tilt), (0.3 + half, 0.5 - tilt)]]


def _underline(hand: Hand) -> list[Curve]:
    return [[(-0.2, 1), (0.2, hand.about(1, 0.04)), (0.6, hand.about(1, 0.04)), (1, 1)]]


def _double_dash(hand: Hand) -> list[Curve]:
    long, gap = hand.between(0.15, 0.35), hand.between(0.15, 0.3)
    return [[(0, 0.5), (long, 0.5)], [(long + gap, 0.5), (2 * long + gap, 0.5)]]


def _tiny_tick(hand: Hand) -> list[Curve]:
    size = hand.between(0.25, 0.5)
    return [
        [(0.3, 0.5), (0.3 + 0.35 * size, 0.5 + 0.4 * size, SHARP), (0.3 + size, 0.5 - 0.5 * size)]
    ]


def _short_bow(hand: Hand) -> list[Curve]:
    size = hand.between(0.15, 0.4)
    deep = 0.35 * size if hand.chance(0.5) else -0.35 * size
    return [[(0.3 - size, 0.5), (0.3, 0.5 + deep), (0.3 + size, 0.5)]]


def _dash_and_dot(hand: Hand) -> list[Curve]:
    return [*_dash(hand), _speck(hand.between(0.8, 1.1), 0.5)]


def _two_specks(hand: Hand) -> list[Curve]:
    return [_speck(0.3, 0.5), _speck(0.3 + hand.between(0.1, 0.2), 0.5 + hand.about(0, 0.05))]


MARKS: dict[str, Form] = {
    "corner specks": _corner_specks,
    "dash": _dash,
    "dash and dot": _dash_and_dot,
    "dot": _dot,
    "dots in a row": _dots_in_a_row,
    "double dash": _double_dash,
    "far dots": _far_dots,
    "few dots": _few_dots,
    "short bow": _short_bow,
    "tiny tick": _tiny_tick,
    "two specks": _two_specks,
    "underline": _underline,
}
"""Marks that are nearly nothing: the pen touched the paper, no more."""


_SNAPPED = 0.4
"""Share of the compositions whose corners lie on a coarse grid, as those of letters do."""
_NO_MIRROR, _NO_TURN = (0, 1, 2, 5, 8), (0, 1, 6, 8, 9)
"""Digits that mirrored, or turned, may still be read as digits."""


def write_doodle(rng: np.random.Generator) -> tuple[list[Points], float]:
    """A doodle's strokes, float64 (n, 2) each in heights of a digit, and the pen's width."""
    return _composed(rng) if rng.random() < 0.65 else _spoiled(rng)


def _composed(rng: np.random.Generator) -> tuple[list[Points], float]:
    """A few random strokes in one box."""

    def draw(hand: Hand) -> list[Curve]:
        snapped = hand.chance(_SNAPPED)
        strokes = int(rng.choice((1, 2, 3, 4), p=(0.35, 0.35, 0.2, 0.1)))
        while True:
            curves = [_stroke(rng, hand, snapped=snapped) for _ in range(strokes)]
            if sum(map(_length, curves)) > 1.3:  # less may be a 1
                return curves

    return write_form(draw, rng)


def _stroke(rng: np.random.Generator, hand: Hand, *, snapped: bool) -> Curve:
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


def _spoiled(rng: np.random.Generator) -> tuple[list[Points], float]:
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


# What a camera sees where nothing is written


_BLOT_POINTS = 9  # along each part
_BLOT_WIDTHS = (1.5, 4.3)  # of its widest place, in widths of the usual pen
_BROAD, _LEANING = 3.0, 0.9  # no stroke of a pen is as wide, or leans so far (radians)
_FRAME_WIDTHS, _FRAME_SIDES = (0.5, 1.8), (0.2, 1.0)


def write_blots(rng: np.random.Generator) -> tuple[list[Points], float]:
    """One to four blots near one another: ellipses, and bars with round ends.

    Returns:
        The blots as strokes, float64 (n, 3) each, which the pen's pressure makes so wide, and the
        pen's width.
    """
    parts = int(rng.choice((1, 2, 3, 4), p=(0.4, 0.35, 0.15, 0.1)))
    return [_write_blot(rng, alone=parts == 1) for _ in range(parts)], 1.0


def _write_blot(rng: np.random.Generator, *, alone: bool) -> Points:
    along = np.linspace(-1, 1, _BLOT_POINTS)
    width, half = rng.uniform(*_BLOT_WIDTHS), rng.uniform(0.05, 0.6)
    is_ellipse = rng.random() < 0.7
    # An upright bar by itself is a 1, and so is what is nearly one.
    least = _LEANING if alone and (width < _BROAD or not is_ellipse) else 0.0
    leaning = rng.uniform(least, math.pi - least)
    points = half * along[:, None] * (math.sin(leaning), -math.cos(leaning))
    profile = np.sqrt(1.02 - along**2) if is_ellipse else np.ones(_BLOT_POINTS)
    return np.column_stack([points + rng.uniform(-0.45, 0.45, 2), width * profile])


def write_frames(rng: np.random.Generator) -> tuple[list[Points], float]:
    """One or two empty frames, upright, sometimes crossed out; as `write_doodle` returns them."""
    strokes: list[Points] = []
    least, most = _FRAME_SIDES
    for _ in range(1 if rng.random() < 0.6 else 2):
        wide, high = np.exp(rng.uniform(math.log(least), math.log(most), 2))
        outline = np.array([(0, 0), (wide, 0), (wide, high), (0, high), (0, 0)])
        corners = outline + rng.uniform(-0.5, 0.5, 2)
        strokes.append(corners)
        if rng.random() < 0.2:
            strokes.append(corners[[0, 2]])
    return strokes, float(rng.uniform(*_FRAME_WIDTHS))
