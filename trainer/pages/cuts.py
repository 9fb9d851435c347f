"""Where touching digits may be divided: seams from top to bottom that cross little ink.

A seam follows a line that stands upright or leans, and bends about it: the cheapest path through
the ink by dynamic programming, as in seam carving (Avidan and Shamir, 2007). Which seams are
cuts, the network says.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.pages.components import InkPiece
from trainer.pages.ink import Mask

Indices = NDArray[np.intp]

_NARROWEST = 0.1
"""What is left of a piece on either side is wider than this, in heights of a digit."""
_STEP = 0.16
"""Between the places that are tried, in heights."""
_LEANS = (-0.3, 0.0, 0.3, 0.6)
"""By how much the lines lean to the right, of their height: digits lean so rather than left."""
_REACH = 0.35
"""How far a seam may wander from its line, in heights."""
_EMPTY, _ASIDE, _MOVE = 0.02, 0.01, 0.1
"""What a pixel without ink costs, each pixel that it is away from the line, and a step aside; a
pixel of ink costs 1."""
_MOST_CROSSED = 0.8
"""A seam that goes through more ink than this, in heights, is none."""
_LIKE = 0.06
"""Seams that part the ink alike but for this share are one."""
_LEAST = 0.04
"""The share of the ink that is on either side of a seam at least."""
_MOST = 8
"""How many seams are tried for each height of a piece's width."""


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """A seam through a piece."""

    columns: Indices  # for each row of the piece, the first column to the right of it
    crossed: float  # how many pixels of ink it goes through


def find_cuts(piece: InkPiece, height: float) -> list[Cut]:
    """The best seams of a piece that may be several digits, from left to right.

    Args:
        piece: the ink.
        height: of the row's digits, in pixels.
    """
    margin = max(2, round(_NARROWEST * height))
    places = np.arange(margin, piece.width - margin, max(1.0, _STEP * height))
    if not places.size:
        return []
    up = piece.height / 2 - np.arange(piece.height)[:, None]
    lines = np.concatenate([places + lean * up for lean in _LEANS], axis=1)
    seams = _seams(piece.mask, np.rint(lines).astype(np.intp), max(2, round(_REACH * height)))
    rows = np.arange(piece.height)[:, None]
    ink = np.pad(piece.mask, ((0, 0), (0, 1)))[rows, seams]
    crossed = ink.sum(axis=0)
    to_left = np.pad(np.cumsum(piece.mask, axis=1), ((0, 0), (1, 0)))[rows, seams]
    total = int(piece.mask.sum())
    share = to_left.sum(axis=0) / total
    possible = (crossed <= _MOST_CROSSED * height) & (share > _LEAST) & (share < 1 - _LEAST)
    digits = max(1.0, piece.width / height)
    kept: list[int] = []
    for n in np.argsort(crossed, kind="stable").tolist():
        apart = [np.abs(to_left[:, n] - to_left[:, other]).sum() for other in kept]
        if possible[n] and all(each > _LIKE * total / digits for each in apart):
            kept.append(n)
            if len(kept) >= _MOST * digits:
                break
    kept.sort(key=lambda n: float(share[n]))
    return [Cut(seams[:, n], float(crossed[n])) for n in kept]


def _seams(mask: Mask, lines: Indices, reach: int) -> Indices:
    """The cheapest seam about each line; places beyond the ink are those at its edges.

    Args:
        mask: (H, W).
        lines: (H, N), each one's place in each row.
        reach: how many columns to either side.

    Returns:
        (H, N), 0 to W.
    """
    height, width = mask.shape
    aside = np.arange(-reach, reach + 1)
    paper = np.zeros((height, 1), bool)
    inked = np.hstack([paper, mask, paper])
    # In places counted along the line: first index the seam, second how far it is aside.
    total = np.zeros((lines.shape[1], len(aside)))
    steps = np.zeros((height, *total.shape), np.int8)
    beyond = np.full((len(total), 1), np.inf)
    for row in range(height):
        if row:
            left, right = np.hstack([beyond, total[:, :-1]]), np.hstack([total[:, 1:], beyond])
            beside = np.stack([left + _MOVE, total, right + _MOVE])
            steps[row] = beside.argmin(axis=0) - 1
            total = beside.min(axis=0)
        places = np.clip(lines[row][:, None] + aside, -1, width) + 1
        total = total + inked[row][places] + (_EMPTY + _ASIDE * np.abs(aside))
    at = total.argmin(axis=1)
    found = np.empty_like(lines)
    for row in range(height - 1, -1, -1):
        found[row] = lines[row] + aside[at]
        at = at + steps[row, np.arange(len(at)), at]
    return np.asarray(np.clip(found, 0, width))


def take_between(piece: InkPiece, left: Cut | None, right: Cut | None) -> InkPiece | None:
    """The part of a piece between two seams, or up to its edge; None if nothing is there."""
    if left is None and right is None:
        return piece
    columns = np.arange(piece.width)
    mask = piece.mask.copy()
    if left is not None:
        mask &= columns >= left.columns[:, None]
    if right is not None:
        mask &= columns < right.columns[:, None]
    rows, inked = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not rows.size:
        return None
    part = mask[rows[0] : rows[-1] + 1, inked[0] : inked[-1] + 1]
    return InkPiece(piece.left + int(inked[0]), piece.top + int(rows[0]), part)
