"""Draws a part of a page's ink as MNIST would have shown it: 28x28, its line no thinner or thicker.

See `trainer.drawing.rasterize` for what MNIST does.
"""

from __future__ import annotations

import cv2
import numpy as np

from trainer.drawing.photos.laying import measure_line
from trainer.drawing.rasterize import BOX, FINE, GRID, SIDE, Pixels, center_by_mass
from trainer.pages.ink import Floats, Mask

THINNEST, THICKEST = 2.0, 2.6
"""Lines thinner or thicker than this, in pixels of 28, are brought to it, as MNIST's are."""


def draw_image(contrast: Floats, mask: Mask) -> Pixels:
    """One digit as the network reads it.

    Args:
        contrast: float32 (H, W), 0 for paper.
        mask: bool (H, W), the digit's ink, a part of what has contrast.

    Returns:
        uint8 (28, 28), 0 paper and 255 full ink; all paper where the mask is empty.
    """
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return np.zeros((SIDE, SIDE), np.uint8)
    part = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    inside = np.pad(mask[part], 2)
    near = cv2.dilate(inside.astype(np.uint8), np.ones((3, 3), np.uint8))
    core = max(float(np.percentile(contrast[part][mask[part]], 75)), 1e-6)
    # Half the ink's own contrast is its edge; fainter ink that hangs together with it is ink too.
    share = np.maximum(np.pad(contrast[part], 2) / core, 0.75 * inside)
    ink = np.asarray(np.clip(share, 0, 1) * near, np.float32)
    size = max(len(mask[part]), mask[part].shape[1])
    fine = _at_scale(ink, size, 0.0)
    width = measure_line(fine)
    target = min(max(width, THINNEST), THICKEST)
    grow = 0.0
    for _ in range(3):  # a wider line leaves less room for the digit, and so is thinner again
        if abs(width - target) < 0.1:
            break
        grow += (target - width) * FINE / 2
        fine = _grown(_at_scale(ink, size, grow), grow)
        width = measure_line(fine)
    return center_by_mass(fine) if fine.any() else np.zeros((SIDE, SIDE), np.uint8)


def _at_scale(ink: Floats, longest: int, margin: float) -> Pixels:
    """Ink or none, uint8 (GRID, GRID), fitted to the box.

    Args:
        ink: 0 to 1, with a margin of 2 pixels.
        longest: of the ink's two sides.
        margin: fine pixels that ink will then be grown by, or shrunk if below 0.
    """
    scale = (BOX * FINE - 2 * margin) / longest
    height, width = ink.shape
    move = np.array(
        [
            [scale, 0, GRID / 2 - scale * (width - 1) / 2],
            [0, scale, GRID / 2 - scale * (height - 1) / 2],
        ]
    )
    if scale < 1:  # nothing between two pixels must be lost
        ink = np.asarray(cv2.GaussianBlur(ink, (0, 0), 0.45 / scale), np.float32)
    fine = cv2.warpAffine(ink, move, (GRID, GRID), flags=cv2.INTER_CUBIC)
    return np.asarray(np.where(fine > 0.5, 255, 0), np.uint8)


def _grown(fine: Pixels, by: float) -> Pixels:
    """Ink grown, or shrunk, by that many fine pixels on every side."""
    if by > 0:
        apart = cv2.distanceTransform(255 - fine, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        return np.asarray(np.where(apart <= by, 255, 0), np.uint8)
    inside = cv2.distanceTransform(fine, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.asarray(np.where(inside > -by, 255, 0), np.uint8)
