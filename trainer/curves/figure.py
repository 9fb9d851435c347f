"""All panels of a picture of curves: side by side, of one range of x, each with its own of y."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from matplotlib.backend_bases import RendererBase
from matplotlib.figure import Figure

from trainer.curves.panel import Panel, style_x_axis
from trainer.curves.spec import CurveLine, PlotStyle, View

Range = tuple[float, float]
Limits = tuple[Range, ...]
"""The range of x, then each panel's of y."""

DPI = 100
"""Sizes are in points of 1/100 inch, whatever the screen."""

_USUAL_TEXT = PlotStyle().font_size
# Of usual text: points around and between panels, and from one label of a y axis to the next.
_LEFT, _RIGHT, _TOP, _BOTTOM, _GAP, _TICK = 50, 16, 26, 40, 54, 18
_SHORTEST = {"epoch": 1.0, "step": 100.0, "seconds": 10.0}
"""What the range of x reaches at least: a run's first steps would give hardly anything else."""
_SMALLEST = {"log": 0.1, "logit": 0.2}  # height of a range in what the scale makes of values


class Panels:
    """The panels of one figure.

    Args:
        figure: its contents are replaced.
        view: what is shown.
        look: the colors.
        animated: whether the lines are not drawn with the figure, but by each panel's `draw`
            over a picture of all the rest.
    """

    def __init__(
        self, figure: Figure, view: View, look: PlotStyle, *, animated: bool = False
    ) -> None:
        self.figure, self.view, self.look, self._animated = figure, view, look, animated
        self.lines: tuple[CurveLine, ...] = ()
        figure.clear()
        figure.patch.set_facecolor(look.paper)
        axes = figure.subplots(1, len(view.quantities), sharex=True, squeeze=False)[0]
        self.panels = [
            Panel(part, name, view, look) for part, name in zip(axes, view.quantities, strict=True)
        ]
        self._fitted: Limits | None = None
        self.place()

    def place(self) -> None:
        """Lay the panels out anew, after the figure's size has changed."""
        # Constrained layout would measure every text at every draw, which takes longer than it.
        ratio = self.figure.dpi / DPI
        width, height = (float(side) / ratio for side in self.figure.bbox.size)
        count, larger = len(self.panels), max(1.0, self.look.font_size / _USUAL_TEXT)
        left, top, bottom, gap = (larger * side for side in (_LEFT, _TOP, _BOTTOM, _GAP))
        room = max(width - left - _RIGHT - gap * (count - 1), 10.0 * count)
        self.figure.subplots_adjust(
            left=left / width,
            right=(left + room + gap * (count - 1)) / width,
            bottom=min(bottom / height, 0.45),
            top=max(1 - top / height, 0.55),
            wspace=gap / (room / count),
        )
        tall = max(height - top - bottom, 10.0)
        for panel in self.panels:
            style_x_axis(panel.axes.xaxis, room / count / larger, whole=self.view.against == "step")
            panel.axes.xaxis.set_label_coords(0.5, -22 * larger / tall)
            panel.set_most_ticks(int(tall / larger / _TICK))

    def show(self, lines: Sequence[CurveLine], *, restyle: bool = False) -> None:
        """Draw these lines from now on; `restyle` as for `Panel.show`."""
        self.lines = tuple(lines)
        for panel in self.panels:
            panel.show(self.lines, animated=self._animated, restyle=restyle)

    def smooth(self, view: View) -> None:
        """Smooth as in `view`, which is otherwise the present one."""
        began = bool(view.smoothing) != bool(self.view.smoothing)
        self.view = view
        for panel in self.panels:
            panel.view = view
        if began:
            self.show(self.lines, restyle=True)

    def take(self) -> None:
        """Take over what the lines' series have gained."""
        for panel in self.panels:
            panel.take()
            panel.shade(animated=self._animated)

    # Ranges

    def limits(self) -> Limits:
        """What is seen now."""
        across = self.panels[0].axes.get_xlim()
        return (across, *(panel.axes.get_ylim() for panel in self.panels))

    def set_limits(self, limits: Limits) -> None:
        """Look at this part."""
        self.panels[0].axes.set_xlim(limits[0])
        for panel, range_ in zip(self.panels, limits[1:], strict=True):
            panel.axes.set_ylim(range_)

    def has_other_limits(self) -> bool:
        """Whether the limits are other than those that `fit` chose."""
        return self._fitted is not None and self.limits() != self._fitted

    def fit(self, *, roomy: bool = False) -> bool:
        """Set the limits of the axes so that all curves are in view.

        Args:
            roomy: keep the present ranges while everything is well within them,
                and leave room in new ones, so that they change rarely.

        Returns:
            whether the limits changed.
        """
        before = self.limits() if roomy and self._fitted is not None else None
        ends = [float(t.x[-1]) for p in self.panels for t in p.raw if len(t.x)]
        most = max([*ends, _SHORTEST[self.view.against]])
        across = _choose_range((0.0, most), 0.02 * most, before[0] if before else None)
        limits: list[Range] = [(-0.01 * across[1], across[1])]
        for number, panel in enumerate(self.panels, start=1):
            limits.append(self._fit_y(panel, before[number] if before else None))
        changed = self._fitted is None or tuple(limits) != self.limits()
        if changed:
            self.set_limits(tuple(limits))
        self._fitted = self.limits()
        return changed

    def _fit_y(self, panel: Panel, before: Range | None) -> Range:
        limits = panel.range()
        if limits is None:
            return before or panel.axes.get_ylim()
        scale = panel.axes.yaxis.get_transform()
        low, high = map(float, scale.transform(np.array(limits)))
        smallest = _SMALLEST.get(panel.scale, 1e-3 * max(abs(high), 1e-6))
        pad = max(0.05 * (high - low), (smallest - (high - low)) / 2)
        if before is None:
            chosen = _choose_range((low, high), pad, None)
        else:
            floor, top = map(float, scale.transform(np.array(before)))
            chosen = _choose_range((low, high), pad, (floor, top))
            if chosen == (floor, top):
                return before  # there and back would not be exact
        low, high = map(float, scale.inverted().transform(np.array(chosen)))
        return low, high

    # Drawing

    def draw(self, renderer: RendererBase) -> Iterator[None]:
        """Draw the animated lines of all panels over a picture of the rest, one after the other."""
        self.choose_points()
        for panel in self.panels:
            area = panel.area()
            if area is not None:
                yield from panel.draw(renderer, area)

    def choose_points(self) -> list[float]:
        """Let every line hold the points that are seen.

        Returns each panel's pixel from which on, to the right, it is another picture.
        """
        low, high = self.panels[0].axes.get_xlim()
        ratio = self.figure.dpi / DPI
        return [
            panel.choose(low, high, max(1, round(panel.axes.bbox.width / ratio)))
            for panel in self.panels
        ]


def _choose_range(values: Range, pad: float, before: Range | None) -> Range:
    """`before` if `values` fill it well, else a range about them, with room where they grew."""
    low, high = values
    if before is None:
        return low - pad, high + pad
    floor, top = before
    if floor <= low and high <= top and high - low + 2 * pad >= 0.7 * (top - floor):
        return before
    room = 0.2 * (high - low)
    low_room, high_room = (room if low < floor else 0.0), (room if high > top else 0.0)
    return low - pad - low_room, high + pad + high_room
