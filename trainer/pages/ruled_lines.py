"""Removes ruled lines of a level page: ruled and squared paper, tables, frames; ink across stays.

Lines are found by morphology, as runs of ink in one direction: they are many, end anywhere, and are
bent on a photo. The lines about a single digit, which may lean, are found by the Hough transform
(`trainer.drawing.photos.binarization`).
"""

from __future__ import annotations

import cv2
import numpy as np

from trainer.drawing.photos.preparation import Floats, Mask
from trainer.drawing.rasterize import Pixels

_LEAST_LENGTH = 2.4
"""A line is longer than this, in heights of a digit."""
_LEVEL_LENGTH = 0.6
"""It is level for so long at a time: on a photo, lines lean by a few degrees, each its own way."""
_LEAST_RUN = 15
"""Both are no less than this, in pixels."""
_MOST_SLOPE = 0.12
"""And a line rises or falls by less than this, of its length."""
_LEAST_SIDE, _NEAR = 1.2, 4
"""The side of a box is longer than this, in heights, and both its ends are so many pixels, or less,
from a line across it."""
_THICKEST = 0.35
"""What is as thick as this, in heights, is no ruled line, but a table beyond the paper."""
_INK_CONTRAST = 1.5
"""Ink on a line has more contrast than this, as a multiple of the line's own."""
_MEASURED_STEP = 7
"""A line's thickness is measured in one of so many columns."""


def remove_ruled_lines(ink: Mask, contrast: Floats, height: float) -> Mask:
    """Remove long horizontal and vertical lines from the ink.

    Args:
        ink: bool (H, W).
        contrast: float32 (H, W).
        height: of a digit, in pixels.

    Returns:
        bool (H, W); `ink` itself where there are no lines.
    """
    transposed = ink.T, np.ascontiguousarray(contrast.T)
    none = np.zeros_like(ink)
    horizontal = _find_horizontal_lines(ink, contrast, height, none)
    vertical = _find_horizontal_lines(*transposed, height, none.T).T
    if not horizontal.any() and not vertical.any():
        return ink
    # Once more: the short sides of boxes end on lines that were found.
    all_horizontal = _find_horizontal_lines(ink, contrast, height, vertical)
    all_vertical = _find_horizontal_lines(*transposed, height, horizontal.T).T
    return ink & ~(all_horizontal | all_vertical)


def _find_horizontal_lines(ink: Mask, contrast: Floats, height: float, across: Mask) -> Mask:
    """The pixels of horizontal lines, but for those where a stroke crosses.

    Args:
        ink: bool (H, W).
        contrast: float32 (H, W).
        height: of a digit, in pixels.
        across: bool (H, W), vertical lines: what ends on two of them may be shorter.
    """
    mask = ink.astype(np.uint8)
    # Dilated first: a line that leans a little, or has gaps, is connected then.
    dilated = np.asarray(cv2.dilate(mask, np.ones((3, 3), np.uint8)), np.uint8)
    components = _find_line_components(dilated, height, across)
    if not components.any():
        return np.zeros_like(ink)
    too_thick = _open_vertically(components, max(3, round(_THICKEST * height)))
    lines = (components > 0) & (too_thick == 0) & ink
    if not lines.any():
        return np.zeros_like(ink)
    thickness = _measure_thickness(ink, lines)
    # A line's own contrast is that of its middle, not of its soft edges.
    middle = cv2.dilate(contrast, np.ones((round(thickness) | 1, 1), np.uint8))
    line_contrast = float(np.median(middle[lines]))
    # A stroke that crosses a line is longer, from top to bottom, than the line is thick.
    crossing = _open_vertically(mask, max(2, round(1.8 * thickness) + 1))
    lines |= _find_ends(components, height) & ink
    faint = contrast < _INK_CONTRAST * line_contrast
    return np.asarray(lines & (crossing == 0) & faint)


def _find_line_components(mask: Pixels, height: float, across: Mask) -> Pixels:
    """The components of horizontal runs that are long and flat enough for a line.

    Args:
        mask: uint8 (H, W) of 0 and 1, ink.
        height: of a digit, in pixels.
        across: bool (H, W), vertical lines.

    Returns:
        uint8 (H, W) of 0 and 1.
    """
    runs = _open_horizontally(mask, max(_LEAST_RUN, round(_LEVEL_LENGTH * height)) | 1)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(runs, connectivity=8)
    widths, heights = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    # Beyond the page's edges a line may go on: half of it is enough.
    lefts = stats[:, cv2.CC_STAT_LEFT]
    at_edge = (lefts == 0) | (lefts + widths == mask.shape[1])
    least = max(_LEAST_RUN, round(_LEAST_LENGTH * height)) * np.where(at_edge, 0.5, 1.0)
    flat = heights <= _MOST_SLOPE * widths + _THICKEST * height
    flat &= widths >= _LEAST_SIDE * height
    is_line = flat & (widths >= least)
    if across.any():
        for label in np.flatnonzero(flat & ~is_line).tolist():
            left, top, width, run_height, _ = stats[label].tolist()
            rows = np.s_[max(0, top - _NEAR) : top + run_height + _NEAR]
            right = left + width
            ends = (max(0, left - _NEAR), left + _NEAR), (right - _NEAR, right + _NEAR)
            is_line[label] = all(across[rows, first:last].any() for first, last in ends)
    is_line[0] = False
    return np.asarray(is_line[labels], np.uint8)


def _find_ends(components: Pixels, height: float) -> Mask:
    """Where lines go on beyond their components: at its very end a line is level for less.

    Args:
        components: uint8 (H, W) of 0 and 1, of horizontal lines.
        height: of a digit, in pixels.

    Returns:
        bool (H, W), the places around their ends.
    """
    ends = np.zeros(components.shape, bool)
    reach = round(_LEVEL_LENGTH * height)
    rise = round(_MOST_SLOPE * reach) + 1
    count, labels, stats, _ = cv2.connectedComponentsWithStats(components, connectivity=8)
    for label in range(1, count):
        left, top, width, line_height, _ = stats[label].tolist()
        line = labels[top : top + line_height, left : left + width] == label
        for end, columns in ((left, np.s_[:4]), (left + width, np.s_[-4:])):
            rows = top + np.flatnonzero(line[:, columns].any(axis=1))
            first, last = max(0, int(rows[0]) - rise), int(rows[-1]) + rise + 1
            ends[first:last, max(0, end - reach) : end + reach] = True
    return ends


def _open_vertically(mask: Pixels, length: int) -> Pixels:
    """Vertical runs of at least `length` pixels in uint8 (H, W) of 0 and 1: an opening."""
    kernel = np.ones((length, 1), np.uint8)
    return np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, kernel), np.uint8)


def _open_horizontally(mask: Pixels, length: int) -> Pixels:
    """Horizontal runs of at least `length` pixels, which is odd, in uint8 (H, W) of 0 and 1.

    An opening by two box filters, whose time does not grow with the length, as that of OpenCV's
    own does. Beyond its edges the mask goes on as it is there.
    """
    size, anchor = (length, 1), (-1, -1)
    count = cv2.boxFilter(
        mask, cv2.CV_32S, size, anchor=anchor, normalize=False, borderType=cv2.BORDER_REPLICATE
    )
    eroded = (count == length).astype(np.uint8)
    dilated = cv2.boxFilter(
        eroded, cv2.CV_32S, size, anchor=anchor, normalize=False, borderType=cv2.BORDER_CONSTANT
    )
    return np.asarray(dilated > 0, np.uint8)


def _measure_thickness(ink: Mask, lines: Mask) -> float:
    """The median length in pixels of the vertical runs of ink that have a pixel of `lines`."""
    columns = np.flatnonzero(lines.any(axis=0))[::_MEASURED_STEP]
    lengths: list[int] = []
    for column in columns.tolist():
        changes = np.diff(np.concatenate([[0], ink[:, column].astype(np.int8), [0]]))
        starts, ends = np.flatnonzero(changes == 1), np.flatnonzero(changes == -1)
        lengths += [
            int(end - start)
            for start, end in zip(starts, ends, strict=True)
            if lines[start:end, column].any()
        ]
    return float(np.median(lengths)) if lengths else 1.0
