"""Takes away printed lines: ruled and squared paper, tables, frames; ink across them stays."""

from __future__ import annotations

import cv2
import numpy as np

from trainer.drawing.rasterize import Pixels
from trainer.pages.ink import Floats, Mask

_LONG = 2.4
"""A line is longer than this, in heights of a digit."""
_LEVEL = 0.6
"""It is level for so long at a time: on a photo, lines lean by a few degrees, each its own way."""
_STEEP = 0.12
"""And rises or falls less than this, of its length."""
_SIDE, _NEAR = 1.2, 4
"""Or than this, where it ends on a line at both ends, so many pixels away at most: a box's side."""
_THICK = 0.35
"""What is as thick as this, in heights, is no ruling, such as a table beyond the paper."""
_DARKER = 1.5
"""Ink on a line is darker than this, as a multiple of the line's own contrast."""


def remove_rulings(ink: Mask, contrast: Floats, height: float) -> Mask:
    """The ink without long level or upright lines.

    Args:
        ink: bool (H, W).
        contrast: float32 (H, W).
        height: a digit's, in pixels.
    """
    turned = ink.T, np.ascontiguousarray(contrast.T)
    none = np.zeros_like(ink)
    level, upright = _lines(ink, contrast, height, none), _lines(*turned, height, none.T).T
    if not level.any() and not upright.any():
        return ink
    # The short sides of boxes end on lines that were found.
    sides = _lines(ink, contrast, height, upright), _lines(*turned, height, level.T).T
    return ink & ~(sides[0] | sides[1])


def _lines(ink: Mask, contrast: Floats, height: float, across: Mask) -> Mask:
    """Pixels of level lines, but for those where a stroke goes across.

    Args:
        ink: bool (H, W).
        contrast: float32 (H, W).
        height: a digit's, in pixels.
        across: bool (H, W), lines the other way: what ends on two of them may be shorter.
    """
    given = ink.astype(np.uint8)
    # A line that leans a little, or is broken, still is one: thicken before looking for it.
    thick = cv2.dilate(given, np.ones((3, 3), np.uint8))
    runs = _join_level(np.asarray(thick, np.uint8), height, across)
    if not runs.any():
        return np.zeros_like(ink)
    tall = cv2.morphologyEx(runs, cv2.MORPH_OPEN, np.ones((max(3, round(_THICK * height)), 1)))
    found = (runs > 0) & (tall == 0) & ink
    if not found.any():
        return np.zeros_like(ink)
    thickness = _thickness(ink, found)
    # The line's own contrast is that of its middle, not of its soft edges.
    core = cv2.dilate(contrast, np.ones((round(thickness) | 1, 1), np.uint8))
    own = float(np.median(core[found]))
    # Ink that goes on above and below beyond the line's thickness goes across.
    beyond = cv2.morphologyEx(
        given, cv2.MORPH_OPEN, np.ones((max(2, round(1.8 * thickness) + 1), 1), np.uint8)
    )
    found |= _ends(runs, height) & ink
    return np.asarray(found & (beyond == 0) & (contrast < _DARKER * own))


def _join_level(mask: Pixels, height: float, across: Mask) -> Pixels:
    """Nearly level lines in 0 or 1 (H, W): runs that hang together, long and low enough."""
    runs = _open_level(mask, max(15, round(_LEVEL * height)) | 1)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(runs, connectivity=8)
    wide, high = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    # Beyond the edges a line may go on: half of it is enough.
    left = stats[:, cv2.CC_STAT_LEFT]
    at_edge = (left == 0) | (left + wide == mask.shape[1])
    least = max(15, round(_LONG * height)) * np.where(at_edge, 0.5, 1.0)
    low = (high <= _STEEP * wide + _THICK * height) & (wide >= _SIDE * height)
    lines = low & (wide >= least)
    if across.any():
        for n in np.flatnonzero(low & ~lines).tolist():
            x, y, w, h, _ = stats[n].tolist()
            rows = np.s_[max(0, y - _NEAR) : y + h + _NEAR]
            ends = (max(0, x - _NEAR), x + _NEAR), (x + w - _NEAR, x + w + _NEAR)
            lines[n] = all(across[rows, first:last].any() for first, last in ends)
    lines[0] = False
    return np.asarray(lines[labels], np.uint8)


def _ends(lines: Pixels, height: float) -> Mask:
    """Where level lines in 0 or 1 (H, W) go on: at its very end a line is level for less."""
    found = np.zeros(lines.shape, bool)
    reach = round(_LEVEL * height)
    lean = round(_STEEP * reach) + 1
    count, labels, stats, _ = cv2.connectedComponentsWithStats(lines, connectivity=8)
    for n in range(1, count):
        x, y, wide, high, _ = stats[n].tolist()
        part = labels[y : y + high, x : x + wide] == n
        for end, inner in ((x, np.s_[:4]), (x + wide, np.s_[-4:])):
            rows = y + np.flatnonzero(part[:, inner].any(axis=1))
            top, bottom = max(0, int(rows[0]) - lean), int(rows[-1]) + lean + 1
            found[top:bottom, max(0, end - reach) : end + reach] = True
    return found


def _open_level(mask: Pixels, length: int) -> Pixels:
    """Level runs of at least `length` pixels, which is odd, in 0 or 1 (H, W).

    As OpenCV's own opening, whose time grows with the length.
    """
    size, middle = (length, 1), (-1, -1)
    kept = cv2.boxFilter(
        mask, cv2.CV_32S, size, anchor=middle, normalize=False, borderType=cv2.BORDER_REPLICATE
    )
    whole = (kept == length).astype(np.uint8)
    grown = cv2.boxFilter(
        whole, cv2.CV_32S, size, anchor=middle, normalize=False, borderType=cv2.BORDER_CONSTANT
    )
    return np.asarray(grown > 0, np.uint8)


def _thickness(ink: Mask, lines: Mask) -> float:
    """The usual length of the upright runs of ink that lines are made of, in pixels."""
    columns = np.flatnonzero(lines.any(axis=0))[::7]
    lengths: list[int] = []
    for column in columns.tolist():
        runs = np.diff(np.concatenate([[0], ink[:, column].astype(np.int8), [0]]))
        starts, ends = np.flatnonzero(runs == 1), np.flatnonzero(runs == -1)
        lengths += [
            int(b - a) for a, b in zip(starts, ends, strict=True) if lines[a:b, column].any()
        ]
    return float(np.median(lengths)) if lengths else 1.0
