"""One polyline of a panel: all its points, and those of them to draw.

Draws parts of a matplotlib line as the line itself would be drawn, in a fraction of the time.
"""

from __future__ import annotations

import math

import numpy as np
from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.colors import to_rgba
from matplotlib.lines import Line2D
from matplotlib.markers import MarkerStyle
from matplotlib.path import Path
from matplotlib.transforms import Affine2D, Bbox, IdentityTransform
from numpy.typing import NDArray

from trainer.curves.decimation import MinMaxDecimator, Values
from trainer.curves.series import Average, Points
from trainer.curves.spec import ACCURACY_LIMITS, AGAINST, CurveLine

Pixels = NDArray[np.float64]
"""x and y of points, float64 (N, 2)."""


class Pen:
    """Draws parts of one line, in the style that the line has when this is made.

    Args:
        line: has color, width, marker and so on.
        dashes: its pattern, in line widths; empty for a full line.
    """

    def __init__(self, line: Line2D, dashes: tuple[float, ...]) -> None:
        self._dashes = [length * line.get_linewidth() for length in dashes]  # in points
        self._stroke = GraphicsContextBase()
        color = to_rgba(line.get_color(), line.get_alpha())
        self._stroke.set_foreground(color, isRGBA=True)
        self._stroke.set_linewidth(line.get_linewidth())
        self._stroke.set_joinstyle(line.get_solid_joinstyle())
        self._stroke.set_capstyle(line.get_solid_capstyle())
        if dashes:
            self._stroke.set_joinstyle(line.get_dash_joinstyle())
            self._stroke.set_capstyle(line.get_dash_capstyle())
        self._mark = MarkerStyle(line.get_marker())
        self._size = float(line.get_markersize())
        self._face = to_rgba(line.get_markerfacecolor())
        self._edge = GraphicsContextBase()
        self._edge.set_foreground(to_rgba(line.get_markeredgecolor()), isRGBA=True)
        self._edge.set_linewidth(line.get_markeredgewidth())
        self._edge.set_joinstyle(self._mark.get_joinstyle())
        self._edge.set_capstyle(self._mark.get_capstyle())

    @property
    def dashed(self) -> bool:
        """Whether it matters where along the line a part begins."""
        return bool(self._dashes)

    def draw(self, renderer: RendererBase, part: Pixels, clip: Bbox, along: float) -> None:
        """Draw a part of the line that begins `along` pixels from the line's start."""
        if not self._stroke.get_linewidth():
            return
        self._stroke.set_clip_rectangle(clip)
        if self._dashes:
            along = along / _pixels(renderer, 1.0) % sum(self._dashes)
            self._stroke.set_dashes(along, self._dashes)
        renderer.draw_path(self._stroke, Path(part), IdentityTransform())

    def mark(self, renderer: RendererBase, places: Pixels, clip: Bbox) -> None:
        """Draw the line's markers at these places."""
        size = _pixels(renderer, self._size)
        self._edge.set_clip_rectangle(clip)
        snapped = self._mark.get_snap_threshold()
        self._edge.set_snap(None if snapped is None else size >= snapped)
        scaled = Affine2D(self._mark.get_transform().get_matrix()).scale(size)
        path, plain = self._mark.get_path(), IdentityTransform()
        renderer.draw_markers(self._edge, path, scaled, Path(places), plain, self._face)


def _pixels(renderer: RendererBase, points: float) -> float:
    return float(np.asarray(renderer.points_to_pixels(points)))


_MARKS = 12  # of a validation's curve, about


class Trace:
    """All points of a line, and the artist that draws the chosen ones."""

    def __init__(self, line: CurveLine, split: str, artist: Line2D) -> None:
        self.line, self.split, self.artist = line, split, artist
        self.x: Values = np.empty(0)
        self.y: Values = np.empty(0)
        self.shown = self.x, self.y
        """The points that the artist draws; an animated artist has them only while it does."""
        self._taken: tuple[object, ...] = ()
        self._average = Average(0.0)
        self._columns = MinMaxDecimator()
        self._ends = math.inf, -math.inf, math.inf  # lowest, highest, lowest above 0
        self._every = 0  # points from mark to mark
        self._pen = Pen(artist, line.style.dashes if artist.is_dashed() else ())
        self._start = 0  # of the last piece, in `shown`
        self._reference = 0, 0.0  # a point of `shown`, and its distance along the line in pixels

    def take(self, points: Points, against: str, column: str, smoothing: float) -> None:
        """Use these points from now on; only new ones are processed."""
        taken = (points.began, against, smoothing)
        if taken != self._taken:
            self._taken, self._average, self._columns = taken, Average(smoothing), MinMaxDecimator()
            self._ends = math.inf, -math.inf, math.inf
            self.y = self.y[:0]
        if points.count > len(self.y):
            new = len(self.y)
            self.x = points.column(AGAINST[against])
            self.y = self._average.take(points.column(column))
            self._widen(self.y[new:])

    def put(self, x: Values, y: Values, scale: str) -> float:
        """Use one point, which is drawn; returns the least x from which the drawing changes."""
        if np.array_equal(x, self.x) and np.array_equal(y, self.y):
            return math.inf
        moved = min(map(float, (*self.x, *x)), default=math.inf)
        self.x, self.y, self.shown = x, y, (x, clip_to_scale(y, scale))
        self.artist.set_data(*self.shown)
        return moved

    def _widen(self, new: Values) -> None:
        low, high, above = self._ends
        positive = new[new > 0]
        self._ends = (
            min(low, float(new.min())),
            max(high, float(new.max())),
            min(above, float(positive.min())) if len(positive) else above,
        )

    def ends(self, scale: str) -> tuple[float, ...]:
        """The lowest and highest value that a scale can show; empty without any."""
        low, high, above = self._ends
        low = above if scale == "log" else low
        if not low <= high:
            return ()
        return tuple(map(float, clip_to_scale(np.array([low, high]), scale)))

    def choose(self, low: float, high: float, columns: int, scale: str) -> float:
        """Choose the points to draw.

        Returns:
            the least x from which the drawing changes; infinity if it does not.
        """
        (x, y), every = self.shown, self._every
        indices, same = self._columns.choose(self.x, self.y, low, high, columns)
        if same == len(indices) == len(x):
            return math.inf
        same = min(same, len(x))
        new = clip_to_scale(self.y[indices[same:]], scale)
        self.shown = (
            np.concatenate((x[:same], self.x[indices[same:]])),
            np.concatenate((y[:same], new)),
        )
        if self.split == "validation":
            self._every = max(1, len(indices) // _MARKS)
            self.artist.set_markevery(self._every)
        if not self.artist.get_animated():
            self.artist.set_data(*self.shown)
        return float(x[same - 1]) if same and every == self._every else -math.inf

    def draw(self, renderer: RendererBase) -> None:
        """Draw all chosen points."""
        self._reference = 0, 0.0
        self.artist.set_data(*self.shown)
        if len(self.shown[0]):
            self.artist.draw(renderer)

    def piece(self, low: float) -> Pixels:
        """The points that are needed to draw the line from about x = `low` on, (M, 2)."""
        x, y = self.shown
        if not len(x) or x[-1] < low:
            return np.empty((0, 2))
        self._start = max(0, int(np.searchsorted(x, low)) - 1)
        if self._start < self._reference[0] or not self._pen.dashed:
            self._reference = (0, 0.0) if self._pen.dashed else (self._start, 0.0)
        return np.column_stack((x[self._reference[0] :], y[self._reference[0] :]))

    def draw_piece(self, renderer: RendererBase, pixels: Pixels, clip: Bbox) -> None:
        """Draw what `piece` returned, converted to pixels, as `draw` would."""
        if not len(pixels):
            return
        passed, along = self._start - self._reference[0], self._reference[1]
        if passed:
            along += float(np.nansum(np.hypot(*np.diff(pixels[: passed + 1], axis=0).T)))
            self._reference = self._start, along
        self._pen.draw(renderer, pixels[passed:], clip, along)
        if self.split != "train":
            every = max(1, self._every)
            marked = pixels[passed + -self._start % every :: every]
            if len(marked):
                self._pen.mark(renderer, marked, clip)


def clip_to_scale(values: Values, scale: str) -> Values:
    """Values as a scale can show them: others are clipped, or NaN on a log scale."""
    if scale == "logit":
        return np.clip(values, *ACCURACY_LIMITS)
    if scale == "log":
        return np.where(values > 0, values, np.nan)
    return values
