"""Finds the one digit in a photo or scan, and draws its ink as MNIST would have shown it.

Dark on light or light on dark, in any light: ink is what differs from the paper
around it. Works in logarithms of brightness, in which a shadow adds the same to
paper and ink. Lengths are in pixels of the picture at hand.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.drawing.blobs import NO_DIGIT, NoDigit, digit_mask
from trainer.drawing.rasterize import BOX, FINE, GRID, SIDE, Pixels, centred

WORKING = 1000
"""Longest side at which a digit is looked for; larger pictures are made smaller."""
_SMALLEST = 240
"""Pictures of a shorter side are enlarged, so that a pen's line has some pixels."""
_DARKEST = 20.0
"""Added to brightness before its logarithm: the noise of black is no contrast."""
_LEAST_CONTRAST = 0.12
"""Ink differs from paper by this at least, in logarithms: a ninth of the brightness."""
THINNEST, THICKEST = 2.0, 2.6
"""Lines thinner or thicker than this, in pixels of 28, are brought to it, as MNIST's are."""
_DETAIL = 2 * FINE
"""Ink is drawn this many times finer than 28x28."""
_FINEST = 0.2
"""Ink of thinner lines than this, in pixels of 28, is dust or a texture."""
_WIDEST = 0.42
"""The widest place of a digit's ink, of its longer side: more is a blot."""

Floats = NDArray[np.float32]


def find_digit(colours: NDArray[np.uint8]) -> tuple[Pixels, Pixels]:
    """The digit in a photo.

    Args:
        colours: uint8, shape (H, W, 3), any size.

    Returns:
        What to show, uint8 (448, 448), and what to read, uint8 (28, 28), the
        same more finely: 0 paper and 255 full ink, the digit fitted and centred
        as drawn ones are, its line no thinner or thicker than MNIST's.

    Raises:
        NoDigit: nothing there, or more than one thing.
    """
    contrast = _contrast(_resized(colours))
    noise = 1.48 * float(np.median(np.abs(contrast)))
    floor = max(5 * noise, _LEAST_CONTRAST)
    if not (contrast > floor).any():
        raise NoDigit("nothing is written there, or too faintly: take it in better light")
    try:
        return _best(contrast, floor, 0)
    except NoDigit as problem:
        # Cut so close that its ink touches the edges, a digit fills the picture alone.
        margin = round(0.2 * max(contrast.shape))
        try:
            return _best(np.pad(contrast, margin), floor, margin)
        except NoDigit:
            raise problem from None


def _best(contrast: Floats, floor: float, margin: int) -> tuple[Pixels, Pixels]:
    """The likeliest digit at any level; a fainter one must be much likelier.

    Raises:
        NoDigit: there is none at any level.
    """
    best: tuple[float, tuple[Pixels, Pixels]] | None = None
    problem = NoDigit(NO_DIGIT)
    for level in _levels(contrast, floor):
        try:
            mask, score = digit_mask(contrast, level, margin)
            if best is None or score > 1.4 * best[0]:
                best = (score, _fitted(contrast, mask))
        except NoDigit as found:
            problem = found
    if best is None:
        raise problem
    return best[1]


def _resized(colours: NDArray[np.uint8]) -> NDArray[np.uint8]:
    import cv2

    height, width = colours.shape[:2]
    scale = min(1.0, WORKING / max(height, width))
    if min(height, width) < _SMALLEST and scale == 1.0:
        scale = _SMALLEST / min(height, width)
        scale = max(1.0, min(scale, WORKING / max(height, width)))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    kind = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(colours, size, interpolation=kind))


def _contrast(colours: NDArray[np.uint8]) -> Floats:
    """How much each pixel differs from the paper about it, in ink's direction; 0 for paper."""
    import cv2

    logs = np.log(cv2.GaussianBlur(colours, (0, 0), 1.0).astype(np.float32) + _DARKEST)
    inkiness = logs @ _ink_axis(colours)
    height, width = inkiness.shape
    halves = (max(1, width // 2), max(1, height // 2))
    half = cv2.resize(inkiness, halves, interpolation=cv2.INTER_AREA)
    # What is narrower than this is not paper; paper's own edges, and shadows', are kept.
    side = max(3, round(0.3 * min(half.shape)))
    kernel = np.ones((side, side), np.uint8)
    paper = cv2.morphologyEx(half, cv2.MORPH_OPEN, kernel, borderType=cv2.BORDER_REPLICATE)
    paper = cv2.dilate(paper, np.ones((3, 3), np.uint8))  # halving blurred such edges
    contrast = inkiness - cv2.resize(paper, (width, height))
    return np.asarray(contrast - np.median(contrast), np.float32)


def _ink_axis(colours: NDArray[np.uint8]) -> Floats:
    """The direction in (log) colour from paper to ink, float32 (3,), of length 1."""
    import cv2

    height, width = colours.shape[:2]
    scale = 160 / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(colours, size, interpolation=cv2.INTER_AREA)
    around = cv2.medianBlur(small, max(3, min(size) // 2) | 1)
    apart = np.log(small.astype(np.float32) + _DARKEST)
    apart -= np.log(around.astype(np.float32) + _DARKEST)
    y, x = np.mgrid[-1 : 1 : size[1] * 1j, -1 : 1 : size[0] * 1j]
    nearness = np.exp(-2 * (x * x + y * y)).astype(np.float32).ravel()
    apart = apart.reshape(-1, 3)
    _, directions = np.linalg.eigh((apart * nearness[:, None]).T @ apart)
    axis = directions[:, -1]
    # Ink is the lesser part of what is seen, and the more different one.
    skew = float((nearness * (apart @ axis) ** 3).sum())
    return np.asarray(axis if skew >= 0 else -axis, np.float32)


def _levels(contrast: Floats, floor: float) -> list[float]:
    """Contrasts to cut at, from high to low: printed lines are fainter than ink."""
    inked = contrast[contrast > floor]
    # Of all that differs from the paper, squares may be much and ink a hundredth.
    high, usual = np.percentile(inked, (99, 90)).tolist()
    levels = [max(floor, level) for level in (0.5 * high, 0.5 * usual, 0.25 * usual, floor)]
    before = [np.inf, *levels]
    # Hardly lower finds nothing else.
    return [level for level, last in zip(levels, before, strict=False) if level < 0.9 * last]


def _fitted(contrast: Floats, mask: NDArray[np.bool_]) -> tuple[Pixels, Pixels]:
    """The ink in `mask` as `find_digit` returns it."""
    import cv2

    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    part = np.s_[max(rows[0] - 8, 0) : rows[-1] + 9, max(columns[0] - 8, 0) : columns[-1] + 9]
    contrast, mask = contrast[part], mask[part]
    # Half the ink's own contrast is its edge.
    core = float(np.percentile(contrast[mask], 75))
    near = cv2.dilate(mask.astype(np.uint8), np.ones((5, 5), np.uint8))
    ink = np.clip(contrast / core, 0, 1) * near
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    box = (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1)
    fine = _at_scale(ink, box, 0)
    inside = cv2.distanceTransform(fine, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    if _line_width(fine) < _FINEST or 2 * float(inside.max()) > _WIDEST * BOX * _DETAIL:
        raise NoDigit(NO_DIGIT)  # dust, or a blot
    target = min(max(_line_width(fine), THINNEST), THICKEST)
    grow = 0.0
    for _ in range(3):  # the wider line leaves less room for the digit, and so is thinner again
        grow += (target - _line_width(fine)) * _DETAIL / 2
        fine = _grown(_at_scale(ink, box, grow), grow)
        if abs(_line_width(fine) - target) < 0.1:
            break
    if not fine.any():
        raise NoDigit(NO_DIGIT)
    halved = cv2.resize(fine, (GRID, GRID), interpolation=cv2.INTER_AREA)
    return _shown(fine), centred(np.asarray(halved, np.uint8))


def _at_scale(ink: Floats, box: tuple[Any, ...], margin: float) -> Pixels:
    """Ink or none, uint8, twice as fine as `rasterize.centred` takes it; the box fits its box.

    Args:
        ink: 0 to 1.
        box: left, top, right, bottom of the digit.
        margin: fine pixels that ink will then be grown by, or shrunk if below 0.
    """
    import cv2

    left, top, right, bottom = (float(b) for b in box)
    scale = (BOX * _DETAIL - 2 * margin) / max(right - left, bottom - top)
    side = 2 * GRID
    move = np.array(
        [
            [scale, 0, side / 2 - scale * (left + right - 1) / 2],
            [0, scale, side / 2 - scale * (top + bottom - 1) / 2],
        ]
    )
    if scale < 1:  # nothing between two pixels must be lost
        ink = np.asarray(cv2.GaussianBlur(ink, (0, 0), 0.45 / scale), np.float32)
    fine = cv2.warpAffine(ink, move, (side, side), flags=cv2.INTER_CUBIC)
    return np.asarray(np.where(fine > 0.5, 255, 0), np.uint8)


def _line_width(fine: Pixels) -> float:
    """The pen's width in pixels of 28x28: a line has twice its area over its outline."""
    import cv2

    outlines, _ = cv2.findContours(fine, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    around = sum(cv2.arcLength(outline, True) for outline in outlines)
    return 2 * np.count_nonzero(fine) / max(around, 1.0) / _DETAIL


def _grown(fine: Pixels, by: float) -> Pixels:
    """Ink grown, or shrunk, by that many fine pixels on every side."""
    import cv2

    if by > 0:
        apart = cv2.distanceTransform(255 - fine, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        return np.asarray(np.where(apart <= by, 255, 0), np.uint8)
    inside = cv2.distanceTransform(fine, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    # A line's own middle stays, however thin it is there.
    return np.asarray(np.where(inside > -by, 255, 0), np.uint8)


def _shown(fine: Pixels) -> Pixels:
    """The same where `rasterize.centred` puts it, on a sheet of its own."""
    import cv2

    rows, columns = fine.sum(axis=1, dtype=np.float64), fine.sum(axis=0, dtype=np.float64)
    x, y = _start(columns), _start(rows)
    side = SIDE * _DETAIL
    move = np.array([[1.0, 0, -x], [0, 1.0, -y]])
    soft = cv2.GaussianBlur(fine, (0, 0), 1.2)
    return np.asarray(cv2.warpAffine(soft, move, (side, side)))


def _start(mass: NDArray[np.float64]) -> float:
    """Where the 28 pixels begin along one axis: the mass in the middle, no ink cut off."""
    inked = np.flatnonzero(mass)
    middle = float((mass * (np.arange(len(mass)) + 0.5)).sum() / mass.sum())
    side = SIDE * _DETAIL
    return min(max(middle - side / 2, float(inked[-1] + 1) - side), float(inked[0]))
