"""Where touching digits may be divided: seams from top to bottom that cross little ink.

A seam may lean and bend: the cheapest path through the ink by dynamic programming, as
in seam carving (Avidan and Shamir, 2007). Which seams are cuts, the network says.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.pages.components import InkPiece
from trainer.pages.ink import Mask

_NARROWEST = 0.12
"""A part is wider than this, in heights of a digit."""
_REACH = 0.28
"""How far a seam may wander from its place, in heights."""
_STEP = 0.1
"""Between the places that are tried, in heights."""
_EMPTY = 0.02
"""What a pixel without ink costs; one of ink costs 1."""
_ASIDE = 0.015
"""What a pixel away from the seam's place costs, in pixels of ink."""
MOST_CUTS = 4
"""How many seams are tried for each height of a piece's width."""


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """A seam through a piece."""

    columns: NDArray[np.int64]  # for each row of the piece, the first column to the right of it
    crossed: float  # how many pixels of ink it goes through


def find_cuts(piece: InkPiece, height: float) -> list[Cut]:
    """The best seams of a piece that may be several digits, from left to right.

    Args:
        piece: the ink.
        height: of the row's digits, in pixels.
    """
    margin = max(2, round(_NARROWEST * height))
    places = np.arange(margin, piece.width - margin, max(1.0, _STEP * height))
    seams = [_seam(piece.mask, float(place), _REACH * height) for place in places]
    seams.sort(key=lambda cut: cut.crossed)
    kept: list[Cut] = []
    most = round(MOST_CUTS * max(1.0, piece.width / height))
    for seam in seams:
        apart = [np.abs(seam.columns - other.columns).mean() for other in kept]
        if len(kept) < most and all(each > 0.09 * height for each in apart):
            kept.append(seam)
    return sorted(kept, key=lambda cut: float(cut.columns.mean()))


def _seam(mask: Mask, place: float, reach: float) -> Cut:
    """The cheapest seam near a column."""
    height, width = mask.shape
    first, last = max(1, int(place - reach)), min(width, int(place + reach) + 1)
    columns = np.arange(first, last)
    cost = np.where(mask[:, first:last], 1.0, _EMPTY) + _ASIDE * np.abs(columns - place)
    total = cost[0].copy()
    steps = np.zeros(cost.shape, np.int64)
    for row in range(1, height):
        beside = np.stack(
            [np.append(np.inf, total[:-1]) + 0.01, total, np.append(total[1:], np.inf) + 0.01]
        )
        steps[row] = beside.argmin(axis=0) - 1
        total = beside.min(axis=0) + cost[row]
    at = int(total.argmin())
    path = np.zeros(height, np.int64)
    for row in range(height - 1, -1, -1):
        path[row] = at
        at += int(steps[row, at])
    crossed = float(mask[np.arange(height), path + first].sum())
    return Cut(path + first, crossed)


def divide(piece: InkPiece, cuts: list[Cut]) -> list[tuple[InkPiece, Cut | None]]:
    """The parts between seams, from left to right, each with the seam on its left, if any.

    A seam with no ink between it and the one before is left out.
    """
    columns = np.arange(piece.width)
    parts: list[tuple[InkPiece, Cut | None]] = []
    rest, before = piece.mask, None
    for cut in cuts:
        mask = rest & (columns < cut.columns[:, None])  # seams that cross share what is between
        if mask.any() and (rest & ~mask).any():
            parts.append((_trimmed(InkPiece(piece.left, piece.top, mask)), before))
            rest, before = rest & ~mask, cut
    parts.append((_trimmed(InkPiece(piece.left, piece.top, rest)), before))
    return parts


def _trimmed(piece: InkPiece) -> InkPiece:
    rows = np.flatnonzero(piece.mask.any(axis=1))
    columns = np.flatnonzero(piece.mask.any(axis=0))
    part = piece.mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return InkPiece(piece.left + int(columns[0]), piece.top + int(rows[0]), part)
