"""What is done to a photo before its ink is looked for.

Rotation and crop as a person has set them, resizing, the logarithm of brightness, and what lies
beyond the sheet of paper filled with the paper's color. Lengths are in pixels of the photo at hand.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from trainer.drawing.rasterize import Pixels

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

SHORTEST_SIDE = 240
"""Photos whose shorter side has fewer pixels are enlarged, so that a pen's line has some."""
_BLACK_OFFSET = 20.0
"""Added to brightness before its logarithm, or the noise of black would have a large contrast."""
_LOG_TABLE = np.log(np.arange(256, dtype=np.float32) + _BLACK_OFFSET)
_SHEET_SEARCH_SIDE = 160
"""Longer side, in pixels, at which a sheet of paper is looked for."""
_SHEET_EDGE_CONTRAST = 0.2
"""A sheet differs by this at least, in logarithms of brightness, from what is beyond it."""
_SHEET_AREA = 0.08, 0.96
"""A sheet's area lies between these shares of the photo's."""
_LEAST_RECTANGULARITY = 0.87
"""A sheet fills this share of the smallest rectangle around it, at least."""
_LEAST_SOLIDITY = 0.9
"""And this share of its convex hull."""


@dataclass(frozen=True, slots=True)
class InkSettings:
    """How ink is found, as far as a person has decided it; None: it is found automatically.

    A photo is rotated first, then cropped, and then searched.

    Attributes:
        threshold: 0 to 1: ink has more than this share of the typical contrast.
        inverted: whether ink is lighter than the paper.
        crop: left, top, right, bottom of the rotated photo, each 0 to 1 of its width or height.
        quarter_turns: number of rotations by 90 degrees clockwise.

    Raises:
        ValueError: a value out of its range, or an empty crop.
    """

    threshold: float | None = None
    inverted: bool | None = None
    crop: tuple[float, float, float, float] | None = None
    quarter_turns: int = 0

    def __post_init__(self) -> None:
        if self.threshold is not None and not 0 <= self.threshold <= 1:
            raise ValueError("the threshold must be from 0 to 1")
        if self.crop is not None:
            left, top, right, bottom = self.crop
            if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
                raise ValueError("the crop box must lie within the picture and not be empty")

    def apply(self, colors: Pixels) -> Pixels:
        """Rotate and crop a photo, uint8 (H, W, 3); at least one pixel is left."""
        rotated = np.rot90(colors, -self.quarter_turns)
        if self.crop is None:
            return np.ascontiguousarray(rotated)
        height, width = rotated.shape[:2]
        left, top = int(self.crop[0] * width), int(self.crop[1] * height)
        right = max(left + 1, round(self.crop[2] * width))
        bottom = max(top + 1, round(self.crop[3] * height))
        return np.ascontiguousarray(rotated[top:bottom, left:right])


AUTOMATIC = InkSettings()
"""Nothing is decided by a person."""


# Resizing


def scale_size(shape: tuple[int, ...], scale: float) -> tuple[int, int]:
    """Width and height, as OpenCV takes them, of an array of `shape` (H, W, ...) times `scale`."""
    height, width = shape[:2]
    return max(1, round(width * scale)), max(1, round(height * scale))


def scale_photo(colors: Pixels, scale: float) -> Pixels:
    """Resize a photo, uint8 (H, W, 3): by the mean of areas; by cubic interpolation to enlarge."""
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    resized = cv2.resize(colors, scale_size(colors.shape, scale), interpolation=interpolation)
    return np.asarray(resized)


def resize_for_search(
    colors: Pixels, *, longest: int, shortest: int = SHORTEST_SIDE
) -> tuple[Pixels, float]:
    """Resize a photo so that a pen's line has some pixels, and the search takes little time.

    Args:
        colors: uint8 (H, W, 3).
        longest: most pixels of the longer side.
        shortest: pixels of the shorter side that a smaller photo is enlarged to, as far as
            `longest` allows.

    Returns:
        uint8 (H, W, 3), and by how much it was enlarged.
    """
    height, width = colors.shape[:2]
    scale = min(1.0, longest / max(height, width))
    if min(height, width) < shortest:
        scale = min(shortest / min(height, width), longest / max(height, width))
    return (colors, 1.0) if scale == 1.0 else (scale_photo(colors, scale), scale)


def undo_pixel_replication(colors: Pixels) -> Pixels:
    """Reduce a photo, uint8 (H, W, 3), whose every pixel was enlarged to a square of equal ones.

    Images of 8x8 and 28x28 are enlarged so to be seen, which leaves steps that no digit has.
    The smallest side that is left is 8.
    """
    factor = _measure_replication(colors[len(colors) // 2 :][:1])
    if factor > 1:  # one row is enough to recognize a photo that is not of this kind
        factor = _measure_replication(colors)
        factor = math.gcd(factor, _measure_replication(colors.transpose(1, 0, 2)))
        while factor > 1 and min(colors.shape[:2]) < 8 * factor:
            factor = next((n for n in range(factor // 2, 1, -1) if factor % n == 0), 1)
    return colors if factor <= 1 else np.ascontiguousarray(colors[::factor, ::factor])


def _measure_replication(colors: Pixels) -> int:
    """The width in pixels of the equal columns of (H, W, 3), counted from the left."""
    changes = np.flatnonzero((colors[:, 1:] != colors[:, :-1]).any(axis=(0, 2))) + 1
    return int(np.gcd.reduce(np.append(changes, colors.shape[1])))


# Brightness and the sheet


def compute_log_brightness(pixels: Pixels) -> Floats:
    """The natural logarithm of brightness + 20, float32 of the same shape.

    A shadow multiplies the light of paper and ink alike; in logarithms it adds the same to both.
    """
    return np.asarray(cv2.LUT(pixels, _LOG_TABLE), np.float32)


def fill_outside_sheet(colors: Pixels) -> Pixels | None:
    """Give what lies beyond a sheet of paper the color of the sheet's nearest pixel.

    Such as the table below the paper, or the white around a dark square.

    Args:
        colors: uint8 (H, W, 3).

    Returns:
        uint8 (H, W, 3); None where the edges of no sheet are seen.
    """
    scale = min(1.0, _SHEET_SEARCH_SIDE / max(colors.shape[:2]))
    small = cv2.resize(colors, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    gray = np.asarray(cv2.medianBlur(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), 5), np.uint8)
    sheet = _find_sheet(gray)
    if sheet is None:
        return None
    mask = cv2.resize(sheet, colors.shape[1::-1], interpolation=cv2.INTER_NEAREST)
    margin = 2 * round(2 / scale) + 1
    mask = cv2.erode(mask, np.ones((margin, margin), np.uint8), borderValue=1)
    _, nearest = cv2.distanceTransformWithLabels(
        1 - mask, cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    color_of_label = np.zeros((int(nearest.max()) + 1, 3), np.uint8)
    color_of_label[nearest[mask > 0]] = colors[mask > 0]
    return np.asarray(color_of_label[nearest])


def _find_sheet(gray: Pixels) -> Pixels | None:
    """The mask, uint8 (H, W) of 0 and 1, of a light sheet on dark ground, or a dark one on light.

    Light and dark are told apart by Otsu's threshold. None where there is no sheet.
    """
    brightness = compute_log_brightness(gray)
    _, light = cv2.threshold(gray, 0, 1, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    for mask, sign in ((light, 1.0), (1 - light, -1.0)):
        sheet = _fit_sheet(np.asarray(mask, np.uint8))
        if sheet is not None and _has_sheet_edges(sheet, sign * brightness):
            return sheet
    return None


def _has_sheet_edges(sheet: Pixels, brightness: Floats) -> bool:
    """Whether the mask `sheet` is brighter than what is around it along most of its outline.

    A cloud has no edge; and along some of the outline there may be darker ink, hence quartiles.
    """
    kernel = np.ones((7, 7), np.uint8)
    outside = cv2.dilate(sheet, kernel) - sheet
    inside = sheet - cv2.erode(sheet, kernel, borderValue=1)
    step = np.percentile(brightness[inside > 0], 25) - np.percentile(brightness[outside > 0], 75)
    return bool(step > _SHEET_EDGE_CONTRAST)


def _fit_sheet(mask: Pixels) -> Pixels | None:
    """The convex hull of the largest component of a mask, if that may be a sheet of paper.

    Args:
        mask: uint8 (H, W) of 0 and 1.

    Returns:
        uint8 (H, W) of 0 and 1; None where the component is not rectangular, too small or too
        large, not alone, or not in the middle.
    """
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=4)
    if count < 2:
        return None
    largest = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    outlines, _ = cv2.findContours(
        (labels == largest).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE
    )
    hull = cv2.convexHull(outlines[0])
    area = cv2.contourArea(hull)
    _, sides, _ = cv2.minAreaRect(hull)
    if not _SHEET_AREA[0] < area / mask.size < _SHEET_AREA[1]:
        return None
    if area < _LEAST_RECTANGULARITY * sides[0] * sides[1]:
        return None
    if cv2.contourArea(outlines[0]) < _LEAST_SOLIDITY * area:
        return None
    sheet = np.zeros_like(mask)
    cv2.fillConvexPoly(sheet, hull, 1)
    inside, outside = mask[sheet > 0], mask[sheet == 0]
    central = bool(sheet[sheet.shape[0] // 2, sheet.shape[1] // 2])
    alone = outside.size and float(outside.mean()) < 0.15 and float(inside.mean()) > 0.6
    return sheet if central and alone else None
