"""Calibration of a network's probabilities, and accuracy when uncertain answers are rejected.

`fit_temperature` calibrates; `calibration_curve` and `rejection_curve` are parts of a report.
Guo, Pleiss, Sun, Weinberger, "On Calibration of Modern Neural Networks", ICML 2017: logits divided
by a temperature, fitted on validation images, keep their order and so every answer, and give
calibrated probabilities.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from trainer.translation import N_

BINS = 15
"""Bins of equal width for confidences, as in the paper."""
_LOWEST, _HIGHEST, _COUNT = 0.2, 5.0, 161  # temperatures that are compared
_STRIDE = 32  # of the first search among them; a power of two


def fit_temperature(logits: Tensor, labels: Tensor) -> float:
    """The temperature at which the labels are most likely, from 0.2 to 5.

    Args:
        logits: float, (N, classes), of images that were not trained on.
        labels: int64, (N,).
    """
    temperatures: list[float]
    temperatures = torch.logspace(math.log10(_LOWEST), math.log10(_HIGHEST), _COUNT).tolist()
    losses: dict[int, float] = {}

    def loss(number: int) -> float:
        if number not in losses:
            losses[number] = float(F.cross_entropy(logits / temperatures[number], labels))
        return losses[number]

    # The loss is convex in the inverse of the temperature, so it has one minimum, which a search
    # with ever smaller strides finds.
    best = min(range(0, _COUNT, _STRIDE), key=loss)
    stride = _STRIDE
    while stride > 1:
        stride //= 2
        near = (best - stride, best, best + stride)
        best = min((number for number in near if 0 <= number < _COUNT), key=loss)
    return round(temperatures[best], 4)


Floats = NDArray[np.float64]

BY_SCORES = N_("difference of the two best scores")
BY_PROBABILITIES = N_("difference of the two best probabilities")
_ROUND_ERRORS = (0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001)


@dataclass(frozen=True, slots=True)
class Bin:
    """The answers whose probability is above `low` and at most `high`."""

    low: float
    high: float
    confidence: float | None  # mean probability of those answers; None if there are none
    accuracy: float | None
    count: int


@dataclass(frozen=True, slots=True, eq=False)
class Rejection:
    """A rejection curve: accuracy against the share of images that is answered.

    Point k rejects all answers whose margin is below `thresholds[k]`.
    """

    rule: str  # what the margin is, for people
    thresholds: Floats  # (K,), falling
    shares: Floats  # (K,), of the images that are answered, rising to 1
    accuracies: Floats  # (K,), of those

    def rejected_share_for(self, error: float) -> float | None:
        """The least share to reject so that at most `error` (0 to 1) of the rest are misread.

        None if no threshold achieves that.
        """
        good = np.flatnonzero(1 - self.accuracies <= error + 1e-12)
        return float(1 - self.shares[good[-1]]) if len(good) else None

    def thinned(self, most: int, start: float = 0.0) -> Rejection:
        """At most `most` points from the share `start` on, with the first and the last."""
        if len(self.shares) <= most:
            return self
        even_shares = np.linspace(max(start, float(self.shares[0])), 1, most)
        kept = np.unique(np.searchsorted(self.shares, even_shares).clip(0, len(self.shares) - 1))
        parts = (self.thresholds, self.shares, self.accuracies)
        return Rejection(self.rule, *(part[kept] for part in parts))


def calibration_curve(confidences: Floats, right: NDArray[np.bool_]) -> tuple[Bin, ...]:
    """Sort answers into bins of equal width by their probability.

    Args:
        confidences: (N,), the probability of each answer, 0 to 1.
        right: (N,), whether it is correct.
    """
    place = np.ceil(confidences * BINS).clip(1, BINS).astype(np.int64) - 1
    counts = np.bincount(place, minlength=BINS)
    sums = np.bincount(place, confidences, BINS), np.bincount(place, right, BINS)
    return tuple(
        Bin(
            n / BINS,
            (n + 1) / BINS,
            float(sums[0][n] / counts[n]) if counts[n] else None,
            float(sums[1][n] / counts[n]) if counts[n] else None,
            int(counts[n]),
        )
        for n in range(BINS)
    )


def calibration_error(bins: tuple[Bin, ...]) -> float:
    """The expected calibration error: the mean gap of confidence and accuracy, 0 to 1."""
    gaps = (
        bin.count * abs(bin.confidence - bin.accuracy)
        for bin in bins
        if bin.confidence is not None and bin.accuracy is not None
    )
    return sum(gaps) / sum(bin.count for bin in bins)


def rejection_curve(margins: Floats, right: NDArray[np.bool_], rule: str) -> Rejection:
    """The rejection curve, with one point for each margin that occurs.

    Args:
        margins: (N,), how certain each answer is.
        right: (N,), whether it is correct.
        rule: what the margin is, for people.
    """
    order = np.argsort(-margins, kind="stable")
    falling = margins[order]
    last = np.append(np.flatnonzero(np.diff(falling)), len(falling) - 1)  # of each margin
    answered = last + 1
    return Rejection(
        rule, falling[last], answered / len(margins), right[order].cumsum()[last] / answered
    )


def rejection_floor(curves: list[Rejection]) -> float:
    """The lower end of an axis of accuracies: a little below all of these curves.

    The first 5 % of the answers are ignored: they are too few.
    """
    least = min(float(c.accuracies[c.shares >= min(0.05, c.shares[-1])].min()) for c in curves)
    return max(0.0, 1 - (1 - least) * 1.15 - 0.001)


def rejection_start(curves: list[Rejection]) -> float:
    """The lower end of an axis of shares: a little before the first error of these curves."""
    starts = [c.shares[c.accuracies < 1] for c in curves]
    first = min((float(s[0]) for s in starts if len(s)), default=0.0)
    return max(0.0, math.floor((first - 0.05) * 10) / 10)


def choose_error_level(curves: list[Rejection]) -> float:
    """The largest round error rate at which each of these curves rejects some images."""
    least = min(1 - float(curve.accuracies[-1]) for curve in curves)
    return next((error for error in _ROUND_ERRORS if error < least), _ROUND_ERRORS[-1])
