"""Tells ink from paper on a picture of several digits, in any light and of either polarity.

As `trainer.drawing.photos`, whose steps it uses: the logarithm of brightness, the color axis that
tells ink from paper, and the paper's brightness by a morphological opening. What differs has its
reason: a page's digits are small beside it, so that paper is what is wider than a fifth of it, and
its polarity and color are found on all of it, not mainly in its middle. All its ink is of about
one contrast, so that two thresholds, with hysteresis, are enough; of one digit on a photo several
are tried, and the best candidate is taken.
"""

from __future__ import annotations

import cv2
import numpy as np

from trainer.drawing.photos.binarization import keep_seeded_components
from trainer.drawing.photos.contrast import estimate_background, find_ink_axis
from trainer.drawing.photos.preparation import Floats, Mask, compute_log_brightness, scale_size
from trainer.drawing.rasterize import Pixels

_LEAST_CONTRAST = 0.12
"""Ink differs from paper by this at least, in logarithms. Of gray ink that is 0.07 in each of the
three colors: a 15th of the brightness. Between many digits there are also fainter marks."""
_WIDEST_INK = 0.22
"""What is narrower than this, of the shorter side, is not paper but ink on it."""
_BACKGROUND_SIDE = 300
"""Most pixels of the shorter side at which the paper's brightness is estimated."""
_AXIS_SIDE, _AXIS_STEP = 800, 7
"""The color of ink is found at this longer side, from one of so many pixels."""
_AXIS_BLUR = 0.08
"""From the difference to the mean of what is around it: sigma, of the shorter side."""
_STRONG, _WEAK = 0.35, 0.25
"""The two thresholds, of the ink's mean contrast."""
_BINS = 128
"""Of the histogram that ink and other marks are told apart by."""


def measure_contrast(colors: Pixels) -> Floats:
    """Measure how much each pixel differs from the paper around it, toward ink.

    Args:
        colors: uint8 (H, W, 3).

    Returns:
        float32 (H, W), in logarithms of brightness: 0 for paper, more for ink.
    """
    brightness = compute_log_brightness(np.asarray(cv2.GaussianBlur(colors, (0, 0), 0.7), np.uint8))
    inkiness = np.asarray(brightness @ _estimate_ink_axis(brightness), np.float32)
    scale = min(1.0, _BACKGROUND_SIDE / min(inkiness.shape))
    size = scale_size(inkiness.shape, scale)
    contrast = inkiness - estimate_background(inkiness, size, _WIDEST_INK)
    return np.asarray(contrast - np.median(contrast[::3, ::3]), np.float32)


def _estimate_ink_axis(brightness: Floats) -> Floats:
    """The direction from paper to ink in the logarithms of three colors.

    Args:
        brightness: float32 (H, W, 3), as `compute_log_brightness` gives it.

    Returns:
        float32 (3,), of length 1.
    """
    size = scale_size(brightness.shape, min(1.0, _AXIS_SIDE / max(brightness.shape[:2])))
    small = np.asarray(cv2.resize(brightness, size, interpolation=cv2.INTER_AREA), np.float32)
    deviations = small - _blur_widely(small, max(2.0, _AXIS_BLUR * min(size)))
    axis, third_moment = find_ink_axis(deviations.reshape(-1, 3)[::_AXIS_STEP])
    return axis if third_moment >= 0 else -axis


def _blur_widely(pixels: Floats, sigma: float) -> Floats:
    """Blur (H, W, C) by a Gaussian, computed on fewer pixels: in a hundredth of the time."""
    height, width = pixels.shape[:2]
    step = max(1, int(sigma / 4))
    size = (max(1, width // step), max(1, height // step))
    reduced = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    blurred = cv2.GaussianBlur(reduced, (0, 0), sigma / step)
    return np.asarray(cv2.resize(blurred, (width, height)), np.float32)


def find_thresholds(contrast: Floats) -> tuple[float, float]:
    """Find the strong and the weak threshold for `threshold_with_hysteresis`.

    Args:
        contrast: float32 (H, W), of the page.

    Returns:
        In the contrast's unit; both are infinite where nothing is written.
    """
    # The median of |x| is σ / 1.48 of a normal distribution.
    noise = 1.48 * float(np.median(np.abs(contrast[::3, ::3])))
    floor = max(5 * noise, _LEAST_CONTRAST)
    marks = contrast[contrast > floor]
    if not marks.size:
        return np.inf, np.inf
    ink = float(marks[marks > _find_otsu_threshold(marks)].mean())
    return max(floor, _STRONG * ink), max(floor, _WEAK * ink)


def _find_otsu_threshold(values: Floats) -> float:
    """The value that divides two classes best, such as a form's lines and ink (Otsu, 1979)."""
    edges = np.histogram_bin_edges(values, _BINS)
    bins = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, _BINS - 1)
    threshold, _ = cv2.threshold(bins.astype(np.uint8), 0, 1, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    return float(edges[int(threshold) + 1])


def threshold_with_hysteresis(contrast: Floats, thresholds: tuple[float, float]) -> Mask:
    """Binarize a page: fainter ink counts where it is connected with stronger.

    Args:
        contrast: float32 (H, W).
        thresholds: the strong and the weak one.

    Returns:
        bool (H, W).
    """
    strong, weak = thresholds
    return keep_seeded_components(contrast > weak, contrast > strong)
