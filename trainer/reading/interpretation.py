"""A drawing's segmentation graph with the reading of each arc, and a summary for display."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from trainer.drawing.cuts import Piece, join_pieces
from trainer.drawing.segmentation import Ink, Links, Part, extent
from trainer.drawing.segmentation_graph import Group, is_dropped, members_of
from trainer.reading.arcs import ReadArc, weigh_arcs

Floats = NDArray[np.float64]
Paths = list[tuple[list[Group], float]]
"""Divisions of one part of a drawing with their merits, the best first."""

_LIKELY = 0.7
"""Least probability at which strokes that lie one above the other are read as one digit."""
_ABOVE = 0.6
"""Two groups lie one above the other if at least this share of the narrower one's width does ..."""
_BESIDE = 0.5
"""... and at most this share of the lower one's height lies beside the other."""
_WIDE, _WITHIN = 0.3, 0.85
"""A stroke of at least this width, in usual heights, lies across another if it shares at least
this share of its width with it."""
_SPECK = 0.12
"""Smallest size of a digit, in heights of the others: a smaller group is a slip of the pen."""
_CENTRAL = 0.2
"""Largest horizontal distance between the centers of two nested groups, in widths of the outer
one."""


@dataclass(frozen=True, slots=True, eq=False)
class Interpretation:
    """A drawing's segmentation graph with the reading of each arc."""

    strokes: list[Floats]  # the drawing's, (n, 3) each: x, y, width
    pieces: list[Piece]
    ink: Ink  # whose numbers are indices into `pieces`
    links: Links | None  # None where so much is drawn that it is left whole
    parts: list[Part]
    read: dict[Group, ReadArc]  # by group of the ink's pieces; a ligature alone has none

    def groups(self) -> list[Group]:
        """All arcs of all parts."""
        return [group for part in self.parts for group in part.groups.values()]

    def points_of(self, index: int) -> Floats:
        """The points of one piece, (n, 3)."""
        piece = self.pieces[index]
        return piece.take(self.strokes[piece.stroke])

    def pieces_of(self, group: Group) -> tuple[Piece, ...]:
        """A group's pieces, ascending, neighbors on one stroke joined."""
        return tuple(join_pieces([self.pieces[self.ink.numbers[n]] for n in group]))

    def strokes_of(self, group: Group) -> list[Floats]:
        """A group's ink as strokes, (n, 3) each."""
        return [piece.take(self.strokes[piece.stroke]) for piece in self.pieces_of(group)]

    def best_division(self, paths: Sequence[Paths]) -> list[Group]:
        """The groups of the best path, with groups joined that geometry shows to be one digit.

        Digits of a number stand side by side: groups one above the other, or one inside the
        other, that together read as a digit are joined.

        Args:
            paths: what `best_paths` returned.
        """
        best = self._join_nested([group for part in paths for group in part[0][0]])
        whole = tuple(range(len(self.ink.owners)))
        arc = self.read.get(whole)
        if arc is not None and arc.margin > 0 and arc.probability >= _LIKELY:
            digits = [group for group in best if not is_dropped(group)]
            if any(_lie_above(self.ink, a, b) for a, b in combinations(digits, 2)):
                return [whole]
        return best

    def _join_nested(self, groups: list[Group]) -> list[Group]:
        """Join two groups of which one lies inside the other if they are a 0 that is drawn twice.

        Other digits are not joined: likelier, a 1 stands below the next digit's bar.
        """
        digits = [group for group in groups if not is_dropped(group)]
        for one, other in combinations(digits, 2):
            both = tuple(sorted(one + other))
            arc = self.read.get(both)
            zero = arc is not None and arc.sure and arc.digit == 0
            if zero and _lie_inside(self.ink, one, other):
                others = [group for group in groups if group not in (one, other)]
                return self._join_nested([*others, both])
        return groups

    def weigh(self) -> dict[Group, float]:
        """The merit of each arc; 0 of ink that was left whole."""
        if self.links is None:
            return dict.fromkeys(self.groups(), 0.0)
        return weigh_arcs(self.ink, self.links, self.groups(), self.read)

    def best_paths(self, most: int = 1) -> list[Paths]:
        """The `most` best divisions of each part with their merits, the best first."""
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
    """Groups in reading order, line by line from left to right, without ligatures and specks."""
    digits = _without_specks(ink, [group for group in groups if not is_dropped(group)])
    tops = {group: float(ink.low[list(group), 1].min()) for group in digits}
    bottoms = {group: float(ink.high[list(group), 1].max()) for group in digits}
    middles = {
        group: float(ink.low[list(group), 0].min() + ink.high[list(group), 0].max())
        for group in digits
    }
    lines: list[list[Group]] = []
    lowest = -np.inf
    for group in sorted(digits, key=tops.__getitem__):
        if not lines or tops[group] > lowest:
            lines.append([])
        lines[-1].append(group)
        lowest = max(lowest, bottoms[group])
    return [group for line in lines for group in sorted(line, key=middles.__getitem__)]


def _without_specks(ink: Ink, groups: list[Group]) -> list[Group]:
    """The groups that are not tiny beside the others."""
    sides = {group: max(extent(ink, group)) for group in groups}
    least = _SPECK * min(max(sides.values(), default=0.0), 1.0)
    return [group for group in groups if sides[group] >= least]


@dataclass(frozen=True, slots=True, eq=False)
class ArcSummary:
    """One arc of the graph: a group of pieces, and what it is read as."""

    pieces: tuple[int, ...]  # indices into the graph's, ascending
    label: str  # the most probable class; empty for a ligature that is of no digit
    probability: float  # of that class
    rejected: bool  # by the gate
    penalty: float  # what it adds to a path; less is better
    best: bool  # whether it is on the best path
    second: bool  # whether it is on the second best path


@dataclass(frozen=True, slots=True, eq=False)
class GraphSummary:
    """The segmentation graph of one drawing as pure data, pieces numbered from left to right."""

    pieces: tuple[tuple[tuple[float, float], ...], ...]  # each one's points, (x, y)
    arcs: tuple[ArcSummary, ...]  # by their first piece, short ones first
    best: str  # the classes along the best path, left to right
    second: str  # the same of the second best path; empty where there is one path only
    margin: float  # the second best path's penalty minus the best one's; 0 without a second


def summarize_graph(
    interpretation: Interpretation, paths: Sequence[Paths], classes: Sequence[str]
) -> GraphSummary:
    """Summarize a segmentation graph for display.

    Args:
        interpretation: the drawing's.
        paths: its best two of each part, as `best_paths` gives them.
        classes: the network's.
    """
    ink = interpretation.ink
    middles = [(box[0] + box[2]) / 2 for box in ink.boxes]
    order = sorted(range(len(middles)), key=middles.__getitem__)
    ranks = {piece: rank for rank, piece in enumerate(order)}
    merits = interpretation.weigh()
    best = interpretation.best_division(paths)
    # The second best path of all differs in one part: that with the smallest margin.
    margins = [(part[0][1] - part[1][1], n) for n, part in enumerate(paths) if len(part) > 1]
    margin, changed = min(margins, default=(0.0, -1))
    second = [g for n, part in enumerate(paths) for g in part[int(n == changed)][0]]

    def summarize_arc(group: Group) -> ArcSummary:
        arc = interpretation.read.get(group)
        return ArcSummary(
            pieces=tuple(sorted(ranks[piece] for piece in members_of(group))),
            label="" if arc is None else classes[arc.digit],
            probability=0.0 if arc is None else arc.probability,
            rejected=arc is not None and arc.margin < 0,
            penalty=-merits[group],
            best=group in best,
            second=group in second,
        )

    def join_labels(path: Sequence[Group]) -> str:
        groups = sorted(
            path, key=lambda group: float(np.mean([middles[n] for n in members_of(group)]))
        )
        digits = [interpretation.read[group].digit for group in groups if not is_dropped(group)]
        return "".join(classes[digit] for digit in digits)

    arcs = sorted(
        map(summarize_arc, interpretation.groups()),
        key=lambda arc: (arc.pieces[0], len(arc.pieces), arc.pieces),
    )
    points = [interpretation.points_of(ink.numbers[piece]) for piece in order]
    return GraphSummary(
        pieces=tuple(tuple((x, y) for x, y, *_ in each.tolist()) for each in points),
        arcs=tuple(arcs),
        best=join_labels(best),
        second=join_labels(second) if margins else "",
        margin=margin,
    )
