"""What lies on the paper, with undo to any depth and an eraser that cuts strokes.

Plain Python: the canvas shows it and the reader reads it. Lengths are in units
of the paper, whose side is `PAPER`, so that a resized window changes nothing.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # a picture brings numpy, which the window does not wait for
    from trainer.drawing.picture import Picture
    from trainer.drawing.rasterize import Stroke as _AnyStroke

PAPER = 280.0
"""Side of the square paper."""
PEN_WIDTH = 17.0
"""Diameter of the line that a pen of width 1 leaves on the paper."""
SMALLEST = PAPER / 14
"""Marks shorter than this are not enlarged to a whole digit when read."""
_FITTED = PAPER * 0.68
"""The longest side of strokes that were brought to the paper."""

Point = tuple[float, float, float]
"""x, y and the line's width there as a multiple of `PEN_WIDTH`."""
Stroke = tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What lies on the paper: strokes or a picture, never both; a thread may read it."""

    strokes: tuple[Stroke, ...] = ()
    picture: Picture | None = None

    @property
    def empty(self) -> bool:
        """Whether it is a clean sheet."""
        return not self.strokes and self.picture is None


class Drawing:
    """Strokes in the order drawn, or a picture.

    One undo takes back one press of the pen or eraser, a clearing, or the
    showing of something else.
    """

    def __init__(self) -> None:
        self._done = Sheet()
        self._current: list[Point] | None = None
        self._past: list[Sheet] = []
        self._future: list[Sheet] = []
        self._before_erasing: Sheet | None = None

    @property
    def sheet(self) -> Sheet:
        """All strokes, with the one under the pen, or the picture."""
        if self._current is None:
            return self._done
        return Sheet((*self._done.strokes, tuple(self._current)))

    @property
    def pen_down(self) -> bool:
        """Whether a stroke is being drawn."""
        return self._current is not None

    @property
    def strokes(self) -> tuple[Stroke, ...]:
        """The sheet's strokes; none where a picture lies."""
        return self.sheet.strokes

    @property
    def picture(self) -> Picture | None:
        """The sheet's picture."""
        return self.sheet.picture

    @property
    def empty(self) -> bool:
        """Whether there is neither ink nor a picture."""
        return self._done.empty and self._current is None

    @property
    def can_undo(self) -> bool:
        """Whether there is something to take back."""
        return bool(self._past) or self._current is not None

    @property
    def can_redo(self) -> bool:
        """Whether something taken back can be done again."""
        return bool(self._future)

    def begin(self, point: Point) -> None:
        """The pen touches the paper; where a picture lies, a new sheet."""
        self.end()
        self._current = [point]

    def extend(self, point: Point) -> None:
        """The pen moves on the paper."""
        if self._current is not None:
            self._current.append(point)

    def end(self) -> None:
        """The pen or eraser leaves the paper."""
        if self._current is not None:
            stroke, self._current = tuple(self._current), None
            self._change(Sheet((*self._done.strokes, stroke)))
        if self._before_erasing is not None:
            before, self._before_erasing = self._before_erasing, None
            if before != self._done:
                after, self._done = self._done, before
                self._change(after)

    def erase(self, a: tuple[float, float], b: tuple[float, float], radius: float) -> None:
        """Cut away all ink within `radius` of the line from a to b; a picture stays as it is."""
        if self._before_erasing is None:
            self.end()
            self._before_erasing = self._done
        if not self._done.strokes:
            return
        steps = max(1, math.ceil(math.dist(a, b) / (radius / 2)))
        for n in range(steps + 1):
            x = a[0] + (b[0] - a[0]) * n / steps
            y = a[1] + (b[1] - a[1]) * n / steps
            pieces = (
                piece
                for stroke in self._done.strokes
                # The ends left are round: by half the line's width they reach back.
                for piece in _cut(stroke, x, y, radius + stroke[0][2] * PEN_WIDTH / 2)
            )
            self._done = Sheet(tuple(pieces))

    def clear(self) -> None:
        """Take all ink, or the picture, away; undo brings it back."""
        self.end()
        if not self._done.empty:
            self._change(Sheet())

    def replace(self, strokes: tuple[Stroke, ...]) -> None:
        """Show another drawing; undo brings this one back."""
        self.end()
        self._change(Sheet(strokes))

    def show_picture(self, picture: Picture) -> None:
        """Lay a picture on the paper; undo brings back what is there now."""
        self.end()
        self._change(Sheet((), picture))

    def undo(self) -> None:
        """Take the last change back."""
        self.end()
        if self._past:
            self._future.append(self._done)
            self._done = self._past.pop()

    def redo(self) -> None:
        """Make the change again that `undo` took back."""
        self.end()
        if self._future:
            self._past.append(self._done)
            self._done = self._future.pop()

    def _change(self, sheet: Sheet) -> None:
        self._past.append(self._done)
        self._future.clear()
        self._done = sheet


def _cut(stroke: Stroke, x: float, y: float, radius: float) -> list[Stroke]:
    """What is left of a stroke outside a circle; the stroke itself if it is untouched."""
    if len(stroke) == 1:
        return [] if math.hypot(stroke[0][0] - x, stroke[0][1] - y) < radius else [stroke]
    pieces: list[list[Point]] = [[]]
    touched = False
    for a, b in itertools.pairwise(stroke):
        inside = _inside(a, b, x, y, radius)
        if inside is None:
            pieces[-1] = pieces[-1] or [a]
            pieces[-1].append(b)
            continue
        touched = True
        enters, leaves = inside
        if enters > 0:
            pieces[-1] = pieces[-1] or [a]
            pieces[-1].append(_between(a, b, enters))
        pieces.append([])
        if leaves < 1:
            pieces[-1] = [_between(a, b, leaves), b]
    if not touched:
        return [stroke]
    return [tuple(piece) for piece in pieces if len(piece) > 1]


def _inside(a: Point, b: Point, x: float, y: float, radius: float) -> tuple[float, float] | None:
    """Where, as shares of the way from a to b, the segment lies in the circle; None if nowhere."""
    dx, dy, fx, fy = b[0] - a[0], b[1] - a[1], a[0] - x, a[1] - y
    length2, half_b, c = dx * dx + dy * dy, fx * dx + fy * dy, fx * fx + fy * fy - radius * radius
    if length2 == 0:
        return (0.0, 1.0) if c < 0 else None
    root2 = half_b * half_b - length2 * c
    if root2 <= 0:
        return None
    root = math.sqrt(root2)
    enters, leaves = max(0.0, (-half_b - root) / length2), min(1.0, (-half_b + root) / length2)
    return (enters, leaves) if enters < leaves else None


def _between(a: Point, b: Point, share: float) -> Point:
    """The point that far along the way from a to b."""
    return (
        a[0] + (b[0] - a[0]) * share,
        a[1] + (b[1] - a[1]) * share,
        a[2] + (b[2] - a[2]) * share,
    )


def fit_to_sheet(strokes: list[list[list[float]]]) -> tuple[Stroke, ...]:
    """Strokes in any unit, brought to the middle of the paper at a usual size."""
    left, top, width, height = _bounds(strokes)
    longest = max(width, height)
    scale = _FITTED / longest if longest > 0 else 1.0
    x0, y0 = (PAPER - width * scale) / 2, (PAPER - height * scale) / 2
    return tuple(
        tuple(
            (
                x0 + (point[0] - left) * scale,
                y0 + (point[1] - top) * scale,
                point[2] if len(point) > 2 else 1.0,
            )
            for point in stroke
        )
        for stroke in strokes
        if stroke
    )


def smallest_mark(strokes: Sequence[_AnyStroke]) -> float:
    """What `SMALLEST` is in the unit of strokes that `fit_to_sheet` can bring to the paper."""
    return SMALLEST * max(_bounds(strokes)[2:]) / _FITTED


def _bounds(strokes: Sequence[_AnyStroke]) -> tuple[float, float, float, float]:
    """left, top, width and height of all points; nought where there are none."""
    points = [point for stroke in strokes for point in stroke]
    if not points:
        return 0.0, 0.0, 0.0, 0.0
    left, top = min(p[0] for p in points), min(p[1] for p in points)
    return left, top, max(p[0] for p in points) - left, max(p[1] for p in points) - top


@dataclass(frozen=True, slots=True)
class PreprocessingOptions:
    """The steps that are taken; see `trainer.drawing.preprocessing`."""

    box: bool = True  # cut the ink out; else the whole paper is taken
    fit: bool = True  # bring it to 20 pixels, with MNIST's line; else paper's scale and line stay
    center: bool = True  # its mass to the center; else it stays where it lay on the paper

    @property
    def all(self) -> bool:
        """Whether none is left out."""
        return self.box and self.fit and self.center
