"""Candidate cuts within a stroke that may be of two digits.

Who writes "10" without lifting the pen moves on to the right from one digit to the next. So a
stroke may be cut where nearly all that was drawn before lies left of all that comes after, and
both sides are as high as a digit. Of each interval of such points the first, last and sharpest
corner are candidates: what lies between two cuts may be a ligature that belongs to neither digit.
A ligature may also lead back under the digit that it leaves, or over the one that it enters:
the ends of a straight segment are candidates, too, if what was drawn before and after it lies side
by side.
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
"""Least width of a stroke that may be of two digits, in usual heights, as all lengths below."""
_OVERLAP = 0.22
"""Largest horizontal overlap of what comes before a cut with what comes after."""
_LOWEST = 0.45
"""Least height of both sides of a cut."""
_SAMPLES = (64, 192)
"""Least and largest number of points to which a stroke is resampled."""
_STEP = 0.1
"""Distance of these points, as far as their number allows."""
_APART = 3
"""Least distance of two cuts, in samples."""
_BEND = 0.045
"""Largest distance of a straight segment from its chord."""
SHORT, _LONGEST = 0.2, 1.7
"""Least and largest length of a straight ligature."""
CORNER = 1.2
"""Least turn at one end of a ligature, in radians: an arc of a 0 has no corner."""
_HIGH, _SHARP = 0.6, 1.6
"""Height of both sides, and turn at a corner, at which they are surely two digits."""
_CORNER_WITHIN = 0.5
"""Least turn in radians, over two samples on each side, that is a corner within an interval."""
_MOST = 6
"""Most cuts of a stroke."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a stroke between two places, which are fractional indices of its points."""

    stroke: int  # index into the drawing's strokes
    begin: float = 0.0
    end: float = float("inf")  # or beyond: the last point

    @property
    def whole(self) -> bool:
        """Whether it is all of its stroke."""
        return self.begin == 0.0 and self.end == float("inf")

    def take(self, points: Floats) -> Floats:
        """The piece's points; its ends are interpolated where they lie between two points.

        Args:
            points: the stroke's, (n, 3).
        """
        if self.whole:
            return points
        last = min(self.end, len(points) - 1.0)
        inner = np.arange(np.floor(self.begin) + 1, np.ceil(last))
        places = np.concatenate([[self.begin], inner, [last]])
        whole = np.arange(len(points))
        return np.stack([np.interp(places, whole, column) for column in points.T], axis=1)


def join_pieces(pieces: Sequence[Piece]) -> list[Piece]:
    """Join pieces that are neighbors on one stroke; ascending."""
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
    """Places at which a stroke may be cut, as fractional indices of its points; ascending.

    Args:
        stroke: in any one unit.
        usual: the usual height of a digit, in the same.

    Raises:
        StrokesError: as `rasterize` does.
    """
    points = as_points(stroke)[:, :2]
    if len(points) < 3 or usual <= 0 or float(np.ptp(points[:, 0])) < NARROWEST * usual:
        return []
    arc_lengths = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    if not arc_lengths[-1] > 0:
        return []
    count = int(np.clip(arc_lengths[-1] / usual / _STEP, *_SAMPLES))
    places = np.interp(np.linspace(0, arc_lengths[-1], count), arc_lengths, np.arange(len(points)))
    x, y = (np.interp(places, np.arange(len(points)), column) / usual for column in points.T)
    intervals = _find_intervals(_find_separating(x, y))
    corners = [place for interval in intervals for place in _corners(x, y, interval)]
    corners.sort(key=lambda place: _reach_over(x)[place])
    chosen = [float(end) for ends in _ligatures(points / usual) for end in ends][:_MOST]
    least_gap = _APART * arc_lengths[-1] / count
    for place in places[corners].tolist():
        positions = np.interp([place, *chosen], np.arange(len(points)), arc_lengths)
        if len(chosen) < _MOST and (np.abs(positions[1:] - positions[0]) >= least_gap).all():
            chosen.append(place)
    return sorted(set(chosen))


def joins_two(stroke: Stroke, usual: float) -> bool:
    """Whether a stroke has a straight ligature between two parts that are surely digits.

    Three quarters of the strokes that are two digits have one, and one in eighty single digits.

    Args:
        stroke: as for `find_cuts`.
        usual: as there.
    """
    return bool(_ligatures(as_points(stroke)[:, :2] / usual, _HIGH, _SHARP))


def _ligatures(
    points: Floats, lowest: float = _LOWEST, corner: float = CORNER
) -> list[tuple[int, int]]:
    """First and last point of each straight segment between two parts that stand side by side.

    Args:
        points: the stroke, (n, 2), in usual heights.
        lowest: least height of both sides.
        corner: least turn at one of the segment's ends, in radians.
    """
    x, y = points.T
    before, after = np.maximum.accumulate(x), np.minimum.accumulate(x[::-1])[::-1]
    heights = np.minimum(_heights(y), _heights(y[::-1])[::-1])
    vertices = _vertices(points)
    chords = np.diff(points[vertices], axis=0)
    ligatures = []
    for n, (first, last) in enumerate(pairwise(vertices)):
        if not 0 < n < len(chords) - 1 or before[first] - after[last] > _OVERLAP:
            continue
        sharp = max(turn_between(chords[n - 1], chords[n]), turn_between(chords[n], chords[n + 1]))
        length = float(np.hypot(*chords[n]))
        if (
            min(heights[first], heights[last]) >= lowest
            and sharp >= corner
            and SHORT <= length <= _LONGEST
        ):
            ligatures.append((first, last))
    return ligatures


def turn_between(one: Floats, other: Floats) -> float:
    """The angle between two vectors, (2,) each: radians, 0 to pi."""
    turn = np.arctan2(one[0] * other[1] - one[1] * other[0], one @ other)
    return abs(float(turn))


def _heights(y: Floats) -> Floats:
    """The height of all that was drawn up to each point."""
    return np.asarray(np.maximum.accumulate(y) - np.minimum.accumulate(y))


def measure_from_chord(points: Floats) -> Floats:
    """Each point's distance from the straight line through the first and the last one.

    Args:
        points: (n, 2), at least one.

    Returns:
        (n,), in the points' unit; all 0 where the first and the last one are the same.
    """
    chord = points[-1] - points[0]
    from_first = points - points[0]
    length = max(float(np.hypot(*chord)), 1e-9)
    return np.asarray(np.abs(from_first[:, 0] * chord[1] - from_first[:, 1] * chord[0]) / length)


def _vertices(points: Floats) -> list[int]:
    """Indices of the points of a polyline, (n, 2), that Douglas and Peucker (1973) keep."""
    kept, pending = [0], [(0, len(points) - 1)]
    while pending:
        first, last = pending.pop()
        distances = measure_from_chord(points[first : last + 1])
        place = first + int(distances.argmax())
        if distances.max() > _BEND and first < place < last:
            pending += [(place, last), (first, place)]
        else:
            kept.append(last)
    return kept


def _reach_over(x: Floats) -> Floats:
    """Horizontal overlap of what comes before each point with what comes after it."""
    before = np.maximum.accumulate(x)
    after = np.minimum.accumulate(x[::-1])[::-1]
    return np.asarray(before - after)


def _find_separating(x: Floats, y: Floats) -> NDArray[np.bool_]:
    """Whether each point separates two parts as high as digits, one left of the other."""
    high = np.minimum(_heights(y), _heights(y[::-1])[::-1])
    return np.asarray((_reach_over(x) <= _OVERLAP) & (high >= _LOWEST))


def _find_intervals(possible: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First and last index of each interval of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], possible, [False]]).astype(int)))
    return [(int(first), int(end) - 1) for first, end in edges.reshape(-1, 2)]


def _corners(x: Floats, y: Floats, interval: tuple[int, int]) -> list[int]:
    """The first and last index of an interval, and its sharpest corner, or else its middle."""
    first, last = interval
    if last - first < _APART:
        return [(first + last) // 2]
    if last - first < 2 * _APART:
        return [first, last]
    at = np.arange(first + _APART, last - _APART + 1)
    back, on = np.maximum(at - 2, 0), np.minimum(at + 2, len(x) - 1)
    incoming = np.arctan2(y[at] - y[back], x[at] - x[back])
    outgoing = np.arctan2(y[on] - y[at], x[on] - x[at])
    turns = np.abs((outgoing - incoming + np.pi) % (2 * np.pi) - np.pi)
    sharpest = int(turns.argmax())
    middle = int(at[sharpest]) if turns[sharpest] > _CORNER_WITHIN else (first + last) // 2
    return [first, middle, last]
