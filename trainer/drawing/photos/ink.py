"""Tells ink from paper: how much each pixel of a photo differs from the paper about it.

Works in logarithms of brightness, in which a shadow adds the same to paper and ink. Lengths are
in pixels of the picture at hand.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from trainer.drawing.rasterize import Pixels

Floats = NDArray[np.float32]
Bits = NDArray[np.bool_]

SMALLEST = 240
"""Pictures of a shorter side are enlarged, so that a pen's line has some pixels."""
LEAST_CONTRAST = 0.045
"""Ink differs from paper by this at least, in logarithms: a seventeenth of the brightness."""
_DARKEST = 20.0
"""Added to brightness before its logarithm: the noise of black is no contrast."""
_LOGARITHMS = np.log(np.arange(256, dtype=np.float32) + _DARKEST)
"""Of each brightness."""
_PAPER = 35
"""This percentile is paper's, though half of a picture were ink."""
_SHEETS = 160
"""Longest side, in pixels, at which a sheet of paper is looked for."""
_SHEETS_EDGE = 0.2
"""What is beyond it differs by this at least, in logarithms."""
_STRAIGHT = 0.45
"""A line this long, of the picture's shorter side, may be printed."""
_PRINTED = 0.035
"""A printed line is no thicker than this, of the picture's shorter side."""
_MOST_LINES = 60
_FITTED = 400
"""A line is fitted to about so many pixels: more take time, and make it no better."""
_MOST_LEAN = 16.0
"""A picture's printed lines lean no more than this, in degrees."""
_SOFTEST = 0.38
"""Beside ink there is no more than this share of its contrast."""
_TWO_LEVELS = 0.8
"""More of the variance than this is between ink and paper where there is nothing else."""


@dataclass(frozen=True, slots=True)
class InkSettings:
    """How ink is found, as far as a person has decided it; None: it is found out.

    A picture is turned first, then cut, and then looked at.
    """

    threshold: float | None = None  # 0 to 1: ink has more than this share of the usual contrast
    inverted: bool | None = None  # whether ink is lighter than the paper
    crop: tuple[float, float, float, float] | None = None  # left, top, right, bottom, each 0 to 1
    quarter_turns: int = 0  # clockwise

    def __post_init__(self) -> None:
        if self.threshold is not None and not 0 <= self.threshold <= 1:
            raise ValueError("the threshold must be from 0 to 1")
        if self.crop is not None:
            left, top, right, bottom = self.crop
            if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
                raise ValueError("the crop box must lie within the picture and not be empty")

    def apply(self, colors: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """A picture, uint8 (H, W, 3), turned and cut."""
        turned = np.rot90(colors, -self.quarter_turns)
        if self.crop is None:
            return np.ascontiguousarray(turned)
        high, wide = turned.shape[:2]
        left, top = int(self.crop[0] * wide), int(self.crop[1] * high)
        right = max(left + 1, round(self.crop[2] * wide))
        bottom = max(top + 1, round(self.crop[3] * high))
        return np.ascontiguousarray(turned[top:bottom, left:right])


AUTOMATIC = InkSettings()
"""Nothing is decided by a person."""


def resize(colors: NDArray[np.uint8], longest: int) -> tuple[NDArray[np.uint8], float]:
    """A picture of a size at which a digit is looked for, and by how much it was enlarged."""
    height, width = colors.shape[:2]
    scale = min(1.0, longest / max(height, width))
    if min(height, width) < SMALLEST and scale == 1.0:
        scale = SMALLEST / min(height, width)
        scale = max(1.0, min(scale, longest / max(height, width)))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    kind = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(colors, size, interpolation=kind)), scale


def undo_enlargement(colors: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A picture, uint8 (H, W, 3), as it was before each of its pixels was made a square of many.

    As 8x8 and 28x28 are enlarged to be seen, which leaves steps that are no digit's. The
    smallest side that is left is 8.
    """
    across = _pixel_width(colors[len(colors) // 2 :][:1])
    if across > 1:  # what is no such picture is told by one row
        across = _pixel_width(colors)
        across = math.gcd(across, _pixel_width(colors.transpose(1, 0, 2)))
        while across > 1 and min(colors.shape[:2]) < 8 * across:
            across = next((n for n in range(across // 2, 1, -1) if across % n == 0), 1)
    return colors if across <= 1 else np.ascontiguousarray(colors[::across, ::across])


def _pixel_width(colors: NDArray[np.uint8]) -> int:
    """How many columns of (H, W, 3) are alike at a time, counted from the left."""
    changes = np.flatnonzero((colors[:, 1:] != colors[:, :-1]).any(axis=(0, 2))) + 1
    return int(np.gcd.reduce(np.append(changes, colors.shape[1])))


def leave_sheet(colors: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    """A picture on which there is nothing but the sheet on it: paper on a table, a dark square.

    Args:
        colors: uint8 (H, W, 3).

    Returns:
        The same, what is beyond the sheet as its edge is; None where no sheet's edges are seen.
    """
    scale = min(1.0, _SHEETS / max(colors.shape[:2]))
    small = cv2.resize(colors, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    gray = cv2.medianBlur(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), 5)
    logs = _LOGARITHMS[gray]
    _, light = cv2.threshold(gray, 0, 1, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    for kind, lit in ((light, 1.0), (1 - light, -1.0)):
        sheet = _find_sheet(np.asarray(kind, np.uint8))
        if sheet is not None:
            around = cv2.dilate(sheet, np.ones((7, 7), np.uint8)) - sheet
            within = sheet - cv2.erode(sheet, np.ones((7, 7), np.uint8), borderValue=1)
            # Along most of it: a cloud has no edge, and ink that crosses it may be much darker.
            inside = np.percentile(lit * logs[within > 0], 25)
            if inside - np.percentile(lit * logs[around > 0], 75) > _SHEETS_EDGE:
                break
    else:
        return None
    whole = cv2.resize(sheet, colors.shape[1::-1], interpolation=cv2.INTER_NEAREST)
    margin = 2 * round(2 / scale) + 1
    whole = cv2.erode(whole, np.ones((margin, margin), np.uint8), borderValue=1)
    _, nearest = cv2.distanceTransformWithLabels(
        1 - whole, cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    edge = np.zeros((int(nearest.max()) + 1, 3), np.uint8)
    edge[nearest[whole > 0]] = colors[whole > 0]
    return np.asarray(edge[nearest])


def _find_sheet(kind: Pixels) -> Pixels | None:
    """The one large piece of paper, uint8 (H, W) of 0 and 1, among what is light (or dark)."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(kind, connectivity=4)
    if count < 2:
        return None
    number = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    outlines, _ = cv2.findContours(
        (labels == number).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE
    )
    hull = cv2.convexHull(outlines[0])
    area = cv2.contourArea(hull)
    _, sides, _ = cv2.minAreaRect(hull)
    if not 0.08 < area / kind.size < 0.96 or area < 0.87 * sides[0] * sides[1]:
        return None
    if cv2.contourArea(outlines[0]) < 0.9 * area:
        return None
    sheet = np.zeros_like(kind)
    cv2.fillConvexPoly(sheet, hull, 1)
    paper, beyond = kind[sheet > 0], kind[sheet == 0]
    middle = bool(sheet[sheet.shape[0] // 2, sheet.shape[1] // 2])
    alone = beyond.size and float(beyond.mean()) < 0.15 and float(paper.mean()) > 0.6
    return sheet if middle and alone else None


@dataclass(frozen=True, slots=True, eq=False)
class Contrast:
    """How much each pixel differs from paper, in one direction."""

    values: Floats  # (H, W), 0 for paper
    noise: float  # the paper's, a standard deviation
    usual: float  # what ink mostly has
    high: float  # the strongest ink's
    scale: float  # by how much the picture was enlarged

    @property
    def floor(self) -> float:
        """What is less than this may be noise."""
        return max(5 * self.noise, LEAST_CONTRAST)

    @property
    def inked(self) -> bool:
        """Whether anything differs from paper."""
        return self.high > self.floor


def _as_coverage(contrast: Floats, lighter: bool) -> Floats:
    """Contrast in proportion to how much of a pixel is inked, as far as small as before."""
    gray = np.float32(np.sqrt(3))  # the contrast of gray in the three colors' logarithms
    shares = np.clip(contrast / gray, -3, 3)
    return np.asarray(gray * (np.expm1(shares) if lighter else -np.expm1(-shares)), np.float32)


def _measured(values: Floats, scale: float) -> Contrast:
    # Of a small picture, ink and what is blurred about it may be half.
    noise = 3.14 * float(np.percentile(np.abs(values[::2, ::2]), 25))
    floor = max(5 * noise, LEAST_CONTRAST)
    inked = values[values > floor]
    # Of all that differs from the paper, squares may be much and ink a hundredth.
    high, usual = np.percentile(inked, (99, 90)).tolist() if len(inked) else (0.0, 0.0)
    return Contrast(values, noise, usual, high, scale)


class Inkiness:
    """A picture along the color that tells its ink from its paper.

    Args:
        colors: uint8 (H, W, 3), of the size that is worked with.
        scale: by how much it was enlarged.
    """

    def __init__(self, colors: NDArray[np.uint8], scale: float) -> None:
        axis, self.lighter_first = find_ink_axis(colors)
        # Weighted and added by OpenCV: of three colors, in half the time of a product of matrices.
        logs = cv2.LUT(cv2.GaussianBlur(colors, (0, 0), 1.0), _LOGARITHMS)
        self._lightness = np.asarray(cv2.transform(logs, axis[None]), np.float32)
        self.scale = scale

    def local(self, lighter: bool) -> Contrast:
        """Contrast with the paper about each pixel, which may lie in any light."""
        inkiness = self._lightness if lighter else -self._lightness
        height, width = inkiness.shape
        quarter = (max(1, width // 4), max(1, height // 4))
        small = cv2.resize(inkiness, quarter, interpolation=cv2.INTER_AREA)
        # What is narrower than this is not paper; paper's own edges, and shadows', are kept.
        side = max(3, round(0.3 * min(small.shape)))
        kernel = np.ones((side, side), np.uint8)
        # Beyond the edges too: light that falls off toward them is no ink.
        padded = cv2.copyMakeBorder(small, side, side, side, side, cv2.BORDER_REPLICATE)
        paper = cv2.morphologyEx(padded, cv2.MORPH_OPEN, kernel)[side:-side, side:-side]
        paper = cv2.dilate(paper, np.ones((3, 3), np.uint8))  # reducing blurred such edges
        contrast = inkiness - cv2.resize(paper, (width, height))
        contrast -= np.float32(np.percentile(contrast[::2, ::2], _PAPER))
        return _measured(_as_coverage(contrast, lighter), self.scale)

    def whole(self, lighter: bool) -> Contrast:
        """Contrast with the lightest (darkest) there is: for a picture cut to its ink."""
        inkiness = self._lightness if lighter else -self._lightness
        low, high = np.percentile(inkiness[::2, ::2], (3, 97)).tolist()
        values = _as_coverage(inkiness - np.float32(low), lighter)
        most = float(_as_coverage(np.array([high - low], np.float32), lighter)[0])
        return Contrast(values, 0.0, most, most, self.scale)

    def measure_step(self, one: Bits, other: Bits) -> float:
        """How much two parts, bool (H, W), differ in lightness, as a contrast; 0 if one is none."""
        if not one.any() or not other.any():
            return 0.0
        parts = (self._lightness[one], self._lightness[other])
        return abs(float(np.median(parts[0])) - float(np.median(parts[1])))

    def find_dark_edges(self) -> float:
        """Share of the picture's edges that is dark; 0.5 where dark and light are not apart."""
        low, high = np.percentile(-self._lightness[::2, ::2], (3, 97)).tolist()
        most = float(_as_coverage(np.array([high - low], np.float32), False)[0])
        if most < 0.3:
            return 0.5
        light = self._lightness
        ring = np.concatenate([light[0], light[-1], light[:, 0], light[:, -1]])
        return float((_as_coverage(-ring - np.float32(low), False) > 0.5 * most).mean())


def find_ink_axis(colors: NDArray[np.uint8]) -> tuple[Floats, bool]:
    """The direction in (log) color that tells ink from paper, and whether ink is its lighter end.

    Returns:
        float32 (3,), of length 1, from darker to lighter.
    """
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
    axis = axis if axis.sum() >= 0 else -axis
    # Ink is the lesser part of what is seen, and the more different one.
    skew = float((nearness * (apart @ axis) ** 3).sum())
    return np.asarray(axis, np.float32), skew > 0


@dataclass(frozen=True, slots=True, eq=False)
class FoundInk:
    """What was taken for ink, with its soft edges."""

    mask: Bits  # (H, W)
    soft: Floats  # (H, W), 0 to 1, 0.5 on ink's edge


def has_two_levels(contrast: Contrast) -> bool:
    """Whether a picture is ink and paper, and little between: no texture and no clouds.

    By the share of the variance that is between them (Otsu, "A Threshold Selection Method from
    Gray-Level Histograms", 1979).
    """
    values = contrast.values
    above = values > 0.5 * contrast.usual
    share = float(above.mean())
    if not 0 < share < 1:
        return False
    apart = float(values[above].mean()) - float(values[~above].mean())
    return share * (1 - share) * apart**2 > _TWO_LEVELS * float(values.var())


def has_sharp_edge(contrast: Contrast, mask: Bits) -> bool:
    """Whether contrast falls off beside the ink in bool (H, W), and not slowly, as a cloud's."""
    reach = 2 * round(2.5 + 1.7 * contrast.scale) + 1
    kernel = np.ones((reach, reach), np.uint8)
    drawn = mask.astype(np.uint8)
    beside = cv2.dilate(drawn, kernel) - cv2.dilate(drawn, kernel[2:, 2:])
    outside = contrast.values[beside > 0]
    if not len(outside):
        return True
    inside = float(np.median(contrast.values[mask]))
    return float(np.median(outside)) < _SOFTEST * inside


def sharpen(contrast: Contrast) -> Floats:
    """How much ink is where, float32 (H, W), 0 to 1, its faintest tenth and its strongest cut."""
    share = contrast.values * np.float32(1.2 / contrast.usual) - np.float32(0.1)
    return np.asarray(np.clip(share, 0, 1), np.float32)


def threshold(contrast: Contrast, level: float) -> FoundInk:
    """Ink is what has more contrast than `level`."""
    mask = contrast.values > level
    return FoundInk(mask, np.clip(contrast.values * np.float32(0.5 / max(level, 1e-6)), 0, 1))


def trace(contrast: Contrast, faintest: float, seed: float, crispest: float = np.inf) -> FoundInk:
    """Ink that may fade: its edge is half of its own contrast there.

    Args:
        contrast: as measured.
        faintest: less is no ink.
        seed: ink hangs together with some that has this contrast.
        crispest: what has this contrast is ink whatever is beside it.
    """
    values = contrast.values
    # Wide enough to reach from an edge, which enlarging made soft, into the line.
    reach = 2 * max(5, round(1.2 * contrast.scale)) + 1
    peak = cv2.dilate(values, np.ones((reach, reach), np.uint8))
    peak = np.minimum(cv2.blur(peak, (reach, reach)), np.float32(2 * crispest))
    soft = np.clip(values / np.maximum(peak, np.float32(2 * faintest)), 0, 1)
    mask = soft > 0.5
    count, labels = cv2.connectedComponents(mask.astype(np.uint8), connectivity=8)
    held = np.zeros(count, bool)
    held[np.unique(labels[values > seed])] = True
    held[0] = False
    return FoundInk(held[labels], np.asarray(soft, np.float32))


def remove_printed_lines(ink: FoundInk) -> FoundInk | None:
    """Ink without thin, straight lines from edge to edge: rules, squares, a table's lines.

    Returns:
        The ink that is left, whole where it crossed a line; None where there is no such line.
    """
    high, wide = ink.mask.shape
    side = min(high, wide)
    thick = max(9, round(_PRINTED * side)) | 1
    mask = ink.mask.astype(np.uint8)
    bold = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((thick, thick), np.uint8))
    thin: Pixels = mask & (1 - np.asarray(bold, np.uint8))
    if np.count_nonzero(thin) < side:
        return None
    candidates = _find_lines(thin)
    if not candidates:
        return None
    inside = cv2.distanceTransform(mask, cv2.DIST_L2, 3)
    removed, seen = np.zeros_like(mask), np.zeros_like(mask)
    for line in candidates:
        (x1, y1), (x2, y2) = line
        middle = (y1 + y2) // 2, (x1 + x2) // 2
        if seen[y1, x1] + seen[y2, x2] + seen[middle] >= 2:
            continue  # a line that was looked at, once more
        chord, ends = _fit_chord(thin, line)
        cv2.line(seen, *ends, 1, thick)
        cv2.line(seen, *line, 1, thick)
        half = inside[chord & (thin > 0)]
        width = 2 * float(np.median(half)) if len(half) else 0.0
        if width > thick or not _crosses(mask, ends):
            continue
        strip = np.zeros_like(mask)
        cv2.line(strip, *ends, 1, round(width) + 4)
        # Where a digit crosses the line, there is ink beyond it.
        flat = abs(ends[1][0] - ends[0][0]) > abs(ends[1][1] - ends[0][1])
        beyond = round(1.5 * width) + 4
        kernel = np.ones((beyond, 1) if flat else (1, beyond), np.uint8)
        across = np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, kernel), np.uint8)
        removed |= strip & (1 - across)
    kept = mask & (1 - removed)
    if not removed.any() or not kept.any():
        return None
    return FoundInk(kept.astype(bool), ink.soft * (1 - removed))


Point = tuple[int, int]


def _find_lines(thin: Pixels) -> list[tuple[Point, Point]]:
    """Where there may be nearly level or upright lines from edge to edge, the longer ones first."""
    votes = round(_STRAIGHT * min(thin.shape))
    step = np.pi / 360
    found: list[tuple[Point, Point]] = []
    level, lean = np.pi / 2, np.radians(_MOST_LEAN)
    for low, high in ((level - lean, level + lean), (0, lean), (np.pi - lean, np.pi)):
        lines = cv2.HoughLines(thin * 255, 1, step, votes, min_theta=low, max_theta=high)
        for rho, theta in [] if lines is None else lines.reshape(-1, 2)[:_MOST_LINES].tolist():
            normal = np.array([np.cos(theta), np.sin(theta)])
            along = np.array([-normal[1], normal[0]]) * sum(thin.shape)
            ends = _cut_to_picture(rho * normal - along, rho * normal + along, thin.shape)
            found += [ends] if ends else []
    return found


def _fit_chord(thin: Pixels, ends: tuple[Point, Point]) -> tuple[Bits, tuple[Point, Point]]:
    """The line from edge to edge that fits the ink about another best, and where it is."""
    chord = np.zeros_like(thin)
    for near in (9, 5):
        chord[:] = 0
        cv2.line(chord, *ends, 1, near)
        found = cv2.findNonZero(chord & thin)
        if found is None or len(found) < 2:
            break
        points = found[:: len(found) // _FITTED + 1].astype(np.float32)
        dx, dy, x, y = cv2.fitLine(points, cv2.DIST_HUBER, 0, 0.01, 0.01).ravel().tolist()
        along = np.array([dx, dy]) * sum(thin.shape)
        ends = (
            _cut_to_picture(np.array([x, y]) - along, np.array([x, y]) + along, thin.shape) or ends
        )
    return chord > 0, ends


def _cut_to_picture(
    begin: NDArray[np.float64], end: NDArray[np.float64], shape: tuple[int, ...]
) -> tuple[Point, Point] | None:
    """The part of a line that lies on a picture of `shape`; None if none does."""
    one, other = (tuple(np.rint(point).astype(int).tolist()) for point in (begin, end))
    inside, first, last = cv2.clipLine((0, 0, shape[1], shape[0]), one, other)
    return ((first[0], first[1]), (last[0], last[1])) if inside else None


def _crosses(mask: Pixels, ends: tuple[Point, Point]) -> bool:
    """Whether a line is ink from one edge to the other, but for gaps."""
    steps = max(abs(ends[1][0] - ends[0][0]), abs(ends[1][1] - ends[0][1])) + 1
    columns = np.rint(np.linspace(ends[0][0], ends[1][0], steps)).astype(int)
    rows = np.rint(np.linspace(ends[0][1], ends[1][1], steps)).astype(int)
    wide = cv2.dilate(mask, np.ones((5, 5), np.uint8))
    high, across = mask.shape
    on = wide[np.clip(rows, 0, high - 1), np.clip(columns, 0, across - 1)]
    return bool(steps > 0.5 * min(mask.shape) and on.mean() > 0.8)
