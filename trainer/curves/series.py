"""A run's history as arrays: smoothed, its best and its plateau.

A hundred thousand points are taken over once and not again for every picture;
knows neither matplotlib nor Qt.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from trainer.curves.decimation import Values

if TYPE_CHECKING:
    from trainer.training.history import History

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
        self.began = object()
        """Another one when the points so far were taken back."""

    def take(self, history: History, split: str) -> None:
        """Take over what came since the last time."""
        lists = [getattr(history, name)[split] for name in COLUMNS]
        length = min(map(len, lists))
        if length < self.count or not self._continues(lists):
            # A run that was taken up again did some of it anew. Whoever holds
            # the earlier arrays, to save them say, keeps them as they were.
            self._values, self.count = np.empty((len(COLUMNS), _FIRST_ROOM)), 0
            self.began = object()
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
        same._values, same.count, same.began = self._values, self.count, self.began
        return same


class Series:
    """A run's curves."""

    def __init__(self, history: History | None = None) -> None:
        self.train, self.validation = Points(), Points()
        self.climbed: tuple[object, Plateau | None] = None, None
        """What `plateau` found for good, of which points."""
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
        same.climbed = self.climbed
        return same

    def best(self) -> int | None:
        """Which validation point has the highest accuracy, the first of several; None if none."""
        accuracies = self.validation.column("accuracies")
        return int(accuracies.argmax()) if len(accuracies) else None


class Average:
    """The exponential moving average of values that grow, as TensorBoard's.

    Args:
        weight: 0 (none) to less than 1; each point's share is `weight` times
            the next one's. The first points are corrected for what is not there
            before them.
    """

    def __init__(self, weight: float) -> None:
        self.weight, self._count, self._sum = weight, 0, 0.0
        self._averages = np.empty(_FIRST_ROOM)

    def take(self, values: Values) -> Values:
        """Of all values; only those are looked at that came since the last time.

        Args:
            values: float64 (N,), finite; those of the last time, and more.

        Returns:
            float64 (N,); a view that later points do not change.
        """
        if self.weight <= 0:
            return values
        new = values[self._count :]
        if len(new):
            self._room_for(len(values))
            sums = _sums(new, self.weight)
            powers = self.weight ** np.arange(1, _reach(self.weight, len(new)) + 1)
            sums[: len(powers)] += self._sum * powers
            self._sum = float(sums[-1])
            self._correct(sums)
            self._averages[self._count : len(values)] = sums
            self._count = len(values)
        return self._averages[: self._count]

    def _correct(self, sums: Values) -> None:
        count = min(_reach(self.weight, self._count + len(sums)) - self._count, len(sums))
        if count > 0:  # beyond, nothing to speak of is missing
            sums[:count] /= 1 - self.weight ** np.arange(self._count + 1, self._count + count + 1)

    def _room_for(self, length: int) -> None:
        if length > len(self._averages):
            grown = np.empty(max(length, 2 * len(self._averages)))
            grown[: self._count] = self._averages[: self._count]
            self._averages = grown


def _reach(weight: float, most: int) -> int:
    """After how many points one's share is negligible; `most` at most."""
    return min(most, math.ceil(math.log(_NEGLIGIBLE) / math.log(weight)))


def _sums(values: Values, weight: float) -> Values:
    """The average as if nothing but zeros had been before; float64 (N,)."""
    # Sums of the last 1, 2, 4, 8 ... points, each made of two of the one before.
    sums, reach, factor = values * (1 - weight), 1, weight
    while reach < len(values) and factor > _NEGLIGIBLE:
        longer = sums.copy()
        longer[reach:] += factor * sums[:-reach]
        sums, reach, factor = longer, reach * 2, factor * factor
    return sums


class Plateau(NamedTuple):
    """The part of a run's beginning in which it gives one answer for all, in epochs."""

    start: float
    end: float


def find_plateau(history: History | Series) -> Plateau | None:
    """Where accuracy stays at one class for the first epoch, or for most of it, or longer.

    None where it climbs sooner, as nearly all runs do.
    """
    series = history if isinstance(history, Series) else Series(history)
    points = series.train
    known, plateau = series.climbed
    if known is points.began:
        return plateau
    epochs = points.column("epochs")
    # A single batch may be right by chance: the mean of a tenth of an epoch is looked at.
    an_epoch = max(int(np.searchsorted(epochs, 1.0, "right")), 1)
    average = Average(max(0.0, 1 - 10 / an_epoch))
    accuracies, looked, stays = points.column("accuracies"), 0, 0
    while stays == looked < len(epochs):  # nearly all runs have climbed in the first part
        looked = min(len(epochs), 2 * looked + an_epoch)
        above = average.take(accuracies[:looked]) > ONE_CLASS
        stays = int(above.argmax()) if above.any() else looked
    flat = stays > 0 and epochs[stays - 1] >= 0.75
    plateau = Plateau(0.0, float(epochs[stays - 1])) if flat else None
    if stays < looked and epochs[-1] > 1.0:  # whatever comes, its beginning stays this one
        series.climbed = points.began, plateau
    return plateau
