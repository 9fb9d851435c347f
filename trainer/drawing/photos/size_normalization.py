"""Lays what was found on a photo out as a dataset does, on 28x28.

Ink as MNIST has it: size-normalized into 20x20 and centered by its mass (see
`trainer.drawing.rasterize`), its strokes brought to the width of MNIST's. An object in its grays
as Fashion-MNIST has it (Xiao, Rasul, Vollgraf, "Fashion-MNIST: a Novel Image Dataset for
Benchmarking Machine Learning Algorithms", 2017, section 2): on black, cropped to the object, its
longer side 28, light where the object is dark on a light ground.

Fine images have `FINE` times the resolution of 28x28; "fine pixels" are theirs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image

from trainer.drawing.photos.binarization import BinarizedInk
from trainer.drawing.photos.components import BoundingBox, NoInkError, find_bounding_box
from trainer.drawing.photos.preparation import (
    AUTOMATIC,
    Floats,
    InkSettings,
    Mask,
    resize_for_search,
    scale_size,
)
from trainer.drawing.rasterize import (
    BOX,
    FINE,
    GRID,
    SIDE,
    Pixels,
    center_by_mass,
    find_center_start,
)

StrokeWidths = tuple[float, float]
"""Least and greatest width of a stroke, in pixels of 28."""

MNIST_WIDTHS: StrokeWidths = (2.0, 2.6)
"""Thinner or thicker strokes are brought to these widths."""
_LEAST_WIDTH = 0.04
"""Ink of thinner strokes than this, in pixels of 28, is dust or a texture."""
_BLOT_WIDTH = 0.6
"""The widest place of a digit's ink, as a share of its longer side: what is wider is a blot."""
_LEAST_COVERAGE = 0.15
"""Pixels of a small photo that are inked less than this are paper."""
_SHOWN_SCALE = 2
"""What is shown has so many times the pixels of the fine image."""
_ROOM = 8
"""Pixels of paper that are put around a digit, which may reach the photo's edge."""

_OBJECT_SIDE = 280
"""Longer side, in pixels, at which an object is looked for."""
_LEAST_OBJECT_DIFFERENCE = 6.0
"""An object differs from the ground by this at least, of 255."""
_LEAST_OBJECT_SHARE = 0.06
"""And by this share of what differs most (the 99th percentile)."""
_LEAST_OBJECT_AREA = 0.002
"""An object covers this share of the photo at least."""
_SPECK_AREA = 0.02
"""Components that are smaller than this share of the largest are no part of an object."""
_BLACK = 12
"""Pixels below this are black, whatever saving in another format did to them."""


@dataclass(frozen=True, slots=True, eq=False)
class NormalizedDigit:
    """A digit as the network reads it.

    Attributes:
        image: uint8 (28, 28), 0 paper and 255 full ink.
        fine: uint8 (GRID, GRID), what the image is the average of.
        stroke_width: on the photo, in pixels of 28, before it was changed.
    """

    image: Pixels
    fine: Pixels
    stroke_width: float

    def show(self) -> Pixels:
        """The same for people, uint8 (448, 448)."""
        left, top = find_center_start(self.fine)
        side = SIDE * FINE * _SHOWN_SCALE
        scale = float(_SHOWN_SCALE)
        transform = np.array([[scale, 0.0, -scale * left], [0.0, scale, -scale * top]])
        soft = cv2.GaussianBlur(self.fine, (0, 0), 0.8)
        return np.asarray(cv2.warpAffine(soft, transform, (side, side), flags=cv2.INTER_CUBIC))


# Digits


def normalize_ink(
    ink: BinarizedInk,
    mask: Mask,
    *,
    width_factor: float = 1.0,
    stroke_widths: StrokeWidths = MNIST_WIDTHS,
) -> NormalizedDigit | None:
    """Fit the ink in `mask` into 20x20 and center it by its mass.

    Args:
        ink: all ink, (H, W).
        mask: bool (H, W), the digit's, not empty.
        width_factor: by what its width is multiplied, for a digit that was stretched.
        stroke_widths: what its strokes are brought to.

    Returns:
        None where it is dust, or a blot.
    """
    box = find_bounding_box(mask)
    assert box is not None
    around = np.s_[box.top : box.bottom + 2 * _ROOM, box.left : box.right + 2 * _ROOM]
    coverage, mask = np.pad(ink.coverage, _ROOM)[around], np.pad(mask, _ROOM)[around]
    near = cv2.dilate(mask.astype(np.uint8), np.ones((5, 5), np.uint8))
    # Where no edge is soft, the mask decides; ink of other components is left out.
    coverage = np.where(mask, np.maximum(coverage, 0.51), coverage)
    coverage = np.where(near > 0, coverage, 0).astype(np.float32)
    inner = BoundingBox(_ROOM, _ROOM, _ROOM + box.width, _ROOM + box.height)

    def draw(margin: float) -> Pixels:
        return resample_ink(coverage, inner, margin, width_factor)

    fine = draw(0)
    distances = compute_distances(fine)
    stroke_width = measure_stroke_width(fine)
    if stroke_width < _LEAST_WIDTH or 2 * float(distances.max()) > _BLOT_WIDTH * BOX * FINE:
        return None
    fine = adjust_stroke_width(fine, draw, stroke_widths, keep_skeleton=True)
    if not fine.any():
        return None
    return NormalizedDigit(center_by_mass(fine), fine, stroke_width)


def normalize_grays(coverage: Floats, width_factor: float = 1.0) -> NormalizedDigit | None:
    """Fit ink into 20x20 in its grays: of a photo of few pixels they are all there is of a stroke.

    Args:
        coverage: float32 (H, W), 0 to 1; nothing but the digit on it.
        width_factor: see `normalize_ink`.

    Returns:
        None where there is no ink.
    """
    box = find_bounding_box(coverage > _LEAST_COVERAGE)
    if box is None:
        return None
    scale_y = BOX * FINE / max(box.height, box.width * width_factor)
    scale_x = scale_y * width_factor
    left, top = (GRID - scale_x * box.width) / 2, (GRID - scale_y * box.height) / 2
    transform = np.array(
        [
            [scale_x, 0, left - scale_x * (box.left - 0.5) - 0.5],
            [0, scale_y, top - scale_y * (box.top - 0.5) - 0.5],
        ]
    )
    fine = np.rint(255 * cv2.warpAffine(coverage, transform, (GRID, GRID))).astype(np.uint8)
    stroke_width = measure_stroke_width(np.where(fine > 127, 255, 0).astype(np.uint8))
    return NormalizedDigit(center_by_mass(fine), fine, stroke_width)


def normalize_piece(contrast: Floats, mask: Mask) -> Pixels:
    """Fit one digit of a page into 20x20 and center it by its mass.

    Args:
        contrast: float32 (H, W), 0 for paper, in any unit.
        mask: bool (H, W), the digit's ink.

    Returns:
        uint8 (28, 28), 0 paper and 255 full ink; all paper where the mask is empty.
    """
    box = find_bounding_box(mask)
    if box is None:
        return np.zeros((SIDE, SIDE), np.uint8)
    contrast, mask = contrast[box.region], mask[box.region]
    full = max(float(np.percentile(contrast[mask], 75)), 1e-6)
    padded = np.pad(mask, 2)
    near = cv2.dilate(padded.astype(np.uint8), np.ones((3, 3), np.uint8))
    # Half of the ink's own contrast is its edge; fainter ink that is connected with it is ink too.
    share = np.maximum(np.pad(contrast, 2) / full, 0.75 * padded)
    coverage = np.asarray(np.clip(share, 0, 1) * near, np.float32)
    inner = BoundingBox(2, 2, coverage.shape[1] - 2, coverage.shape[0] - 2)

    def draw(margin: float) -> Pixels:
        return resample_ink(coverage, inner, margin)

    fine = adjust_stroke_width(draw(0), draw)
    return center_by_mass(fine) if fine.any() else np.zeros((SIDE, SIDE), np.uint8)


def resample_ink(
    coverage: Floats, box: BoundingBox, margin: float, width_factor: float = 1.0
) -> Pixels:
    """Draw ink fitted into 20x20 on the fine grid, as `rasterize.center_by_mass` takes it.

    Args:
        coverage: float32 (H, W), 0 to 1; 0.5 is ink's edge.
        box: the digit's.
        margin: fine pixels that ink will then be dilated by, or eroded if below 0.
        width_factor: see `normalize_ink`.

    Returns:
        uint8 (GRID, GRID), 0 or 255.
    """
    scale_y = (BOX * FINE - 2 * margin) / max(float(box.width) * width_factor, float(box.height))
    scale_x = scale_y * width_factor
    transform = np.array(
        [
            [scale_x, 0, GRID / 2 - scale_x * (box.left + box.right - 1) / 2],
            [0, scale_y, GRID / 2 - scale_y * (box.top + box.bottom - 1) / 2],
        ]
    )
    if scale_y < 1:  # blurred first, or thin strokes between two samples would be lost
        peak = cv2.dilate(coverage, np.ones((3, 3), np.uint8)) if scale_y < 0.4 else coverage
        coverage = np.asarray(cv2.GaussianBlur(peak, (0, 0), 0.45 / scale_y), np.float32)
    fine = cv2.warpAffine(coverage, transform, (GRID, GRID), flags=cv2.INTER_CUBIC)
    return np.asarray(np.where(fine > 0.5, 255, 0), np.uint8)


# The width of strokes


def measure_stroke_width(fine: Pixels) -> float:
    """The mean width of strokes in pixels of 28: twice their area over their outlines' length.

    Args:
        fine: uint8 (GRID, GRID), 0 or 255.
    """
    outlines, _ = cv2.findContours(fine, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    length = sum(cv2.arcLength(outline, True) for outline in outlines)
    return 2 * np.count_nonzero(fine) / max(length, 1.0) / FINE


def compute_distances(fine: Pixels) -> Floats:
    """How far each pixel is from the nearest one that is 0, in pixels; float32, (H, W).

    Without Intel's library in OpenCV, whose distances depend, in their last bits, on where in
    memory they are put: the same photo would not always come to the same grays. Whether OpenCV
    uses it is a thread's own setting.

    Args:
        fine: uint8, (H, W).
    """
    used = cv2.ipp.useIPP()
    cv2.ipp.setUseIPP(False)
    try:
        distances = cv2.distanceTransform(fine, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    finally:
        cv2.ipp.setUseIPP(used)
    return np.asarray(distances, np.float32)


def adjust_stroke_width(
    fine: Pixels,
    draw: Callable[[float], Pixels],
    stroke_widths: StrokeWidths = MNIST_WIDTHS,
    *,
    keep_skeleton: bool = False,
) -> Pixels:
    """Draw ink again, its strokes dilated or eroded to a width between two.

    Args:
        fine: uint8 (GRID, GRID), 0 or 255.
        draw: draws the same with room for so many fine pixels that it will then be dilated by, or
            eroded if below 0.
        stroke_widths: the least and the greatest.
        keep_skeleton: whether the middle of a stroke stays, however thin it is there.

    Returns:
        uint8 (GRID, GRID), 0 or 255.
    """
    width = measure_stroke_width(fine)
    target = min(max(width, stroke_widths[0]), stroke_widths[1])
    radius = 0.0
    for _ in range(3):  # a wider stroke leaves less room for the digit, and so is thinner again
        if abs(width - target) < 0.1:
            break
        radius += (target - width) * FINE / 2
        fine = _dilate_or_erode(draw(radius), radius, keep_skeleton=keep_skeleton)
        width = measure_stroke_width(fine)
    return fine


def _dilate_or_erode(fine: Pixels, radius: float, *, keep_skeleton: bool) -> Pixels:
    """Ink dilated by a disk of `radius` fine pixels, or eroded if that is below 0."""
    if radius > 0:
        outside = compute_distances(255 - fine)
        return np.asarray(np.where(outside <= radius, 255, 0), np.uint8)
    inside = compute_distances(fine)
    kept = inside > -radius
    if keep_skeleton:  # where the distance to paper is greatest
        kept |= (inside >= cv2.dilate(inside, np.ones((3, 3), np.uint8))) & (inside > 2)
    return np.asarray(np.where(kept, 255, 0), np.uint8)


# Objects


def normalize_object(colors: Pixels, settings: InkSettings = AUTOMATIC) -> tuple[Pixels, Mask]:
    """Fit the object on a plain ground, such as a piece of clothing, into 28x28, in its grays.

    Args:
        colors: uint8 (H, W, 3), any size.
        settings: what a person has decided.

    Returns:
        uint8 (28, 28); and where the object is, bool (H, W) of the prepared photo.

    Raises:
        NoInkError: nothing is on it.
    """
    resized, _ = resize_for_search(settings.apply(colors), longest=_OBJECT_SIDE)
    gray = cv2.cvtColor(resized, cv2.COLOR_RGB2GRAY).astype(np.float32)
    border = np.concatenate([gray[0], gray[-1], gray[:, 0], gray[:, -1]])
    ground = float(np.median(border))
    mask = _find_object(gray, border, settings.threshold)
    box = find_bounding_box(mask)
    if box is None or mask.sum() < _LEAST_OBJECT_AREA * mask.size:
        raise NoInkError
    lighter = ground < 128 if settings.inverted is None else settings.inverted
    # On a ground of a middle gray, an object may be both lighter and darker.
    shade = np.maximum(gray - ground if lighter else ground - gray, 0)
    shade = np.where(mask, shade * (255 / max(ground, 255 - ground)), 0)[box.region]
    size = scale_size(shade.shape, SIDE / max(shade.shape))
    small = cv2.resize(shade.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    image = np.zeros((SIDE, SIDE), np.float32)
    top, left = (SIDE - size[1]) // 2, (SIDE - size[0]) // 2
    image[top : top + size[1], left : left + size[0]] = small
    return np.rint(np.clip(image, 0, 255)).astype(np.uint8), mask


def _find_object(gray: Floats, border: Floats, threshold: float | None) -> Mask:
    """Where float32 (H, W), 0 to 255, differs from its border; without specks.

    Args:
        gray: the photo.
        border: its pixels at all edges.
        threshold: share of the greatest difference that is the least; None: by noise.

    Returns:
        bool (H, W).
    """
    ground = float(np.median(border))
    difference = np.abs(gray - ground)
    # The median of |x| is σ / 1.48 of a normal distribution.
    noise = 1.48 * float(np.median(np.abs(border - ground)))
    strong = float(np.percentile(difference, 99))
    least = max(_LEAST_OBJECT_DIFFERENCE, 4 * noise, _LEAST_OBJECT_SHARE * strong)
    if threshold is not None:
        least = max(1.0, threshold * float(difference.max()))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(
        (difference > least).astype(np.uint8), connectivity=8
    )
    areas = stats[:, cv2.CC_STAT_AREA].copy()
    areas[0] = 0
    kept = areas >= max(_SPECK_AREA * areas.max(), 1)
    return np.asarray(kept[labels])


# Images that are laid out already


def take_normalized(colors: Pixels, *, is_object: bool) -> tuple[Pixels, InkSettings] | None:
    """Take an image as it is, if it is laid out as the dataset's are; dark ink is inverted.

    Args:
        colors: uint8 (28, 28, 3).
        is_object: whether as Fashion-MNIST's, or as MNIST's.

    Returns:
        uint8 (28, 28), ink light, and its polarity; None where it is not laid out so.
    """
    is_normalized = is_normalized_object if is_object else is_normalized_digit
    gray = np.asarray(Image.fromarray(colors).convert("L"))
    for image, lighter in ((gray, True), (255 - gray, False)):
        if is_normalized(image):
            return image, InkSettings(threshold=0.5, inverted=lighter)
    return None


def is_normalized_digit(image: Pixels) -> bool:
    """Whether an image, uint8 (28, 28), ink light, is laid out as MNIST's are.

    Black ground, the ink's longer side 20 and its center of mass in the middle, each within
    what saving it in another format may change.
    """
    strongest = int(image.max())
    if strongest < 128:
        return False
    border = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])
    if float(np.median(border)) > _BLACK or float(np.percentile(border, 95)) > 60:
        return False
    inked = image > 0.12 * strongest
    box = find_bounding_box(inked)
    assert box is not None
    mass = np.where(inked, image, 0).astype(np.float64)
    places = np.arange(SIDE) - (SIDE - 1) / 2
    off_center = max(abs(mass.sum(axis=1) @ places), abs(mass.sum(axis=0) @ places)) / mass.sum()
    return bool(18 <= box.longer_side <= 21 and off_center < 1.3)


def is_normalized_object(image: Pixels) -> bool:
    """Whether an image, uint8 (28, 28), is as Fashion-MNIST has it: on black, and 28 one way."""
    corners = np.array([image[0, 0], image[0, -1], image[-1, 0], image[-1, -1]])
    rows, columns = image.max(axis=1) > _BLACK, image.max(axis=0) > _BLACK
    filled = (rows[:2].any() and rows[-2:].any()) or (columns[:2].any() and columns[-2:].any())
    return bool(np.median(corners) < _BLACK and filled)
