"""Which strokes belong together: several digits written on one sheet.

Geometry decides most. For two strokes near each other it gives the log-odds that
they are of one digit (`trainer.drawing.stroke_links`); a division of the drawing into
digits is as good as the sum of these over all pairs that it leaves together, less
what no digit looks like (too low, too wide). Where several divisions are nearly as
good, a judge who reads digits is asked about all the groups in question at once.

Knows strokes, not networks.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from trainer.drawing.rasterize import Stroke
from trainer.drawing.stroke_links import SHAPE, Floats, Group, Indices, Ink, links, measure, outline

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
    for choices in divisions(ink):
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


def divisions(ink: Ink, doubt: float = DOUBT) -> list[list[Choice]]:
    """For each part of the drawing that may be one digit or several, how it may be divided.

    Returns:
        Per part the divisions worth a thought with geometry's merit, the best
        first: members of `ink`, not numbers of the drawing's strokes.
    """
    odds = links(ink)
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
                shapes[group] = float(outline(ink, group) @ weights)
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
