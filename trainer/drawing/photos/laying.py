"""Lays ink found on a photo on 28x28 as MNIST has it, its line brought to MNIST's width."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from trainer.drawing.photos.ink import Bits, Floats, FoundInk
from trainer.drawing.rasterize import (
    BOX,
    FINE,
    GRID,
    SIDE,
    Pixels,
    center_by_mass,
    find_center_start,
)

THINNEST, THICKEST = 2.0, 2.6
"""Lines thinner or thicker than this, in pixels of 28, are brought to it, as MNIST's are."""
_FINEST = 0.04
"""Ink of thinner lines than this, in pixels of 28, is dust or a texture."""
_WIDEST = 0.6
"""The widest place of a digit's ink, of its longer side: more is a blot."""
_FAINTEST = 0.15
"""What has less of a small picture's ink is paper."""
_SHARPER = 2
"""What is shown has this many times the pixels of the fine drawing."""


@dataclass(frozen=True, slots=True, eq=False)
class Laid:
    """FoundInk as the network reads it."""

    image: Pixels  # uint8 (28, 28)
    fine: Pixels  # uint8 (GRID, GRID), 0 or 255: what the image is the average of
    line: float  # the pen's width on the photo, in pixels of 28, before it was changed

    def show(self) -> Pixels:
        """The same for people, uint8 (448, 448)."""
        left, top = find_center_start(self.fine)
        side = SIDE * FINE * _SHARPER
        move = np.array([[_SHARPER, 0.0, -_SHARPER * left], [0.0, _SHARPER, -_SHARPER * top]])
        soft = cv2.GaussianBlur(self.fine, (0, 0), 0.8)
        return np.asarray(cv2.warpAffine(soft, move, (side, side), flags=cv2.INTER_CUBIC))


def lay(
    ink: FoundInk,
    mask: Bits,
    *,
    narrower: float = 1.0,
    line: tuple[float, float] = (THINNEST, THICKEST),
) -> Laid | None:
    """The ink in `mask`, fitted into 20x20 and centered by its mass.

    Args:
        ink: all ink.
        mask: bool (H, W), the digit's.
        narrower: by what its width is multiplied, for a digit that was stretched.
        line: least and greatest width of the line, in pixels of 28.

    Returns:
        None where it is dust, or a blot.
    """
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    # Beyond a picture's edge is paper.
    soft = np.pad(ink.soft, 8)
    mask = np.pad(mask, 8)
    part = np.s_[rows[0] : rows[-1] + 17, columns[0] : columns[-1] + 17]
    soft, mask = soft[part], mask[part]
    near = cv2.dilate(mask.astype(np.uint8), np.ones((5, 5), np.uint8))
    # Where nothing is soft, the mask decides; ink of other blobs is not taken.
    drawn = np.where(near > 0, np.where(mask, np.maximum(soft, 0.51), soft), 0).astype(np.float32)
    box = (8, 8, 8 + columns[-1] - columns[0] + 1, 8 + rows[-1] - rows[0] + 1)
    fine = draw_at_scale(drawn, box, 0, narrower)
    inside = cv2.distanceTransform(fine, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    own = measure_line(fine)
    if own < _FINEST or 2 * float(inside.max()) > _WIDEST * BOX * FINE:
        return None
    fine = even_line(
        fine, lambda grow: draw_at_scale(drawn, box, grow, narrower), line, keep_thin=True
    )
    if not fine.any():
        return None
    return Laid(center_by_mass(fine), fine, own)


def lay_grays(soft: Floats, narrower: float = 1.0) -> Laid | None:
    """Ink in its grays, as of a picture of so few pixels that they are all there is of its line.

    Args:
        soft: float32 (H, W), 0 to 1, paper about the digit or none, and nothing else.
        narrower: see `lay`.

    Returns:
        None where there is no ink.
    """
    inked = soft > _FAINTEST
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    if not len(rows):
        return None
    high, wide = rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1
    scale = BOX * FINE / max(high, wide * narrower)
    across = scale * narrower
    left, top = (GRID - across * wide) / 2, (GRID - scale * high) / 2
    move = np.array(
        [
            [across, 0, left - across * (columns[0] - 0.5) - 0.5],
            [0, scale, top - scale * (rows[0] - 0.5) - 0.5],
        ]
    )
    fine = np.rint(255 * cv2.warpAffine(soft, move, (GRID, GRID))).astype(np.uint8)
    line = measure_line(np.where(fine > 127, 255, 0).astype(np.uint8))
    return Laid(center_by_mass(fine), fine, line)


def draw_at_scale(
    ink: Floats, box: tuple[Any, ...], margin: float, narrower: float = 1.0
) -> Pixels:
    """Ink or none, uint8 (GRID, GRID), as `rasterize.center_by_mass` takes it, fitted to its box.

    Args:
        ink: 0 to 1.
        box: left, top, right, bottom of the digit.
        margin: fine pixels that ink will then be grown by, or shrunk if below 0.
        narrower: see `lay`.
    """
    left, top, right, bottom = (float(b) for b in box)
    scale = (BOX * FINE - 2 * margin) / max((right - left) * narrower, bottom - top)
    across = scale * narrower
    move = np.array(
        [
            [across, 0, GRID / 2 - across * (left + right - 1) / 2],
            [0, scale, GRID / 2 - scale * (top + bottom - 1) / 2],
        ]
    )
    if scale < 1:  # nothing between two pixels must be lost
        peak = cv2.dilate(ink, np.ones((3, 3), np.uint8)) if scale < 0.4 else ink
        ink = np.asarray(cv2.GaussianBlur(peak, (0, 0), 0.45 / scale), np.float32)
    fine = cv2.warpAffine(ink, move, (GRID, GRID), flags=cv2.INTER_CUBIC)
    return np.asarray(np.where(fine > 0.5, 255, 0), np.uint8)


def measure_line(fine: Pixels) -> float:
    """The pen's width in pixels of 28x28: a line has twice its area over its outline."""
    outlines, _ = cv2.findContours(fine, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    around = sum(cv2.arcLength(outline, True) for outline in outlines)
    return 2 * np.count_nonzero(fine) / max(around, 1.0) / FINE


def even_line(
    fine: Pixels,
    draw: Callable[[float], Pixels],
    line: tuple[float, float] = (THINNEST, THICKEST),
    *,
    keep_thin: bool = False,
) -> Pixels:
    """Ink drawn again so that its line is no thinner or thicker than MNIST's.

    Args:
        fine: uint8 (GRID, GRID), 0 or 255.
        draw: draws the same with room for so many fine pixels that it will then be grown by, or
            shrunk if below 0.
        line: least and greatest width of the line, in pixels of 28.
        keep_thin: whether a line's own middle stays, however thin it is there.
    """
    width = measure_line(fine)
    target = min(max(width, line[0]), line[1])
    grow = 0.0
    for _ in range(3):  # a wider line leaves less room for the digit, and so is thinner again
        if abs(width - target) < 0.1:
            break
        grow += (target - width) * FINE / 2
        fine = _grow(draw(grow), grow, keep_thin)
        width = measure_line(fine)
    return fine


def _grow(fine: Pixels, by: float, keep_thin: bool) -> Pixels:
    """Ink grown, or shrunk if `by` is below 0, by that many fine pixels on every side."""
    if by > 0:
        apart = cv2.distanceTransform(255 - fine, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        return np.asarray(np.where(apart <= by, 255, 0), np.uint8)
    inside = cv2.distanceTransform(fine, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    left = inside > -by
    if keep_thin:
        left |= (inside >= cv2.dilate(inside, np.ones((3, 3), np.uint8))) & (inside > 2)
    return np.asarray(np.where(left, 255, 0), np.uint8)


def is_laid_out(image: Pixels) -> bool:
    """Whether a picture, uint8 (28, 28), ink light, is laid out as MNIST's are.

    Black ground, the ink's longer side 20 and its center of mass in the middle, each within
    what saving it in another format may change.
    """
    strong = int(image.max())
    if strong < 128:
        return False
    ring = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])
    if float(np.median(ring)) > 12 or float(np.percentile(ring, 95)) > 60:
        return False
    inked = image > 0.12 * strong
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    longest = max(rows[-1] - rows[0], columns[-1] - columns[0]) + 1
    mass = np.where(inked, image, 0).astype(np.float64)
    places = np.arange(SIDE) - (SIDE - 1) / 2
    total = mass.sum()
    off = max(abs(mass.sum(axis=1) @ places), abs(mass.sum(axis=0) @ places)) / total
    return bool(18 <= longest <= 21 and off < 1.3)
