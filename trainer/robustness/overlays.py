"""What is laid over a distorted digit: a scribble, and pixels inverted.

Knows no networks.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from trainer.drawing.rasterize import FINE, GRID, SIDE, Pixels, as_points, averaged, draw_at, fitted
from trainer.handwriting.non_digits import write_non_digit
from trainer.robustness.distortions import Distortion

_EDGE = (GRID - SIDE * FINE) / 2
"""Where the 28x28 begin on the fine drawing of what is fitted, each way."""


def overlaid(picture: Pixels, how: Distortion) -> Pixels:
    """With the scribble over it, then with pixels inverted; the same again for the same seed."""
    if how.scribble:
        picture = np.maximum(picture, scribble(how.seed, how.scribble))
    if how.noise:
        # The field does not depend on the probability: with more of it, more are inverted,
        # and those that were stay so.
        field = np.random.default_rng(how.seed).random(picture.shape)
        picture = np.where(field < how.noise, 255 - picture, picture)
    return picture


def scribble(seed: int, share: float) -> Pixels:
    """The first `share` (0 to 1) of a scribble's line, where and as large as a digit is.

    One of `trainer.handwriting.scribbles`, in an order and a hand that the seed decides.

    Returns:
        uint8 (28, 28).
    """
    xy, widths, lengths = _scribble(seed)
    along = _along(xy, lengths)
    most = share * along[-1]
    kept: list[NDArray[np.float64]] = []
    broad: list[NDArray[np.float64]] = []
    begin = 0
    for length in lengths:
        if along[begin] <= most:
            part = slice(begin, begin + length)
            kept.append(_up_to(most, xy[part], along[part]))
            broad.append(np.full(len(kept[-1]), widths[begin]))
        begin += length
    fine = draw_at(np.concatenate(kept), np.concatenate(broad), [len(k) for k in kept], GRID)
    return averaged(fine, _EDGE, _EDGE)


def _up_to(most: float, xy: NDArray[np.float64], along: NDArray[np.float64]) -> NDArray[np.float64]:
    """A stroke's points until so much line is drawn, and where it then ends, between two."""
    drawn = max(1, int(np.searchsorted(along, most, side="right")))
    if drawn == len(xy):
        return xy
    a, b = drawn - 1, drawn
    rest = (most - along[a]) / max(along[b] - along[a], 1e-9)
    return np.vstack([xy[:drawn], xy[a] + rest * (xy[b] - xy[a])])


@lru_cache(maxsize=256)
def _scribble(seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64], list[int]]:
    """A whole one's places and widths in fine pixels, and the points of each stroke."""
    mark = write_non_digit(np.random.default_rng((seed, 1)), "scribbles")
    lines = [as_points(stroke) for stroke in mark.strokes]
    xy, widths = fitted(lines, mark.width, 0.0)
    return xy, widths, [len(line) for line in lines]


def _along(xy: NDArray[np.float64], lengths: list[int]) -> NDArray[np.float64]:
    """How much line, of all strokes one after the other, is drawn when each point is reached."""
    steps = np.hypot(*np.diff(xy, axis=0, prepend=xy[:1]).T)
    begins = np.cumsum([0, *lengths[:-1]])
    steps[begins] = 0.0  # the pen is lifted
    return np.asarray(np.cumsum(steps))
