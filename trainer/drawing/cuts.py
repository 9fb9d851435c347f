"""Where one stroke may be two digits: candidate cuts within a stroke.

Who writes "10" without lifting the pen goes on to the right from one digit to the next.
So a stroke may be cut where all that was drawn before lies left of all that comes after,
but for a little, and where both sides are as high as a digit: where the ink's density has
a minimum along the line of writing. Of each stretch of such places the corner points are
taken, beginning and end too: what lies between two cuts may be a ligature that belongs to
neither digit. A ligature may also lead back under the digit that it leaves, or over the one
that it enters: where the pen went straight, both ends of its way are cuts if what was drawn
before and after lie side by side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from trainer.drawing.rasterize import Stroke, as_points

Floats = NDArray[np.float64]

NARROWEST = 0.5
"""Width, in usual heights, up to which a stroke is never of two digits."""
_OVERLAP = 0.22
"""How far what comes before a cut may reach over what comes after, in usual heights."""
_LOWEST = 0.45
"""Least height of both sides, in usual heights."""
_SAMPLES = (64, 192)
"""Places that are looked at, at least and at most."""
_STEP = 0.1
"""Between two of them, in usual heights, where that makes neither fewer nor more."""
_APART = 3
"""Samples between two cuts at least."""
_BEND = 0.045
"""How far a way that counts as straight may lie from the line between its ends."""
SHORT, _LONGEST = 0.2, 1.7
"""A straight ligature is no shorter and no longer."""
CORNER = 1.2
"""It has a corner at one of its ends, of so many radians at least: an arc of a 0 has none."""
_HIGH, _SHARP = 0.6, 1.6
"""Height of both sides, and turn at a corner, from which on they are surely two digits."""
_MOST = 6
"""Cuts of a stroke at most."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a stroke, from one place on it to another; places count its points."""

    stroke: int  # which of the drawing's
    begin: float = 0.0
    end: float = float("inf")

    @property
    def whole(self) -> bool:
        """Whether it is all of its stroke."""
        return self.begin == 0.0 and self.end == float("inf")

    def take(self, line: Floats) -> Floats:
        """Its points, of the stroke's of shape (n, 3); new ones at its ends between two."""
        if self.whole:
            return line
        last = min(self.end, len(line) - 1.0)
        inner = np.arange(np.floor(self.begin) + 1, np.ceil(last))
        places = np.concatenate([[self.begin], inner, [last]])
        whole = np.arange(len(line))
        return np.stack([np.interp(places, whole, column) for column in line.T], axis=1)


def join_pieces(pieces: Sequence[Piece]) -> list[Piece]:
    """The same ink, with neighbors on one stroke in one piece again; ascending."""
    joined: list[Piece] = []
    for piece in sorted(pieces, key=lambda piece: (piece.stroke, piece.begin)):
        if joined and joined[-1].stroke == piece.stroke and joined[-1].end == piece.begin:
            piece = Piece(piece.stroke, joined.pop().begin, piece.end)
        joined.append(piece)
    return joined


def cut_at(stroke: int, cuts: Sequence[float]) -> list[Piece]:
    """A stroke's pieces between cuts in ascending order."""
    ends = [0.0, *cuts, float("inf")]
    return [Piece(stroke, begin, end) for begin, end in pairwise(ends)]


def find_cuts(stroke: Stroke, usual: float) -> list[float]:
    """Places, counted in the stroke's points, at which it may be cut; ascending.

    Args:
        stroke: in any one unit.
        usual: the usual height of a digit, in the same.

    Raises:
        StrokesError: as `rasterize` does.
    """
    points = as_points(stroke)[:, :2]
    if len(points) < 3 or usual <= 0 or float(np.ptp(points[:, 0])) < NARROWEST * usual:
        return []
    step = np.hypot(*np.diff(points, axis=0).T)
    way = np.concatenate([[0.0], np.cumsum(step)])
    if not way[-1] > 0:
        return []
    count = int(np.clip(way[-1] / usual / _STEP, *_SAMPLES))
    along = np.interp(np.linspace(0, way[-1], count), way, np.arange(len(points)))
    x, y = (np.interp(along, np.arange(len(points)), column) / usual for column in points.T)
    stretches = _stretches(_separating(x, y))
    corners = [place for stretch in stretches for place in _corners(x, y, stretch)]
    corners.sort(key=lambda place: _reach_over(x)[place])
    chosen = [float(end) for ends in _ligatures(points / usual) for end in ends][:_MOST]
    apart = _APART * way[-1] / count
    for place in along[corners].tolist():
        at = np.interp([place, *chosen], np.arange(len(points)), way)
        if len(chosen) < _MOST and (np.abs(at[1:] - at[0]) >= apart).all():
            chosen.append(place)
    return sorted(set(chosen))


def joins_two(stroke: Stroke, usual: float) -> bool:
    """Whether a stroke has a straight way, with a corner, between two that are surely digits.

    So have three quarters of strokes that are two digits, and one in eighty digits.

    Args:
        stroke: as for `find_cuts`.
        usual: as there.
    """
    return bool(_ligatures(as_points(stroke)[:, :2] / usual, _HIGH, _SHARP))


def _ligatures(
    line: Floats, lowest: float = _LOWEST, corner: float = CORNER
) -> list[tuple[int, int]]:
    """First and last point of straight ways between two things that stand side by side.

    Args:
        line: the stroke, (n, 2), in usual heights.
        lowest: height of both sides at least.
        corner: turn at one of its ends at least, in radians.
    """
    x, y = line.T
    before, after = np.maximum.accumulate(x), np.minimum.accumulate(x[::-1])[::-1]
    high = np.minimum(_heights(y), _heights(y[::-1])[::-1])
    vertices = _vertices(line)
    ways = np.diff(line[vertices], axis=0)
    ligatures = []
    for n, (first, last) in enumerate(pairwise(vertices)):
        if not 0 < n < len(ways) - 1 or before[first] - after[last] > _OVERLAP:
            continue
        sharp = max(turn_between(ways[n - 1], ways[n]), turn_between(ways[n], ways[n + 1]))
        long = float(np.hypot(*ways[n]))
        if min(high[first], high[last]) >= lowest and sharp >= corner and SHORT <= long <= _LONGEST:
            ligatures.append((first, last))
    return ligatures


def turn_between(one: Floats, other: Floats) -> float:
    """By how much a pen turns from one way, (2,), to another: radians, 0 to pi."""
    turn = np.arctan2(one[0] * other[1] - one[1] * other[0], one @ other)
    return abs(float(turn))


def _heights(y: Floats) -> Floats:
    """How high all is that was drawn up to each place."""
    return np.asarray(np.maximum.accumulate(y) - np.minimum.accumulate(y))


def _vertices(line: Floats) -> list[int]:
    """Where a line, (n, 2), bends: the places that Douglas and Peucker (1973) keep."""
    kept, left = [0], [(0, len(line) - 1)]
    while left:
        first, last = left.pop()
        chord = line[last] - line[first]
        from_first = line[first : last + 1] - line[first]
        length = max(float(np.hypot(*chord)), 1e-9)
        off = np.abs(from_first[:, 0] * chord[1] - from_first[:, 1] * chord[0]) / length
        place = first + int(off.argmax())
        if off.max() > _BEND and first < place < last:
            left += [(place, last), (first, place)]
        else:
            kept.append(last)
    return kept


def _reach_over(x: Floats) -> Floats:
    """How far what comes before each place reaches over what comes after it."""
    before = np.maximum.accumulate(x)
    after = np.minimum.accumulate(x[::-1])[::-1]
    return np.asarray(before - after)


def _separating(x: Floats, y: Floats) -> NDArray[np.bool_]:
    """Whether each place parts two things as high as digits, one left of the other."""
    high = np.minimum(_heights(y), _heights(y[::-1])[::-1])
    return np.asarray((_reach_over(x) <= _OVERLAP) & (high >= _LOWEST))


def _stretches(possible: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First and last place of each stretch of possible ones."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], possible, [False]]).astype(int)))
    return [(int(first), int(end) - 1) for first, end in edges.reshape(-1, 2)]


def _corners(x: Floats, y: Floats, stretch: tuple[int, int]) -> list[int]:
    """Where a stretch begins and ends, and between where it turns most; in its middle if not."""
    first, last = stretch
    if last - first < _APART:
        return [(first + last) // 2]
    if last - first < 2 * _APART:
        return [first, last]
    at = np.arange(first + _APART, last - _APART + 1)
    back, on = np.maximum(at - 2, 0), np.minimum(at + 2, len(x) - 1)
    came = np.arctan2(y[at] - y[back], x[at] - x[back])
    goes = np.arctan2(y[on] - y[at], x[on] - x[at])
    turn = np.abs((goes - came + np.pi) % (2 * np.pi) - np.pi)
    turned = int(turn.argmax())
    middle = int(at[turned]) if turn[turned] > 0.5 else (first + last) // 2
    return [first, middle, last]
