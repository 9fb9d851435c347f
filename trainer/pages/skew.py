"""Measures the skew of a page, the angle by which its rows are turned, and removes it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from trainer.drawing.photos.preparation import Floats, Mask

Matrix = NDArray[np.float64]
"""Of an affine transform, (2, 3)."""

_MOST_SKEW = 20.0
"""Degrees either way that are tried."""
_COARSE_STEP, _FINE_STEP = 1.0, 0.1
"""Between the angles that are tried, in degrees."""
_LEAST_SKEW = 0.3
"""Degrees that a page is rotated by at least: a smaller skew is no worse to read, and to rotate
blurs."""
_LEAST_GAIN = 1.1
"""And the profile must be so much sharper at the angle, as a multiple."""
_MOST_PIXELS = 20_000
"""About so many pixels of ink are projected."""


def measure_skew(ink: Mask, height: float) -> float:
    """Measure the angle by which rows of digits and ruled lines rise.

    Projects the ink along each angle; where rows lie along it, the profile, which is the number of
    pixels in each row, is sharpest (Postl, "Detection of linear oblique structures and skew scan in
    digitized documents", 1986).

    Args:
        ink: bool (H, W).
        height: of a digit, in pixels.

    Returns:
        Degrees counterclockwise, -21 to 21; 0 for what is too little to rotate a page by.
    """
    y, x = np.nonzero(ink)
    if not len(x):
        return 0.0
    step = max(1, len(x) // _MOST_PIXELS)
    x, y = x[::step].astype(np.float64), y[::step].astype(np.float64)

    def measure_sharpness(angle: float, bin_height: float) -> float:
        radians = np.radians(angle)
        rows = ((y * np.cos(radians) + x * np.sin(radians)) / bin_height).astype(np.int64)
        profile = np.bincount(rows - rows.min()).astype(np.float64)
        return float((profile**2).sum())

    coarse, fine = max(1.0, height / 8), max(1.0, height / 32)
    angles = np.arange(-_MOST_SKEW, _MOST_SKEW + _COARSE_STEP / 2, _COARSE_STEP).tolist()
    best = max(angles, key=lambda angle: measure_sharpness(angle, coarse))
    angles = np.arange(best - 1, best + 1 + _FINE_STEP / 2, _FINE_STEP).tolist()
    best = max(angles, key=lambda angle: measure_sharpness(angle, fine))
    if abs(best) < _LEAST_SKEW:
        return 0.0
    level = measure_sharpness(0.0, coarse)
    return 0.0 if measure_sharpness(best, coarse) < _LEAST_GAIN * level else float(best)


def remove_skew(contrast: Floats, angle: float) -> tuple[Floats, Matrix]:
    """Rotate a page about its middle, onto paper large enough for all of it.

    Args:
        contrast: float32 (H, W).
        angle: degrees by which its rows rise, as `measure_skew` gives it.

    Returns:
        float32 of another shape, and the matrix from its pixels back to the given ones'.
    """
    height, width = contrast.shape
    if angle == 0.0:
        return contrast, np.eye(2, 3)
    rotation = cv2.getRotationMatrix2D((width / 2, height / 2), -angle, 1.0)
    matrix: Matrix = np.asarray(rotation, np.float64)
    cos, sin = abs(matrix[0, 0]), abs(matrix[0, 1])
    size = (int(height * sin + width * cos) + 1, int(height * cos + width * sin) + 1)
    matrix[:, 2] += (np.array(size, np.float64) - (width, height)) / 2
    level = cv2.warpAffine(contrast, matrix, size, flags=cv2.INTER_LINEAR)
    return np.asarray(level, np.float32), np.asarray(cv2.invertAffineTransform(matrix))
