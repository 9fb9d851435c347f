"""Turns contrast into masks of ink: global, local and hysteresis thresholds; printed lines removed.

Lengths are in pixels of the photo at hand. How a page of several digits differs: there is one
threshold of contrast for all (`trainer.pages.binarization`), and its printed lines, which are many
and end anywhere, are recognized by the known height of its digits (`trainer.pages.ruled_lines`).
Of one digit on a photo neither the height nor the contrast is known: several thresholds are tried,
and a line is printed if it goes from edge to edge.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from trainer.drawing.photos.contrast import Contrast
from trainer.drawing.photos.preparation import Floats, Mask
from trainer.drawing.rasterize import Pixels

Point = tuple[int, int]
"""x, y."""
Segment = tuple[Point, Point]
"""Both ends of a straight line."""

_LEAST_LINE_VOTES = 0.45
"""A line may be printed if it has ink over this length, of the photo's shorter side."""
_THICKEST_LINE = 0.035
"""A printed line is no thicker than this, of the photo's shorter side."""
_MOST_LINES = 60
_FITTED_PIXELS = 400
"""A line is fitted to about so many pixels: more take time, and make it no better."""
_MOST_SKEW = 16.0
"""Printed lines are within so many degrees of horizontal or vertical."""
_MOST_BLUR = 0.38
"""Beside ink there is no more than this share of its contrast."""


@dataclass(frozen=True, slots=True, eq=False)
class BinarizedInk:
    """What was taken for ink, with its soft edges."""

    mask: Mask  # (H, W)
    coverage: Floats  # (H, W), how much of a pixel is inked, 0 to 1; 0.5 on ink's edge


def has_sharp_edges(contrast: Contrast, mask: Mask) -> bool:
    """Whether contrast falls off beside the ink in bool (H, W), unlike a cloud's, slowly."""
    reach = 2 * round(2.5 + 1.7 * contrast.scale) + 1
    kernel = np.ones((reach, reach), np.uint8)
    ink = mask.astype(np.uint8)
    ring = cv2.dilate(ink, kernel) - cv2.dilate(ink, kernel[2:, 2:])
    outside = contrast.values[ring > 0]
    if not len(outside):
        return True
    inside = float(np.median(contrast.values[mask]))
    return float(np.median(outside)) < _MOST_BLUR * inside


# Thresholds


def threshold_globally(contrast: Contrast, threshold: float) -> BinarizedInk:
    """Take for ink what has more contrast than one threshold, in logarithms of brightness."""
    mask = contrast.values > threshold
    scale = np.float32(0.5 / max(threshold, 1e-6))
    return BinarizedInk(mask, np.clip(contrast.values * scale, 0, 1))


def threshold_locally(
    contrast: Contrast, lowest: float, seed: float, highest: float = np.inf
) -> BinarizedInk:
    """Take for ink what has half of the contrast of the ink around it, so that ink may fade.

    Args:
        contrast: of the photo.
        lowest: least local threshold.
        seed: contrast that each component of ink has somewhere.
        highest: greatest local threshold, for faint ink beside strong.
    """
    values = contrast.values
    # Wide enough to reach from an edge, which enlarging blurred, into the stroke.
    reach = 2 * max(5, round(1.2 * contrast.scale)) + 1
    peak = cv2.dilate(values, np.ones((reach, reach), np.uint8))
    peak = np.minimum(cv2.blur(peak, (reach, reach)), np.float32(2 * highest))
    coverage = np.clip(values / np.maximum(peak, np.float32(2 * lowest)), 0, 1)
    mask = keep_seeded_components(coverage > 0.5, values > seed)
    return BinarizedInk(mask, np.asarray(coverage, np.float32))


def keep_seeded_components(mask: Mask, seeds: Mask) -> Mask:
    """The 8-connected components of `mask` that have a pixel of `seeds`, both bool (H, W).

    With a low threshold's mask and a high one's as seeds, this is thresholding with hysteresis
    (Canny, "A Computational Approach to Edge Detection", 1986).
    """
    count, labels = cv2.connectedComponents(mask.astype(np.uint8), connectivity=8)
    kept = np.zeros(count, bool)
    kept[labels[seeds]] = True
    kept[0] = False
    return np.asarray(kept[labels])


# Printed lines


def remove_printed_lines(ink: BinarizedInk) -> BinarizedInk | None:
    """Remove thin, straight lines from edge to edge: of ruled and squared paper, and tables.

    Returns:
        The ink that is left, whole where it crossed a line; None where there is no such line, or
        nothing else.
    """
    side = min(ink.mask.shape)
    thickest = max(9, round(_THICKEST_LINE * side)) | 1
    mask = ink.mask.astype(np.uint8)
    bold = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((thickest, thickest), np.uint8))
    thin: Pixels = mask & (1 - np.asarray(bold, np.uint8))
    if np.count_nonzero(thin) < side:
        return None
    segments = _find_lines(thin)
    if not segments:
        return None
    removed = _find_line_pixels(mask, thin, segments, thickest)
    kept = mask & (1 - removed)
    if not removed.any() or not kept.any():
        return None
    return BinarizedInk(kept.astype(bool), ink.coverage * (1 - removed))


def _find_lines(thin: Pixels) -> list[Segment]:
    """Nearly horizontal or vertical lines from edge to edge, those of most ink first.

    By the Hough transform of uint8 (H, W) of 0 and 1.
    """
    votes = round(_LEAST_LINE_VOTES * min(thin.shape))
    resolution = np.pi / 360
    segments: list[Segment] = []
    horizontal, skew = np.pi / 2, np.radians(_MOST_SKEW)
    ranges = (horizontal - skew, horizontal + skew), (0, skew), (np.pi - skew, np.pi)
    for low, high in ranges:
        lines = cv2.HoughLines(thin * 255, 1, resolution, votes, min_theta=low, max_theta=high)
        for rho, theta in [] if lines is None else lines.reshape(-1, 2)[:_MOST_LINES].tolist():
            normal = np.array([np.cos(theta), np.sin(theta)])
            direction = np.array([-normal[1], normal[0]])
            segment = _clip_line(rho * normal, direction, thin.shape)
            segments += [segment] if segment else []
    return segments


def _find_line_pixels(mask: Pixels, thin: Pixels, segments: list[Segment], thickest: int) -> Pixels:
    """The pixels of printed lines, without those where a stroke crosses one.

    Args:
        mask: uint8 (H, W) of 0 and 1, all ink.
        thin: the same, ink that is no thicker than `thickest`.
        segments: lines that may be printed.
        thickest: greatest thickness of a line, in pixels.

    Returns:
        uint8 (H, W) of 0 and 1.
    """
    distances = np.asarray(cv2.distanceTransform(mask, cv2.DIST_L2, 3), np.float32)
    removed, examined = np.zeros_like(mask), np.zeros_like(mask)
    for segment in segments:
        (x1, y1), (x2, y2) = segment
        middle = (y1 + y2) // 2, (x1 + x2) // 2
        if examined[y1, x1] + examined[y2, x2] + examined[middle] >= 2:
            continue  # another vote for the same line
        band, fitted = _fit_line(thin, segment)
        cv2.line(examined, *fitted, 1, thickest)
        cv2.line(examined, *segment, 1, thickest)
        half = distances[band & (thin > 0)]
        thickness = 2 * float(np.median(half)) if len(half) else 0.0
        if thickness <= thickest and _is_inked(mask, fitted):
            strip = np.zeros_like(mask)
            cv2.line(strip, *fitted, 1, round(thickness) + 4)
            removed |= strip & (1 - _find_crossing_strokes(mask, fitted, thickness))
    return removed


def _find_crossing_strokes(mask: Pixels, segment: Segment, thickness: float) -> Pixels:
    """Ink, uint8 (H, W) of 0 and 1, that reaches beyond a line of `thickness` on its sides."""
    (x1, y1), (x2, y2) = segment
    length = round(1.5 * thickness) + 4
    kernel = np.ones((length, 1) if abs(x2 - x1) > abs(y2 - y1) else (1, length), np.uint8)
    return np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, kernel), np.uint8)


def _fit_line(thin: Pixels, segment: Segment) -> tuple[Mask, Segment]:
    """Fit a line from edge to edge to the ink, uint8 (H, W) of 0 and 1, that is near another one.

    Returns:
        Where ink is near it, bool (H, W); and the line.
    """
    band = np.zeros_like(thin)
    for width in (9, 5):
        band[:] = 0
        cv2.line(band, *segment, 1, width)
        found = cv2.findNonZero(band & thin)
        if found is None or len(found) < 2:
            break
        points = found[:: len(found) // _FITTED_PIXELS + 1].astype(np.float32)
        dx, dy, x, y = cv2.fitLine(points, cv2.DIST_HUBER, 0, 0.01, 0.01).ravel().tolist()
        segment = _clip_line(np.array([x, y]), np.array([dx, dy]), thin.shape) or segment
    return band > 0, segment


def _clip_line(
    point: NDArray[np.float64], direction: NDArray[np.float64], shape: tuple[int, ...]
) -> Segment | None:
    """The part of the line through a point that lies on a photo of `shape`; None if none does."""
    reach = direction * sum(shape)
    one, other = (np.rint(end).astype(int).tolist() for end in (point - reach, point + reach))
    inside, first, last = cv2.clipLine((0, 0, shape[1], shape[0]), one, other)
    return ((first[0], first[1]), (last[0], last[1])) if inside else None


def _is_inked(mask: Pixels, segment: Segment) -> bool:
    """Whether a line is ink from one end to the other, but for gaps."""
    (x1, y1), (x2, y2) = segment
    count = max(abs(x2 - x1), abs(y2 - y1)) + 1
    columns = np.rint(np.linspace(x1, x2, count)).astype(int)
    rows = np.rint(np.linspace(y1, y2, count)).astype(int)
    thick = cv2.dilate(mask, np.ones((5, 5), np.uint8))
    height, width = mask.shape
    inked = thick[np.clip(rows, 0, height - 1), np.clip(columns, 0, width - 1)]
    return bool(count > 0.5 * min(mask.shape) and inked.mean() > 0.8)
