"""Preprocessing, with an image after each part: crop, resize to 20x20, center in 28x28.

For display and teaching: a part can be switched off, to see how the network reads ink that was not
prepared as MNIST's was. With all parts, the last image is that of `rasterize.rasterize`, bit for
bit. Knows nothing of Qt, torch or networks.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.drawing.rasterize import (
    BOX,
    FINE,
    PEN,
    SIDE,
    Pixels,
    Stroke,
    as_points,
    average_area,
    center_by_mass,
    compute_fine_widths,
    draw_at,
    draw_fitted,
    even_pen_widths,
)
from trainer.drawing.sheet import PAPER, PEN_WIDTH, SMALLEST, PreprocessingOptions, Sheet
from trainer.drawing.sheet import Stroke as SheetStroke

Bounds = tuple[float, float, float, float]
"""Left, top, right, bottom, as shares of the paper's side."""
_WHOLE: Bounds = (0.0, 0.0, 1.0, 1.0)

_SHEET = SIDE * FINE
"""Side of the fine drawing of the whole paper, which is scaled to 28 pixels."""
_DIGIT = BOX * FINE
"""Side of the fine drawing of ink that is scaled to 20 pixels."""


@dataclass(frozen=True, slots=True)
class Paper:
    """The square that was drawn on, in the strokes' unit; its upper left corner is (0, 0)."""

    side: float
    line: float  # diameter of the pen's line at width 1


@dataclass(frozen=True, slots=True, eq=False)
class PreprocessingStages:
    """A drawing after each part of the preprocessing; all images are uint8, 0 paper and 255 ink."""

    paper: Pixels  # (224, 224), the whole paper; of an imported picture (S, S)
    bounds: Bounds  # of what is cropped from it
    box: Pixels  # (H, W), that part of `paper`
    fitted: Pixels  # (20, 20); without `fit` (N, N), N at most 28, in pixels of the same size
    image: Pixels  # (28, 28), what the network reads


def preprocess_sheet(
    sheet: Sheet, strokes: Sequence[SheetStroke], options: PreprocessingOptions
) -> PreprocessingStages:
    """Preprocess a sheet's strokes, or its picture.

    Args:
        sheet: what is on the paper.
        strokes: those of its strokes that are read.
        options: which parts to do; without effect on a picture.

    Raises:
        StrokesError: as `rasterize` does.
    """
    if sheet.picture is not None:
        return preprocess_picture(sheet.picture.shown, sheet.picture.image)
    # Without the resizing, the widths stay as drawn, too: to show that is what it is for.
    drawn = even_pen_widths(strokes) if options.fit else strokes
    paper = Paper(PAPER, PEN_WIDTH)
    return preprocess_strokes(drawn, paper=paper, options=options, smallest=SMALLEST)


def preprocess_strokes(
    strokes: Iterable[Stroke],
    *,
    paper: Paper,
    options: PreprocessingOptions = PreprocessingOptions(),  # noqa: B008  it is frozen
    width: float = 1.0,
    smallest: float = 0.0,
) -> PreprocessingStages:
    """Draw strokes as `rasterize` does, and keep an image of each part.

    Args:
        strokes: as for `rasterize`; ink off the paper is not on its image.
        paper: what was drawn on.
        options: which parts to do; by default all.
        width: as for `rasterize`.
        smallest: as for `rasterize`.

    Raises:
        StrokesError: as `rasterize` does.
    """
    lines = [line for line in (as_points(stroke) for stroke in strokes) if len(line)]
    if not lines:
        return _nothing()
    points, lengths = np.concatenate(lines), [len(line) for line in lines]
    drawn = _on_paper(points, lengths, _SHEET / paper.side, width * paper.line, _SHEET)
    bounds = _bounds(points, width, paper) if options.box else _WHOLE
    box = _cut_out(drawn, bounds)
    if options.all:
        fine = draw_fitted(lines, width, smallest)
        return PreprocessingStages(
            drawn, bounds, box, _tiles(_trim(fine), BOX), center_by_mass(fine)
        )
    if not options.fit:
        piece = box
    elif options.box:
        piece = _trim(draw_fitted(lines, width, smallest))
    else:
        scale = _DIGIT / paper.side
        piece = _on_paper(points, lengths, scale, width * PEN * FINE / scale, _DIGIT)
    pixels = BOX if options.fit else math.ceil(max(piece.shape) / FINE)
    image = _place(piece, bounds, center=options.center)
    return PreprocessingStages(drawn, bounds, box, _tiles(piece, pixels), image)


def preprocess_picture(shown: Pixels, image: Pixels) -> PreprocessingStages:
    """The images of a picture that was fitted when it was imported: its ink's box, and 20x20.

    Args:
        shown: uint8, (S, S), the picture.
        image: uint8, (28, 28), what is read of it.

    Returns:
        `paper` is `shown`.
    """
    left, top, right, bottom = _ink(shown)
    side = len(shown)
    bounds = (left / side, top / side, right / side, bottom / side)
    cut_out = shown[top:bottom, left:right]
    left, top, right, bottom = _ink(image)
    small = image[top:bottom, left:right]
    fitted = np.zeros((max(BOX, *small.shape),) * 2, np.uint8)
    y, x = (len(fitted) - small.shape[0]) // 2, (len(fitted) - small.shape[1]) // 2
    fitted[y : y + small.shape[0], x : x + small.shape[1]] = small
    return PreprocessingStages(shown, bounds, cut_out, fitted, image)


def _ink(picture: Pixels) -> tuple[int, int, int, int]:
    """The box around pixels at least a quarter as dark as full ink; all if there are none."""
    rows = np.flatnonzero((picture > 63).any(axis=1))
    columns = np.flatnonzero((picture > 63).any(axis=0))
    if not len(rows):
        return 0, 0, picture.shape[1], picture.shape[0]
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _nothing() -> PreprocessingStages:
    """The stages of a sheet without ink."""
    clean = np.zeros((_SHEET, _SHEET), np.uint8)
    read = np.zeros((SIDE, SIDE), np.uint8)
    return PreprocessingStages(clean, _WHOLE, clean, read[:BOX, :BOX], read)


def _on_paper(
    points: NDArray[np.float64], lengths: list[int], scale: float, line: float, side: int
) -> Pixels:
    """The paper at `scale` fine pixels a unit, with lines of `line` units at pressure 1."""
    # A pixel's number is that of its corner, and Pillow's lines run through its middle.
    xy = np.clip(points[:, :2] * scale - 0.5, -side, 2 * side)  # Pillow counts in 32 bits
    return draw_at(xy, compute_fine_widths(points, line * scale), lengths, side)


def _bounds(points: NDArray[np.float64], width: float, paper: Paper) -> Bounds:
    """The ink's box on the paper."""
    reach = points[:, 2:] * (width * paper.line / 2)
    left, top = np.clip((points[:, :2] - reach).min(axis=0) / paper.side, 0, 1).tolist()
    right, bottom = np.clip((points[:, :2] + reach).max(axis=0) / paper.side, 0, 1).tolist()
    return left, top, right, bottom


def _cut_out(drawn: Pixels, bounds: Bounds) -> Pixels:
    """The part of the paper's image within the bounds, at least one pixel."""
    left, top = (min(math.floor(at * _SHEET), _SHEET - 1) for at in bounds[:2])
    right, bottom = (math.ceil(at * _SHEET) for at in bounds[2:])
    return drawn[top : max(bottom, top + 1), left : max(right, left + 1)]


def _trim(fine: Pixels) -> Pixels:
    """A fine drawing without the paper around its ink; as it is if it has none."""
    rows, columns = np.flatnonzero(fine.any(axis=1)), np.flatnonzero(fine.any(axis=0))
    if not len(rows):
        return fine
    return fine[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _tiles(piece: Pixels, pixels: int) -> Pixels:
    """An area average of the fine piece, in the middle of a square of so many pixels."""
    side = pixels * FINE
    # Rounding may have left a line a fine pixel longer than it should be.
    piece = piece[:side, :side]
    square = np.zeros((side, side), np.float32)
    top, left = (side - piece.shape[0]) // 2, (side - piece.shape[1]) // 2
    square[top : top + piece.shape[0], left : left + piece.shape[1]] = piece
    means = square.reshape(pixels, FINE, pixels, FINE).mean(axis=(1, 3))
    return np.asarray(np.rint(means), np.uint8)


def _place(piece: Pixels, bounds: Bounds, *, center: bool) -> Pixels:
    """A fine piece in 28x28: centered by its mass, or where it was on the paper.

    In the latter case, the blank space to its left, and above it, is the same share of all
    blank space as on the paper.
    """
    if center and piece.any():
        return center_by_mass(piece)
    starts = []
    for axis, length in ((0, piece.shape[1]), (1, piece.shape[0])):
        room = 1 - (bounds[axis + 2] - bounds[axis])
        share = bounds[axis] / room if room > 1e-9 else 0.5
        starts.append(-share * (_SHEET - length))
    return average_area(piece, *starts)
