"""Finds by how much the rows on a page lean, and turns them level."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from trainer.pages.ink import Floats, Mask

_MOST = 20.0
"""Degrees either way that are looked at."""
_POINTS = 20_000
Matrix = NDArray[np.float64]


def measure_skew(ink: Mask, height: float) -> float:
    """The angle in degrees, counterclockwise, by which rows of digits and ruled lines rise.

    Projects the ink along each angle; where rows lie along it, the profile is
    sharpest (Postl, "Detection of linear oblique structures and skew scan in digitized
    documents", 1986).

    Args:
        ink: bool (H, W).
        height: a digit's, in pixels.
    """
    y, x = np.nonzero(ink)
    if not len(x):
        return 0.0
    step = max(1, len(x) // _POINTS)
    x, y = x[::step].astype(np.float64), y[::step].astype(np.float64)

    def sharpness(angle: float, step: float) -> float:
        turned = np.radians(angle)
        rows = ((y * np.cos(turned) + x * np.sin(turned)) / step).astype(np.int64)
        profile = np.bincount(rows - rows.min()).astype(np.float64)
        return float((profile**2).sum())

    coarse, fine = max(1.0, height / 8), max(1.0, height / 32)
    best = max(np.arange(-_MOST, _MOST + 0.5, 1.0).tolist(), key=lambda a: sharpness(a, coarse))
    near = np.arange(best - 1, best + 1.05, 0.1).tolist()
    best = max(near, key=lambda angle: sharpness(angle, fine))
    # A little leaning is no worse to read, and turning blurs.
    plain = abs(best) < 0.3 or sharpness(best, coarse) < 1.1 * sharpness(0.0, coarse)
    return 0.0 if plain else float(best)


def turn(contrast: Floats, angle: float) -> tuple[Floats, Matrix]:
    """The page turned level about its middle, on paper large enough for all of it.

    Returns:
        float32 of another shape, and the 2x3 matrix from its pixels back to the given ones'.
    """
    height, width = contrast.shape
    if angle == 0.0:
        return contrast, np.eye(2, 3)
    turned = cv2.getRotationMatrix2D((width / 2, height / 2), -angle, 1.0)
    matrix: Matrix = np.asarray(turned, np.float64)
    cos, sin = abs(matrix[0, 0]), abs(matrix[0, 1])
    size = (int(height * sin + width * cos) + 1, int(height * cos + width * sin) + 1)
    matrix[:, 2] += (np.array(size, np.float64) - (width, height)) / 2
    level = cv2.warpAffine(contrast, matrix, size, flags=cv2.INTER_LINEAR)
    return np.asarray(level, np.float32), np.asarray(cv2.invertAffineTransform(matrix))
