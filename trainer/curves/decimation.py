"""Min-max decimation: the lowest and highest point of each column of pixels.

A curve grows at its end. Results are kept, so that the cost of new points depends on their number,
that of another range on the number of columns, and neither on the number of all points. Knows
neither matplotlib nor Qt.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Indices = NDArray[np.intp]

_BLOCKS = (256, 16)  # points of a block; the larger ones first
_FEW = 4  # columns, for which a loop is faster
_MOST = 5  # points of a column, with both ends, and more
_ENOUGH = 4  # blocks in a column: then hardly a point is assigned to a neighboring column


def _find_visible(x: Values, low: float, high: float) -> tuple[int, int]:
    """First index and end of the points in a range, with a neighbor on each side."""
    first = max(0, int(np.searchsorted(x, low, "left")) - 1)
    return first, min(len(x), int(np.searchsorted(x, high, "right")) + 1)


def _extremes(x: Values, y: Values, low: float, density: float) -> Indices:
    """The lowest and highest point of each column of width 1 / `density`; at least one point."""
    column = ((x - low) * density).astype(np.intp)
    starts = np.concatenate(([0], np.flatnonzero(column[1:] != column[:-1]) + 1))
    extremes = np.empty((len(starts), 2), np.intp)
    if len(starts) < _FEW:  # of a growing curve, the last one or two
        for row, start, end in zip(extremes, starts, (*starts[1:], len(y)), strict=True):
            part = y[start:end]
            row[:] = sorted((start + part.argmin(), start + part.argmax()))
    else:
        lengths = np.diff(starts, append=len(y))
        for row, extreme in zip(extremes.T, (np.minimum, np.maximum), strict=True):
            at = np.flatnonzero(y == np.repeat(extreme.reduceat(y, starts), lengths))
            row[:] = at[np.searchsorted(at, starts)]  # the first of equal ones
        extremes.sort(1)
    return _without_repeats(extremes.ravel())


def _without_repeats(rising: Indices) -> Indices:
    return rising[np.concatenate(([True], rising[1:] != rising[:-1]))]


class _Blocks:
    """The lowest and highest point of each `size` points, computed once."""

    def __init__(self, size: int) -> None:
        self.size, self.count = size, 0
        self._pairs = np.empty((64, 2), np.intp)

    def grow(self, y: Values) -> None:
        """Add the complete blocks among the new points at the end."""
        whole = len(y) // self.size
        if whole <= self.count:
            return
        if whole > len(self._pairs):
            grown = np.empty((max(whole, 2 * len(self._pairs)), 2), np.intp)
            grown[: self.count] = self._pairs[: self.count]
            self._pairs = grown
        first = self.count * self.size
        rows = y[first : whole * self.size].reshape(-1, self.size)
        begins = np.arange(first, whole * self.size, self.size)
        lowest, highest = begins + rows.argmin(1), begins + rows.argmax(1)
        self._pairs[self.count : whole, 0] = np.minimum(lowest, highest)
        self._pairs[self.count : whole, 1] = np.maximum(lowest, highest)
        self.count = whole

    def within(self, first: int, end: int) -> Indices:
        """The extremes of all blocks within a range, and all points of blocks that its ends cut."""
        begin, stop = -(-first // self.size), min(end // self.size, self.count)
        if begin >= stop:
            return np.arange(first, end)
        ends = np.arange(first, begin * self.size), np.arange(stop * self.size, end)
        return np.concatenate((ends[0], self._pairs[begin:stop].ravel(), ends[1]))


class MinMaxDecimator:
    """Chooses the points of one growing curve to draw, for one range at a time."""

    def __init__(self) -> None:
        self._blocks = [_Blocks(size) for size in _BLOCKS]
        self._request: tuple[float, float, int] | None = None
        self._kept: Indices = np.empty(0, np.intp)
        self._thin = False  # whether points are left out
        self._count = 0  # points at that time

    def choose(
        self, x: Values, y: Values, low: float, high: float, columns: int
    ) -> tuple[Indices, int]:
        """Which points to draw: the lowest and highest of each column of the screen.

        Args:
            x: float64 (N,), rising; since the last time only added to, at the end.
            y: float64 (N,), likewise.
            low, high: the visible range of x.
            columns: how many columns of pixels that is, at least 1.

        Returns:
            intp (M,), rising, and how many of the first are the same as the last time.
            M is about 2 * `columns` at most, or all visible points where they are few. The
            neighbors just outside are included, so that lines reach the edge. Where columns have
            many points, a block across a border may be assigned to one side only.
        """
        request = (low, high, columns)
        if request != self._request:
            self._request, self._thin, self._kept = request, False, self._kept[:0]
        elif self._count == len(x):
            return self._kept, len(self._kept)
        self._count = len(x)
        if self._thin:
            same = self._append(x, y, low, high, columns)
            return self._kept, same
        first, end = _find_visible(x, low, high)
        if end - first <= 3 * columns or high <= low:
            # A visible line of few points only gets longer.
            same = len(self._kept) if first in self._kept[:1] else 0
            self._kept = np.arange(first, end)
            return self._kept, same
        among = self._candidates(y, first, end, columns)
        new = among[_extremes(x[among], y[among], low, columns / (high - low))]
        # The line's ends are drawn too, whatever their columns hold.
        self._kept = _without_repeats(np.concatenate((among[:1], new, among[-1:])))
        self._thin = True
        return self._kept, 0

    def _append(self, x: Values, y: Values, low: float, high: float, columns: int) -> int:
        """Add new points, from the last column on; returns how many points are unchanged."""
        density = columns / (high - low)
        tail = self._kept[-_MOST - 1 :]
        column = ((x[tail] - low) * density).astype(np.intp)
        stands = int(np.searchsorted(column, column[-1], "left"))
        # The column's first point need not be among its extremes: look back for it.
        before = int(tail[stands - 1]) + 1 if stands else int(tail[0])
        end = min(len(x), before + int(np.searchsorted(x[before:], high, "right")) + 1)
        new = _extremes(x[before:end], y[before:end], low, density) + before
        if stands:  # the previous column is complete
            new = new[((x[new] - low) * density).astype(np.intp) >= column[-1]]
        same = max(1, len(self._kept) - len(tail) + stands)  # the line's beginning stands
        parts = self._kept[:same], new, np.array([end - 1])
        self._kept = _without_repeats(np.concatenate(parts))
        return same

    def _candidates(self, y: Values, first: int, end: int, columns: int) -> Indices:
        """A superset of the extremes of all columns."""
        for blocks in self._blocks:
            if end - first >= _ENOUGH * blocks.size * columns:
                blocks.grow(y)
                return blocks.within(first, end)
        return np.arange(first, end)
