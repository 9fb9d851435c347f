"""Pen strokes to the 28x28 picture that the network reads.

This is the one renderer: the canvas, the command line and the built-in digits
all go through `rasterize`. It imitates how MNIST was made (LeCun, Bottou,
Bengio, Haffner, "Gradient-Based Learning Applied to Document Recognition",
1998, section III-A): ink fitted into a 20x20 box with its aspect kept, gray
levels from anti-aliasing, center of mass at the center of 28x28.

Knows nothing of Qt, torch or networks.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from trainer.errors import UserError
from trainer.translation import gettext as _

SIDE = 28
"""Side of the picture that the network reads, in pixels."""
BOX = 20
"""Longest side of the ink inside that picture, in pixels."""
PEN = 2.3
"""Diameter of the pen's line at width 1, in pixels of the 28x28 picture."""
THINNEST, THICKEST = 0.25, 3.0
"""The widths that `rasterize` draws; others are brought to the nearer one."""

FINE = 8
"""Ink is drawn this many times finer than the picture, then averaged down."""
_NO_LENGTH = 1e-100
"""Points nearer to each other than this, in the strokes' unit, are in one place."""
GRID = (BOX + 4) * FINE
"""Side of the fine drawing: the box and a margin for rounding."""

Stroke = Sequence[Sequence[float]] | NDArray[np.float64]
"""Points in drawing order, each `(x, y)` or `(x, y, pressure)`; y points down.
Pressure is the line's local width as a multiple of the pen's; 1 is neutral."""

Pixels = NDArray[np.uint8]


class StrokesError(UserError, ValueError):
    """Strokes that are not what they should be; the message says where."""


def rasterize(strokes: Iterable[Stroke], *, width: float = 1.0, smallest: float = 0.0) -> Pixels:
    """Draw strokes as MNIST would have shown them.

    The pen's line is in proportion to the digit, not to the paper: a digit
    reads the same drawn small or large, in a corner or in the middle.

    Args:
        strokes: any number of strokes in any one unit of length.
        width: the pen's width as a multiple of the usual one, `THINNEST` to
            `THICKEST`.
        smallest: a drawing whose longest side is shorter than this (in the
            strokes' unit) is not enlarged beyond what that length would be.

    Returns:
        uint8 array of shape (28, 28): 0 is paper, 255 full ink. Nothing drawn
        is all paper; a point, or points all in one place, is a round dot of
        the pen's diameter at the center.

    Raises:
        StrokesError: a coordinate is not a finite number, or a point has fewer
            than two.
    """
    return _rasterize_lines([as_points(stroke) for stroke in strokes], width, smallest)


def _rasterize_lines(lines: list[NDArray[np.float64]], width: float, smallest: float) -> Pixels:
    """As `rasterize`, of what `as_points` has checked."""
    inked = [line for line in lines if len(line)]
    if not inked:
        return np.zeros((SIDE, SIDE), np.uint8)
    return center_by_mass(draw_fitted(inked, width, smallest))


def even_pen_widths(strokes: Iterable[Stroke]) -> list[NDArray[np.float64]]:
    """Strokes whose lines are nearer to the usual width, for pens that are set thin or wide.

    MNIST's pens differed little, and a wide one closes a digit's loops. So every
    point's width becomes its square root: a line of 1.6 is read as one of 1.26.

    Returns:
        float64 arrays of shape (points, 3): x, y, pressure.

    Raises:
        StrokesError: as `rasterize` does.
    """
    lines = []
    for stroke in strokes:
        points = as_points(stroke).copy()
        points[:, 2] = np.sqrt(np.maximum(points[:, 2], 0.0))
        lines.append(points)
    return lines


def render_drawing(strokes: Iterable[Stroke], *, smallest: float = 0.0) -> Pixels:
    """What a network is shown of a drawing: its pen's widths evened, then rasterized.

    The canvas and the command line both read drawings through it.

    Args:
        strokes: as for `rasterize`.
        smallest: as for `rasterize`.

    Raises:
        StrokesError: as `rasterize` does.
    """
    return _rasterize_lines(even_pen_widths(strokes), 1.0, smallest)


def as_points(stroke: Stroke) -> NDArray[np.float64]:
    """One stroke as float64 of shape (points, 3): x, y, pressure."""
    try:
        values = np.asarray(stroke)
    except (TypeError, ValueError):
        raise StrokesError(_("a stroke must be a list of [x, y] points")) from None
    if values.ndim and not len(values):
        return np.empty((0, 3))
    if values.ndim != 2 or values.shape[1] < 2 or values.dtype.kind not in "iuf":
        raise StrokesError(_("a stroke must be a list of [x, y] points"))
    points = values.astype(np.float64, copy=False)
    # 1e100 is far beyond any tablet, and its square still fits a float64.
    if not (np.abs(points) < 1e100).all():
        raise StrokesError(_("a stroke has a coordinate that is not a finite number"))
    if points.shape[1] == 2:
        return np.column_stack([points, np.ones(len(points))])
    return points[:, :3]


def draw_fitted(lines: list[NDArray[np.float64]], width: float, smallest: float) -> Pixels:
    """Ink or no ink at `FINE` times the picture's resolution, longest side `BOX`.

    Args:
        lines: as `as_points` gives them, none empty.
        width: as for `rasterize`.
        smallest: as for `rasterize`.

    Returns:
        uint8 of shape (GRID, GRID), 0 or 255; the ink in the middle.
    """
    xy, widths = fit_to_box(lines, width, smallest)
    return draw_at(xy, widths, [len(line) for line in lines], GRID)


def fit_to_box(
    lines: list[NDArray[np.float64]], width: float, smallest: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where `draw_fitted` draws: all points' places, (n, 2), and widths, (n,), in fine pixels."""
    points = np.concatenate(lines)
    widths = compute_fine_widths(points, PEN * FINE * min(max(width, THINNEST), THICKEST))
    xy = points[:, :2] - points[:, :2].min(axis=0)
    xy *= _scale_to_box(xy, widths, smallest)
    ink_low = (xy - widths[:, None] / 2).min(axis=0)
    ink_high = (xy + widths[:, None] / 2).max(axis=0)
    xy += (GRID - ink_low - ink_high) / 2
    return xy, widths


def compute_fine_widths(points: NDArray[np.float64], pen: float) -> NDArray[np.float64]:
    """Each point's width in whole fine pixels, with a pen of `pen` of them at pressure 1."""
    # Odd, so that Pillow's lines lie evenly about their points.
    widths = 2 * np.rint((pen * points[:, 2] - 1) / 2) + 1
    return np.asarray(np.clip(widths, 3, BOX * FINE // 2 - 1), np.float64)


def draw_at(
    xy: NDArray[np.float64], widths: NDArray[np.float64], lengths: list[int], side: int
) -> Pixels:
    """Ink or no ink where the points lie.

    Args:
        xy: all strokes' points, one after the other, shape (n, 2), in fine pixels.
        widths: shape (n,), as `compute_fine_widths` gives them.
        lengths: points of each stroke; they sum to n.
        side: of the square drawn on, in fine pixels.

    Returns:
        uint8 of shape (side, side), 0 or 255.
    """
    picture = Image.new("L", (side, side))
    draw = ImageDraw.Draw(picture)
    ends = np.cumsum(lengths)[:-1]
    for line, wide in zip(np.split(xy, ends), np.split(widths, ends), strict=True):
        _draw_line(draw, line, wide)
    return np.asarray(picture)


def _scale_to_box(xy: NDArray[np.float64], widths: NDArray[np.float64], smallest: float) -> float:
    """Fine pixels for a unit of the strokes, so that the ink just fits the box.

    The line's own width, which does not scale with the points, is part of the
    ink: with pen pressure, what touches the box need not be the outermost point.
    """
    span = float(xy.max())
    if span < _NO_LENGTH:
        return 0.0
    box = BOX * FINE
    scale = box / span
    # The ink's extent is a convex, piecewise linear function of the scale, and here
    # too large: Newton's steps come down to the answer without passing it. With
    # one width everywhere the first one is exact.
    for _other in range(10):
        high, low = xy * scale + widths[:, None] / 2, xy * scale - widths[:, None] / 2
        extent = high.max(axis=0) - low.min(axis=0)
        axis = int(extent.argmax())
        slope = xy[high[:, axis].argmax(), axis] - xy[low[:, axis].argmin(), axis]
        if extent[axis] - box < 0.01:
            break
        scale -= float((extent[axis] - box) / slope)
    if smallest > span:
        scale = min(scale, (box - float(widths.mean())) / smallest)
    return scale


def _draw_line(
    draw: ImageDraw.ImageDraw, points: NDArray[np.float64], widths: NDArray[np.float64]
) -> None:
    """One stroke with round ends and joints, in fine pixels."""
    # Half a fine pixel, which the box's edges often lie on, always goes the same
    # way: what is left of the strokes' place and size in the last digits decides nothing.
    at = np.floor(points + 0.5 + 1e-6)
    # A slow pen reports the same fine pixel again and again: once is enough,
    # and so a stroke of a million points costs no more than its length.
    keep = np.ones(len(at), bool)
    keep[1:] = (np.diff(at, axis=0) != 0).any(axis=1)
    at, widths = at[keep], widths[keep]
    xy = [(x, y) for x, y in at.tolist()]
    if (widths == widths[0]).all():
        if len(xy) > 1:
            draw.line(xy, fill=255, width=int(widths[0]))
    else:
        for a, b, w in zip(xy, xy[1:], (widths[:-1] + widths[1:]) / 2, strict=False):
            draw.line((a, b), fill=255, width=int(w) | 1)
    # Pillow counts the box's last pixel in: one of width 1 is a single pixel.
    for x, y, r in {(x, y, (w - 1) / 2) for (x, y), w in zip(xy, widths.tolist(), strict=True)}:
        draw.ellipse((x - r, y - r, x + r, y + r), fill=255)


def center_by_mass(fine: Pixels) -> Pixels:
    """Area average of fine ink into 28x28, center of mass at the center.

    Works for any fraction of a pixel: each picture pixel is the mean of the
    fine area under it. The centering stops short of pushing ink off the edge.
    """
    return average_area(fine, *find_center_start(fine))


def find_center_start(fine: Pixels) -> tuple[float, float]:
    """The fine column and row at which the 28x28 pixels of `center_by_mass` begin."""
    # Whole numbers, the sums of their products too: their order does not change them.
    rows, columns = fine.sum(axis=1, dtype=np.uint32), fine.sum(axis=0, dtype=np.uint32)
    return _find_centered_start(columns), _find_centered_start(rows)


def average_area(fine: Pixels, left: float, top: float) -> Pixels:
    """The 28x28 pixels of a fine drawing whose first begins at that fine column and row."""
    rows, columns = _find_ink(fine.any(axis=1)), _find_ink(fine.any(axis=0))
    narrow = _shrink(fine[rows, columns].T, left, columns.start).T
    return np.asarray(np.rint(_shrink(narrow, top, rows.start)), dtype=np.uint8)


def _find_ink(ink: Any) -> slice:
    """From the first to the last that is not paper: around it, all means are nought."""
    places = np.flatnonzero(ink)
    return slice(int(places[0]), int(places[-1]) + 1) if len(places) else slice(0, 1)


def _find_centered_start(mass: NDArray[np.uint32]) -> float:
    """Where, in fine pixels, the 28 pixels' window begins along one axis."""
    inked = np.flatnonzero(mass)
    center = float((mass * (np.arange(len(mass)) + 0.5)).sum() / mass.sum())
    begin, end = float(inked[0]), float(inked[-1] + 1)
    window = SIDE * FINE
    # Ink within [begin, end] must stay within [start, start + window].
    return min(max(center - window / 2, end - window), begin)


def _shrink(fine: NDArray[Any], start: float, above: int) -> NDArray[np.float32]:
    """Means of `FINE` rows each, the first of the 28 beginning at row `start`.

    Above `fine` there are `above` rows of paper, and below it any number.

    Not a product of matrices: numpy's would wake threads for it, and wait for
    them many times as long as this takes if the processor is busy training.
    """
    first = math.floor(start)
    share = np.float32(start - first)
    length = SIDE * FINE + 1
    window = np.zeros((length, fine.shape[1]), np.float32)  # beyond the drawing is paper
    low, high = max(first, above), min(first + length, above + len(fine))
    window[low - first : high - first] = fine[low - above : high - above]
    # A mean over rows that begin between two: the two means beside it, by their shares.
    blended = window[1:] - window[:-1]
    blended *= share
    blended += window[:-1]
    means = np.add.reduce(blended.reshape(SIDE, FINE, -1), axis=1)
    means /= FINE
    return np.asarray(means, np.float32)
