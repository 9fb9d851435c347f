"""Pen strokes to the 28x28 picture that the network reads.

This is the one renderer: the canvas, the command line and the built-in digits
all go through `rasterize`. It imitates how MNIST was made (LeCun, Bottou,
Bengio, Haffner, "Gradient-Based Learning Applied to Document Recognition",
1998, section III-A): ink fitted into a 20x20 box with its aspect kept, grey
levels from anti-aliasing, centre of mass at the centre of 28x28.

Knows nothing of Qt, torch or networks.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

SIDE = 28
"""Side of the picture that the network reads, in pixels."""
BOX = 20
"""Longest side of the ink inside that picture, in pixels."""
PEN = 2.3
"""Diameter of the pen's line at width 1, in pixels of the 28x28 picture."""
THINNEST, THICKEST = 0.25, 3.0
"""The widths that `rasterize` draws; others are brought to the nearer one."""

_FINE = 8
"""Ink is drawn this many times finer than the picture, then averaged down."""
_GRID = (BOX + 4) * _FINE
"""Side of the fine drawing: the box and a margin for rounding."""

Stroke = Sequence[Sequence[float]] | NDArray[np.float64]
"""Points in drawing order, each `(x, y)` or `(x, y, pressure)`; y points down.
Pressure is the line's local width as a multiple of the pen's; 1 is neutral."""

Pixels = NDArray[np.uint8]


class StrokesError(ValueError):
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
        the pen's diameter at the centre.

    Raises:
        StrokesError: a coordinate is not a finite number, or a point has fewer
            than two.
    """
    lines = [line for line in (_as_array(stroke) for stroke in strokes) if len(line)]
    if not lines:
        return np.zeros((SIDE, SIDE), np.uint8)
    fine = _draw_fine(lines, min(max(width, THINNEST), THICKEST), smallest)
    return _average_down(fine)


def rasterize_picture(grey: Pixels) -> Pixels:
    """Fit a scanned or photographed digit as `rasterize` fits a drawn one.

    Args:
        grey: uint8, shape (H, W), 0 paper and 255 full ink, any size.

    Returns:
        uint8 of shape (28, 28); all paper if there is no ink darker than half
        of the darkest.
    """
    inked = grey > max(32, int(grey.max()) // 2)
    if not inked.any():
        return np.zeros((SIDE, SIDE), np.uint8)
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    box = (int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
    scale = BOX * _FINE / max(box[2] - box[0], box[3] - box[1])
    size = (
        max(1, round((box[2] - box[0]) * scale)),
        max(1, round((box[3] - box[1]) * scale)),
    )
    fine = Image.new("L", (_GRID, _GRID))
    part = Image.fromarray(grey).crop(box).resize(size, Image.Resampling.BILINEAR)
    fine.paste(part, ((_GRID - size[0]) // 2, (_GRID - size[1]) // 2))
    return _average_down(np.asarray(fine))


def _as_array(stroke: Stroke) -> NDArray[np.float64]:
    """One stroke as float64 of shape (points, 3): x, y, pressure."""
    try:
        points = np.asarray(stroke, dtype=np.float64)
    except (TypeError, ValueError):
        raise StrokesError("a stroke must be a list of [x, y] points") from None
    if points.size == 0:
        return np.empty((0, 3))
    if points.ndim != 2 or points.shape[1] < 2:
        raise StrokesError("a stroke must be a list of [x, y] points")
    # 1e100 is far beyond any tablet, and its square still fits a float64.
    if not (np.abs(points) < 1e100).all():
        raise StrokesError("a stroke has a coordinate that is not a finite number")
    if points.shape[1] == 2:
        return np.column_stack([points, np.ones(len(points))])
    return points[:, :3]


def _draw_fine(lines: list[NDArray[np.float64]], width: float, smallest: float) -> Pixels:
    """Ink or no ink at `_FINE` times the picture's resolution, longest side `BOX`."""
    points = np.concatenate(lines)
    low = points[:, :2].min(axis=0)
    span = float((points[:, :2].max(axis=0) - low).max())
    pen = PEN * _FINE * width
    # The line's own width is part of the ink's box.
    room = BOX * _FINE - pen * float(np.clip(points[:, 2], 0.1, 4.0).mean())
    longest = max(span, smallest)
    scale = room / longest if longest > 0 else 0.0
    extent = (points[:, :2].max(axis=0) - low) * scale
    offset = (_GRID - extent) / 2
    picture = Image.new("L", (_GRID, _GRID))
    draw = ImageDraw.Draw(picture)
    for line in lines:
        _draw_line(draw, (line[:, :2] - low) * scale + offset, line[:, 2], pen)
    return np.asarray(picture)


def _draw_line(
    draw: ImageDraw.ImageDraw,
    points: NDArray[np.float64],
    pressure: NDArray[np.float64],
    pen: float,
) -> None:
    """One stroke with round ends and joints, in fine pixels."""
    at = np.rint(points)
    widths = np.clip(np.rint(pen * pressure), 2, BOX * _FINE / 2)
    # A slow pen reports the same fine pixel again and again: once is enough,
    # and so a stroke of a million points costs no more than its length.
    keep = np.ones(len(at), bool)
    keep[1:] = (np.diff(at, axis=0) != 0).any(axis=1)
    at, widths = at[keep], widths[keep]
    xy = [(float(x), float(y)) for x, y in at]
    if (widths == widths[0]).all():
        if len(xy) > 1:
            draw.line(xy, fill=255, width=int(widths[0]))
    else:
        for a, b, w in zip(xy, xy[1:], (widths[:-1] + widths[1:]) / 2, strict=False):
            draw.line((a, b), fill=255, width=int(w))
    for x, y, w in {(x, y, float(w)) for (x, y), w in zip(xy, widths, strict=True)}:
        draw.ellipse((x - w / 2, y - w / 2, x + w / 2, y + w / 2), fill=255)


def _average_down(fine: Pixels) -> Pixels:
    """Area average of fine ink into 28x28, centre of mass at the centre.

    Works for any fraction of a pixel: each picture pixel is the mean of the
    fine area under it. The centring stops short of pushing ink off the edge.
    """
    ink = fine.astype(np.float32)
    rows, columns = ink.sum(axis=1), ink.sum(axis=0)
    across = _overlaps(_window_start(columns), len(columns))
    down = _overlaps(_window_start(rows), len(rows))
    return np.asarray(np.rint(down @ ink @ across.T), dtype=np.uint8)


def _window_start(mass: NDArray[np.float32]) -> float:
    """Where, in fine pixels, the 28 pixels' window begins along one axis."""
    inked = np.flatnonzero(mass)
    centre = float((mass @ (np.arange(len(mass)) + 0.5)) / mass.sum())
    begin, end = float(inked[0]), float(inked[-1] + 1)
    window = SIDE * _FINE
    # Ink within [begin, end] must stay within [start, start + window].
    return min(max(centre - window / 2, end - window), begin)


def _overlaps(start: float, length: int) -> NDArray[np.float32]:
    """Weights of shape (28, length): each fine pixel's share of each picture pixel."""
    left = start + np.arange(SIDE)[:, None] * _FINE
    cell = np.arange(length)[None, :]
    shared = np.minimum(left + _FINE, cell + 1) - np.maximum(left, cell)
    return np.asarray(np.clip(shared, 0, None) / _FINE, dtype=np.float32)


def drawings_from_json(text: str) -> list[list[Stroke]]:
    """Drawings from a JSON list of `{"strokes": [[[x, y], ...], ...]}`.

    Other keys of an object are ignored.

    Raises:
        StrokesError: the text is not such a list; the message names the place.
    """
    try:
        drawings: Any = json.loads(text)
    except ValueError as error:
        raise StrokesError(f"not JSON: {error}") from None
    if not isinstance(drawings, list):
        raise StrokesError('must be a JSON list of {"strokes": [[[x, y], ...], ...]}')
    found = []
    for number, drawing in enumerate(drawings):
        strokes = drawing.get("strokes") if isinstance(drawing, dict) else None
        if not isinstance(strokes, list):
            raise StrokesError(f'drawing {number} has no "strokes" list')
        try:
            for stroke in strokes:
                _as_array(stroke)
        except StrokesError as error:
            raise StrokesError(f"drawing {number}: {error}") from None
        found.append(strokes)
    return found


def read_drawings(path: Path) -> list[list[Stroke]]:
    """`drawings_from_json` of a file, gzipped or not.

    Raises:
        StrokesError: unreadable, or not such a list.
    """
    import gzip

    try:
        content = path.read_bytes()
        if content[:2] == b"\x1f\x8b":
            content = gzip.decompress(content)
        return drawings_from_json(content.decode())
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise StrokesError(f"{path}: cannot be read: {error}") from None
    except StrokesError as error:
        raise StrokesError(f"{path}: {error}") from None
