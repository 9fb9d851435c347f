"""Finds the one digit in a photo or scan, and draws its ink as MNIST would have shown it.

Dark on light or light on dark, in any light: ink is what differs from the paper
around it. Works in logarithms of brightness, in which a shadow adds the same to
paper and ink. Lengths are in pixels of the picture at hand.

Which of the ink on a photo is the digit.

What hangs together is a blob; blobs near each other make a group, and the large
group near the middle is the digit. Lengths are in pixels of the picture at hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from trainer.drawing.rasterize import BOX, FINE, GRID, SIDE, Pixels, center_by_mass

MOST_BLOBS = 80
"""A picture with more things than this on it shows something else than a digit."""
NO_DIGIT = "no digit was found: fill the picture with one digit on plain paper"
_MUCH = "there is much on it, not one digit: cut the picture to the digit"
_SEVERAL = "there is more than one thing on it: cut the picture to one digit"


class NoDigit(Exception):
    """There is not one digit to be found; the message says what there is, and what to do."""


@dataclass(frozen=True, slots=True)
class Blob:
    """Ink that hangs together."""

    number: int  # in the picture of labels
    left: int
    top: int
    right: int
    bottom: int  # the box's, the last two beyond it
    area: int

    @property
    def width(self) -> int:
        """From left to right."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """From top to bottom."""
        return self.bottom - self.top

    @property
    def longest(self) -> int:
        """The longer of the two."""
        return max(self.width, self.height)

    def edges(self, shape: tuple[int, ...]) -> int:
        """How many of the four edges of a picture of `shape` it touches."""
        low = (self.left <= 1) + (self.top <= 1)
        return low + (self.right >= shape[1] - 1) + (self.bottom >= shape[0] - 1)

    def fills(self, shape: tuple[int, ...], margin: int) -> bool:
        """Whether it takes most of what a picture of `shape` has inside a margin."""
        high, wide = shape[0] - 2 * margin, shape[1] - 2 * margin
        return self.height > 0.8 * high and self.width > 0.6 * wide

    def gap(self, other: Blob) -> int:
        """How far apart the two boxes are, along the axis on which it is more; below 0: overlap."""
        across = max(self.left, other.left) - min(self.right, other.right)
        down = max(self.top, other.top) - min(self.bottom, other.bottom)
        return max(across, down)

    def shared_width(self, other: Blob) -> float:
        """Overlap from left to right, as a share of the narrower box."""
        both = min(self.right, other.right) - max(self.left, other.left)
        return both / min(self.width, other.width)

    def with_(self, other: Blob) -> Blob:
        """Both as one."""
        return Blob(
            self.number,
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
            self.area + other.area,
        )


def find_digit_mask(
    contrast: NDArray[np.float32], level: float, margin: int
) -> tuple[NDArray[np.bool_], float]:
    """Where the digit's ink is.

    Args:
        contrast: float32, shape (H, W), 0 for paper.
        level: what has more contrast is ink.
        margin: how much paper was added on each side of a picture that the digit
            must fill alone; 0 for any other.

    Returns:
        bool, shape (H, W), and how likely it is the digit, to be compared with
        what other levels find in the same picture.

    Raises:
        NoDigit: nothing looks like one, or several things do.
    """
    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        (contrast > level).astype(np.uint8), connectivity=8
    )
    blobs = [
        Blob(n, x, y, x + w, y + h, area)
        for n, (x, y, w, h, area) in enumerate(stats[:count].tolist())
        if n and max(w, h) >= 0.02 * min(contrast.shape)
    ]
    if len(blobs) > MOST_BLOBS:
        raise NoDigit(_MUCH)
    # A table beyond the paper, or a line across it, has no part in a digit.
    groups = _groups([b for b in blobs if b.edges(contrast.shape) < 2])
    likely = [g for g in groups if _plausible(g[0], contrast.shape)]
    likely.sort(key=lambda g: _score(g[0], contrast.shape), reverse=True)
    fills = [b.fills(contrast.shape, margin) for b, _ in groups]
    if not likely or (margin and fills != [True]):
        raise NoDigit(NO_DIGIT)
    best = likely[0][0]
    rivals = [g[0] for g in likely[1:] if g[0].longest > 0.5 * best.longest]
    if len(rivals) >= 6:
        raise NoDigit(_MUCH)
    if any(_score(r, contrast.shape) > 0.5 * _score(best, contrast.shape) for r in rivals):
        raise NoDigit(_SEVERAL)
    return np.isin(labels, likely[0][1]), _score(best, contrast.shape)


def _groups(blobs: list[Blob]) -> list[tuple[Blob, list[int]]]:
    """Blobs that belong to one digit, such as a 5 and its bar, together; with their numbers."""
    groups: list[tuple[Blob, list[int]]] = []
    for blob in sorted(blobs, key=lambda b: b.longest, reverse=True):
        near = [
            (group[0].gap(blob) / group[0].longest, n)
            for n, group in enumerate(groups)
            if _belongs(blob, group[0])
        ]
        if near:
            n = min(near)[1]
            groups[n] = (groups[n][0].with_(blob), [*groups[n][1], blob.number])
        else:
            groups.append((blob, [blob.number]))
    return groups


def _belongs(part: Blob, whole: Blob) -> bool:
    """Whether a smaller blob is a part of the digit whose larger part is `whole`."""
    gap = whole.gap(part) / whole.longest
    if part.longest < 0.08 * whole.longest or part.area < 0.015 * whole.area:
        return False  # a speck
    beside = part.height > 0.75 * whole.height and whole.shared_width(part) < 0.3
    return gap < (0.05 if beside else 0.28)


def _plausible(blob: Blob, shape: tuple[int, ...]) -> bool:
    """Whether ink of this size and form can be a digit at all."""
    return (
        blob.height >= max(6, 0.05 * min(shape))
        and blob.width < 2.2 * blob.height
        and blob.edges(shape) < 2
        and (blob.area < 0.8 * blob.width * blob.height or blob.width < 0.45 * blob.height)
    )


def _score(blob: Blob, shape: tuple[int, ...]) -> float:
    """Larger and nearer to the middle is better."""
    height, width = shape[:2]
    off_x = ((blob.left + blob.right) / 2 - width / 2) / width
    off_y = ((blob.top + blob.bottom) / 2 - height / 2) / height
    return blob.longest * float(np.exp(-6 * (off_x**2 + off_y**2)))


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


def find_digit(colors: NDArray[np.uint8], longest: int) -> tuple[Pixels, Pixels]:
    """The digit in a photo.

    Args:
        colors: uint8, shape (H, W, 3), any size.
        longest: side in pixels at which it is looked for; larger photos are made smaller.

    Returns:
        What to show, uint8 (448, 448), and what to read, uint8 (28, 28), the
        same more finely: 0 paper and 255 full ink, the digit fitted and centered
        as drawn ones are, its line no thinner or thicker than MNIST's.

    Raises:
        NoDigit: nothing there, or more than one thing.
    """
    contrast = _contrast(_resized(colors, longest))
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
            mask, score = find_digit_mask(contrast, level, margin)
            if best is None or score > 1.4 * best[0]:
                best = (score, _fitted(contrast, mask))
        except NoDigit as found:
            problem = found
    if best is None:
        raise problem
    return best[1]


def _resized(colors: NDArray[np.uint8], longest: int) -> NDArray[np.uint8]:
    height, width = colors.shape[:2]
    scale = min(1.0, longest / max(height, width))
    if min(height, width) < _SMALLEST and scale == 1.0:
        scale = _SMALLEST / min(height, width)
        scale = max(1.0, min(scale, longest / max(height, width)))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    kind = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(colors, size, interpolation=kind))


def _contrast(colors: NDArray[np.uint8]) -> Floats:
    """How much each pixel differs from the paper about it, in ink's direction; 0 for paper."""
    logs = np.log(cv2.GaussianBlur(colors, (0, 0), 1.0).astype(np.float32) + _DARKEST)
    inkiness = logs @ _ink_axis(colors)
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


def _ink_axis(colors: NDArray[np.uint8]) -> Floats:
    """The direction in (log) color from paper to ink, float32 (3,), of length 1."""
    height, width = colors.shape[:2]
    scale = 160 / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(colors, size, interpolation=cv2.INTER_AREA)
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
    return _shown(fine), center_by_mass(np.asarray(halved, np.uint8))


def _at_scale(ink: Floats, box: tuple[Any, ...], margin: float) -> Pixels:
    """Ink or none, uint8, twice as fine as `rasterize.center_by_mass` takes it, fitted to its box.

    Args:
        ink: 0 to 1.
        box: left, top, right, bottom of the digit.
        margin: fine pixels that ink will then be grown by, or shrunk if below 0.
    """
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
    outlines, _ = cv2.findContours(fine, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    around = sum(cv2.arcLength(outline, True) for outline in outlines)
    return 2 * np.count_nonzero(fine) / max(around, 1.0) / _DETAIL


def _grown(fine: Pixels, by: float) -> Pixels:
    """Ink grown, or shrunk, by that many fine pixels on every side."""
    if by > 0:
        apart = cv2.distanceTransform(255 - fine, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        return np.asarray(np.where(apart <= by, 255, 0), np.uint8)
    inside = cv2.distanceTransform(fine, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    # A line's own middle stays, however thin it is there.
    return np.asarray(np.where(inside > -by, 255, 0), np.uint8)


def _shown(fine: Pixels) -> Pixels:
    """The same where `rasterize.center_by_mass` puts it, on a sheet of its own."""
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
