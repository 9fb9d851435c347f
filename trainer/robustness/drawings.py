"""Distort one drawing or image repeatedly; strokes are rendered again, not resampled.

Strokes are fitted into 28x28 once, as `rasterize.rasterize` does; a distortion moves the
fitted points within that frame, so that a shift or a scale is not undone by fitting.
A picture without strokes is distorted as `trainer.robustness.images` does a dataset's.
Knows no networks.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import torch
from numpy.typing import NDArray

from trainer.drawing.rasterize import (
    FINE,
    GRID,
    SIDE,
    Pixels,
    Stroke,
    as_points,
    average_area,
    center_by_mass,
    draw_at,
    draw_fitted,
    find_center_start,
    fit_to_box,
)
from trainer.robustness.distortions import Distortion
from trainer.robustness.images import move_images, overlay_scribbles

_FRAME = SIDE * FINE
"""Side of the 28x28 in fine pixels."""


class Distorter:
    """One digit, fitted to 28x28, to be distorted.

    Args:
        image: uint8 (28, 28), what is read of it undistorted.
        strokes: of which `image` was drawn by `rasterize.rasterize`; if it was not, or is
            not of strokes, the picture itself is distorted.
        smallest: as `rasterize` was given it, in the strokes' unit.
    """

    def __init__(
        self, image: Pixels, strokes: Iterable[Stroke] = (), smallest: float = 0.0
    ) -> None:
        self.image = image
        lines = [line for line in (as_points(stroke) for stroke in strokes) if len(line)]
        self._drawn = _Drawn(lines, smallest) if lines else None
        if self._drawn is not None and not np.array_equal(self._drawn.plain, image):
            self._drawn = None

    @property
    def of_strokes(self) -> bool:
        """Whether strokes are rendered again, rather than an image's pixels moved."""
        return self._drawn is not None

    def picture(self, how: Distortion) -> Pixels:
        """The digit distorted: uint8 (28, 28), 0 paper and 255 ink.

        With a distortion that does nothing it is `image` itself, value for value.
        """
        if how.nothing:
            return self.image.copy()
        picture = self.image
        if how.moves or how.width != 1.0:
            picture = self._move(how) if self._drawn is None else self._drawn.moved(how)
        return overlay_scribbles(picture, how)

    def _move(self, how: Distortion) -> Pixels:
        images = torch.from_numpy(self.image.copy())[None]
        return np.asarray(move_images(images, how)[0].numpy())


class _Drawn:
    """Strokes at their places in the 28x28, eight times as fine."""

    def __init__(self, lines: list[NDArray[np.float64]], smallest: float) -> None:
        self._lines = lines
        self._lengths = [len(line) for line in lines]
        self._xy, self._widths = fit_to_box(lines, 1.0, smallest)
        fine = draw_at(self._xy, self._widths, self._lengths, GRID)
        self._start = find_center_start(fine)
        self.plain = average_area(fine, *self._start)
        points = np.concatenate(lines)[:, :2]
        span, fine_span = float(np.ptp(points, 0).max()), float(np.ptp(self._xy, 0).max())
        self._smallest = smallest * fine_span / span if span > 0 else 0.0

    def moved(self, how: Distortion) -> Pixels:
        """The strokes moved and their lines made wider, drawn again."""
        left, top = self._start
        middle = np.array([left, top]) + _FRAME / 2
        matrix = np.array(how.matrix()).reshape(2, 2)
        about = self._xy - middle
        # One term after the other: numpy's product of matrices would wake threads for it.
        xy = about[:, :1] * matrix[:, 0] + about[:, 1:] * matrix[:, 1]
        xy += middle + np.array([how.across, how.down]) * FINE
        if how.refit:
            return self._refit(xy, how)
        # Whole fine pixels, so that what does not move lies on the same ones as before.
        corner = np.floor(self._start)
        widths = self._widths * (how.width * how.scale)
        widths = np.maximum(2 * np.rint((widths - 1) / 2) + 1, 1.0)
        fine = draw_at(xy - corner, widths, self._lengths, _FRAME + 1)
        return average_area(fine, left - float(corner[0]), top - float(corner[1]))

    def _refit(self, xy: NDArray[np.float64], how: Distortion) -> Pixels:
        pressure = np.concatenate(self._lines)[:, 2:] * how.width
        lines = np.split(np.hstack([xy, pressure]), np.cumsum(self._lengths)[:-1])
        return center_by_mass(draw_fitted(lines, 1.0, self._smallest))
