"""Tells ink from paper on a photo or scan of any light, dark on light or light on dark.

Works in logarithms of brightness, in which a shadow adds the same to paper and ink. A part of the
ink is drawn as MNIST would have shown it; see `trainer.drawing.rasterize` for what MNIST does.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from trainer.drawing.photos.components import BoundingBox
from trainer.drawing.photos.size_normalization import adjust_stroke_width, resample_ink
from trainer.drawing.rasterize import SIDE, Pixels, center_by_mass

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

_DARKEST = 20.0
"""Added to brightness before its logarithm: the noise of black is no contrast."""
_LEAST_CONTRAST = 0.12
"""Ink differs from paper by this at least, in logarithms: a ninth of the brightness."""
_PAPER = 0.22
"""What is narrower than this, of the shorter side, is not paper but ink on it."""
_STEP = 7
"""Of so many pixels one is enough to find the color of ink."""
_PAPER_SIDE = 300
"""The shorter side, in pixels, at which the paper's light is found: it changes slowly."""


def measure_contrast(colors: NDArray[np.uint8]) -> Floats:
    """How much each pixel differs from the paper about it, toward ink.

    Args:
        colors: uint8, shape (H, W, 3).

    Returns:
        float32, shape (H, W): 0 for paper, in logarithms of brightness.
    """
    logs = np.log(cv2.GaussianBlur(colors, (0, 0), 0.7).astype(np.float32) + _DARKEST)
    inkiness = np.asarray(logs @ _ink_axis(logs), np.float32)
    height, width = inkiness.shape
    scale = min(1.0, _PAPER_SIDE / min(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(inkiness, size, interpolation=cv2.INTER_AREA)
    side = max(3, round(_PAPER * min(size)))
    kernel = np.ones((side, side), np.uint8)
    paper = cv2.morphologyEx(small, cv2.MORPH_OPEN, kernel, borderType=cv2.BORDER_REPLICATE)
    paper = cv2.dilate(paper, np.ones((3, 3), np.uint8))  # making it small blurred its edges
    contrast = inkiness - cv2.resize(paper, (width, height))
    return np.asarray(contrast - np.median(contrast[::3, ::3]), np.float32)


def _ink_axis(logs: Floats) -> Floats:
    """The direction in (log) color from paper to ink, float32 (3,), of length 1."""
    height, width = logs.shape[:2]
    scale = min(1.0, 800 / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(logs, size, interpolation=cv2.INTER_AREA)
    apart = small - _blur(np.asarray(small, np.float32), max(2.0, 0.08 * min(size)))
    apart = apart.reshape(-1, 3)[::_STEP]
    _, directions = np.linalg.eigh(apart.T @ apart)
    axis = directions[:, -1]
    # Ink is the lesser part of what is seen, and the more different one.
    skew = float(((apart @ axis) ** 3).sum())
    return np.asarray(axis if skew >= 0 else -axis, np.float32)


def _blur(pixels: Floats, sigma: float) -> Floats:
    """A Gaussian blur; a wide one of fewer pixels, in a hundredth of the time."""
    height, width = pixels.shape[:2]
    step = max(1, int(sigma / 4))
    small = (max(1, width // step), max(1, height // step))
    reduced = cv2.resize(pixels, small, interpolation=cv2.INTER_AREA)
    blurred = cv2.GaussianBlur(reduced, (0, 0), sigma / step)
    return np.asarray(cv2.resize(blurred, (width, height)), np.float32)


def find_levels(contrast: Floats) -> tuple[float, float]:
    """What is ink for sure, and what is ink where it hangs together with such: two contrasts.

    Both are above all contrast there is where nothing is written.
    """
    noise = 1.48 * float(np.median(np.abs(contrast[::3, ::3])))
    floor = max(5 * noise, _LEAST_CONTRAST)
    inked = contrast[contrast > floor]
    if not inked.size:
        return np.inf, np.inf
    usual = float(inked[inked > _split(inked)].mean())
    return max(floor, 0.35 * usual), max(floor, 0.25 * usual)


def _split(values: Floats) -> float:
    """The value that divides two kinds best, such as lines of a form and ink (Otsu, 1979)."""
    counts, edges = np.histogram(values, 128)
    middles = (edges[:-1] + edges[1:]) / 2
    below, sums = np.cumsum(counts), np.cumsum(counts * middles)
    above = below[-1] - below
    both = (below > 0) & (above > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = sums / below - (sums[-1] - sums) / above
        between = np.where(both, below * above * apart**2, 0.0)
    return float(edges[int(np.argmax(between)) + 1]) if both.any() else -np.inf


def find_ink(contrast: Floats, levels: tuple[float, float]) -> Mask:
    """Where ink is, bool (H, W): fainter ink counts where it hangs together with darker."""
    high, low = levels
    weak = (contrast > low).astype(np.uint8)
    count, labels = cv2.connectedComponents(weak, connectivity=8)
    strong = np.zeros(count, bool)
    strong[labels[contrast > high]] = True
    strong[0] = False
    return np.asarray(strong[labels])


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
    box = BoundingBox(2, 2, ink.shape[1] - 2, ink.shape[0] - 2)
    fine = adjust_stroke_width(
        resample_ink(ink, box, 0), lambda margin: resample_ink(ink, box, margin)
    )
    return center_by_mass(fine) if fine.any() else np.zeros((SIDE, SIDE), np.uint8)
