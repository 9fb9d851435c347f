"""Where touching digits may be cut apart: seams from top to bottom that cross little ink.

A seam follows a guide line, upright or slanted, and bends around it: the cheapest path through the
ink by dynamic programming, as in seam carving (Avidan and Shamir, "Seam Carving for Content-Aware
Image Resizing", 2007). The network decides which of them are cuts (`division`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.drawing.photos.preparation import Mask
from trainer.pages.components import InkPiece

Columns = NDArray[np.intp]

_MARGIN = 0.1
"""What is left of a piece on either side is wider than this, in heights of a digit."""
_SPACING = 0.16
"""Between the guide lines that are tried, in heights."""
_SLANTS = (-0.3, 0.0, 0.3, 0.6)
"""How far the top of a guide line is to the right of its foot, as a share of its height: digits
slant to the right rather than to the left."""
_REACH = 0.35
"""How far a seam may be from its guide line, in heights."""
_PAPER_COST, _DEVIATION_COST, _BEND_COST = 0.02, 0.01, 0.1
"""Of a pixel without ink, of each pixel that it is away from the guide line, and of a change by one
column between two rows; a pixel of ink costs 1."""
_MOST_CROSSED = 0.8
"""A seam that crosses more ink than this, in heights, is none."""
_LEAST_DIFFERENCE = 0.06
"""Seams that divide the ink alike but for this share of a digit's ink are one."""
_LEAST_SHARE = 0.04
"""The share of the ink that is on either side of a seam at least."""
_MOST_SEAMS = 8
"""For each height of a piece's width."""


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """A seam through a piece.

    Attributes:
        columns: (height,), for each row of the piece the first column to the right of the seam.
        crossed: how many pixels of ink it crosses.
    """

    columns: Columns
    crossed: float


def find_cuts(piece: InkPiece, height: float) -> list[Cut]:
    """The best seams of a piece that may be several digits, from left to right.

    Args:
        piece: the ink.
        height: of the row's digits, in pixels.
    """
    margin = max(2, round(_MARGIN * height))
    places = np.arange(margin, piece.width - margin, max(1.0, _SPACING * height))
    if not places.size:
        return []
    above_middle = piece.height / 2 - np.arange(piece.height)[:, None]
    guides = np.concatenate([places + slant * above_middle for slant in _SLANTS], axis=1)
    reach = max(2, round(_REACH * height))
    seams = _find_seams(piece.mask, np.rint(guides).astype(np.intp), reach)
    rows = np.arange(piece.height)[:, None]
    crossed = np.pad(piece.mask, ((0, 0), (0, 1)))[rows, seams].sum(axis=0)
    ink_so_far = np.cumsum(piece.mask, axis=1, dtype=np.intp)
    to_left = np.pad(ink_so_far, ((0, 0), (1, 0)))[rows, seams]
    total = int(piece.mask.sum())
    shares = to_left.sum(axis=0) / total
    possible = (shares > _LEAST_SHARE) & (shares < 1 - _LEAST_SHARE)
    possible &= crossed <= _MOST_CROSSED * height
    digits = max(1.0, piece.width / height)
    kept = _choose_different(
        [n for n in np.argsort(crossed, kind="stable").tolist() if possible[n]],
        to_left,
        least_difference=_LEAST_DIFFERENCE * total / digits,
        most=_MOST_SEAMS * digits,
    )
    kept.sort(key=lambda n: float(shares[n]))
    return [Cut(seams[:, n], float(crossed[n])) for n in kept]


def _choose_different(
    candidates: list[int], to_left: NDArray[np.integer], *, least_difference: float, most: float
) -> list[int]:
    """The first of the seams that divide the ink differently.

    Args:
        candidates: numbers of seams, the best first.
        to_left: (H, N), pixels of ink to the left of each seam, row by row.
        least_difference: pixels of ink between two seams that are different.
        most: how many seams.
    """
    kept: list[int] = []
    for n in candidates:
        differences = [np.abs(to_left[:, n] - to_left[:, other]).sum() for other in kept]
        if all(difference > least_difference for difference in differences):
            kept.append(n)
            if len(kept) >= most:
                break
    return kept


def _find_seams(mask: Mask, guides: Columns, reach: int) -> Columns:
    """The cheapest seam around each guide line.

    Args:
        mask: bool (H, W).
        guides: (H, N), each one's column in each row, which may be beyond the mask.
        reach: how many columns to either side a seam may be.

    Returns:
        (H, N), 0 to W; what is beyond the mask is at its edge.
    """
    height, width = mask.shape
    offsets = np.arange(-reach, reach + 1)
    paper = np.zeros((height, 1), bool)
    inked = np.hstack([paper, mask, paper])
    # Of each seam (first index) that ends at each offset from its guide line (second index).
    cost = np.zeros((guides.shape[1], len(offsets)))
    bends = np.zeros((height, *cost.shape), np.int8)
    outside = np.full((len(cost), 1), np.inf)
    for row in range(height):
        if row:
            left, right = np.hstack([outside, cost[:, :-1]]), np.hstack([cost[:, 1:], outside])
            previous = np.stack([left + _BEND_COST, cost, right + _BEND_COST])
            bends[row] = previous.argmin(axis=0) - 1
            cost = previous.min(axis=0)
        columns = np.clip(guides[row][:, None] + offsets, -1, width) + 1
        cost = cost + inked[row][columns] + (_PAPER_COST + _DEVIATION_COST * np.abs(offsets))
    at = cost.argmin(axis=1)
    seams = np.empty_like(guides)
    for row in range(height - 1, -1, -1):
        seams[row] = guides[row] + offsets[at]
        at = at + bends[row, np.arange(len(at)), at]
    return np.asarray(np.clip(seams, 0, width))


def crop_between(piece: InkPiece, left: Cut | None, right: Cut | None) -> InkPiece | None:
    """The part of a piece between two cuts, or up to its edge; None if nothing is there."""
    if left is None and right is None:
        return piece
    columns = np.arange(piece.width)
    between = np.ones(piece.mask.shape, bool)
    if left is not None:
        between &= columns >= left.columns[:, None]
    if right is not None:
        between &= columns < right.columns[:, None]
    return piece.crop(between)
