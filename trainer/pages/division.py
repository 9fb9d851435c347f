"""Chooses, of all ways to divide a row of ink into digits, the one that reads best.

The paper's segmentation graph (LeCun, Bottou, Bengio, Haffner, 1998, section VII): ink is
divided into more parts than there are digits; each part and each union of neighbors is read;
the way through all parts of least cost is taken, by dynamic programming. Knows no network:
what reads is given.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from trainer.pages.components import DigitRow, InkPiece, join
from trainer.pages.cuts import divide, find_cuts

REFUSED = 1.3
"""What it costs that a part looks like no digit, beside the logarithm of its probability."""
_CUT = 0.9
"""What a cut through ink costs."""
_CROSSED = 1.5
"""And what it costs a height of ink that it crosses."""
_APART = 0.6
"""What it costs to take ink with a gap between for one digit."""
_GAP = 5.0
"""And what each height of the gap costs."""
_DROPPED = 1.2
"""What it costs to take a small part for a speck."""
_SMALL = 0.42
"""Parts lower than this, in heights, may be specks, and are no digits by themselves."""
_WIDEST = 0.8
"""Digits are seldom wider than this, in heights."""
_WIDE = 6.0
"""What each height beyond it costs."""
_MOST_PARTS = 6
_LEAST = 1e-4
"""The least probability that is told from none."""
_SURE = 0.995
"""A part of usual width that is read so surely is not divided."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a network makes of a part."""

    probability: float  # of its answer, 0 to 1
    refused: bool  # it looks like no digit

    @property
    def cost(self) -> float:
        """How bad it is."""
        return -math.log(max(self.probability, _LEAST)) + REFUSED * self.refused


Read = Callable[[Sequence[InkPiece]], list[Reading]]


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    piece: InkPiece
    parent: int  # which connected ink it is of
    cut: float  # what the cut on its left costs; 0 where it is the leftmost of its parent


def divide_rows(rows: Sequence[DigitRow], read: Read) -> list[list[InkPiece]]:
    """The digits of each row, from left to right.

    Args:
        rows: of a page.
        read: is asked twice, with all that is to be read.
    """
    whole = [piece for row in rows for piece in row.pieces]
    first = iter(read(whole))
    parts = [
        [part for n, p in enumerate(row.pieces) for part in _parts(p, n, row.height, next(first))]
        for row in rows
    ]
    spans = [_spans(row_parts, row.height) for row_parts, row in zip(parts, rows, strict=True)]
    joined = [
        join([part.piece for part in row_parts[start:end]])
        for row_parts, row_spans in zip(parts, spans, strict=True)
        for start, end in row_spans
    ]
    readings = iter(read(joined))
    found, at = [], 0
    for row, row_parts, row_spans in zip(rows, parts, spans, strict=True):
        pieces = joined[at : at + len(row_spans)]
        at += len(row_spans)
        costs = {
            span: next(readings).cost + _shape_cost(piece, row_parts[span[0] : span[1]], row.height)
            for span, piece in zip(row_spans, pieces, strict=True)
        }
        by_span = dict(zip(row_spans, pieces, strict=True))
        found.append([by_span[span] for span in _best(row_parts, costs, row.height)])
    return found


def _parts(piece: InkPiece, parent: int, height: float, reading: Reading) -> list[_Part]:
    """A piece, or where it may be several digits, its parts between all seams."""
    width = piece.width / height
    narrow = width < 0.55 or piece.height < _SMALL * height
    sure = reading.probability > _SURE and not reading.refused and width < 1.25
    cuts = [] if narrow or sure else find_cuts(piece, height)
    # A seam that goes through much is none.
    cuts = [cut for cut in cuts if cut.crossed < 0.6 * height]
    found = []
    for part, cut in divide(piece, cuts):
        cost = 0.0 if cut is None else _CUT + _CROSSED * cut.crossed / height
        found.append(_Part(part, parent, cost))
    return found if len(found) > 1 else [_Part(piece, parent, 0.0)]


def _spans(parts: Sequence[_Part], height: float) -> list[tuple[int, int]]:
    """Which neighbors may be one digit: each by itself, and unions that are not too wide."""
    spans = []
    for start in range(len(parts)):
        left = right = 0
        for end in range(start + 1, min(start + _MOST_PARTS, len(parts)) + 1):
            pieces = [part.piece for part in parts[start:end]]
            left, right = min(p.left for p in pieces), max(p.right for p in pieces)
            one = parts[start].parent == parts[end - 1].parent
            if end - start > 1 and right - left > (2.0 if one else 1.5) * height:
                break
            spans.append((start, end))
    return spans


def _shape_cost(piece: InkPiece, parts: Sequence[_Part], height: float) -> float:
    """How unlike one digit parts are together, by their place and size alone."""
    cost = max(0.0, piece.width / height - _WIDEST) * _WIDE + parts[0].cut
    cost += max(0.0, 0.55 - piece.height / height) * 8
    cost += max(0.0, piece.height / height - 1.6) * 4
    reach = parts[0].piece.right
    for before, after in itertools.pairwise(parts):
        if before.parent != after.parent:
            gap = (after.piece.left - reach) / height
            shared = -gap * height / max(1, min(before.piece.width, after.piece.width))
            if shared < 0.5:  # not one above the other
                cost += _APART + _GAP * max(0.0, gap)
        reach = max(reach, after.piece.right)
    return cost


def _best(
    parts: Sequence[_Part], costs: dict[tuple[int, int], float], height: float
) -> list[tuple[int, int]]:
    """The spans of the cheapest way through all parts."""
    best: list[tuple[float, list[tuple[int, int]]]] = [(0.0, [])]
    for end in range(1, len(parts) + 1):
        ways = [
            (best[start][0] + costs[start, end], [*best[start][1], (start, end)])
            for start in range(max(0, end - _MOST_PARTS), end)
            if (start, end) in costs
        ]
        last = parts[end - 1].piece
        if last.height < _SMALL * height:
            ways.append(
                (best[end - 1][0] + _DROPPED * (0.3 + last.longest / height), best[end - 1][1])
            )
        best.append(min(ways, key=lambda way: way[0]))
    return best[-1][1]
