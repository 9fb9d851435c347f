"""Which strokes belong together: several digits written on one sheet.

Geometry decides most. For two strokes near each other it gives the log-odds that
they are of one digit; a division of the drawing into
digits is as good as the sum of these over all pairs that it leaves together, less
what no digit looks like (too low, too wide). Where several divisions are nearly as
good, a judge who reads digits is asked about all the groups in question at once.

The weights are a conditional random field's, fitted to numbers composed of real
and built-in pen digits by `benchmarks/recognition/fit_segmentation.py`. Knows strokes,
not networks.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
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


def find_near_pairs(ink: Ink) -> tuple[Indices, Indices]:
    """All pairs of strokes, the earlier first, whose boxes are near enough for one digit."""
    gaps = np.maximum(ink.low[:, None] - ink.high, ink.low - ink.high[:, None])
    high = np.maximum(ink.high[:, None, 1], ink.high[:, 1])
    high = high - np.minimum(ink.low[:, None, 1], ink.low[:, 1])
    first, second = np.nonzero(np.triu((gaps <= _FAR).all(axis=2) & (high <= _HIGHEST), 1))
    return first, second


def link_features(ink: Ink, first: Indices, second: Indices) -> Floats:
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


def link_log_odds(ink: Ink) -> Floats:
    """Log-odds that two strokes are of one digit: shape (n, n), symmetric; far ones -30."""
    odds = np.full((len(ink.numbers),) * 2, -30.0)
    pairs = find_near_pairs(ink)
    weights = np.array(list(LINK.values()))
    for start in range(0, len(pairs[0]), 500):  # a scribble of many strokes needs no gigabytes
        first, second = (side[start : start + 500] for side in pairs)
        odds[first, second] = odds[second, first] = link_features(ink, first, second) @ weights
    return odds


def outline_features(ink: Ink, group: Group) -> Floats:
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


Judge = Callable[[Sequence[Group]], Sequence[float]]
"""Gives each group the log-probability, at most 0, of the digit that its ink is read as."""
Choice = tuple[list[Group], float]
"""A division of a part of the drawing, and geometry's merit of it, in log-odds."""

TRUST = 4.33
"""What a judge's log-probabilities count beside geometry's log-odds."""
APART = -6.0
"""Strokes whose log-odds are less than this are of two digits, unless another joins them."""
DOUBT = 6.0
"""A division that geometry finds worse than the best by more than this is out of the question."""
MOST = 6
"""Strokes in touch of which all divisions are tried; of more, the surest are joined first."""
_SPECK = 0.12
"""A group smaller than this, in heights of the others, is a slip of the pen."""


def segment(strokes: Sequence[Stroke], judge: Judge | None = None) -> list[Group]:
    """Divide a drawing into digits.

    Args:
        strokes: in drawing order, in any one unit.
        judge: asked at most once, with all the groups that are in doubt; None
            lets geometry decide alone.

    Returns:
        The digits' strokes, left to right, a lower line of digits after an
        upper one. Strokes without points, and specks beside digits, are in none.

    Raises:
        StrokesError: a stroke is not what `trainer.strokes.rasterize` takes.
    """
    ink = measure(strokes)
    if len(ink.numbers) < 2:
        return [(number,) for number in ink.numbers]
    found: list[Group] = []
    doubts: list[list[Choice]] = []
    for choices in find_divisions(ink):
        if len(choices) == 1 or judge is None:
            found += choices[0][0]
        else:
            doubts.append(choices)
    if doubts and judge is not None:
        found += _judged(doubts, ink.numbers, judge)
    groups = _in_order(ink, _without_specks(ink, found))
    return [tuple(ink.numbers[member] for member in group) for group in groups]


def _judged(doubts: list[list[Choice]], numbers: list[int], judge: Judge) -> list[Group]:
    """The groups of the best division of each part in doubt."""
    asked = sorted({group for part in doubts for division, _ in part for group in division})
    answers = judge([tuple(numbers[member] for member in group) for group in asked])
    said = dict(zip(asked, answers, strict=True))

    def merit(choice: Choice) -> float:
        division, geometry = choice
        return geometry + TRUST * sum(said[group] for group in division)

    return [group for part in doubts for group in max(part, key=merit)[0]]


def find_divisions(ink: Ink, doubt: float = DOUBT) -> list[list[Choice]]:
    """For each part of the drawing that may be one digit or several, how it may be divided.

    Returns:
        Per part the divisions worth a thought with geometry's merit, the best
        first: members of `ink`, not numbers of the drawing's strokes.
    """
    odds = link_log_odds(ink)
    return [_divided(ink, odds, part, doubt) for part in _parts(odds)]


def _parts(odds: Floats) -> list[list[int]]:
    """Strokes that hang together; a part of more than `MOST`, only by better links."""
    done: list[list[int]] = []
    large = [list(range(len(odds)))]
    for least in (APART, APART / 2, 0.0):
        found = [piece for part in large for piece in _connected(part, odds, least)]
        done += [part for part in found if len(part) <= MOST]
        large = [part for part in found if len(part) > MOST]
    return sorted(done + large)


def _connected(part: list[int], odds: Floats, least: float) -> list[list[int]]:
    """The pieces of a part that hang together by log-odds of at least `least`."""
    left, found = list(part), []
    while left:
        piece = edge = [left.pop(0)]
        while edge:
            tied = (odds[np.ix_(edge, left)] >= least).max(axis=0, initial=False).tolist()
            edge = [member for member, is_tied in zip(left, tied, strict=True) if is_tied]
            left = [member for member in left if member not in edge]
            piece = piece + edge
        found.append(sorted(piece))
    return found


def _divided(ink: Ink, odds: Floats, part: list[int], doubt: float) -> list[Choice]:
    """One part's divisions within `doubt` of the best, the best first."""
    atoms = _joined(part, odds)
    if len(atoms) == 1:
        return [(atoms, 0.0)]
    between = np.array([[odds[np.ix_(a, b)].sum() for b in atoms] for a in atoms])
    labels, together, first, second = _all_divisions(len(atoms))
    merits = together @ between[first, second]
    weights = np.array(list(SHAPE.values()))
    shapes: dict[Group, float] = {}
    choices = []
    for row in np.flatnonzero(merits >= merits.max() - 2 * doubt):
        division = _groups(atoms, labels[row])
        for group in division:
            if group not in shapes:
                shapes[group] = float(outline_features(ink, group) @ weights)
        choices.append((division, float(merits[row]) + sum(shapes[g] for g in division)))
    choices.sort(key=lambda choice: -choice[1])
    return [choice for choice in choices if choice[1] >= choices[0][1] - doubt]


def _joined(part: list[int], odds: Floats) -> list[Group]:
    """At most `MOST` groups: the two with the surest link become one, again and again."""
    atoms: list[Group] = [(member,) for member in part]
    surest = odds[np.ix_(part, part)]
    np.fill_diagonal(surest, -np.inf)
    while len(atoms) > MOST:
        one, other = sorted(divmod(int(surest.argmax()), len(atoms)))
        atoms[one] = tuple(sorted(atoms[one] + atoms.pop(other)))
        both = np.maximum(surest[one], surest[other])
        surest[one], surest[:, one] = both, both
        surest[one, one] = -np.inf
        surest = np.delete(np.delete(surest, other, axis=0), other, axis=1)
    return atoms


@functools.cache
def _all_divisions(count: int) -> tuple[Indices, NDArray[np.bool_], Indices, Indices]:
    """Every way to divide `count` things.

    Returns:
        (ways, count), each thing's group; (ways, pairs), whether a pair is left
        together; and the pairs' two sides.
    """
    ways = [[0]]
    for _ in range(count - 1):
        ways = [[*way, group] for way in ways for group in range(max(way) + 2)]
    labels = np.array(ways)
    first, second = np.triu_indices(count, 1)
    return labels, labels[:, first] == labels[:, second], first, second


def _groups(atoms: list[Group], labels: Indices) -> list[Group]:
    """The strokes of each group of a division of atoms."""
    groups: dict[int, Group] = {}
    for atom, label in zip(atoms, labels.tolist(), strict=True):
        groups[label] = groups.get(label, ()) + atom
    return [tuple(sorted(group)) for group in groups.values()]


def _without_specks(ink: Ink, groups: list[Group]) -> list[Group]:
    """Only what is as large as a digit may be; everything if nothing is."""
    sides = {
        group: float((ink.high[list(group)].max(axis=0) - ink.low[list(group)].min(axis=0)).max())
        for group in groups
    }
    least = _SPECK * min(max(sides.values()), 1.0)
    return [group for group in groups if sides[group] >= least]


def _in_order(ink: Ink, groups: list[Group]) -> list[Group]:
    """Left to right; where a strip of paper runs between two lines of digits, line by line."""
    tops = {group: float(ink.low[list(group), 1].min()) for group in groups}
    bottoms = {group: float(ink.high[list(group), 1].max()) for group in groups}
    lines: list[list[Group]] = []
    lowest = -np.inf
    for group in sorted(groups, key=tops.__getitem__):
        if not lines or tops[group] > lowest:
            lines.append([])
        lines[-1].append(group)
        lowest = max(lowest, bottoms[group])

    def middle(group: Group) -> float:
        members = list(group)
        return float(ink.low[members, 0].min() + ink.high[members, 0].max())

    return [group for line in lines for group in sorted(line, key=middle)]
