"""One panel of curves in a matplotlib figure: the window's, a saved picture's, a run folder's.

Knows no Qt. Every line shows the points that a screen can tell apart: see
`traces` and `decimation`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backend_bases import RendererBase
from matplotlib.lines import Line2D
from matplotlib.ticker import Locator, MaxNLocator, NullLocator
from matplotlib.transforms import Bbox

from trainer.curves.series import find_plateau
from trainer.curves.spec import AGAINST, QUANTITIES, CurveLine, PlotStyle, View
from trainer.curves.traces import Trace

_REACH = {"train": 3.0, "validation": 6.0, "star": 11.0}
"""Points to the left of a place that what is drawn there can cover."""


class Area(NamedTuple):
    """A part of a picture, in pixels from its lower left corner."""

    left: int
    bottom: int
    right: int
    top: int


class Panel:
    """One quantity of all lines."""

    def __init__(self, axes: Axes, name: str, view: View, look: PlotStyle) -> None:
        self.axes, self.quantity = axes, QUANTITIES[name]
        self.view, self.look = view, look
        self.scale = self.quantity.log if view.log else "linear"
        self.raw: list[Trace] = []
        self.smooth: list[Trace] = []
        self.validation: list[Trace] = []
        self.stars: list[Trace] = []
        self.flats: list[Artist] = []
        self.words: list[Artist] = []  # about them
        self.clip = Bbox.null()
        """What is drawn within: of animated lines, the part that is drawn anew."""
        self._shaded: list[tuple[float, str]] = []
        self._moved = -math.inf  # the leftmost place where another thing than a line changed
        axes.set_yscale(self.scale)
        self._dress()

    def _dress(self) -> None:
        """Quiet axes in the window's colors. What has a fixed place is not measured at a draw."""
        axes, look = self.axes, self.look
        axes.set_facecolor(look.paper)
        axes.set_title(
            self.quantity.label, fontsize=look.font_size * 1.05, color=look.text, loc="left", y=1.0
        )
        axes.set_xlabel(self.view.against, fontsize=look.font_size, color=look.text)
        axes.tick_params(colors=look.text, which="both", labelsize=look.font_size * 0.9)
        axes.grid(color=look.text, alpha=0.13, linewidth=0.6)
        axes.spines[["top", "right"]].set_visible(False)
        for spine in axes.spines.values():
            spine.set_edgecolor(look.text)
            spine.set_alpha(0.4)

    def set_most_ticks(self, most: int) -> None:
        """Label the y axis at no more places than that, of which it has room for."""
        percent = self.quantity.column == "accuracies"
        style_y_axis(self.axes.yaxis, self.scale, most, percent=percent)

    def show(self, lines: Sequence[CurveLine], *, animated: bool, restyle: bool = False) -> None:
        """Make the artists for these lines, in place of earlier ones.

        Args:
            lines: the runs.
            animated: as for `figure.Panels`.
            restyle: make new ones for lines too that have theirs.
        """
        rows = zip(self.raw, self.smooth, self.validation, self.stars, strict=True)
        had = {traces[0].line: traces for traces in rows}
        kept = {} if restyle else {line: had[line] for line in lines if line in had}
        gone = [trace.artist for line in had.keys() - kept.keys() for trace in had[line]]
        for artist in (*self.flats, *self.words, *gone):
            artist.remove()
        self.flats, self.words, self._shaded = [], [], []
        self.raw, self.smooth, self.validation, self.stars = [], [], [], []
        for line in lines:
            traces = kept.get(line) or self._add_traces(line, animated=animated)
            groups = (self.raw, self.smooth, self.validation, self.stars)
            for group, trace in zip(groups, traces, strict=True):
                group.append(trace)
        self._moved = -math.inf

    def _add_traces(self, line: CurveLine, *, animated: bool) -> tuple[Trace, Trace, Trace, Trace]:
        """Of a line: raw, smooth, validation and star, on the axes."""
        # Behind a smooth line the raw one is a shadow, of no dashes: they would not be seen in it.
        shadow = {"alpha": 0.22, "linestyle": "-"} if self.view.smoothing else {"alpha": 0.6}
        marks = {"marker": line.style.marker, "markersize": 4.0}
        star = {"marker": "*", "markersize": 12.0, "markeredgecolor": self.look.paper}
        traces = (
            self._make_trace(line, "train", linewidth=0.8, **shadow),
            self._make_trace(line, "train", linewidth=1.0, alpha=0.75),
            self._make_trace(line, "validation", linewidth=1.7, **marks),
            self._make_trace(line, "star", linewidth=0.0, **star),
        )
        for trace in traces:
            trace.artist.set_animated(animated)
            self.axes.add_line(trace.artist)
            if animated:
                trace.artist.set_clip_box(self.clip)
        return traces

    def _make_trace(self, line: CurveLine, split: str, **look: Any) -> Trace:
        if not self.quantity.validated:
            look = {"linewidth": 1.4}
        color = line.style.on(self.look.dark)
        dashes = (0, line.style.dashes) if line.style.dashes else "-"
        # Round joints would take most of the time that a line of many points takes.
        joints = {"solid_joinstyle": "bevel", "dash_joinstyle": "bevel"}
        artist = Line2D([], [], color=color, **{"linestyle": dashes, **joints, **look})
        return Trace(line, split, artist)

    def traces(self) -> tuple[Trace, ...]:
        """From back to front."""
        return (*self.raw, *self.smooth, *self.validation, *self.stars)

    def take(self) -> None:
        """Take over what the lines have gained."""
        column, against, smoothing = self.quantity.column, self.view.against, self.view.smoothing
        for raw, smooth, validation, star in zip(
            self.raw, self.smooth, self.validation, self.stars, strict=True
        ):
            series = raw.line.series
            raw.take(series.train, against, column, 0.0)
            if not self.quantity.validated:
                continue
            if smoothing:
                smooth.take(series.train, against, column, smoothing)
            validation.take(series.validation, against, column, 0.0)
            best = series.best()
            if column == "accuracies" and best is not None:
                x = series.validation.column(AGAINST[against])[best : best + 1]
                y = series.validation.column(column)[best : best + 1]
                self._moved = min(self._moved, star.put(x, y, self.scale))

    def seen(self) -> list[Trace]:
        """The traces that the range is chosen by and the pointer finds."""
        smooth = self.smooth if self.view.smoothing and self.quantity.validated else self.raw
        return [*smooth, *self.validation]

    def choose(self, low: float, high: float, columns: int) -> float:
        """Choose the points to be seen, on so many columns of the screen.

        Returns the pixel from which on, to the right, another picture is to be drawn.
        """
        moved = {"train": math.inf, "validation": math.inf, "star": self._moved}
        self._moved = math.inf
        # A shadow is jagged from end to end: with half the points it looks the same.
        shadows = self.view.smoothing and self.quantity.validated
        traces = [(trace, columns // 2 + 1 if shadows else columns) for trace in self.raw]
        traces += [(trace, columns) for trace in (*self.smooth, *self.validation)]
        for trace, count in traces:
            chosen = trace.choose(low, high, count, self.scale)
            moved[trace.split] = min(moved[trace.split], chosen)
        box, (left, right) = self.axes.bbox, self.axes.get_xlim()
        return min(
            float(box.x0 + (x - left) / (right - left) * box.width) - _REACH[split] * self._point
            for split, x in moved.items()
        )

    @property
    def _point(self) -> float:
        """Pixels in 1/100 inch."""
        return float(self.axes.figure.dpi) / 100

    def area(self, moved: float = -math.inf) -> Area | None:
        """The part of the panel from a pixel on, to the right; None beyond it."""
        box = self.axes.bbox
        if moved >= box.x1:
            return None
        left = math.floor(max(box.x0, moved))
        return Area(left, math.floor(box.y0), math.ceil(box.x1), math.ceil(box.y1))

    def draw(self, renderer: RendererBase, area: Area) -> Iterator[None]:
        """Draw what is animated in a part of the panel, over a picture of all the rest.

        Pauses after each line, so that drawing many of them can be spread over time.
        """
        box = self.axes.bbox
        self.clip.set_points(np.array([[max(area.left, box.x0), box.y0], [box.x1, box.y1]]))
        for flat in self.flats:
            flat.set_clip_box(self.clip)
            flat.draw(renderer)
        if area.left <= box.x0:
            for trace in self.traces():
                trace.draw(renderer)
                yield
        else:
            self._draw_pieces(renderer, area)
        for words in self.words:
            words.set_clip_box(self.clip)
            words.set_clip_on(True)
            words.draw(renderer)

    def _draw_pieces(self, renderer: RendererBase, area: Area) -> None:
        """Draw the lines from the points on that reach into it."""
        box, (low, high) = self.axes.bbox, self.axes.get_xlim()
        pixel = (high - low) / box.width
        start = low + (area.left - box.x0) * pixel
        lows = {split: start - reach * self._point * pixel for split, reach in _REACH.items()}
        traces = self.traces()
        pieces = [trace.piece(lows[trace.split]) for trace in traces]
        ends = np.cumsum([len(piece) for piece in pieces])
        pixels = self.axes.transData.transform(np.concatenate(pieces))
        for trace, piece in zip(traces, np.split(pixels, ends[:-1]), strict=True):
            trace.draw_piece(renderer, piece, self.clip)

    def range(self) -> tuple[float, float] | None:
        """The lowest and highest value; None if there is none."""
        ends = [end for trace in self.seen() for end in trace.ends(self.scale)]
        return (min(ends), max(ends)) if ends else None

    def shade(self, *, animated: bool) -> None:
        """Mark the beginnings in which a run gives one answer for all."""
        spans = []
        for trace in self.raw if self.quantity.validated else []:
            flat = find_plateau(trace.line.series)
            if flat is not None:
                epochs = trace.line.series.train.column("epochs")
                spans.append((float(np.interp(flat.end, epochs, trace.x)), trace.line))
        key = [(end, line.title) for end, line in spans]
        if key == self._shaded:
            return
        self._shaded = key
        for artist in (*self.flats, *self.words):
            artist.remove()
        self.flats, self.words = [], []
        for end, line in spans:
            color = line.style.on(self.look.dark)
            faint = 0.12 / len(spans)  # where they lie upon one another too
            self.flats.append(self.axes.axvspan(0, end, color=color, alpha=faint, linewidth=0))
        if spans and self.quantity.column == "accuracies":
            self.words.append(self._flat_text(max(spans, key=lambda pair: pair[0])[1].one_class))
        for artist in (*self.flats, *self.words):
            artist.set_animated(animated)
        self._moved = -math.inf

    def _flat_text(self, label: str) -> Artist:
        return self.axes.annotate(
            label,
            (0, 1),
            (5, -4),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            verticalalignment="top",
            fontsize=self.look.font_size * 0.9,
            color=self.look.text,
            bbox={"facecolor": self.look.paper, "edgecolor": "none", "alpha": 0.75, "pad": 1.5},
            annotation_clip=True,  # not beside the axes when its place is out of sight
        )


# Ticks: few, round, and some at every zoom

_ACCURACY_TICKS = (0.05, 0.1, 0.2, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999)
_FEWEST_TICKS, _MOST_TICKS = 3, 8


class RoundTicks(Locator):
    """Ticks of a log or logit scale: favorites in view, or round numbers where zoomed in far.

    Args:
        favorites: from the lowest and highest value in view to the ticks that are preferred.
        most: ticks that the axis has room for, at equal distances.
    """

    def __init__(self, favorites: Callable[[float, float], Iterable[float]], most: int) -> None:
        self._favorites, self._most = favorites, most
        self._plain = MaxNLocator(min(5, most), steps=[1, 2, 5, 10])

    def __call__(self) -> list[float]:
        """The ticks of the axis's view."""
        assert isinstance(self.axis, Axis)
        return self.tick_values(*self.axis.get_view_interval())

    def tick_values(self, vmin: float, vmax: float) -> list[float]:
        """The ticks from `vmin` to `vmax`."""
        low, high = sorted((vmin, vmax))
        ticks = [value for value in self._favorites(low, high) if low <= value <= high]
        if len(ticks) < _FEWEST_TICKS:
            ticks = [v for v in self._plain.tick_values(low, high) if low <= v <= high]
        return self._thin(ticks, low, high)

    def _thin(self, ticks: list[float], low: float, high: float) -> list[float]:
        """Every second one, or third and so on, until all have room."""
        assert isinstance(self.axis, Axis)
        place = self.axis.get_transform().transform
        start, end, *places = (float(at) for at in place(np.array([low, high, *ticks])))
        for step in range(math.ceil(len(ticks) / _MOST_TICKS), len(ticks)):
            if np.diff(places[::step]).min() * self._most >= end - start:
                return ticks[::step]
        return ticks[:1]


def decade_ticks(low: float, high: float) -> list[float]:
    """1, 2 and 5 of each power of ten; of many powers, 1 alone."""
    if not 0 < low < high:
        return []
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    numbers = (1, 2, 5) if math.log10(high / low) < 2.5 else (1,)
    return [number * 10.0**power for power in powers for number in numbers]


def style_y_axis(axis: Axis, scale: str, most: int, *, percent: bool) -> None:
    """Set the ticks of a y axis and their labels.

    Args:
        axis: the y axis.
        scale: "linear", "log" or "logit", which it has already.
        most: how many there is room for.
        percent: whether shares are written as percent.
    """
    most = max(most, 2)
    ticks: Locator = MaxNLocator(min(6, most), steps=[1, 2, 5, 10])
    if scale == "log":
        ticks = RoundTicks(decade_ticks, most)
    elif scale == "logit":
        ticks = RoundTicks(lambda low, high: _ACCURACY_TICKS, most)
    axis.set_major_locator(ticks)
    axis.set_minor_locator(NullLocator())
    factor = 100 if percent else 1
    axis.set_major_formatter(lambda value, _: f"{value * factor:.6g}")


def style_x_axis(axis: Axis, width: float, *, whole: bool) -> None:
    """Set the ticks of an x axis that is `width` points wide, at `whole` numbers only or at any."""
    count = int(np.clip(width / 60, 2, 8))
    axis.set_major_locator(MaxNLocator(count, steps=[1, 2, 5, 10], integer=whole))
    axis.set_major_formatter(lambda value, _: f"{value:,.10g}")
