"""A run's history as arrays: smoothed, thinned to what a screen can show, its best and its plateau.

A hundred thousand points are taken over once and not again for every picture;
knows neither matplotlib nor Qt.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from trainer.runs import History

Values = NDArray[np.float64]
COLUMNS = ("epochs", "steps", "seconds", "losses", "accuracies", "learning_rates")
"""A history's columns, as its fields are called; the first three are what it is drawn against."""

SPLITS = ("train", "validation")
ONE_CLASS = 0.13
"""Accuracy up to which a network of ten classes gives one answer: 11.35 % are MNIST's ones."""

_FIRST_ROOM = 256
_NEGLIGIBLE = 1e-9


class Points:
    """One split's columns, which only grow; float64, `count` values each."""

    def __init__(self) -> None:
        self._values = np.empty((len(COLUMNS), _FIRST_ROOM))
        self.count = 0

    def take(self, history: History, split: str) -> None:
        """Take over what came since the last time."""
        lists = [getattr(history, name)[split] for name in COLUMNS]
        length = min(map(len, lists))
        if length < self.count or not self._continues(lists):
            # A run that was taken up again did some of it anew. Whoever holds
            # the earlier arrays, to save them say, keeps them as they were.
            self._values, self.count = np.empty((len(COLUMNS), _FIRST_ROOM)), 0
        if length > self._values.shape[1]:
            grown = np.empty((len(COLUMNS), max(length, 2 * self._values.shape[1])))
            grown[:, : self.count] = self._values[:, : self.count]
            self._values = grown
        for row, values in zip(self._values, lists, strict=True):
            row[self.count : length] = values[self.count : length]
        self.count = length

    def _continues(self, lists: list[list[float]]) -> bool:
        last = self.count - 1
        if last < 0:
            return True
        there = [values[last] for values in lists]
        return np.array_equal(self._values[:, last], there, equal_nan=True)

    def column(self, name: str) -> Values:
        """One of `COLUMNS`, float64 (count,); a view that later points do not change."""
        return self._values[COLUMNS.index(name), : self.count]

    def still(self) -> Points:
        """The same points, for another thread: later ones are not added to them."""
        same = Points.__new__(Points)
        same._values, same.count = self._values, self.count
        return same


class Series:
    """A run's curves."""

    def __init__(self, history: History | None = None) -> None:
        self.train, self.validation = Points(), Points()
        if history is not None:
            self.take(history)

    def take(self, history: History) -> None:
        """Take over what came since the last time."""
        self.train.take(history, "train")
        self.validation.take(history, "validation")

    def still(self) -> Series:
        """The same curves as they are now, for another thread."""
        same = Series.__new__(Series)
        same.train, same.validation = self.train.still(), self.validation.still()
        return same

    def best(self) -> int | None:
        """Which validation point has the highest accuracy, the first of several; None if none."""
        accuracies = self.validation.column("accuracies")
        return int(accuracies.argmax()) if len(accuracies) else None


def smoothed(values: Values, weight: float) -> Values:
    """The exponential moving average, as TensorBoard's.

    Args:
        values: float64 (N,), finite.
        weight: 0 (none) to less than 1; each point's share is `weight` times
            the next one's. The first points are corrected for what is not there
            before them.

    Returns:
        float64 (N,).
    """
    if weight <= 0 or len(values) < 2:
        return values
    # Sums of the last 1, 2, 4, 8 ... points, each made of two of the one before.
    sums, reach, factor = values * (1 - weight), 1, weight
    while reach < len(values) and factor > _NEGLIGIBLE:
        longer = sums.copy()
        longer[reach:] += factor * sums[:-reach]
        sums, reach, factor = longer, reach * 2, factor * factor
    begun = min(len(values), reach)  # beyond, nothing to speak of is missing
    sums[:begun] /= 1 - weight ** np.arange(1, begun + 1)
    return sums


def thinned(x: Values, y: Values, low: float, high: float, columns: int) -> NDArray[np.intp]:
    """Which points to draw: the lowest and highest of each column of the screen.

    Args:
        x: float64 (N,), rising.
        y: float64 (N,).
        low, high: the range of x that is seen.
        columns: how many columns that is, at least 1.

    Returns:
        intp (M,), rising; M is about 2 * `columns` at most, or all points seen
        where they are few. The neighbours just outside are among them, so that
        lines go on to the edge.
    """
    first = max(0, int(np.searchsorted(x, low, "left")) - 1)
    end = min(len(x), int(np.searchsorted(x, high, "right")) + 1)
    if end - first <= 3 * columns or high <= low:
        return np.arange(first, end)
    column = ((x[first:end] - low) * (columns / (high - low))).astype(np.intp)
    starts = np.flatnonzero(np.diff(column, prepend=column[0] - 1))
    lengths = np.diff(starts, append=len(column))
    seen = y[first:end]
    found = [np.array([0, len(column) - 1])]
    for extreme in (np.minimum, np.maximum):
        at = np.flatnonzero(seen == np.repeat(extreme.reduceat(seen, starts), lengths))
        found.append(at[np.diff(column[at], prepend=-2) != 0])  # the first of equal ones
    kept: NDArray[np.intp] = np.unique(np.concatenate(found)) + first
    return kept


class Plateau(NamedTuple):
    """The part of a run's beginning in which it gives one answer for all, in epochs."""

    start: float
    end: float


def plateau(history: History | Series) -> Plateau | None:
    """Where accuracy stays at one class for the first epoch, or for most of it, or longer.

    None where it climbs sooner, as nearly all runs do.
    """
    train = (history if isinstance(history, Series) else Series(history)).train
    epochs = train.column("epochs")
    if not len(epochs):
        return None
    # A single batch may be right by chance: the mean of a tenth of an epoch is looked at.
    an_epoch = max(int(np.searchsorted(epochs, 1.0, "right")), 1)
    accuracies, looked, stays = train.column("accuracies"), 0, 0
    while stays == looked < len(epochs):  # nearly all runs have climbed in the first part
        looked = min(len(epochs), 2 * looked + an_epoch)
        above = smoothed(accuracies[:looked], max(0.0, 1 - 10 / an_epoch)) > ONE_CLASS
        stays = int(above.argmax()) if above.any() else looked
    if not stays or epochs[stays - 1] < 0.75:
        return None
    return Plateau(0.0, float(epochs[stays - 1]))
