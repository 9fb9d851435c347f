"""Two networks on the same images: where they differ, and whether that may be chance.

McNemar, "Note on the sampling error of the difference between correlated
proportions or percentages", Psychometrika 12(2), 1947; here the exact test.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.evaluation.report import Report

Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Numbers of the images by who reads them rightly; ascending."""

    both: Indices
    only_first: Indices
    only_second: Indices
    neither: Indices

    @property
    def p_value(self) -> float:
        """How probable it is that equally good networks differ at least so much, 0 to 1."""
        return exact_p(len(self.only_first), len(self.only_second))

    @property
    def verdict(self) -> str:
        """The same in words."""
        if not len(self.only_first) and not len(self.only_second):
            return "Both read the same images rightly."
        p = self.p_value
        told = "p < 0.001" if p < 0.001 else f"p = {p:.3f}" if p < 0.1 else f"p = {p:.2f}"
        if p >= 0.05:
            return f"So small a difference may be chance ({told}, McNemar's exact test)."
        return f"The difference is hardly chance ({told}, McNemar's exact test)."


def compare(first: Report, second: Report) -> Comparison:
    """Who reads which images rightly.

    Raises:
        ValueError: they are about different images.
    """
    if first.images is not second.images and not (
        np.array_equal(first.labels, second.labels) and np.array_equal(first.images, second.images)
    ):
        raise ValueError("the two reports are about different images")
    a, b = first.right, second.right
    parts = (a & b, a & ~b, ~a & b, ~a & ~b)
    return Comparison(*(np.flatnonzero(part) for part in parts))


def exact_p(first: int, second: int) -> float:
    """Of a fair coin thrown `first + second` times: how probable so uneven a result is."""
    thrown = first + second
    tail = sum(math.comb(thrown, k) for k in range(min(first, second) + 1))
    return min(1.0, 2 * tail / (1 << thrown))
