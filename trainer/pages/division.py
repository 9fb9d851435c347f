"""Chooses, of all ways to divide a row of ink into digits, the one that reads best.

The paper's segmentation graph (LeCun, Bottou, Bengio, Haffner, "Gradient-Based Learning Applied to
Document Recognition", 1998, section VII): nodes are the gaps between pieces of ink and the cuts
through them; an arc is the ink between two nodes, read as one digit; the path of greatest merit is
found by dynamic programming. The weights are a conditional random field's, fitted to sheets of
real digits by `benchmarks/recognition/fit_division.py`. Knows no network: what reads is given.

Heights are those of the row's digits; lengths in heights are multiples of them.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from trainer.pages.components import DigitRow, InkPiece, merge_pieces
from trainer.pages.cuts import Cut, crop_between, find_cuts

WEIGHTS = {
    "log-probability": 2.90,  # of the class that is read
    "refused": 0.77,  # the gate's score below its threshold
    "accepted": 0.31,  # above it
    "cut": -2.70,  # the ink is cut off on its left
    "crossed": -6.54,  # how much ink the cut crosses, in heights
    "joined": -0.53,  # number of gaps between its pieces
    "gap": -5.56,  # their total width, in heights
    "height": 1.55,  # the logarithm of its height, in heights
    "low": -10.38,  # by how much it is lower than 0.55 heights
    "wide": -3.30,  # by how much it is wider than 0.8 heights
    "dropped": -0.60,  # it is taken for a speck
    "dropped length": -3.67,  # the speck's, in heights
}
"""Of an arc's features: its merit is the weighted sum."""
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
"""For each digit that is read the weights of `Arc.shape_features`: two or more pieces, the
logarithm of width over height, and its square."""
_SMALL = 0.42
"""Pieces lower than this, in heights, may be specks."""
_NARROW = 0.55
"""A piece that is no wider than this, in heights, is not cut."""
_CERTAIN, _CERTAIN_WIDTH = 0.995, 1.0
"""Nor is one that is read with this probability, and no wider."""
_LEAST_WITH_MIDDLE = 1.3
"""Of ink that is no wider than this, in heights, nothing between two cuts is a digit."""
_WIDEST, _WIDEST_GAP = 1.4, 0.4
"""Pieces that are wider together, or farther apart, are of several digits, in heights."""
_WIDEST_PART = 2.0
"""A part of a piece that is wider than this, in heights, is of several digits."""
_MOST_PIECES = 4
"""A digit has no more pieces."""
_TEXT_SHARE, _TEXT_LENGTH = 0.4, 8
"""Of so many tall pieces in a row, this share looks like no digit in text, which is neither cut
nor joined: a page of it would take half a minute."""
_LOW, _WIDE = 0.55, 0.8
"""Where the features "low" and "wide" begin, in heights."""
_LEAST_HEIGHT = 0.2
"""What is lower than this, in heights, is as unlike a digit as this."""
_LEAST_PROBABILITY = 1e-4
"""A lower one counts as this."""
_MOST_MARGIN = 8.0
"""Gate scores farther than this from the threshold count as this far."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a network makes of some ink.

    Attributes:
        digit: the most probable class; None of a network of other classes.
        probability: of it, 0 to 1.
        margin: the gate's score above its threshold; less than 0: it looks like no digit.
    """

    digit: int | None
    probability: float
    margin: float


ReadPieces = Callable[[Sequence[InkPiece]], list[Reading]]
"""Reads each piece as one digit."""


@dataclass(frozen=True, slots=True, eq=False)
class Arc:
    """Ink between two nodes of a row's graph.

    Attributes:
        start, end: the nodes' numbers.
        ink: None: it is dropped.
        geometry: those features in `WEIGHTS` that do not depend on how it is read.
        pieces: of how many the ink is.
    """

    start: int
    end: int
    ink: InkPiece | None
    geometry: dict[str, float]
    pieces: int = 1

    def compute_features(self, reading: Reading | None) -> dict[str, float]:
        """All features in `WEIGHTS` that are not 0; no reading where it is dropped."""
        if reading is None:
            return self.geometry
        margin = min(max(reading.margin, -_MOST_MARGIN), _MOST_MARGIN)
        return self.geometry | {
            "log-probability": math.log(max(reading.probability, _LEAST_PROBABILITY)),
            "refused": min(margin, 0.0),
            "accepted": max(margin, 0.0),
        }

    @property
    def shape_features(self) -> tuple[float, float, float]:
        """The features that `BY_CLASS` weighs."""
        assert self.ink is not None
        log_aspect = math.log(self.ink.width / self.ink.height)
        return float(self.pieces > 1), log_aspect, log_aspect**2

    def compute_merit(self, reading: Reading | None) -> float:
        """How good it is as one digit, or as a speck: an unnormalized log-probability."""
        features = self.compute_features(reading)
        merit = sum(WEIGHTS[name] * value for name, value in features.items())
        if reading is not None and reading.digit is not None:
            weights = BY_CLASS[reading.digit]
            merit += sum(w * value for w, value in zip(weights, self.shape_features, strict=True))
        return merit


@dataclass(frozen=True, slots=True, eq=False)
class RowGraph:
    """All ways to divide one row; nodes are numbered from left to right."""

    nodes: int
    arcs: list[Arc]  # by their start

    def find_best_path(self, readings: Sequence[Reading | None]) -> list[Arc]:
        """The arcs of the path of greatest merit from the first node to the last.

        Args:
            readings: of each arc; None of those that are dropped.
        """
        merits = [0.0, *[-math.inf] * (self.nodes - 1)]
        last_arcs: dict[int, Arc] = {}  # of the best path to each node
        for arc, reading in zip(self.arcs, readings, strict=True):
            merit = merits[arc.start] + arc.compute_merit(reading)
            if merit > merits[arc.end]:
                merits[arc.end], last_arcs[arc.end] = merit, arc
        path: list[Arc] = []
        node = self.nodes - 1
        while node:
            path.append(last_arcs[node])
            node = last_arcs[node].start
        return path[::-1]


def divide_rows(rows: Sequence[DigitRow], read_pieces: ReadPieces) -> list[list[InkPiece]]:
    """Divide each row into digits, from left to right.

    Args:
        rows: of a page.
        read_pieces: is called twice, with all that is to be read.
    """
    return [
        [arc.ink for arc in graph.find_best_path(readings) if arc.ink is not None]
        for graph, readings in build_graphs(rows, read_pieces)
    ]


def build_graphs(
    rows: Sequence[DigitRow], read_pieces: ReadPieces
) -> list[tuple[RowGraph, list[Reading | None]]]:
    """Each row's graph, with the readings of its arcs."""
    first = iter(read_pieces([piece for row in rows for piece in row.pieces]))
    graphs = [_build_graph(row, list(itertools.islice(first, len(row.pieces)))) for row in rows]
    inks = [arc.ink for graph in graphs for arc in graph.arcs if arc.ink is not None]
    second = iter(read_pieces(inks))
    return [
        (graph, [None if arc.ink is None else next(second) for arc in graph.arcs])
        for graph in graphs
    ]


def _build_graph(row: DigitRow, readings: Sequence[Reading]) -> RowGraph:
    """A row's graph, with arcs of all that may be one digit."""
    starts, arcs = [0], list[Arc]()  # each piece's first node
    is_text = _is_text(row, readings)
    for piece, reading in zip(row.pieces, readings, strict=True):
        may_be_cut = not is_text and _may_be_several(piece, row.height, reading)
        cuts = find_cuts(piece, row.height) if may_be_cut else []
        arcs += _make_arcs_within(piece, cuts, starts[-1], row.height)
        starts.append(starts[-1] + len(cuts) + 1)
    for first in range(len(row.pieces)):
        for end in range(first + 2, min(first + _MOST_PIECES, len(row.pieces)) + 1):
            joined = row.pieces[first:end]
            if not is_text and _may_be_one(joined, row.height):
                arcs.append(_make_arc(starts[first], starts[end], joined, row.height))
    return RowGraph(starts[-1] + 1, sorted(arcs, key=lambda arc: (arc.start, arc.end)))


def _is_text(row: DigitRow, readings: Sequence[Reading]) -> bool:
    """Whether a row is of letters, most of which look like no digit."""
    refused = [
        reading.margin < 0
        for piece, reading in zip(row.pieces, readings, strict=True)
        if piece.height >= _SMALL * row.height
    ]
    return len(refused) >= _TEXT_LENGTH and sum(refused) >= _TEXT_SHARE * len(refused)


def _may_be_several(piece: InkPiece, height: float, reading: Reading) -> bool:
    """Whether a piece may be several digits that touch."""
    width = piece.width / height
    narrow = width < _NARROW or piece.height < _SMALL * height
    certain = reading.probability > _CERTAIN and reading.margin > 0 and width < _CERTAIN_WIDTH
    return not narrow and not certain


def _make_arcs_within(
    piece: InkPiece, cuts: Sequence[Cut], start: int, height: float
) -> Iterator[Arc]:
    """The arcs of one piece, whose first node is `start`: it as a whole, and its parts."""
    edges = [None, *cuts, None]
    for first, last in itertools.combinations(range(len(edges)), 2):
        left, right = edges[first], edges[last]
        if left is not None and right is not None and piece.width <= _LEAST_WITH_MIDDLE * height:
            continue
        ink = crop_between(piece, left, right)
        # Of a long piece nearly all parts would be too wide for a digit.
        of_several = last > first + 1 and last - first < len(edges) - 1
        if ink is not None and not (of_several and ink.width > _WIDEST_PART * height):
            yield _make_arc(start + first, start + last, [ink], height, left)
    if piece.height < _SMALL * height:
        geometry = {"dropped": 1.0, "dropped length": piece.longer_side / height}
        yield Arc(start, start + len(cuts) + 1, None, geometry)


def _make_arc(
    start: int, end: int, pieces: Sequence[InkPiece], height: float, left: Cut | None = None
) -> Arc:
    """Pieces as one digit, from the cut on their left if there is one."""
    ink = merge_pieces(pieces)
    geometry = {
        "height": math.log(max(ink.height / height, _LEAST_HEIGHT)),
        "low": max(0.0, _LOW - ink.height / height),
        "wide": max(0.0, ink.width / height - _WIDE),
    }
    if left is not None:
        geometry |= {"cut": 1.0, "crossed": left.crossed / height}
    gaps = [
        max(0.0, gap) / height
        for (before, after), gap in zip(
            itertools.pairwise(pieces), _measure_gaps(pieces), strict=True
        )
        if -gap < 0.5 * min(before.width, after.width)  # not one above the other
    ]
    geometry |= {"joined": float(len(gaps)), "gap": sum(gaps)}
    return Arc(start, end, ink, geometry, len(pieces))


def _may_be_one(pieces: Sequence[InkPiece], height: float) -> bool:
    """Whether pieces beside each other may be one digit by their place and size alone."""
    width = max(piece.right for piece in pieces) - min(piece.left for piece in pieces)
    return width <= _WIDEST * height and max(_measure_gaps(pieces)) <= _WIDEST_GAP * height


def _measure_gaps(pieces: Sequence[InkPiece]) -> Iterator[float]:
    """How far each lies to the right of those before it, in pixels; below 0: they overlap."""
    reach = pieces[0].right
    for piece in pieces[1:]:
        yield piece.left - reach
        reach = max(reach, piece.right)
