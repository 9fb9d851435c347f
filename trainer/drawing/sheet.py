"""What is drawn, with unlimited undo and an eraser that cuts strokes.

Pure Python, without Qt: the canvas shows a `Drawing`, the reader reads its `Sheet`. Lengths are in
units of the paper, whose side is `PAPER`, so that they do not depend on the window's size.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # a picture brings numpy, which the window does not wait for
    import numpy as np
    from numpy.typing import NDArray

    from trainer.drawing.picture import Picture
    from trainer.drawing.rasterize import Stroke as _AnyStroke

PAPER = 280.0
"""Side of the square paper."""
PEN_WIDTH = 17.0
"""Diameter of the line that a pen of width 1 leaves on the paper."""
SMALLEST = PAPER / 14
"""A drawing shorter than this is not enlarged to the full size of a digit when it is read."""
_FITTED = PAPER * 0.68
"""The longest side of strokes that `fit_to_sheet` places on the paper."""

Point = tuple[float, float, float]
"""x, y and the line's width there as a multiple of `PEN_WIDTH`."""
Stroke = tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is on the paper: strokes or a picture, never both. Immutable, for any thread."""

    strokes: tuple[Stroke, ...] = ()
    picture: Picture | None = None

    @property
    def empty(self) -> bool:
        """Whether there is neither ink nor a picture."""
        return not self.strokes and self.picture is None


class Drawing:
    """Strokes in drawing order, or a picture, with an undo history.

    One undo takes back one stroke of the pen or eraser, a clearing, or a replacement of all ink.
    """

    def __init__(self) -> None:
        self._done = Sheet()
        self._current: list[Point] | None = None
        self._past: list[Sheet] = []
        self._future: list[Sheet] = []
        self._before_erasing: Sheet | None = None
        self._reaches: dict[int, _Reach] = {}  # of the finished strokes, by their id

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
        """The sheet's strokes; none where it has a picture."""
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
        """The pen touches the paper; a picture on it is replaced."""
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
        places = [
            (a[0] + (b[0] - a[0]) * n / steps, a[1] + (b[1] - a[1]) * n / steps)
            for n in range(steps + 1)
        ]
        box = _Box(min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1]))
        left: list[Stroke] = []
        for reach in self._all_reaches():
            if reach.box.meets(box.grown(radius)):
                left.extend(_rub_out(reach, box, places, radius))
            else:
                left.append(reach.stroke)
        if len(left) != len(self._done.strokes) or any(
            one is not other for one, other in zip(left, self._done.strokes, strict=True)
        ):
            self._done = Sheet(tuple(left))

    def lines_near(
        self, left: float, top: float, right: float, bottom: float
    ) -> Iterator[tuple[Point, Point]]:
        """Segments of the finished strokes whose ink may be in a part of the paper.

        Yields:
            two successive points; of a dot, the same point twice.
        """
        box = _Box(left, top, right, bottom)
        for reach in self._all_reaches():
            if reach.box.meets(box):
                for first, end in reach.runs_in(box):
                    points = reach.stroke[first : end + 1]
                    yield from itertools.pairwise(points if len(points) > 1 else points * 2)

    @property
    def widest(self) -> float:
        """The widest line of the finished strokes, in units of the paper."""
        return max((2 * reach.margin for reach in self._all_reaches()), default=0.0)

    def _all_reaches(self) -> list[_Reach]:
        """Of the finished strokes; those of strokes that are gone are dropped."""
        known = self._reaches
        reaches = [known.get(id(stroke)) or _Reach(stroke) for stroke in self._done.strokes]
        self._reaches = {id(reach.stroke): reach for reach in reaches}  # which keep them alive
        return reaches

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
        """Put a picture on the paper; undo brings back what is there now."""
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


@dataclass(frozen=True, slots=True)
class _Box:
    """A part of the paper."""

    left: float
    top: float
    right: float
    bottom: float

    def grown(self, by: float) -> _Box:
        """By so much on each side."""
        return _Box(self.left - by, self.top - by, self.right + by, self.bottom + by)

    def meets(self, other: _Box) -> bool:
        """Whether they share a point."""
        return (
            self.left <= other.right
            and other.left <= self.right
            and self.top <= other.bottom
            and other.top <= self.bottom
        )


_LONG = 200
"""Least points of a stroke whose segments are searched with numpy."""


class _Reach:
    """The extent of a stroke's ink: computed once, not for each move of the eraser."""

    def __init__(self, stroke: Stroke) -> None:
        self.stroke = stroke
        self._lows: NDArray[np.float64] | None = None  # (2, N + 1): each segment's left and top
        self._highs: NDArray[np.float64] | None = None
        if len(stroke) < _LONG:
            xs, ys, widths = zip(*stroke, strict=True)
            self.margin = max(widths) * PEN_WIDTH / 2
            box = _Box(min(xs), min(ys), max(xs), max(ys))
        else:
            box = self._measure()
        self.box = box.grown(self.margin)

    def _measure(self) -> _Box:
        """The bounds of all points, and of each segment."""
        import numpy as np  # for long strokes only, so never before the window shows

        flat = np.fromiter(
            itertools.chain.from_iterable(self.stroke), np.float64, 3 * len(self.stroke)
        )
        x, y, widths = flat.reshape(-1, 3).T
        at = np.stack((x, y))
        nowhere = ((0, 0), (1, 1))  # at both ends a segment that is near nothing
        lows, highs = np.minimum(at[:, :-1], at[:, 1:]), np.maximum(at[:, :-1], at[:, 1:])
        self._lows = np.pad(lows, nowhere, constant_values=np.inf)
        self._highs = np.pad(highs, nowhere, constant_values=-np.inf)
        self.margin = float(widths.max()) * PEN_WIDTH / 2
        return _Box(*map(float, (x.min(), y.min(), x.max(), y.max())))

    def runs_in(self, box: _Box) -> list[tuple[int, int]]:
        """First and last index of each sequence of points whose ink may be in the box."""
        if self._lows is None or self._highs is None:
            return [(0, len(self.stroke) - 1)]
        box = box.grown(self.margin)
        near = (self._lows[0] <= box.right) & (self._highs[0] >= box.left)
        near &= (self._lows[1] <= box.bottom) & (self._highs[1] >= box.top)
        (edges,) = (near[1:] != near[:-1]).nonzero()
        return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def _rub_out(
    reach: _Reach, box: _Box, places: list[tuple[float, float]], radius: float
) -> Iterator[Stroke]:
    """What circles at these places, which are in the box, leave of a stroke.

    The stroke itself if they do not touch it. Only points near them are looked at.
    """
    stroke = reach.stroke
    whole = True  # nothing is cut so far
    open_from = 0  # the point from which on nothing is cut so far
    prefix: Stroke = ()  # what comes before that point, in one piece with it
    for first, last in reach.runs_in(box.grown(radius)):
        part = stroke[first : last + 1]
        before = prefix + stroke[open_from : first + 1]
        pieces = _cut_along(part, places, radius, before[0][2])
        if len(pieces) == 1 and pieces[0] is part:
            continue
        if pieces and pieces[0][0] is part[0]:
            pieces[0] = before + pieces[0][1:]
        elif len(before) > 1:
            pieces.insert(0, before)
        goes_on = bool(pieces) and pieces[-1][-1] is part[-1]
        prefix = pieces.pop()[:-1] if goes_on else ()
        whole, open_from = False, last
        yield from pieces
    rest = stroke if whole else prefix + stroke[open_from:]
    if whole or len(rest) > 1:
        yield rest


def _cut_along(
    part: Stroke, places: list[tuple[float, float]], radius: float, width: float
) -> list[Stroke]:
    """The pieces left of a part of a stroke that begins with a line of this width."""
    pieces = [part]
    for x, y in places:
        pieces = [
            left
            for piece in pieces
            # The ends left are round: by half the line's width they reach back.
            for left in _cut(
                piece,
                *(x, y),
                radius + (width if piece[0] is part[0] else piece[0][2]) * PEN_WIDTH / 2,
            )
        ]
    return pieces


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
    """Strokes in any unit, scaled to the usual size and centered on the paper."""
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
    """`SMALLEST` in the unit of strokes, as they would be scaled by `fit_to_sheet`."""
    return SMALLEST * max(_bounds(strokes)[2:]) / _FITTED


def _bounds(strokes: Sequence[_AnyStroke]) -> tuple[float, float, float, float]:
    """Left, top, width and height of all points; 0 where there are none."""
    points = [point for stroke in strokes for point in stroke]
    if not points:
        return 0.0, 0.0, 0.0, 0.0
    left, top = min(p[0] for p in points), min(p[1] for p in points)
    return left, top, max(p[0] for p in points) - left, max(p[1] for p in points) - top


@dataclass(frozen=True, slots=True)
class PreprocessingOptions:
    """Which parts of the preprocessing are done; see `trainer.drawing.preprocessing`."""

    box: bool = True  # crop to the ink; else the whole paper is used
    fit: bool = True  # scale it to 20 pixels, with lines as in MNIST; else keep scale and lines
    center: bool = True  # center its mass in 28x28; else it stays where it was drawn

    @property
    def all(self) -> bool:
        """Whether all parts are done."""
        return self.box and self.fit and self.center
