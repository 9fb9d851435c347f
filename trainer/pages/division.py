"""Chooses, of all ways to divide a row of ink into digits, the one that reads best.

The paper's segmentation graph (LeCun, Bottou, Bengio, Haffner, 1998, section VII): nodes are
the gaps between pieces of ink and the seams through them; an arc is the ink between two nodes,
read as one digit; the way through all of least cost is taken, by dynamic programming. The
weights are a conditional random field's, fitted to sheets of real digits by
`benchmarks/recognition/fit_division.py`. Knows no network: what reads is given.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from trainer.pages.components import DigitRow, InkPiece, join
from trainer.pages.cuts import Cut, find_cuts, take_between

WEIGHTS = {
    "log-probability": 2.90,  # of the class that is read
    "refused": 0.77,  # the gate's score below its threshold
    "accepted": 0.31,  # above it
    "cut": -2.70,  # the ink is cut off on its left
    "crossed": -6.54,  # how much ink the cut goes through, in heights of a digit
    "joined": -0.53,  # pieces with a gap between them, beside each other
    "gap": -5.56,  # how wide the gaps are, in heights
    "height": 1.55,  # its logarithm, in heights
    "low": -10.38,  # lower than 0.55 heights
    "wide": -3.30,  # wider than 0.8 heights
    "dropped": -0.60,  # it is taken for a speck
    "dropped length": -3.67,  # the speck's, in heights
}
"""What counts of an arc: the merit is the sum of all that is measured, times its weight."""
BY_CLASS = (
    (0.61, -2.37, 2.50),  # 0
    (0.91, 0.37, -0.00),  # 1
    (0.65, 0.00, -0.27),  # 2
    (-0.42, -0.36, 0.16),  # 3
    (0.35, 0.05, 0.42),  # 4
    (1.46, 0.17, -0.18),  # 5
    (0.15, -0.34, 1.02),  # 6
    (0.73, 0.07, -0.15),  # 7
    (0.36, -1.90, 1.17),  # 8
    (-0.11, -1.13, 0.56),  # 9
)
"""For each digit that is read the weights of two or more pieces, of the logarithm of width over
height, and of its square."""
_SMALL = 0.42
"""Pieces lower than this, in heights, may be specks."""
_NARROW = 0.55
"""A piece that is no wider than this, in heights, is not cut."""
_SURE, _SURE_WIDTH = 0.995, 1.0
"""Nor is one that is read so surely, and no wider."""
_THREE = 1.3
"""Of ink that is no wider than this, in heights, nothing between two cuts is a digit."""
_WIDEST, _WIDEST_GAP = 1.4, 0.4
"""Pieces that are wider together, or farther apart, are of several digits, in heights."""
_WIDE_PART = 2.0
"""A part of a piece that is wider than this, in heights, is of several digits."""
_MOST_PIECES = 4
_TEXT, _MANY = 0.4, 8
"""Of so many tall pieces beside each other, this share looks like no digit in text, which is
neither cut nor joined: a page of it would take half a minute."""
_LOWEST = 0.2
"""What is lower than this, in heights, is as unlike a digit as this."""
_LEAST = 1e-4
"""The least probability that is told from none."""
_FARTHEST = 8.0
"""Gate scores farther than this from the threshold are taken as this far."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a network makes of some ink."""

    digit: int | None  # the most probable class; None of a network of other classes
    probability: float  # of it, 0 to 1
    margin: float  # the gate's score over its threshold; less than 0: it looks like no digit


Read = Callable[[Sequence[InkPiece]], list[Reading]]


@dataclass(frozen=True, slots=True, eq=False)
class Arc:
    """Ink between two nodes of a row's graph."""

    start: int
    end: int
    ink: InkPiece | None  # None: it is dropped
    measured: dict[str, float]  # of `WEIGHTS`, what does not depend on what is read
    pieces: int = 1  # of how many it is

    def measure(self, reading: Reading | None) -> dict[str, float]:
        """All that `WEIGHTS` weighs; no reading where it is dropped."""
        if reading is None:
            return self.measured
        margin = min(max(reading.margin, -_FARTHEST), _FARTHEST)
        return self.measured | {
            "log-probability": math.log(max(reading.probability, _LEAST)),
            "refused": min(margin, 0.0),
            "accepted": max(margin, 0.0),
        }

    @property
    def shape(self) -> tuple[float, float, float]:
        """What `BY_CLASS` weighs."""
        assert self.ink is not None
        aspect = math.log(self.ink.width / self.ink.height)
        return float(self.pieces > 1), aspect, aspect**2

    def merit(self, reading: Reading | None) -> float:
        """How good it is as one digit, or as a speck."""
        merit = sum(WEIGHTS[name] * value for name, value in self.measure(reading).items())
        if reading is not None and reading.digit is not None:
            by_class = BY_CLASS[reading.digit]
            merit += sum(w * value for w, value in zip(by_class, self.shape, strict=True))
        return merit


@dataclass(frozen=True, slots=True, eq=False)
class RowGraph:
    """All ways to divide one row; nodes are numbered from left to right."""

    nodes: int
    arcs: list[Arc]  # by their start

    def best_path(self, readings: Sequence[Reading | None]) -> list[Arc]:
        """The arcs of the best way through all ink, given what each is read as."""
        merits = [0.0, *[-math.inf] * (self.nodes - 1)]
        last: dict[int, Arc] = {}  # the best way's to each node
        for arc, reading in zip(self.arcs, readings, strict=True):
            merit = merits[arc.start] + arc.merit(reading)
            if merit > merits[arc.end]:
                merits[arc.end], last[arc.end] = merit, arc
        path: list[Arc] = []
        node = self.nodes - 1
        while node:
            path.append(last[node])
            node = last[node].start
        return path[::-1]


def divide_rows(rows: Sequence[DigitRow], read: Read) -> list[list[InkPiece]]:
    """The digits of each row, from left to right.

    Args:
        rows: of a page.
        read: is asked twice, with all that is to be read.
    """
    return [
        [arc.ink for arc in graph.best_path(readings) if arc.ink is not None]
        for graph, readings in read_graphs(rows, read)
    ]


def read_graphs(
    rows: Sequence[DigitRow], read: Read
) -> list[tuple[RowGraph, list[Reading | None]]]:
    """Each row's graph, with what its arcs are read as."""
    first = iter(read([piece for row in rows for piece in row.pieces]))
    graphs = [_build(row, list(itertools.islice(first, len(row.pieces)))) for row in rows]
    inks = [arc.ink for graph in graphs for arc in graph.arcs if arc.ink is not None]
    second = iter(read(inks))
    return [
        (graph, [None if arc.ink is None else next(second) for arc in graph.arcs])
        for graph in graphs
    ]


def _build(row: DigitRow, readings: Sequence[Reading]) -> RowGraph:
    """A row's graph, with arcs of all that may be one digit."""
    starts, arcs = [0], list[Arc]()  # each piece's first node
    text = _is_text(row, readings)
    for piece, reading in zip(row.pieces, readings, strict=True):
        cut = not text and _may_be_cut(piece, row.height, reading)
        cuts = find_cuts(piece, row.height) if cut else []
        arcs += _arcs_within(piece, cuts, starts[-1], row.height)
        starts.append(starts[-1] + len(cuts) + 1)
    for first in range(len(row.pieces)):
        for end in range(first + 2, min(first + _MOST_PIECES, len(row.pieces)) + 1):
            joined = row.pieces[first:end]
            if not text and _may_be_one(joined, row.height):
                arcs.append(_arc(starts[first], starts[end], joined, row.height))
    return RowGraph(starts[-1] + 1, sorted(arcs, key=lambda arc: (arc.start, arc.end)))


def _is_text(row: DigitRow, readings: Sequence[Reading]) -> bool:
    """Whether a row is of letters, most of which look like no digit."""
    tall = [
        reading.margin < 0
        for piece, reading in zip(row.pieces, readings, strict=True)
        if piece.height >= _SMALL * row.height
    ]
    return len(tall) >= _MANY and sum(tall) >= _TEXT * len(tall)


def _may_be_cut(piece: InkPiece, height: float, reading: Reading) -> bool:
    width = piece.width / height
    narrow = width < _NARROW or piece.height < _SMALL * height
    sure = reading.probability > _SURE and reading.margin > 0 and width < _SURE_WIDTH
    return not narrow and not sure


def _arcs_within(piece: InkPiece, cuts: Sequence[Cut], start: int, height: float) -> Iterator[Arc]:
    """The arcs of one piece, whose first node is `start`: it as a whole, and its parts."""
    edges = [None, *cuts, None]
    for first, last in itertools.combinations(range(len(edges)), 2):
        left, right = edges[first], edges[last]
        if left is not None and right is not None and piece.width <= _THREE * height:
            continue
        ink = take_between(piece, left, right)
        # Of a long piece nearly all parts would be wide: none is a digit.
        part = last > first + 1 and last - first < len(edges) - 1
        if ink is not None and not (part and ink.width > _WIDE_PART * height):
            yield _arc(start + first, start + last, [ink], height, left)
    if piece.height < _SMALL * height:
        measured = {"dropped": 1.0, "dropped length": piece.longest / height}
        yield Arc(start, start + len(cuts) + 1, None, measured)


def _arc(
    start: int, end: int, inks: Sequence[InkPiece], height: float, left: Cut | None = None
) -> Arc:
    """Ink as one digit, from the cut on its left if there is one."""
    ink = join(inks)
    measured = {
        "height": math.log(max(ink.height / height, _LOWEST)),
        "low": max(0.0, 0.55 - ink.height / height),
        "wide": max(0.0, ink.width / height - 0.8),
    }
    if left is not None:
        measured |= {"cut": 1.0, "crossed": left.crossed / height}
    gaps = [
        max(0.0, gap) / height
        for (before, after), gap in zip(itertools.pairwise(inks), _gaps(inks), strict=True)
        if -gap < 0.5 * min(before.width, after.width)  # not one above the other
    ]
    measured |= {"joined": float(len(gaps)), "gap": sum(gaps)}
    return Arc(start, end, ink, measured, len(inks))


def _may_be_one(inks: Sequence[InkPiece], height: float) -> bool:
    """Whether pieces beside each other may be one digit by their place and size alone."""
    width = max(ink.right for ink in inks) - min(ink.left for ink in inks)
    return width <= _WIDEST * height and max(_gaps(inks)) <= _WIDEST_GAP * height


def _gaps(inks: Sequence[InkPiece]) -> Iterator[float]:
    """How far each lies to the right of those before it, in pixels; below 0 where they overlap."""
    reach = inks[0].right
    for ink in inks[1:]:
        yield ink.left - reach
        reach = max(reach, ink.right)
