"""Takes away printed lines: ruled and squared paper, tables, frames; ink across them stays."""

from __future__ import annotations

import cv2
import numpy as np

from trainer.drawing.rasterize import Pixels
from trainer.pages.ink import Floats, Mask

_LONG = 2.4
"""A line is longer than this, in heights of a digit."""
_DARKER = 1.5
"""Ink on a line is darker than this, as a multiple of the line's own contrast."""


def remove_rulings(ink: Mask, contrast: Floats, height: float) -> Mask:
    """The ink without long level or upright lines.

    Args:
        ink: bool (H, W).
        contrast: float32 (H, W).
        height: a digit's, in pixels.
    """
    length = max(15, round(_LONG * height))
    level = _lines(ink, contrast, length, height)
    upright = _lines(ink.T, np.ascontiguousarray(contrast.T), length, height).T
    lines = level | upright
    return ink & ~lines if lines.any() else ink


def _lines(ink: Mask, contrast: Floats, length: int, height: float) -> Mask:
    """Pixels of level lines, but for those where a stroke goes across."""
    given = ink.astype(np.uint8)
    # A line that leans a little, or is broken, still is one: thicken before looking for it.
    thick = cv2.dilate(given, np.ones((3, 3), np.uint8))
    # Beyond the edges a line may go on: half of it is enough.
    if int(cv2.reduce(thick, 1, cv2.REDUCE_SUM, dtype=cv2.CV_32S).max()) < length // 2:
        return np.zeros_like(ink)
    runs = _open_level(np.asarray(thick, np.uint8), length | 1)
    if not runs.any():
        return np.zeros_like(ink)
    # What is as thick as a stroke's many lines is no ruling, such as a table beyond the paper.
    tall = cv2.morphologyEx(runs, cv2.MORPH_OPEN, np.ones((max(3, round(0.35 * height)), 1)))
    found = (runs > 0) & (tall == 0) & ink
    if not found.any():
        return np.zeros_like(ink)
    thickness = _thickness(ink, found)
    own = float(np.median(contrast[found]))
    # Ink that goes on above and below beyond the line's thickness goes across.
    across = cv2.morphologyEx(
        given, cv2.MORPH_OPEN, np.ones((max(2, round(1.8 * thickness) + 1), 1), np.uint8)
    )
    return np.asarray(found & (across == 0) & (contrast < _DARKER * own))


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
