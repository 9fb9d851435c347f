"""Draws parts of a matplotlib line as the line itself would be drawn, in a fraction of the time."""

from __future__ import annotations

import numpy as np
from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.colors import to_rgba
from matplotlib.lines import Line2D
from matplotlib.markers import MarkerStyle
from matplotlib.path import Path
from matplotlib.transforms import Affine2D, Bbox, IdentityTransform
from numpy.typing import NDArray

Pixels = NDArray[np.float64]
"""x and y of points, float64 (N, 2)."""


class Pen:
    """For one line; its looks are those that it has when this is made.

    Args:
        line: in colour, width, marker and so on.
        dashes: its pattern, in line widths; empty for a full line.
    """

    def __init__(self, line: Line2D, dashes: tuple[float, ...]) -> None:
        self._dashes = [length * line.get_linewidth() for length in dashes]  # in points
        self._stroke = GraphicsContextBase()
        colour = to_rgba(line.get_color(), line.get_alpha())
        self._stroke.set_foreground(colour, isRGBA=True)
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
        """Draw a polyline that begins so many pixels `along` the whole line."""
        if not self._stroke.get_linewidth():
            return
        self._stroke.set_clip_rectangle(clip)
        if self._dashes:
            along = along / _pixels(renderer, 1.0) % sum(self._dashes)
            self._stroke.set_dashes(along, self._dashes)
        renderer.draw_path(self._stroke, Path(part), IdentityTransform())

    def mark(self, renderer: RendererBase, places: Pixels, clip: Bbox) -> None:
        """Draw the line's marks there."""
        size = _pixels(renderer, self._size)
        self._edge.set_clip_rectangle(clip)
        snapped = self._mark.get_snap_threshold()
        self._edge.set_snap(None if snapped is None else size >= snapped)
        scaled = Affine2D(self._mark.get_transform().get_matrix()).scale(size)
        path, plain = self._mark.get_path(), IdentityTransform()
        renderer.draw_markers(self._edge, path, scaled, Path(places), plain, self._face)


def _pixels(renderer: RendererBase, points: float) -> float:
    return float(np.asarray(renderer.points_to_pixels(points)))
