"""A drawing's segmentation graph with what was read of its arcs, and the same to be shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from trainer.drawing.cuts import Piece, join_pieces
from trainer.drawing.segmentation import Ink, Links, Part
from trainer.drawing.segmentation_graph import Group, is_dropped, members_of
from trainer.reading.arcs import ReadArc, weigh_arcs

Floats = NDArray[np.float64]
Paths = list[tuple[list[Group], float]]
"""Divisions of one part of a drawing with their merits, the best first."""


_LIKELY = 0.7
"""Probability from which on strokes above one another are of one digit."""
_ABOVE = 0.6
_BESIDE = 0.5
"""How much of the narrower one's width must be below or above the other, and how much of the
lower one's height may be beside it."""

_WIDE, _WITHIN = 0.3, 0.85
"""Width, in usual heights, from which on a stroke that has so much of it above or below the
other lies across it."""

_SPECK = 0.12
"""A group smaller than this, in heights of the others, is a slip of the pen."""

_CENTRAL = 0.2
"""How far the middle of what lies inside a digit is from its middle at most, of its width."""


@dataclass(frozen=True, slots=True, eq=False)
class Interpretation:
    """A drawing's segmentation graph with what was read of its arcs."""

    lines: list[Floats]  # the drawing's strokes, (n, 3) each
    pieces: list[Piece]
    ink: Ink  # whose numbers are indices into `pieces`
    links: Links | None  # None where so much is drawn that it is left whole
    parts: list[Part]
    read: dict[Group, ReadArc]  # of groups of members of the ink; none of a ligature alone

    def groups(self) -> list[Group]:
        """All arcs of all parts."""
        return [group for part in self.parts for group in part.groups.values()]

    def taken(self, piece: int) -> Floats:
        """A piece as a line, (n, 3)."""
        own = self.pieces[piece]
        return own.take(self.lines[own.stroke])

    def pieces_of(self, group: Group) -> tuple[Piece, ...]:
        """A group's ink, ascending."""
        return tuple(join_pieces([self.pieces[self.ink.numbers[n]] for n in group]))

    def lines_of(self, group: Group) -> list[Floats]:
        """A group's ink as lines, (n, 3) each."""
        return [piece.take(self.lines[piece.stroke]) for piece in self.pieces_of(group)]

    def best_division(self, paths: Sequence[Paths]) -> list[Group]:
        """The groups of the best of `best_paths`, or one group where that is a digit, too.

        Digits of a number stand side by side: what lies one above the other, or one inside the
        other, and looks like one digit as a whole, is one.
        """
        best = self._without_nested([group for part in paths for group in part[0][0]])
        whole = tuple(range(len(self.ink.owners)))
        arc = self.read.get(whole)
        if arc is not None and arc.margin > 0 and arc.probability >= _LIKELY:
            digits = [group for group in best if not is_dropped(group)]
            if any(_lie_above(self.ink, a, b) for a, b in combinations(digits, 2)):
                return [whole]
        return best

    def _without_nested(self, groups: list[Group]) -> list[Group]:
        """The same, where two of which one lies inside the other are one: a 0 drawn over again.

        Of other digits it is likelier a 1 that stands below the next one's bar.
        """
        digits = [group for group in groups if not is_dropped(group)]
        for one, other in combinations(digits, 2):
            both = tuple(sorted(one + other))
            arc = self.read.get(both)
            zero = arc is not None and arc.sure and arc.digit == 0
            if zero and _lie_inside(self.ink, one, other):
                left = [group for group in groups if group not in (one, other)]
                return self._without_nested([*left, both])
        return groups

    def weigh(self) -> dict[Group, float]:
        """The merit of each arc; of one that is left whole, nothing."""
        if self.links is None:
            return dict.fromkeys(self.groups(), 0.0)
        return weigh_arcs(self.ink, self.links, self.groups(), self.read)

    def best_paths(self, most: int = 1) -> list[Paths]:
        """Of each part the best divisions, the best first, with their merits."""
        merits = self.weigh()
        return [part.best_paths(merits, most) for part in self.parts]


def _lie_above(ink: Ink, one: Group, other: Group) -> bool:
    """Whether one group lies above, below or across the other, more than beside it."""
    boxes = [[ink.boxes[n] for n in group] for group in (one, other)]
    low = [[min(box[side] for box in of) for of in boxes] for side in (0, 1)]
    high = [[max(box[side] for box in of) for of in boxes] for side in (2, 3)]
    across, down = (min(h) - max(low_) for low_, h in zip(low, high, strict=True))
    narrower, lower = (
        max(min(h[0] - low_[0], h[1] - low_[1]), 0.05) for low_, h in zip(low, high, strict=True)
    )
    through = narrower >= _WIDE and across >= _WITHIN * narrower  # as the slash of a 0
    return through or (across >= _ABOVE * narrower and down <= _BESIDE * lower)


def _lie_inside(ink: Ink, one: Group, other: Group) -> bool:
    """Whether one of two groups lies in the middle of the other's box."""
    boxes = np.array(ink.boxes)
    low, high = (
        np.stack([edge(boxes[list(group)][:, sides], axis=0) for group in (one, other)])
        for edge, sides in ((np.min, slice(0, 2)), (np.max, slice(2, 4)))
    )
    size, middle = high - low, (low + high) / 2
    inner = int(size[0, 0] > size[1, 0])
    outer = 1 - inner
    shared = np.minimum(high[0], high[1]) - np.maximum(low[0], low[1])
    inside = bool((shared >= _WITHIN * size[inner]).all())
    off = abs(float(middle[inner, 0] - middle[outer, 0]))
    return inside and off <= _CENTRAL * float(size[outer, 0])


def put_in_order(ink: Ink, groups: Sequence[Group]) -> list[Group]:
    """Digits left to right, lower lines after upper ones, without ligatures and specks."""
    return _in_order(ink, _without_specks(ink, [g for g in groups if not is_dropped(g)]))


def _without_specks(ink: Ink, groups: list[Group]) -> list[Group]:
    """Only what is as large as a digit may be; everything if nothing is."""
    if len(groups) < 2:
        return groups
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


@dataclass(frozen=True, slots=True, eq=False)
class DrawnArc:
    """One arc of the graph: a group of pieces, and what it is read as."""

    pieces: tuple[int, ...]  # indices into the graph's, ascending
    label: str  # the most probable class; empty for a ligature that is of no digit
    probability: float  # of it
    refused: bool  # by the gate
    penalty: float  # what it adds to a path: less is better
    best: bool  # on the best path
    second: bool  # on the next best one


@dataclass(frozen=True, slots=True, eq=False)
class DrawnGraph:
    """The segmentation graph of one drawing as pure data, pieces numbered from left to right."""

    pieces: tuple[tuple[tuple[float, float], ...], ...]  # each one's points, (x, y)
    arcs: tuple[DrawnArc, ...]  # by their first piece, short ones first
    best: str  # what the best path reads, left to right
    second: str  # what the next best reads; empty where there is but one
    margin: float  # by how much the next best path's penalty is larger; 0 without


def draw_graph(found: Interpretation, paths: Sequence[Paths], classes: Sequence[str]) -> DrawnGraph:
    """What `found` holds, to be shown.

    Args:
        found: the drawing's.
        paths: its best two of each part, as `best_paths` gives them.
        classes: the network's.
    """
    ink = found.ink
    middles = [(box[0] + box[2]) / 2 for box in ink.boxes]
    order = sorted(range(len(middles)), key=middles.__getitem__)
    place = {member: n for n, member in enumerate(order)}
    merits = found.weigh()
    best = found.best_division(paths)
    # The next best of all differs in one part: in that whose two paths are nearest.
    margins = [(part[0][1] - part[1][1], n) for n, part in enumerate(paths) if len(part) > 1]
    margin, changed = min(margins, default=(0.0, -1))
    second = [g for n, part in enumerate(paths) for g in part[int(n == changed)][0]]
    arcs = [
        _drawn_arc(found, group, classes, -merits[group], place, group in best, group in second)
        for group in found.groups()
    ]
    arcs.sort(key=lambda arc: (arc.pieces[0], len(arc.pieces), arc.pieces))

    def said(path: Sequence[Group]) -> str:
        placed = sorted(
            path, key=lambda group: float(np.mean([middles[n] for n in members_of(group)]))
        )
        return "".join(classes[found.read[g].digit] for g in placed if not is_dropped(g))

    points = [
        tuple((x, y) for x, y, *_ in found.taken(ink.numbers[member]).tolist()) for member in order
    ]
    return DrawnGraph(
        tuple(points), tuple(arcs), said(best), said(second) if margins else "", margin
    )


def _drawn_arc(
    found: Interpretation,
    group: Group,
    classes: Sequence[str],
    penalty: float,
    place: dict[int, int],
    best: bool,
    second: bool,
) -> DrawnArc:
    pieces = tuple(sorted(place[member] for member in members_of(group)))
    arc = found.read.get(group)
    if arc is None:
        return DrawnArc(pieces, "", 0.0, False, penalty, best, second)
    label = classes[arc.digit]
    return DrawnArc(pieces, label, arc.probability, arc.margin < 0, penalty, best, second)
